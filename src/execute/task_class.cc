#include "execute/task_class.h"

#include "aws/codec.h"
#include "aws/ecs.h"
#include "base/text.h"
#include "execute/task_class_announce.h"
#include "execute/task_class_wait.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <functional>
#include <utility>

namespace slipway {
namespace {

struct Method {
  std::string_view name;
  aws::CallFacts facts;
};

// How often each may be sent is explained where its shapes are (aws/ecs.h, aws/events.h).
constexpr std::array<Method, 6> kMethods = {{
    {"register_task_definition", {aws::kEcs, "RegisterTaskDefinition", aws::Repeat::kOnce}},
    {"run_task", {aws::kEcs, "RunTask", aws::Repeat::kToken}},
    {"update_service", {aws::kEcs, "UpdateService", aws::Repeat::kIdempotent}},
    {"put_targets", {aws::kEvents, "PutTargets", aws::Repeat::kIdempotent}},
    {"list_task_definitions", {aws::kEcs, "ListTaskDefinitions", aws::Repeat::kRead}},
    {"deregister_task_definition",
     {aws::kEcs, "DeregisterTaskDefinition", aws::Repeat::kIdempotent}},
}};

aws::CallFacts facts_of(const TaskClassCall& call, const Json& input) {
  const auto* found = std::ranges::find(kMethods, call.method, &Method::name);
  aws::CallFacts facts = found->facts;
  const bool forces = find_bool(input, "forceNewDeployment").value_or(false);
  if (call.step == TaskClassStep::kUpdateService && forces) facts.repeat = aws::Repeat::kOnce;
  return facts;
}

Error failed(std::string code, std::string message) {
  return Error{ErrorKind::kFailed, std::move(code), std::move(message)};
}

std::string cluster_of(const Json& input) {
  return std::string(find_string(input, "cluster").value_or("default"));
}

// 12 of ".../web:12".
int revision_of(const std::string& arn) {
  int revision = 0;
  const std::size_t colon = arn.rfind(':') + 1;
  std::from_chars(arn.data() + colon, arn.data() + arn.size(), revision);
  return revision;
}

std::vector<std::string> texts_of(const Json& document, std::string_view member) {
  std::vector<std::string> texts;
  if (const JsonArray* items = find_array(document, member))
    for (const Json& item : *items)
      if (item.is_string()) texts.emplace_back(item.get_string());
  return texts;
}

}  // namespace

// One class's sequence.
class TaskClassRunner::ClassRun {
 public:
  ClassRun(TaskClassRunner& runner, const TaskClassPlan& plan)
      : runner_(runner), events_(*runner.events_), plan_(plan), revision_(plan.revision) {}

  TaskClassReport run() {
    report_ = {.name = plan_.name, .family = plan_.family};
    const TimePoint began = runner_.runtime_.clock().now();
    const Subject subject{.item = plan_.name};
    events_.say(subject, ItemStarted{.task_definition = plan_.family});
    if (!plan_.is_rollback()) say("using image tag " + plan_.tag);
    if (!plan_.revision.empty()) say("services and rules go to " + plan_.revision);
    Result<void> ended;
    std::size_t next = 0;
    for (; next < plan_.calls.size() && ended; ++next) ended = carry_out(plan_.calls[next]);
    if (ended) {
      report_.ending = TaskClassReport::Ending::kSucceeded;
    } else {
      report_.ending = TaskClassReport::Ending::kFailed;
      report_.step = plan_.calls[next - 1].what;
      report_.error = ended.error();
      report_.must_be_finished = deregistered_;
      for (std::size_t i = next - 1; i < plan_.calls.size(); ++i)
        if (!is_look(plan_.calls[i].step)) report_.not_done.push_back(plan_.calls[i].what);
    }
    report_.revision = revision_;
    events_.say(subject, ItemEnded{.outcome = ended ? Outcome::kSucceeded : Outcome::kFailed,
                                   .error = report_.error,
                                   .elapsed = runner_.runtime_.clock().now() - began,
                                   .task_definition = family_revision_of(revision_)});
    return std::move(report_);
  }

 private:
  static bool is_look(TaskClassStep step) {
    return step == TaskClassStep::kList || step == TaskClassStep::kWaitForTasks ||
           step == TaskClassStep::kWaitForServices;
  }

