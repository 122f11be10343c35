// The commands that need no file: one-line deploys, run, stop, continue, history and prune, as a
// user types them, on a simulated AWS.
#include "cli/scenario_for_test.h"
#include "cli/session.h"
#include "cli/world_for_test.h"
#include "execute/journal.h"

#include <gmock/gmock.h>

namespace slipway::cli {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

using Words = std::vector<std::string>;

// Two services on Fargate, one of them with a side-car, and a family for a one-off task.
const std::string kWorld = R"(scenario: 1
clusters: {prod: {}}
task_definitions:
- &web
  family: web
)" + kOnFargate +
                           R"(  containerDefinitions: [{name: app, image: "registry.example/web:1"}]
- <<: *web
  family: api
  containerDefinitions:
  - {name: app, image: "registry.example/api:1"}
  - {name: metrics, image: "registry.example/metrics:3", essential: false}
- <<: *web
  family: migrate
services:
- &service
  serviceName: web
  cluster: prod
  taskDefinition: web
  desiredCount: 1
  launchType: FARGATE
  networkConfiguration: {awsvpcConfiguration: {subnets: [subnet-1]}}
- <<: *service
  serviceName: api
  taskDefinition: api
)";
const Words kFargate = {"--launch-type", "FARGATE", "--subnets", "subnet-1"};

