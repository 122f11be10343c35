// Where everything that happens is said: first to the journal, then to whoever looks on.
#pragma once

#include "base/json.h"
#include "base/result.h"
#include "base/time.h"
#include "execute/journal.h"
#include "model/event.h"
#include "model/looks.h"

#include <string>

namespace slipway {

enum class JournalUse {
  kRequired,    // nothing is changed that could not be written down first
  kIfPossible,  // a journal that fails costs a warning
};

// One sink for two.
class Tee final : public Sink {
 public:
  Tee(Sink& first, Sink& second) : first_(first), second_(second) {}
  void on(const Event& event) override {
    first_.on(event);
    second_.on(event);
  }

 private:
  Sink& first_;
  Sink& second_;
};

class EventStream {
 public:
  // Borrows all; `journal` is null when there is none.
  EventStream(Clock& clock, Sink& views, Journal* journal = nullptr,
              JournalUse use = JournalUse::kRequired);

  void say(const Subject& subject, EventBody body);

  // Before a call that changes something. When this fails the call must not be made.
  Result<void> announce(const Subject& subject, std::string operation, Json request,
                        bool undo = false);

 private:
  Result<void> write(const Event& event);

  Clock& clock_;
  Sink& views_;
  Journal* journal_;
  JournalUse use_;
  Looks looks_;  // what the journal has
};

}  // namespace slipway
