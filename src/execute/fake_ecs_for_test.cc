// In a file of its own, because reading and writing ECS's shapes takes ten seconds to compile.
#include "aws/codec.h"
#include "execute/fake_ecs.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <utility>

namespace slipway {

FakeService& FakeEcs::add_service(std::string name, std::string definition) {
  FakeService& service = services[name];
  service.name = name;
  service.definition = definition.empty() ? name + ":1" : std::move(definition);
  service.first = service.definition;
  add_definition(service.definition);
  return service;
}

void FakeEcs::add_definition(const std::string& family_revision, const std::string& image) {
  const std::size_t colon = family_revision.find(':');
  const std::string family = family_revision.substr(0, colon);
  const int revision = std::stoi(family_revision.substr(colon + 1));
  JsonObject container{{"name", "app"}, {"image", image}};
  definitions[family][revision] =
      JsonObject{{"taskDefinitionArn", definition_arn(family_revision)},
                 {"family", family},
                 {"revision", revision},
                 {"status", "ACTIVE"},
                 {"containerDefinitions", JsonArray{std::move(container)}}};
}

void FakeEcs::arrange(std::string operation, FakeFault fault) {
  faults_[std::move(operation)].push_back(std::move(fault));
}

Result<HttpResponse> FakeEcs::send(const HttpRequest& request) {
  TRY_VOID(fibers_.sleep_for(latency));
  const std::optional<std::string> of_others = FakeEvents::operation_of(request);
  const std::string_view target = find_header(request.headers, "X-Amz-Target");
  const std::string operation =
      of_others ? *of_others : std::string(target.substr(target.rfind('.') + 1));
  calls.push_back({fibers_.now(), operation, FakeEvents::input_of(request, operation)});
  if (before_call) before_call(calls.back());
  if (auto fault = next_fault(operation)) {
    switch (fault->kind) {
      case FakeFault::Kind::kRefused:
        return refusal(fault->code, fault->message);
      case FakeFault::Kind::kServerError:
        return HttpResponse{.status = 503};
      case FakeFault::Kind::kReplyLost:
        (void)answer(operation, request);
        return Error{ErrorKind::kUnavailable, "http.reset", "connection reset"};
      case FakeFault::Kind::kNeverArrived:
        return Error{ErrorKind::kUnavailable, "http.reset", "connection reset"};
    }
  }
  return answer(operation, request);
}

std::vector<const FakeEcs::Call*> FakeEcs::calls_of(std::string_view operation) const {
  std::vector<const Call*> found;
  for (const Call& call : calls)
    if (call.operation == operation) found.push_back(&call);
  return found;
}

int FakeEcs::count(std::string_view operation) const {
  return static_cast<int>(calls_of(operation).size());
}

HttpResponse FakeEcs::refusal(const std::string& code, const std::string& message) {
  return {400,
          {{"x-amzn-RequestId", "r-1"}},
          to_text(JsonObject{{"__type", code}, {"message", message}})};
}

template <class T>
HttpResponse FakeEcs::reply(const T& shape) {
  return {
      200, {{"x-amzn-RequestId", "r-1"}}, aws::encode_json(aws::ref(shape), aws::Side::kAnswer)};
}

std::optional<FakeFault> FakeEcs::next_fault(const std::string& operation) {
  auto& queue = faults_[operation];
  if (queue.empty()) return std::nullopt;
  FakeFault fault = queue.front();
  if (--queue.front().times == 0) queue.erase(queue.begin());
  return fault;
}

HttpResponse FakeEcs::answer(const std::string& operation, const HttpRequest& request) {
  if (FakeEvents::operation_of(request)) return events.answer(operation, request);
  const std::string& body = request.body;
  if (operation == "DescribeServices")
    return describe_services(aws::from_json_text<aws::DescribeServicesRequest>(body).value());
  if (operation == "UpdateService")
    return update_service(aws::from_json_text<aws::UpdateServiceRequest>(body).value());
  if (operation == "DescribeTaskDefinition")
    return describe_definition(
        aws::from_json_text<aws::DescribeTaskDefinitionRequest>(body).value().taskDefinition);
  if (operation == "RegisterTaskDefinition") return register_definition(body);
  if (operation == "RunTask")
    return run_task(aws::from_json_text<aws::RunTaskRequest>(body).value());
  if (operation == "DescribeTasks")
    return describe_tasks(aws::from_json_text<aws::DescribeTasksRequest>(body).value());
  if (operation == "ListTasks") {
    aws::ListTasksResponse response;
    const auto asked = aws::from_json_text<aws::ListTasksRequest>(body).value();
    for (const auto& [id, task] : tasks)
      if (task.startedBy == asked.startedBy) response.taskArns.push_back(task.arn);
    return reply(response);
  }
  if (operation == "DescribeServiceDeployments") {
    aws::DescribeServiceDeploymentsResponse response;
    if (service_deployment) response.serviceDeployments.push_back(*service_deployment);
    return reply(response);
  }
  if (operation == "ListServiceDeployments") return reply(successful_deployments);
  if (operation == "DescribeServiceRevisions") {
    const auto asked = aws::from_json_text<aws::DescribeServiceRevisionsRequest>(body).value();
    aws::DescribeServiceRevisionsResponse response;
    for (const std::string& arn : asked.serviceRevisionArns)
      response.serviceRevisions.push_back(
          {.serviceRevisionArn = arn,
           .taskDefinition = definition_arn(arn.substr(arn.rfind('/') + 1))});
    return reply(response);
  }
  if (operation == "ListTaskDefinitions") return list_definitions(body);
  ADD_FAILURE() << "nobody taught the fake " << operation;
  return {.status = 500};
}

HttpResponse FakeEcs::describe_services(const aws::DescribeServicesRequest& request) {
  EXPECT_LE(request.services.size(), 10u);
  aws::DescribeServicesResponse response;
  for (const std::string& name : request.services) {
    const auto found = services.find(name.substr(name.rfind('/') + 1));
    if (found == services.end())
      response.failures.push_back({.arn = kArn + "service/prod/" + name, .reason = "MISSING"});
    else
      response.services.push_back(view(found->second, true));
  }
  return reply(response);
}

HttpResponse FakeEcs::update_service(const aws::UpdateServiceRequest& request) {
  EXPECT_FALSE(request.desiredCount) << "auto scaling owns it";
  const auto found = services.find(request.service);
  if (found == services.end()) return refusal("ServiceNotFoundException", "Service not found.");
  FakeService& service = found->second;
  const std::string wanted = request.taskDefinition.substr(request.taskDefinition.rfind('/') + 1);
  const bool is_new = !wanted.empty() && wanted != service.definition;
  if (is_new || request.forceNewDeployment.value_or(false)) {
    service.previous = service.definition;
    if (is_new) service.definition = wanted;
    service.number += 1;
    service.updated = fibers_.now();
  }
  return reply(aws::UpdateServiceResponse{view(service, false)});
}

std::string FakeEcs::deployment_id(int number) { return fmt::format("ecs-svc/{}", number); }

aws::Deployment FakeEcs::deployment(const FakeService& service, int number,
                                    const std::string& definition, std::string status) const {
  return {
      .id = deployment_id(number),
      .status = std::move(status),
      .taskDefinition = definition_arn(definition),
      .desiredCount = service.desiredCount,
      .createdAt = number == 1 ? kFakeStart - 24h : service.updated,
      .rolloutState = "IN_PROGRESS",
      .rolloutStateReason = fmt::format("ECS deployment {} in progress.", deployment_id(number))};
}

void FakeEcs::complete(aws::Deployment& deployment) {
  deployment.runningCount = deployment.desiredCount;
  deployment.rolloutState = "COMPLETED";
  deployment.rolloutStateReason = fmt::format("ECS deployment {} completed.", deployment.id);
}

aws::Service FakeEcs::view(FakeService& service, bool may_be_stale) {
  aws::Service shown{.serviceArn = kArn + "service/prod/" + service.name,
                     .serviceName = service.name,
                     .status = service.status,
                     .desiredCount = service.desiredCount,
                     .taskDefinition = definition_arn(service.definition),
                     .events = service.events};
  if (!service.deploymentController.empty())
    shown.deploymentController = aws::DeploymentController{service.deploymentController};
  if (names_service_deployment)
    shown.currentServiceDeployment = kArn + "service-deployment/prod/" + service.name + "/abc";
  shown.deployments = deployments(service, may_be_stale);
  shown.taskDefinition = shown.deployments.front().taskDefinition;
  for (const aws::Deployment& each : shown.deployments) shown.runningCount += each.runningCount;
  if (service.fate == Fate::kDeleted && service.updated &&
      fibers_.now() - *service.updated >= service.takes)
    shown.status = "DRAINING";
  return shown;
}

std::vector<aws::Deployment> FakeEcs::deployments(const FakeService& service,
                                                  bool may_be_stale) const {
  const Duration age = service.updated ? fibers_.now() - *service.updated : Duration::max();
  aws::Deployment ours = deployment(service, service.number, service.definition, "PRIMARY");
  if (service.previous.empty()) {
    complete(ours);
    return {ours};
  }
  aws::Deployment old = deployment(service, service.number - 1, service.previous, "ACTIVE");
  complete(old);
  if (may_be_stale && age < stale_for) {
    old.status = "PRIMARY";
    return {old};
  }
  if (age >= service.takes - service.shows_it_before) {
    ours.runningCount = ours.desiredCount;
    old.runningCount = 0;
  }
  if (age < service.takes) return {ours, old};
  const std::string reason = "ECS deployment circuit breaker: tasks failed to start.";
  switch (service.definition == service.first ? Fate::kCompletes : service.fate) {
    case Fate::kCompletes:
      complete(ours);
      return {ours};
    case Fate::kNeverEnds:
    case Fate::kDeleted:
      return {ours, old};
    case Fate::kFails:
      ours.runningCount = 0;
      ours.failedTasks = 3;
      ours.rolloutState = "FAILED";
      ours.rolloutStateReason = reason;
      return {ours, old};
    case Fate::kRollsBack:
      ours.status = "ACTIVE";
      ours.rolloutState = "FAILED";
      ours.rolloutStateReason = reason;
      old.status = "PRIMARY";
      old.rolloutState = "IN_PROGRESS";
      old.rolloutStateReason =
          fmt::format("ECS deployment circuit breaker: rolling back to deploymentId {}.", old.id);
      return {old, ours};
    case Fate::kRolledBack:
      old.status = "PRIMARY";
      return {old};
    case Fate::kSuperseded: {
      aws::Deployment foreign = deployment(service, service.number + 900, "foreign:9", "PRIMARY");
      foreign.createdAt = *service.updated + service.takes;
      ours.status = "ACTIVE";
      return {foreign, ours, old};
    }
  }
  return {ours, old};
}

HttpResponse FakeEcs::describe_definition(const std::string& reference) {
  const std::string name = reference.substr(reference.rfind('/') + 1);
  const auto family = definitions.find(name.substr(0, name.find(':')));
  if (family == definitions.end())
    return refusal("ClientException", "Unable to describe task definition.");
  aws::DescribeTaskDefinitionResponse response;
  const std::size_t colon = name.find(':');
  if (colon == std::string::npos) {
    response.taskDefinition = family->second.rbegin()->second;
  } else {
    const auto revision = family->second.find(std::stoi(name.substr(colon + 1)));
    if (revision == family->second.end())
      return refusal("ClientException", "Unable to describe task definition.");
    response.taskDefinition = revision->second;
  }
  return reply(response);
}

HttpResponse FakeEcs::list_definitions(const std::string& body) {
  const auto asked = aws::from_json_text<aws::ListTaskDefinitionsRequest>(body).value();
  aws::ListTaskDefinitionsResponse response;
  for (const auto& [revision, document] : definitions[asked.familyPrefix])
    if (string_or_empty(document, "status") == "ACTIVE")
      response.taskDefinitionArns.insert(
          response.taskDefinitionArns.begin(),
          definition_arn(fmt::format("{}:{}", asked.familyPrefix, revision)));
  return reply(response);
}

HttpResponse FakeEcs::register_definition(const std::string& body) {
  Json document = parse_json(body).value();
  const std::string family(string_or_empty(document, "family"));
  auto& revisions = definitions[family];
  const int revision = revisions.empty() ? 1 : revisions.rbegin()->first + 1;
  JsonObject& object = document.as_object();
  object["taskDefinitionArn"] = definition_arn(fmt::format("{}:{}", family, revision));
  object["revision"] = revision;
  object["status"] = "ACTIVE";
  revisions[revision] = document;
  aws::RegisterTaskDefinitionResponse response;
  response.taskDefinition = document;
  return reply(response);
}

HttpResponse FakeEcs::run_task(const aws::RunTaskRequest& request) {
  aws::RunTaskResponse response;
  std::vector<std::string>& ids = by_token_[request.clientToken];
  if (ids.empty()) {
    response.failures = run_task_failures;
    const int started = request.count.value_or(1) - static_cast<int>(run_task_failures.size());
    for (int i = 0; i < started; ++i) {
      const std::string id = fmt::format("{:032x}", tasks.size() + 1);
      FakeTask task{.arn = kArn + "task/prod/" + id,
                    .definition = request.taskDefinition,
                    .created = fibers_.now()};
      if (on_run_task) on_run_task(task);
      tasks[id] = task;
      ids.push_back(id);
    }
  }
  for (const std::string& id : ids) response.tasks.push_back(view(tasks.at(id)));
  return reply(response);
}

aws::Task FakeEcs::view(const FakeTask& task) const {
  const bool stopped = fibers_.now() - task.created >= task.takes;
  aws::Task shown{.desiredStatus = stopped ? "STOPPED" : "RUNNING",
                  .lastStatus = stopped ? "STOPPED" : "RUNNING",
                  .startedBy = task.startedBy,
                  .taskArn = task.arn,
                  .taskDefinitionArn = definition_arn(task.definition)};
  if (task.definition.starts_with("arn:")) shown.taskDefinitionArn = task.definition;
  aws::Container container{.name = "app"};
  if (stopped) {
    container.exitCode = task.exitCode;
    shown.stopCode = task.stopCode;
    shown.stoppedReason = task.stoppedReason;
  }
  shown.containers.push_back(std::move(container));
  return shown;
}

HttpResponse FakeEcs::describe_tasks(const aws::DescribeTasksRequest& request) {
  EXPECT_LE(request.tasks.size(), 100u);
  aws::DescribeTasksResponse response;
  for (const std::string& name : request.tasks) {
    const auto found = tasks.find(name.substr(name.rfind('/') + 1));
    if (found == tasks.end() || fibers_.now() - found->second.created < tasks_visible_after)
      response.failures.push_back({.arn = name, .reason = "MISSING"});
    else
      response.tasks.push_back(view(found->second));
  }
  return reply(response);
}

void FakeEcs::add_success(const std::string& family_revision, TimePoint at) {
  successful_deployments.serviceDeployments.insert(
      successful_deployments.serviceDeployments.begin(),
      {.finishedAt = at,
       .targetServiceRevisionArn = kArn + "service-revision/" + family_revision,
       .status = "SUCCESSFUL"});
}

void FakeEcs::deregister(const std::string& family, int revision) {
  definitions[family][revision].get_object()["status"] = "INACTIVE";
}

RunReport FakeWorld::with_engine(RunOptions options,
                                 const std::function<RunReport(Engine&)>& body) {
  std::optional<RunReport> report;
  run([&] {
    Engine engine(runtime, clients, client, seen, calls, std::move(options));
    report = body(engine);
  });
  return *report;
}

}  // namespace slipway