Words operator+(Words words, const Words& more) {
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

struct World : CommandLine {
  explicit World(const std::string& more = "") { file("world.yml", kWorld + more); }
  int run_here(Words words) {
    // Before what belongs to the task's command.
    words.insert(std::ranges::find(words, "--"), {"--sim", "world.yml"});
    return run(std::move(words));
  }
  int run_task(Words words = {}) {
    return run_here(Words{"run", "--cluster", "prod", "--task-definition", "migrate"} + kFargate +
                    std::move(words));
  }
  Words changing() const {
    Words names;
    for (const SentCall& call : calls)
      if (!call.operation.starts_with("Describe") && !call.operation.starts_with("List") &&
          !call.operation.starts_with("Get"))
        names.push_back(call.operation);
    return names;
  }
  std::string image_of(std::size_t container) const {
    const Json registered = inputs_of("RegisterTaskDefinition").front();
    return std::string(
        string_or_empty(registered.at("containerDefinitions").at(container), "image"));
  }
};

// ---- deploy without a file ---------------------------------------------------------------------

TEST(DeployWithoutAFile, IsFourCallsAndTheLooks) {
  World world;
  EXPECT_EQ(world.run_here({"deploy", "--cluster", "prod", "--service", "web", "--image",
                            "registry.example/web:2"}),
            0)
      << world.err;
  EXPECT_EQ(world.out, "service web  succeeded        web:2\n");
  Words operations;
  for (const SentCall& call : world.calls) operations.push_back(call.operation);
  ASSERT_GE(operations.size(), 5u);
  const Words looks(operations.begin() + 4, operations.end());
  operations.resize(4);
  EXPECT_THAT(operations, ElementsAre("DescribeServices", "DescribeTaskDefinition",
                                      "RegisterTaskDefinition", "UpdateService"));
  EXPECT_THAT(looks, testing::Each("DescribeServices"));
  EXPECT_EQ(world.image_of(0), "registry.example/web:2");
}

TEST(DeployWithoutAFile, ChangesTheContainersOfTheRepository) {
  World world;
  EXPECT_EQ(world.run_here({"deploy", "--cluster", "prod", "--service", "api", "--image",
                            "registry.example/api:2"}),
            0)
      << world.err;
  EXPECT_EQ(world.image_of(0), "registry.example/api:2");
  EXPECT_EQ(world.image_of(1), "registry.example/metrics:3");
}

TEST(DeployWithoutAFile, MovesSeveralServicesAndNamedContainers) {
  World world;
  EXPECT_EQ(world.run_here({"deploy", "-c", "prod", "--service", "web", "--service", "api", "-t",
                            "2", "--container", "app"}),
            0)
      << world.err;
  EXPECT_THAT(world.inputs_of("UpdateService"), SizeIs(2));
}

TEST(DeployWithoutAFile, SaysWhatItCannotDecide) {
  World world;
  EXPECT_EQ(world.run_here({"deploy", "-c", "prod", "--service", "api", "-t", "2"}), 5);
  EXPECT_THAT(world.err, HasSubstr("api:1 has 2 containers: app (registry.example/api:1), metrics "
                                   "(registry.example/metrics:3); say with --container which of "
                                   "them get the tag"));
  EXPECT_EQ(world.run_here({"deploy", "-c", "prod", "--service", "api", "--image", "other:2"}), 5);
  EXPECT_THAT(world.err,
              HasSubstr("no container of api:1 uses the repository other; there is app "
                        "(registry.example/api:1), metrics (registry.example/metrics:3)"));
  EXPECT_THAT(world.changing(), IsEmpty());
}

TEST(DeployWithoutAFile, IsPlannedLikeOneWithAFile) {
  World world;
  EXPECT_EQ(world.run_here({"plan", "-c", "prod", "--service", "web", "--image",
                            "registry.example/web:2", "--exit-code"}),
            3)
      << world.err;
  EXPECT_THAT(world.out, HasSubstr("register a revision of web, derived from web:1"));
  EXPECT_THAT(world.changing(), IsEmpty());
}

TEST(DeployWithoutAFile, KeepsItsFlagsApartFromAFiles) {
  World world;
  struct Case {
    Words words;
    std::string wanted;
  };
  for (const auto& [words, wanted] : std::vector<Case>{
           {{"deploy", "--cluster", "prod"}, "--cluster goes with --service; a file says that"},
           {{"deploy", "--image", "web:2"}, "--image: expected NAME=REF, found \"web:2\""},
           {{"deploy", "--service", "web", "-c", "p", "-f", "x.yml"},
            "--service and --file exclude each other"},
           {{"plan", "--service", "web", "-c", "p", "--only", "web"},
            "--only and --skip-tasks pick from a file"},
           {{"deploy", "--service", "web", "--tag", "2"},
            "--cluster: error: it is missing: --service needs a cluster"}}) {
    EXPECT_EQ(world.run(words), 2);
    EXPECT_THAT(world.err, HasSubstr(wanted));
  }
}

TEST(DeployWithoutAFile, EndsAsSupersededWhenSomebodyElseDeploys) {
  World world(R"(
happenings:
- {deployment_of: prod/web, delay: 5s, call: {operation: UpdateService,
   input: {cluster: prod, service: web, taskDefinition: migrate}}}
)");
  EXPECT_EQ(world.run_here({"deploy", "-c", "prod", "--service", "web", "-t", "2"}), 8)
      << world.err;
}

// ---- run ---------------------------------------------------------------------------------------

TEST(Run, TakesATaskFromItsStartToItsEnd) {
  World world("images: [{task_definition: migrate, run_for: 5s}]\n");
  EXPECT_EQ(world.run_task({"--env", "A=1", "--", "bin/migrate", "--to", "41"}), 0) << world.err;
  EXPECT_THAT(world.changing(), ElementsAre("RunTask"));
  const Json input = world.inputs_of("RunTask").front();
  EXPECT_EQ(to_text(input.at("overrides")),
            R"({"containerOverrides":[{"name":"app","command":["bin/migrate","--to","41"],)"
            R"("environment":[{"name":"A","value":"1"}]}]})");
  EXPECT_EQ(string_or_empty(input, "launchType"), "FARGATE");
  EXPECT_EQ(world.out, "");
  EXPECT_THAT(world.err, HasSubstr("task    migrate  succeeded        migrate:1"));
}

TEST(Run, RegistersARevisionForANewImage) {
  World world("images: [{task_definition: migrate, run_for: 5s}]\n");
  EXPECT_EQ(world.run_task({"--image", "registry.example/web:2"}), 0) << world.err;
  EXPECT_THAT(world.changing(), ElementsAre("RegisterTaskDefinition", "RunTask"));
}

TEST(Run, ForwardsTheExitCodeWhenAsked) {
  World world("images: [{task_definition: migrate, run_for: 5s, exit_code: 3}]\n");
  EXPECT_EQ(world.run_task(), 5);
  EXPECT_EQ(world.run_task({"--forward-exit-code"}), 3);
  EXPECT_THAT(world.err, HasSubstr("container app exited with 3"));
}

TEST(Run, HasNoExitCodeToForwardFromAContainerThatNeverRan) {
  World world("images: [{task_definition: migrate, pull: not-found}]\n");
  EXPECT_EQ(world.run_task({"--forward-exit-code"}), 5);
  EXPECT_THAT(world.err, HasSubstr("CannotPullContainerError"));
}

TEST(Run, JudgesOnlyContainersThatAreEssential) {
  World world(R"(
images:
- {task_definition: api, container: app, run_for: 5s}
- {task_definition: api, container: metrics, exit_code_on_stop: 137}
)");
  EXPECT_EQ(
      world.run_here(Words{"run", "--cluster", "prod", "--task-definition", "api"} + kFargate), 0)
      << world.err;
}

TEST(Run, TakesItsTaskFromAFile) {
  World world("images: [{task_definition: migrate, run_for: 5s}]\n");
  world.file("slipway.yml", R"(slipway: 1
cluster: prod
tasks:
  before:
  - {family: migrate, containers: [app], command: [old], launchType: FARGATE,
     networkConfiguration: {awsvpcConfiguration: {subnets: [subnet-1]}}}
services: {web: {containers: [app]}}
)");
  EXPECT_EQ(world.run_here({"run", "--tag", "2", "--command", "bin/migrate --now"}), 0)
      << world.err;
  EXPECT_THAT(world.changing(), ElementsAre("RegisterTaskDefinition", "RunTask"));
  EXPECT_EQ(to_text(world.inputs_of("RunTask").front().at("overrides")),
            R"({"containerOverrides":[{"name":"app","command":["bin/migrate","--now"]}]})");
  EXPECT_EQ(world.run_here({"run", "nonsense"}), 2);
  EXPECT_THAT(world.err, HasSubstr("the file has no task named \"nonsense\""));
}

TEST(Run, GivesUpWatchingAndSaysHowToGoOn) {
  World world("images: [{task_definition: migrate, run_for: 1h}]\n");
  EXPECT_EQ(world.run_task({"--timeout", "2m"}), 7);
  EXPECT_THAT(world.err, HasSubstr("has not stopped after 2m; it is still running"));
  EXPECT_THAT(world.err,
              HasSubstr("next: to go on watching: slipway run --cluster prod --attach "));
}

TEST(Run, StartsWithoutWaiting) {
  World world("images: [{task_definition: migrate, run_for: 1h}]\n");
  EXPECT_EQ(world.run_task({"--no-wait"}), 0) << world.err;
  EXPECT_THAT(world.inputs_of("DescribeTasks"), IsEmpty());
}

TEST(Run, AttachesToATaskThatIsThere) {
  World world;
  EXPECT_EQ(
      world.run_here({"run", "--cluster", "prod", "--attach", "0123456789abcdef0123456789abcdef"}),
      5);
  EXPECT_THAT(world.err, HasSubstr("ECS does not know task 0123456789abcdef0123456789abcdef"));
  EXPECT_THAT(world.changing(), IsEmpty());
}

TEST(Run, RefusesWhatDoesNotFitTogether) {
  World world;
  struct Case {
    Words words;
    std::string wanted;
  };
  for (const auto& [words, wanted] : std::vector<Case>{
           {{"run", "migrate", "--task-definition", "x", "-c", "p"},
            "--task-definition and a task of a file exclude each other"},
           {{"run", "--cluster", "prod"}, "--cluster goes with --task-definition"},
           {{"run", "--attach", "1"}, "--attach needs --cluster"},
           {{"run", "--command", "a", "--", "b"},
            "--command and a command after `--` exclude each other"},
           {{"run", "--command", "open 'quote"},
            "--command: expected words or a JSON list, found \"open 'quote\""},
           {{"run", "--env", "A"}, "--env: expected NAME=VALUE, found \"A\""},
           {{"run", "--task-definition", "x", "-c", "p", "--network-configuration", "a=b"},
            "--network-configuration"}}) {
    EXPECT_EQ(world.run(words), 2) << wanted;
    EXPECT_THAT(world.err, HasSubstr(wanted));
  }
}

// A family that writes to a log.
constexpr const char* kLogged = R"(
calls:
- operation: RegisterTaskDefinition
  input:
    family: logged
    requiresCompatibilities: [FARGATE]
    networkMode: awsvpc
    cpu: "256"
    memory: "512"
    executionRoleArn: arn:aws:iam::123456789012:role/execution
    containerDefinitions:
    - name: app
      image: registry.example/web:1
      logConfiguration:
        logDriver: awslogs
        options: {awslogs-group: /shop, awslogs-region: eu-west-1, awslogs-stream-prefix: run}
log_groups: [/shop]
)";
constexpr const char* kWrites = R"(
images:
- {task_definition: logged, run_for: 10s, exit_code: 0, output: [{line: "one"}, {after: 8s, line: "two"}]}
)";
constexpr const char* kWritesAndFails = R"(
images:
- {task_definition: logged, run_for: 10s, exit_code: 3, output: [{line: "one"}, {after: 8s, line: "two"}]}
)";
const Words kRunLogged =
    Words{"run", "--cluster", "prod", "--task-definition", "logged"} + kFargate;