  // A line about the class, and one about a part of it.
  void say(std::string message) { events_.say({}, Note{NoteLevel::kInfo, std::move(message)}); }
  void say(std::string item, std::string message) {
    events_.say({.item = std::move(item)}, Note{NoteLevel::kInfo, std::move(message)});
  }
  void warn(std::string message) { events_.say({}, Note{NoteLevel::kWarning, std::move(message)}); }

  Result<void> carry_out(const TaskClassCall& call) {
    switch (call.step) {
      case TaskClassStep::kRegister:
        return register_definition(call);
      case TaskClassStep::kRunTask:
        return run_task(call);
      case TaskClassStep::kWaitForTasks:
        return wait([&](aws::Client& ecs) {
          return slipway::wait_for_tasks(clock(), ecs, started_, plan_.essential,
                                         plan_.task_timeout);
        });
      case TaskClassStep::kUpdateService:
        return update_service(call);
      case TaskClassStep::kPutTargets:
        return put_targets(call);
      case TaskClassStep::kWaitForServices:
        return wait([&](aws::Client& ecs) {
          return slipway::wait_for_services(clock(), ecs, std::move(updated_));
        });
      case TaskClassStep::kList:
        return list(call);
      case TaskClassStep::kDeregister:
        return deregister_newest(call);
      case TaskClassStep::kPrune:
        return prune(call);
    }
    return {};
  }

  Clock& clock() { return runner_.runtime_.clock(); }

  Result<void> stopped() const {
    if (runner_.signal_.empty()) return {};
    return Error{ErrorKind::kCancelled, "run.interrupted", "stopped by " + runner_.signal_};
  }

  // One call, announced to the journal before and on the topic afterwards. `input` is told to
  // others; `sent` is that and what they need not know.
  Result<Json> make(const TaskClassCall& call, const Json& input, const Json& sent) {
    TRY_VOID(stopped());
    const aws::CallFacts facts = facts_of(call, input);
    const std::string name = fmt::format("{}:{}", facts.service.id, facts.operation);
    if (facts.repeat != aws::Repeat::kRead)
      TRY_VOID(events_.announce({.item = plan_.name}, name, sent));
    TRY(aws::Client* const client, runner_.clients_.of(facts.service));
    TRY(aws::DocumentReply reply, client->call_document(facts, sent));
    if (call.announced) announce_on_topic(call, facts, input, reply);
    return std::move(reply.document);
  }
  Result<Json> make(const TaskClassCall& call, const Json& input) {
    return make(call, input, input);
  }

  // What was done is done: whoever listens learns less, and the release goes on.
  void announce_on_topic(const TaskClassCall& call, const aws::CallFacts& facts, const Json& input,
                         const aws::DocumentReply& reply) {
    const Result<void> published = announce(runner_.clients_, runner_.runtime_.random, plan_,
                                            message_about(call, facts, input, reply));
    if (!published)
      warn(fmt::format("{} was not announced on {}: {}: {}", call.method, plan_.topic,
                       published.error().code, published.error().message));
  }

  // ---- Deploying -------------------------------------------------------------------------------

  Result<void> register_definition(const TaskClassCall& call) {
    TRY(const Json answer, make(call, call.input));
    const Json* definition = find(answer, "taskDefinition");
    revision_ = definition == nullptr ? "" : string_or_empty(*definition, "taskDefinitionArn");
    if (revision_.empty())
      return failed("task-definition.no-arn",
                    "ECS did not say which revision it registered: " + to_text(answer));
    report_.was_registered = true;
    report_.done.push_back("registered " + family_revision_of(revision_));
    events_.say({}, TaskDefinitionRegistered{.arn = revision_,
                                             .family_revision = family_revision_of(revision_)});
    return {};
  }

  Result<void> run_task(const TaskClassCall& call) {
    const Json input = with_revision(call, revision_);
    Json sent = input;
    if (find(sent, "clientToken") == nullptr)
      sent.get_object()["clientToken"] = runner_.runtime_.random.uuid();
    TRY(const Json answer, make(call, input, sent));
    const auto wanted = static_cast<std::size_t>(find_int(input, "count").value_or(1));
    TasksStarted tasks{.count = static_cast<int>(wanted)};
    if (const JsonArray* list = find_array(answer, "tasks"))
      for (const Json& task : *list) tasks.task_arns.emplace_back(string_or_empty(task, "taskArn"));
    for (const std::string& arn : tasks.task_arns)
      started_.push_back({cluster_of(input), arn, clock().now()});
    const std::size_t count = tasks.task_arns.size();
    if (count > 0) {
      report_.done.push_back("started " + counted(count, "task"));
      events_.say({.kind = ItemKind::kTask, .item = plan_.family}, std::move(tasks));
    }
    const JsonArray* failures = find_array(answer, "failures");
    if (count >= wanted && (failures == nullptr || failures->empty())) return {};
    return failed("task.not-started", fmt::format("ECS started {} of {}; it answered {}", count,
                                                  counted(wanted, "task"), to_text(answer)));
  }

