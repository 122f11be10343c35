#include "execute/event_stream.h"

#include <utility>

namespace slipway {
EventStream::EventStream(Clock& clock, Sink& views, Journal* journal, JournalUse use)
    : clock_(clock), views_(views), journal_(journal), use_(use) {}

Result<void> EventStream::write(const Event& event) {
  // Every look is a call: what it saw is in the journal, that it was made is not.
  // What containers write is theirs, and CloudWatch keeps it.
  if (journal_ == nullptr || std::holds_alternative<CallMade>(event.body) ||
      std::holds_alternative<TaskLogLine>(event.body))
    return {};
  if (!looks_.is_news(event)) return {};
  return journal_->append(event);
}

void EventStream::say(const Subject& subject, EventBody body) {
  const Event event{clock_.now(), subject, std::move(body)};
  const Result<void> written = write(event);
  views_.on(event);
  if (written || use_ == JournalUse::kRequired) return;  // required: the next announcement fails
  journal_ = nullptr;
  views_.on({event.at, subject,
             Note{NoteLevel::kWarning, written.error().message + "; going on without it"}});
}

Result<void> EventStream::announce(const Subject& subject, std::string operation, Json request,
                                   bool undo) {
  const Event event{clock_.now(), subject,
                    CallAnnounced{std::move(operation), std::move(request), undo}};
  Result<void> written = write(event);
  if (!written) {
    if (use_ == JournalUse::kRequired)
      return std::move(written).context("writing down that " +
                                        std::get<CallAnnounced>(event.body).operation +
                                        " is about to be called");
    journal_ = nullptr;
    views_.on({event.at, subject,
               Note{NoteLevel::kWarning, written.error().message + "; going on without it"}});
  }
  views_.on(event);
  return {};
}

}  // namespace slipway
