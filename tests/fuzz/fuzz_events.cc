// Lines of a journal, which may be of another version, torn, or edited.
#include "base/json.h"
#include "model/event.h"

#include "check.h"

#include <cstddef>
#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace slipway;
  const Result<Json> json = parse_json(fuzz::text_of(bytes, size));
  if (!json) return 0;
  const Result<Event> event = event_from_json(*json);
  if (!event) {
    fuzz::must(!event.error().message.empty(), "every refusal says why");
    return 0;
  }
  const Result<Event> again = event_from_json(to_json(*event));
  fuzz::must(again && *again == *event, "an event survives being written");
  return 0;
}
