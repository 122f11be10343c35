#include "view/ecs_crd_lines.h"

#include "base/text.h"

#include <fmt/format.h>

#include <utility>
#include <variant>

namespace slipway {
namespace {

constexpr std::string_view kName = "ecs-crd";

std::string_view name_of(NoteLevel level) {
  switch (level) {
    case NoteLevel::kDebug:
      return "DEBUG";
    case NoteLevel::kInfo:
      return "INFO";
    case NoteLevel::kWarning:
      return "WARNING";
    case NoteLevel::kError:
      return "ERROR";
  }
  return "INFO";
}

// "warning: ", "error: ". A diagnostic says what it is behind its place.
std::string kind_of(const Note& note) {
  const std::string kind = note.level == NoteLevel::kWarning ? "warning: "
                           : note.level == NoteLevel::kError ? "error: "
                                                             : "";
  return note.message.find(kind) == std::string::npos ? kind : "";
}

}  // namespace

EcsCrdLines::EcsCrdLines(EcsCrdLinesSettings settings, Writer err, Writer file)
    : settings_(settings), err_(std::move(err)), file_(std::move(file)) {}

void EcsCrdLines::write(TimePoint at, NoteLevel level, const std::string& text) {
  const bool shown = settings_.verbose || level != NoteLevel::kDebug;
  if (!shown) return;
  for (const std::string_view line : split(text, '\n')) {
    const std::string dated =
        fmt::format("{} : {} : {} : {}\n", to_iso8601(at), kName, name_of(level), line);
    err_(settings_.verbose ? dated : fmt::format("{} : {}\n", kName, line));
    if (file_) file_(dated);
  }
}

void EcsCrdLines::on(const Event& event) {
  if (const auto* note = std::get_if<Note>(&event.body)) {
    write(event.at, note->level, kind_of(*note) + note->message);
  } else if (const auto* denied = std::get_if<CallDenied>(&event.body)) {
    write(event.at, NoteLevel::kWarning,
          fmt::format("warning: {} is not allowed; {}", denied->operation, denied->consequence));
  } else if (const auto* call = std::get_if<CallMade>(&event.body)) {
    if (settings_.shows_calls)
      write(event.at, NoteLevel::kInfo,
            fmt::format("{} : {}{} : {}{}", call->operation, call->outcome,
                        call->attempts > 1 ? fmt::format(", {} attempts", call->attempts) : "",
                        to_string(call->elapsed),
                        call->parameters.is_null() ? "" : " : " + to_text(call->parameters)));
  } else if (const auto* interrupted = std::get_if<Interrupted>(&event.body)) {
    write(event.at, NoteLevel::kWarning,
          interrupted->signal + " : stopping in an orderly way; a second one stops at once");
  }
}

}  // namespace slipway