TEST(Run, GivesTheLogOnStdoutAsItIs) {
  World world(std::string(kLogged) + kWrites);
  EXPECT_EQ(world.run_here(kRunLogged), 0) << world.err;
  EXPECT_EQ(world.out, "one\ntwo\n");
  EXPECT_EQ(world.run_here(kRunLogged + Words{"--no-logs"}), 0) << world.err;
  EXPECT_EQ(world.out, "");
  EXPECT_EQ(world.run_here(kRunLogged + Words{"--count", "2"}), 0) << world.err;
  EXPECT_THAT(world.out, HasSubstr("app | one\n"));
  EXPECT_THAT(world.out, HasSubstr("2/app | two\n"));
}

TEST(Run, HasLogLinesAmongItsEvents) {
  World world(std::string(kLogged) + kWrites);
  EXPECT_EQ(world.run_here(kRunLogged + Words{"--output", "json"}), 0) << world.err;
  EXPECT_THAT(world.out, HasSubstr(R"("type":"task_log_line")"));
}

TEST(Run, GoesOnWithoutALogItMayNotRead) {
  World world(std::string(kLogged) + kWrites +
              "faults: [{fault: access-denied, on: \"logs:GetLogEvents\"}]\n");
  EXPECT_EQ(world.run_here(kRunLogged), 0) << world.err;
  EXPECT_EQ(world.lines_with("not allowed to call logs:GetLogEvents"), 1) << world.err;
}

