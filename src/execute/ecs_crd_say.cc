#include "execute/ecs_crd_say.h"

#include <fmt/format.h>

#include <algorithm>

namespace slipway {

std::string in_crd_time(Duration duration) {
  const auto all = std::chrono::duration_cast<std::chrono::seconds>(duration).count();
  std::string text;
  if (all >= 3600) text += fmt::format("{}h", all / 3600);
  if (all >= 60) text += fmt::format("{}m", all / 60 % 60);
  return text + fmt::format("{}s", all % 60);
}

void CrdSay::banner(std::string_view title) {
  const std::string dashes(50, '-');
  line(dashes);
  line(std::string(title));
  line(dashes);
}
void CrdSay::value(std::string_view key, std::string_view text) {
  line(fmt::format("{} : {}", key, text));
}
void CrdSay::line(std::string text) { events_.say({}, Note{NoteLevel::kInfo, std::move(text)}); }
void CrdSay::debug(std::string text) { events_.say({}, Note{NoteLevel::kDebug, std::move(text)}); }
void CrdSay::warning(std::string text) {
  events_.say({}, Note{NoteLevel::kWarning, std::move(text)});
}
void CrdSay::error(std::string text) { events_.say({}, Note{NoteLevel::kError, std::move(text)}); }
void CrdSay::step_result(bool completed) {
  line(fmt::format("Step Result : {}", completed ? "COMPLETED" : "FAILED"));
}

Result<void> sleep_with_ticks(Clock& clock, CrdSay& say, TimePoint until, const std::string& what) {
  const TimePoint began = clock.now();
  while (clock.now() < until) {
    TRY_VOID(clock.sleep_until(std::min(until, clock.now() + kCrdTick)));
    say.value(what, in_crd_time(clock.now() - began));
  }
  return {};
}

Result<void> with_ticks(Fibers& fibers, CrdSay& say, const std::string& what,
                        const std::function<Result<void>()>& body) {
  const TimePoint began = fibers.now();
  Group ticking(fibers);
  ticking.spawn("ticks", [&] {
    while (fibers.sleep_for(kCrdTick)) say.value(what, in_crd_time(fibers.now() - began));
  });
  Result<void> result = body();
  ticking.cancel();
  ticking.join();
  return result;
}

void CrdSay::progress(const StackProgress& progress) {
  line(fmt::format("Stack {} : {} ({})", progress.stack, progress.status,
                   in_crd_time(progress.elapsed)));
  for (const StackResource& resource : progress.resources)
    line(fmt::format("{:.<40} {}{}", resource.logical_id + " ", resource.status,
                     resource.reason.empty() ? "" : " (" + resource.reason + ")"));
}

}  // namespace slipway
