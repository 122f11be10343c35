#include "execute/ecs_crd_work.h"

#include "base/text.h"

#include <algorithm>

namespace slipway {

std::string_view to_string(CrdCommand action) {
  switch (action) {
    case CrdCommand::kDeploy:
      return "deploy";
    case CrdCommand::kUndeploy:
      return "undeploy";
    case CrdCommand::kDryRun:
      return "dry-run";
  }
  return "";
}

// What the screen has had line by line goes into one line of the summary and of the message.
void CrdFailures::add(int status, std::string step, const Error& error) {
  std::vector<std::string> lines;
  const std::string text = to_string(error);
  for (const std::string_view line : split(text, '\n')) lines.emplace_back(trim(line));
  all_.push_back({.status = status, .step = std::move(step), .message = join(lines, "; ")});
}

int CrdFailures::exit_status() const {
  if (all_.empty()) return 0;
  const bool is_dirty = std::ranges::any_of(
      all_, [](const Failure& failure) { return failure.status == kCrdRestore; });
  return is_dirty ? kCrdRestore : all_.front().status;
}

Result<void> CrdScope::run(const std::function<Result<void>()>& body) {
  const Error called_off{
      .kind = ErrorKind::kCancelled, .code = "run.called-off", .message = "the run was called off"};
  if (is_called_off_) return called_off;
  Result<void> result;
  Group group(fibers_);
  group.spawn("release", [&] { result = body(); });
  running_ = &group;
  group.join();
  running_ = nullptr;
  if (is_called_off_ && !result) return called_off;
  return result;
}

void CrdScope::call_off() {
  is_called_off_ = true;
  if (running_ != nullptr) running_->cancel();
}

DnsPair dns_pair_of(const CrdKnown& known, const CrdTimings& timings) {
  return dns_pair_of(known, known.decision->blue, known.decision->green, timings);
}

DnsPair dns_pair_of(const CrdKnown& known, const CrdSide& old_side, const CrdSide& new_side,
                    const CrdTimings& timings) {
  const auto side = [](const CrdSide& of) {
    return DnsSide{
        .set_identifier = of.label_value, .target = of.load_balancer.dns_name, .alias_zone = {}};
  };
  return {.names = known.dns_names,
          .old_side = side(old_side),
          .new_side = side(new_side),
          .ttl = timings.ttl};
}

}  // namespace slipway