TEST(DeployingTasks, ShowsTheLastLinesOfOneThatFailed) {
  World world(std::string(kLogged) + kWritesAndFails);
  world.file("slipway.yml", R"(slipway: 1
cluster: prod
tasks:
  before:
  - {family: logged, launchType: FARGATE,
     networkConfiguration: {awsvpcConfiguration: {subnets: [subnet-1]}}}
)");
  EXPECT_EQ(world.run_here({"deploy"}), 5) << world.err;
  EXPECT_THAT(world.err, HasSubstr("log: one"));
  EXPECT_THAT(world.err, HasSubstr("log: two"));
}

// ---- stop and history --------------------------------------------------------------------------

constexpr const char* kUnderWay = R"(
happenings:
- {at: 1ms, call: {operation: UpdateService,
   input: {cluster: prod, service: web, taskDefinition: migrate}}}
)";

TEST(Stop, BringsTheServiceBack) {
  World world(kUnderWay);
  EXPECT_EQ(world.run_here({"stop", "web", "-c", "prod"}), 0) << world.err;
  EXPECT_THAT(world.changing(), ElementsAre("StopServiceDeployment"));
  EXPECT_EQ(world.out, "service web  succeeded        web:1\n");
  EXPECT_THAT(world.err, HasSubstr("service deployment is rollback successful"));
}

TEST(Stop, SaysThatNothingIsInProgress) {
  World world;
  EXPECT_EQ(world.run_here({"stop", "web", "-c", "prod"}), 5);
  EXPECT_THAT(world.err, HasSubstr("service web has no deployment in progress"));
  EXPECT_THAT(world.changing(), IsEmpty());
}

TEST(Stop, SaysThatAnAbortIsRefused) {
  World world(kUnderWay);
  EXPECT_EQ(world.run_here({"stop", "web", "-c", "prod", "--abort"}), 5);
  EXPECT_THAT(world.err, HasSubstr("The only valid stopType is ROLLBACK."));
}

