// The view for programs: every event as one line of JSON (docs/events.md). A look that
// shows nothing new is left out.
#pragma once

#include "model/looks.h"
#include "view/view.h"

namespace slipway {

class JsonLinesView final : public View {
 public:
  explicit JsonLinesView(Writer writer) : writer_(std::move(writer)) {}
  void on(const Event& event) override {
    if (looks_.is_news(event)) writer_(to_text(to_json(event)) + "\n");
  }

 private:
  Writer writer_;
  Looks looks_;
};

}  // namespace slipway
