#include "execute/task_class_wait.h"

#include "base/chunks.h"
#include "base/text.h"
#include "execute/observe.h"
#include "execute/pace.h"

#include <algorithm>
#include <map>

namespace slipway {
namespace {

constexpr Duration kServiceLooks = std::chrono::seconds(5);

// The first error, with what the others say.
Result<void> all_of(std::vector<Error> errors) {
  if (errors.empty()) return {};
  Error first = std::move(errors.front());
  for (std::size_t i = 1; i < errors.size(); ++i) first.message += "; " + errors[i].message;
  return first;
}

// Calls `look` for at most `per_call` of those that still wait, of one cluster.
template <class Waiting, class Look>
void look_at_each_cluster(const std::vector<Waiting*>& waiting, std::size_t per_call, Look look) {
  std::map<std::string, std::vector<Waiting*>> by_cluster;
  for (Waiting* each : waiting) by_cluster[each->cluster].push_back(each);
  for (const auto& [cluster, of_cluster] : by_cluster)
    for (const auto chunk : chunks_of(of_cluster, per_call)) look(cluster, chunk);
}

struct WaitingTask {
  std::string cluster;
  TaskWatch watch;
};

struct WaitingService {
  std::string cluster;
  ServiceWatch watch;
  bool ended = false;
};

// Containers that may end as they like do not count.
TaskLook of_essential(TaskLook look, const std::vector<std::string>& essential) {
  std::erase_if(look.containers, [&](const StoppedContainer& container) {
    return std::ranges::find(essential, container.name) == essential.end();
  });
  return look;
}

}  // namespace

Result<void> wait_for_tasks(Clock& clock, aws::Client& ecs, const std::vector<StartedTask>& started,
                            const std::vector<std::string>& essential,
                            std::optional<Duration> max_wait) {
  std::vector<WaitingTask> tasks;
  for (const StartedTask& task : started)
    tasks.push_back(
        {task.cluster, {.taskArn = task.taskArn, .since = task.since, .max_wait = max_wait}});
  std::vector<Error> errors;
  while (true) {
    std::vector<WaitingTask*> waiting;
    for (WaitingTask& task : tasks)
      if (!task.watch.ended) waiting.push_back(&task);
    if (waiting.empty()) return all_of(std::move(errors));
    TRY_VOID(clock.sleep_for(kTaskLooks));
    look_at_each_cluster(waiting, kTasksPerCall, [&](const std::string& cluster, auto some) {
      std::vector<std::string> arns;
      for (const WaitingTask* task : some) arns.push_back(task->watch.taskArn);
      std::vector<Result<TaskLook>> looks = describe_tasks(ecs, cluster, arns);
      for (std::size_t i = 0; i < some.size(); ++i) {
        if (looks[i]) *looks[i] = of_essential(std::move(*looks[i]), essential);
        const std::optional<Verdict> verdict = judge(some[i]->watch, looks[i], clock.now());
        if (verdict && verdict->error) errors.push_back(*verdict->error);
      }
    });
  }
}

Result<void> wait_for_services(Clock& clock, aws::Client& ecs,
                               std::vector<UpdatedService> updated) {
  std::vector<WaitingService> services;
  for (UpdatedService& service : updated)
    services.push_back({std::move(service.cluster), std::move(service.watch)});
  std::vector<Error> errors;
  while (true) {
    std::vector<WaitingService*> waiting;
    for (WaitingService& service : services)
      if (!service.ended) waiting.push_back(&service);
    if (waiting.empty()) return all_of(std::move(errors));
    TRY_VOID(clock.sleep_for(kServiceLooks));
    look_at_each_cluster(waiting, kServicesPerCall, [&](const std::string& cluster, auto some) {
      std::vector<std::string> names;
      for (const WaitingService* service : some) names.push_back(service->watch.service);
      const std::vector<Result<ServiceLook>> looks = describe_services(ecs, cluster, names);
      for (std::size_t i = 0; i < some.size(); ++i) {
        const ServiceJudgement judgement = judge(some[i]->watch, looks[i], clock.now());
        some[i]->ended = judgement.verdict.has_value();
        if (judgement.verdict && judgement.verdict->error)
          errors.push_back(*judgement.verdict->error);
      }
    });
  }
}

}  // namespace slipway