TEST(Continue, SaysThatNothingWaits) {
  World world(kUnderWay);
  EXPECT_EQ(world.run_here({"continue", "web", "-c", "prod"}), 5);
  EXPECT_THAT(world.err, HasSubstr("waits at no pause hook"));
  EXPECT_THAT(world.changing(), IsEmpty());
}

TEST(History, ListsWhatWasDeployed) {
  World world;
  EXPECT_EQ(world.run_here({"history", "-c", "prod", "--service", "web"}), 0) << world.err;
  EXPECT_THAT(world.out, HasSubstr("WHEN                  ITEM  REVISION  RESULT      BY"));
  EXPECT_THAT(world.out, HasSubstr("web   web:1     successful"));
  EXPECT_EQ(world.run_here({"history", "-c", "prod", "--output", "json"}), 0) << world.err;
  const Json all = parse_json(world.out).value();
  EXPECT_THAT(all.as_array(), SizeIs(2));
}

// ---- prune -------------------------------------------------------------------------------------

constexpr const char* kOldRevisions = R"(
calls:
- &register
  operation: RegisterTaskDefinition
  input: &definition
    family: web
    requiresCompatibilities: [FARGATE]
    networkMode: awsvpc
    cpu: "256"
    memory: "512"
    executionRoleArn: arn:aws:iam::123456789012:role/execution
    containerDefinitions: [{name: app, image: "registry.example/web:2"}]
- <<: *register
- <<: *register
- <<: *register
- {operation: DeregisterTaskDefinition, input: {taskDefinition: "web:2"}}
)";
const Words kNoTriggers = {"--no-rules", "--no-schedules"};

TEST(Prune, KeepsWhatIsUsedAndTheNewest) {
  World world(kOldRevisions);
  EXPECT_EQ(world.run_here(Words{"prune", "web", "--keep", "1"} + kNoTriggers), 0) << world.err;
  EXPECT_EQ(world.out,
            "web: deregister 2, delete 0, keep 2\n"
            "  keep        web:5  the newest\n"
            "  keep        web:1  used by service prod/web, 1 running task in prod\n"
            "  deregister  web:3\n"
            "  deregister  web:4\n");
  EXPECT_THAT(world.changing(),
              ElementsAre("DeregisterTaskDefinition", "DeregisterTaskDefinition"));
}

TEST(Prune, OnlySaysWhatWouldGo) {
  World world(kOldRevisions);
  EXPECT_EQ(world.run_here(Words{"prune", "web", "--keep", "1", "--dry-run"} + kNoTriggers), 0)
      << world.err;
  EXPECT_THAT(world.out, HasSubstr("  deregister  web:3\n"));
  EXPECT_THAT(world.changing(), IsEmpty());
}

TEST(Prune, DeletesWhatWasInactive) {
  World world(kOldRevisions);
  EXPECT_EQ(world.run_here(Words{"prune", "web", "--keep", "3", "--delete"} + kNoTriggers), 0)
      << world.err;
  EXPECT_THAT(world.changing(), ElementsAre("DeleteTaskDefinitions"));
  EXPECT_THAT(world.err, HasSubstr("deleted web:2"));
}

TEST(Prune, RefusesWhenItMayNotLook) {
  for (const char* operation : {"ListClusters", "ListServices", "DescribeServices", "ListTasks"}) {
    SCOPED_TRACE(operation);
    World world(std::string(kOldRevisions) +
                "faults: [{fault: access-denied, on: \"ecs:" + operation + "\"}]\n");
    EXPECT_EQ(world.run_here(Words{"prune", "web", "--keep", "1"} + kNoTriggers), 10);
    EXPECT_THAT(world.err, HasSubstr("might use a revision that would go, so nothing was "
                                     "deregistered"));
    EXPECT_THAT(world.changing(), IsEmpty());
  }
}

TEST(Prune, KeepsMoreWhenItMayNotSeeWhereARollbackGoes) {
  World world(std::string(kOldRevisions) + R"(
- {operation: UpdateService, input: {cluster: prod, service: web, taskDefinition: "web:5"}}
faults: [{fault: access-denied, on: "ecs:ListServiceDeployments"}]
)");
  EXPECT_EQ(world.run_here(Words{"prune", "web", "--keep", "1"} + kNoTriggers), 0) << world.err;
  EXPECT_THAT(world.out, HasSubstr("web:4  used by a rollback of prod/web"));
  EXPECT_THAT(world.err, HasSubstr("not allowed to call ecs:ListServiceDeployments"));
}

