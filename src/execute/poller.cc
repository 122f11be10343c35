#include "execute/poller.h"

#include "execute/observe.h"
#include "execute/pace.h"
#include "execute/service_deployments.h"

#include <algorithm>
#include <utility>

namespace slipway {

template <class Look>
struct Batches<Look>::Request {
  std::vector<std::string> names;
  std::vector<std::optional<Result<Look>>> seen;
  std::size_t missing = 0;
  Fiber* fiber = nullptr;
  bool is_abandoned = false;
};

template <class Look>
Batches<Look>::Batches(Fibers& fibers, Settings settings)
    : fibers_(fibers), settings_(std::move(settings)), changed_(fibers), group_(fibers) {}

template <class Look>
Batches<Look>::~Batches() = default;

template <class Look>
Result<std::vector<Result<Look>>> Batches<Look>::look(std::vector<std::string> names,
                                                      TimePoint when) {
  const TimePoint now = fibers_.now();
  const auto request = std::make_shared<Request>();
  request->missing = names.size();
  request->seen.resize(names.size());
  request->names = std::move(names);
  request->fiber = fibers_.current();
  const TimePoint not_before = when - std::max(Duration{0}, when - now) / 4;
  for (std::size_t i = 0; i < request->names.size(); ++i)
    waiting_.push_back({request, i, when, not_before});
  if (is_running_)
    changed_.ring();
  else if (request->missing > 0) {
    is_running_ = true;
    group_.spawn(settings_.name, [this] { run(); });
  }

  while (request->missing > 0) {
    Result<void> woken = fibers_.park();
    if (woken) continue;
    request->is_abandoned = true;
    std::erase_if(waiting_, [&](const Entry& entry) { return entry.request == request; });
    return std::move(woken).error();
  }
  std::vector<Result<Look>> seen;
  for (std::optional<Result<Look>>& look : request->seen) seen.push_back(std::move(*look));
  return seen;
}

template <class Look>
std::optional<TimePoint> Batches<Look>::next_call() const {
  const auto first = std::ranges::min_element(waiting_, {}, &Entry::when);
  if (first == waiting_.end()) return std::nullopt;
  if (!last_call_) return first->when;
  return std::max(first->when, *last_call_ + settings_.between_calls(waiting_.size() + in_flight_));
}

// Until nobody waits any more; the next look starts it again.
template <class Look>
void Batches<Look>::run() {
  while (const std::optional<TimePoint> next = next_call()) {
    if (fibers_.now() < *next) {
      const Deadline until(fibers_, *next);
      const Result<void> woken = changed_.wait();
      // The deadline is ours unless it came before its time.
      if (!woken && fibers_.now() < *next) break;
      continue;
    }
    last_call_ = fibers_.now();
    std::vector<Entry> due = take_due();
    in_flight_ += due.size();
    group_.spawn(settings_.name, [this, entries = std::move(due)] { make_call(entries); });
  }
  is_running_ = false;
}

// Those that have waited longest first; then, for the room that is left, those that are nearly due.
template <class Look>
std::vector<typename Batches<Look>::Entry> Batches<Look>::take_due() {
  const TimePoint now = fibers_.now();
  std::vector<typename std::list<Entry>::iterator> candidates;
  for (auto entry = waiting_.begin(); entry != waiting_.end(); ++entry)
    if (entry->not_before <= now) candidates.push_back(entry);
  std::ranges::stable_sort(candidates, {}, [](const auto& entry) { return entry->when; });
  if (candidates.size() > settings_.per_call) candidates.resize(settings_.per_call);
  std::vector<Entry> due;
  for (const auto& entry : candidates) {
    due.push_back(std::move(*entry));
    waiting_.erase(entry);
  }
  return due;
}

template <class Look>
void Batches<Look>::make_call(const std::vector<Entry>& entries) {
  std::vector<std::string> names;
  for (const Entry& entry : entries) names.push_back(entry.request->names[entry.index]);
  std::vector<Result<Look>> seen = settings_.call(names);
  in_flight_ -= entries.size();
  for (std::size_t i = 0; i < entries.size(); ++i) {
    Request& request = *entries[i].request;
    request.seen[entries[i].index] = std::move(seen[i]);
    if (--request.missing == 0 && !request.is_abandoned) fibers_.wake(request.fiber);
  }
}

template class Batches<ServiceLook>;
template class Batches<TaskLook>;
template class Batches<aws::ServiceDeployment>;

Poller::Poller(Context& context)
    : services_(context.runtime.fibers, {.name = "watch services",
                                         .per_call = kServicesPerCall,
                                         .call =
                                             [this, &context](std::span<const std::string> names) {
                                               return looks_.describe(context.ecs, context.cluster,
                                                                      names);
                                             },
                                         .between_calls = between_calls}),
      tasks_(context.runtime.fibers, {.name = "watch tasks",
                                      .per_call = kTasksPerCall,
                                      .call =
                                          [&context](std::span<const std::string> arns) {
                                            return describe_tasks(context.ecs, context.cluster,
                                                                  arns);
                                          },
                                      .between_calls = [](std::size_t) { return Duration{0}; }}),
      service_deployments_(context.runtime.fibers,
                           {.name = "watch service deployments",
                            .per_call = kServiceDeploymentsPerCall,
                            .call =
                                [&context](std::span<const std::string> arns) {
                                  return describe_service_deployments(context.ecs, arns);
                                },
                            .between_calls = [](std::size_t) { return Duration{0}; }}) {}

Result<Result<ServiceLook>> Poller::look_at_service(const std::string& name, TimePoint when) {
  TRY(std::vector<Result<ServiceLook>> seen, services_.look({name}, when));
  return std::move(seen.front());
}

Result<Result<aws::ServiceDeployment>> Poller::look_at_service_deployment(const std::string& arn,
                                                                          TimePoint when) {
  TRY(std::vector<Result<aws::ServiceDeployment>> seen, service_deployments_.look({arn}, when));
  return std::move(seen.front());
}

Result<std::vector<Result<TaskLook>>> Poller::look_at_tasks(std::vector<std::string> arns,
                                                            TimePoint when) {
  return tasks_.look(std::move(arns), when);
}

}  // namespace slipway