  // ---- Both ------------------------------------------------------------------------------------

  Result<void> update_service(const TaskClassCall& call) {
    const Json input = with_revision(call, revision_);
    const std::string name(string_or_empty(input, "service"));
    TRY(const Json answer, make(call, input));
    const TimePoint now = clock().now();
    UpdatedService updated{.cluster = cluster_of(input),
                           .watch = {.service = name,
                                     .taskDefinition = revision_,
                                     .since = now,
                                     .max_wait = plan_.service_timeout}};
    // An answer we cannot read in full is no failure of the update.
    if (const Json* service = find(answer, "service")) {
      if (const Result<aws::Service> read = aws::from_json<aws::Service>(*service)) {
        const ServiceLook look = look_of(*read);
        updated.watch.our_deployment = deployment_created(updated.watch, look);
        for (const DeploymentSnapshot& deployment : look.service.deployments)
          if (deployment.id != updated.watch.our_deployment)
            updated.watch.earlier.push_back(deployment.id);
      }
    }
    events_.say({.kind = ItemKind::kService, .item = name},
                ServiceUpdated{.deployment_id = updated.watch.our_deployment,
                               .new_task_definition = family_revision_of(revision_)});
    report_.done.push_back("updated service " + name);
    updated_.push_back(std::move(updated));
    return {};
  }

  Result<void> put_targets(const TaskClassCall& call) {
    const Json input = with_revision(call, revision_);
    const std::string rule(string_or_empty(input, "Rule"));
    TRY(const Json answer, make(call, input));
    std::vector<std::string> refused;
    if (const JsonArray* entries = find_array(answer, "FailedEntries"))
      for (const Json& entry : *entries) refused.emplace_back(string_or_empty(entry, "TargetId"));
    if (const JsonArray* targets = find_array(input, "Targets")) {
      for (const Json& target : *targets) {
        const std::string id(string_or_empty(target, "Id"));
        if (std::ranges::find(refused, id) == refused.end())
          say(rule, fmt::format("rule {}, target {}", rule, id));
      }
    }
    if (refused.empty() && find_int(answer, "FailedEntryCount").value_or(0) == 0) {
      report_.done.push_back("set the targets of rule " + rule);
      return {};
    }
    return failed(
        "rule.failed-entries",
        fmt::format("EventBridge did not set all targets of rule {}: {}", rule, to_text(answer)));
  }

  // Waits in a scope of its own, which a signal can end.
  template <class Body>
  Result<void> wait(Body body) {
    TRY_VOID(stopped());
    TRY(aws::Client* const ecs, runner_.clients_.of(aws::kEcs));
    Result<void> result;
    Group scope(runner_.runtime_.fibers);
    scope.spawn("wait", [&] { result = body(*ecs); });
    runner_.waiting_ = &scope;
    scope.join();
    runner_.waiting_ = nullptr;
    TRY_VOID(stopped());
    return result;
  }

  // ---- Old revisions ---------------------------------------------------------------------------

  Result<void> list(const TaskClassCall& call) {
    const std::size_t enough = plan_.is_rollback() ? 2 : std::size_t(-1);
    Json input = call.input;
    while (true) {
      TRY(const Json answer, make(call, input));
      for (std::string& arn : texts_of(answer, "taskDefinitionArns"))
        if (family_of(arn) == plan_.family) active_.push_back(std::move(arn));
      const std::string_view token = string_or_empty(answer, "nextToken");
      if (token.empty() || active_.size() >= enough) break;
      input.get_object()["nextToken"] = token;
    }
    // What is newest decides what goes: not left to whoever answers in ECS's place.
    std::ranges::stable_sort(active_, std::greater(), revision_of);
    if (!plan_.is_rollback() || active_.size() >= 2) return {};
    return failed("rollback.nothing-earlier",
                  fmt::format("{} has {} ACTIVE, and a rollback needs the one before the newest; "
                              "nothing was changed",
                              plan_.family, active_.empty() ? "no revision" : "only one revision"));
  }