TEST(Prune, KeepsWhatRulesAndSchedulesRun) {
  const std::string target = R"yaml(Arn: "arn:aws:ecs:eu-west-1:123456789012:cluster/prod",
    RoleArn: "arn:aws:iam::123456789012:role/events",
    EcsParameters: {TaskDefinitionArn: "arn:aws:ecs:eu-west-1:123456789012:task-definition/web:)yaml";
  const std::string triggers = R"yaml(
rules: [{Name: nightly, ScheduleExpression: "cron(0 3 * * ? *)", Targets: [{Id: a, )yaml" +
                               target + R"yaml(3"}}]}]
schedules: [{Name: hourly, ScheduleExpression: "rate(1 hour)", FlexibleTimeWindow: {Mode: "OFF"},
  Target: {)yaml" + target + R"yaml(4"}}}]
)yaml";
  World world(std::string(kOldRevisions) + triggers);
  EXPECT_EQ(world.run_here({"prune", "web", "--keep", "1"}), 0) << world.err;
  EXPECT_THAT(world.out, HasSubstr("web:4  used by schedule default/hourly\n"));
  EXPECT_THAT(world.out, HasSubstr("web:3  used by rule nightly\n"));
  EXPECT_THAT(world.changing(), IsEmpty());

  for (const char* operation : {"events:ListRuleNamesByTarget", "events:ListTargetsByRule",
                                "scheduler:ListSchedules", "scheduler:GetSchedule"}) {
    SCOPED_TRACE(operation);
    World blind(std::string(kOldRevisions) + triggers + "faults: [{fault: access-denied, on: \"" +
                operation + "\"}]\n");
    EXPECT_EQ(blind.run_here({"prune", "web", "--keep", "1"}), 10);
    EXPECT_THAT(blind.err, HasSubstr("nothing was deregistered. Allow it, or say with --no-"));
    EXPECT_THAT(blind.changing(), IsEmpty());
  }
}

TEST(Prune, WantsToKnowHowManyStay) {
  World world;
  EXPECT_EQ(world.run_here({"prune", "web"}), 2);
  EXPECT_EQ(world.err, "error: how many revisions stay? Say --keep N\n");
  EXPECT_EQ(world.run_here({"prune", "web:3", "--keep", "1"}), 2);
  EXPECT_EQ(world.err, "error: \"web:3\" is not a family's name: whole families are pruned\n");
}

TEST(Prune, StaysWithinTheRateOfAwsWithoutAThrottle) {
  std::string many = "calls:\n";
  for (int i = 0; i < 60; ++i)
    many +=
        "- {operation: RegisterTaskDefinition, input: {family: web, containerDefinitions: "
        "[{name: "
        "app, image: web, memory: 128}]}}\n";
  World world(many);
  EXPECT_EQ(world.run_here(Words{"prune", "web", "--keep", "1"} + kNoTriggers), 0) << world.err;
  EXPECT_THAT(world.inputs_of("DeregisterTaskDefinition"), SizeIs(59));
  EXPECT_THAT(world.err, Not(HasSubstr("throttled")));
}

TEST(Status, SaysOnceWhatFailedForAllServices) {
  CommandLine line;
  line.answer = [](const HttpRequest&) -> Result<HttpResponse> {
    return HttpResponse{400, {}, R"({"__type":"ClusterNotFoundException","message":"Gone."})"};
  };
  EXPECT_EQ(line.run({"status", "--cluster", "prod", "web", "api", "worker", "--sim"}), 5);
  EXPECT_EQ(line.lines_with("error: "), 1) << line.err;
}

// What a full disk does to `slipway plan > plan.txt`, and to a release that is logged to one.
TEST(LostOutput, IsToldAndFailsWhatOnlyTells) {
  struct Case {
    std::vector<std::string> words;
    int wanted;
  };
  for (const auto& [words, wanted] : std::vector<Case>{
           {{"status", "--cluster", "prod", "web", "--sim"}, 1},
           {{"plan", "--cluster", "prod", "--service", "web", "--tag", "2", "--sim"}, 1},
           {{"version"}, 1},
           {{"deploy", "--cluster", "prod", "--service", "web", "--tag", "2", "--sim"}, 0},
       }) {
    SCOPED_TRACE(words.front());
    std::string err;
    Process process{
        .name = "slipway", .arguments = words, .out = {}, .err = [&](std::string_view text) {
          err += text;
        }};
    process.out = [lost = process.output_lost](std::string_view) {
      *lost = "No space left on device";
    };
    EXPECT_EQ(cli::run(process), wanted);
    EXPECT_THAT(
        err, HasSubstr("error: not all of the output could be written: No space left on device"));
  }
}

// A machine with keys and a region, in front of an AWS that says nothing.
struct OnAws : CommandLine {
  OnAws() {
    environment.set("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE");
    environment.set("AWS_SECRET_ACCESS_KEY", "secret");
    environment.set("AWS_REGION", "eu-west-1");
    answer = [](const HttpRequest&) -> Result<HttpResponse> {
      return HttpResponse{400, {}, R"({"__type":"ClusterNotFoundException","message":"Gone."})"};
    };
  }
};

TEST(Deploy, SaysWhoHoldsTheLock) {
  OnAws line;
  const Result<Journal> other =
      Journal::create(*journal_directory(line.environment, "prod"), "20260105T090000Z-10c5",
                      {.host = "ci-7", .pid = 4711});
  ASSERT_TRUE(other);
  EXPECT_EQ(line.run({"deploy", "--cluster", "prod", "--service", "web", "--tag", "2"}), 8);
  EXPECT_EQ(line.lines_with("error: another run"), 1) << line.err;
  EXPECT_THAT(line.err, HasSubstr("ci-7"));
  EXPECT_THAT(line.err, HasSubstr("\nNothing was changed.\n"));
}

TEST(Deploy, SaysWhyItHasNoJournal) {
  OnAws line;
  line.environment.set("XDG_STATE_HOME", "/proc/nowhere");
  EXPECT_EQ(line.run({"deploy", "--cluster", "prod", "--service", "web", "--tag", "2"}), 5);
  EXPECT_THAT(line.err, HasSubstr("error: "));
  EXPECT_THAT(line.err, HasSubstr("/proc/nowhere/slipway/prod"));
}

TEST(Session, RepeatsWhatTheCommandLineSaysOfAws) {
  for (const auto& [options, wanted] :
       std::vector<std::pair<std::vector<std::string>, std::string>>{
           {{}, ""},
           {{"--region", "eu-west-3", "--endpoint-url", "http://127.0.0.1:1"},
            " --region eu-west-3 --endpoint-url http://127.0.0.1:1"},
           {{"--region", "eu-west-3", "--sim"}, ""},
       }) {
    OnAws line;
    std::string where;
    line.on_session = [&](Session& session) { where = session.where_given(); };
    std::vector<std::string> words{"status", "--cluster", "prod", "web"};
    words.insert(words.end(), options.begin(), options.end());
    EXPECT_NE(line.run(words), 0);
    EXPECT_EQ(where, wanted);
  }
}

TEST(Sim, SaysWhichScenariosThereAre) {
  CommandLine line;
  EXPECT_EQ(line.run({"status", "web", "--cluster", "prod", "--sim", "imge-missing"}), 2);
  EXPECT_THAT(line.err, HasSubstr("did you mean image-missing?"));
  EXPECT_EQ(line.run({"status", "web", "--cluster", "prod", "--sim", "checkout"}), 2);
  EXPECT_THAT(line.err, HasSubstr("--sim: error: cannot read "));
  EXPECT_THAT(line.err, HasSubstr("the word after --sim is the scenario: a file, or shop, "));
}

TEST(NativeCommands, HaveHelpAndCompletion) {
  World world;
  for (const char* command : {"run", "prune", "stop", "continue", "history"}) {
    EXPECT_EQ(world.run({command, "--help"}), 0);
    EXPECT_THAT(world.out, HasSubstr("--sim"));
    EXPECT_EQ(world.run({"completion", "bash"}), 0);
    EXPECT_THAT(world.out, HasSubstr(std::string("\"") + command + "\""));
  }
}

}  // namespace
}  // namespace slipway::cli
