// The view for programs: every event as one line of JSON (docs/events.md), nothing left out.
#pragma once

#include "view/view.h"

namespace slipway {

class JsonLinesView final : public View {
 public:
  explicit JsonLinesView(Writer writer) : writer_(std::move(writer)) {}
  void on(const Event& event) override { writer_(to_text(to_json(event)) + "\n"); }

 private:
  Writer writer_;
};

}  // namespace slipway