  Result<void> deregister_newest(const TaskClassCall& call) {
    say(fmt::format("rolling back from {} to {}", family_revision_of(active_[0]),
                    family_revision_of(active_[1])));
    TRY_VOID(make(call, with_revision(call, active_[0])));
    deregistered_ = true;
    revision_ = active_[1];
    report_.done.push_back("deregistered " + family_revision_of(active_[0]));
    say("deregistered " + family_revision_of(active_[0]));
    say("services and rules go to " + family_revision_of(revision_));
    return {};
  }

  Result<void> prune(const TaskClassCall& call) {
    const auto keep = static_cast<std::size_t>(plan_.active_task_count);
    std::size_t deregistered = 0;
    for (std::size_t i = keep; i < active_.size(); ++i) {
      const std::string& arn = active_[i];
      if (arn == revision_) continue;  // what was listed is from before
      const Result<Json> made = make(call, with_revision(call, arn));
      if (made) {
        ++deregistered;
        say(arn, "deregistered " + arn);
        continue;
      }
      const Error& error = made.error();
      if (error.kind == ErrorKind::kCancelled) return error;
      const bool denied = aws::is_access_denied(error);
      warn(fmt::format("{} stays ACTIVE{}: {}: {}", arn,
                       denied && i + 1 < active_.size() ? ", as do all older ones" : "", error.code,
                       error.message));
      if (denied) break;
    }
    if (deregistered > 0)
      report_.done.push_back("deregistered " + counted(deregistered, "old revision"));
    return {};
  }

  TaskClassRunner& runner_;
  EventStream& events_;
  const TaskClassPlan& plan_;
  TaskClassReport report_;

  std::string revision_;  // ARN, or what `--to` says
  std::vector<StartedTask> started_;
  std::vector<UpdatedService> updated_;
  std::vector<std::string> active_;  // ARNs, newest first
  bool deregistered_ = false;        // the newest, by a rollback
};

TaskClassRunner::TaskClassRunner(Runtime& runtime, aws::Clients& clients, Sink& views,
                                 const CallLog& calls, TaskClassOptions options)
    : runtime_(runtime),
      clients_(clients),
      views_(views),
      calls_(calls),
      options_(std::move(options)) {}

void TaskClassRunner::begin(const std::vector<TaskClassPlan>& plans) {
  RunRecord record = begin_record(runtime_, options_.journal_directory, options_.owner);
  began_ = record.began;
  journal_ = std::move(record.journal);
  events_.emplace(runtime_.clock(), views_, journal_ ? &*journal_ : nullptr,
                  JournalUse::kIfPossible);
  events_->say({}, RunStarted{.run_id = record.run_id,
                              .command = options_.command,
                              .application = plans.empty() ? "" : plans.front().family,
                              .cluster = "",
                              .file = options_.file,
                              .dialect = "ecs-task",
                              .region = options_.region,
                              .simulated = options_.simulated,
                              .by = options_.by});
  if (record.no_journal) events_->say({}, going_on_without(*record.no_journal));
}

void TaskClassRunner::end(const std::vector<TaskClassReport>& reports) {
  RunEnded ended{.api_calls = calls_.calls(),
                 .throttled_calls = calls_.throttled(),
                 .elapsed = runtime_.clock().now() - began_};
  for (const TaskClassReport& report : reports) {
    if (report.ending != TaskClassReport::Ending::kSucceeded) ended.outcome = Outcome::kFailed;
    for (const std::string& done : report.done)
      ended.state.push_back(fmt::format("{}: {}", report.name, done));
  }
  events_->say({}, std::move(ended));
}

std::vector<TaskClassReport> TaskClassRunner::run(const std::vector<TaskClassPlan>& plans) {
  begin(plans);
  std::vector<TaskClassReport> reports;
  bool goes_on = true;
  for (const TaskClassPlan& plan : plans) {
    if (!goes_on) {
      reports.push_back({.name = plan.name, .family = plan.family});
      continue;
    }
    reports.push_back(ClassRun(*this, plan).run());
    goes_on = reports.back().ending == TaskClassReport::Ending::kSucceeded;
  }
  end(reports);
  return reports;
}

void TaskClassRunner::interrupt(const std::string& signal) {
  signal_ = signal;
  if (waiting_ != nullptr) waiting_->cancel();
}

}  // namespace slipway
