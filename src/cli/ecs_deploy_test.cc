// The 36 acceptance items of the single-service deployment, by number: the ecs-deploy personality
// run as its users type it, on a simulated AWS, under exactly the policy of its specification.
#include "cli/scenario_for_test.h"
#include "cli/session.h"
#include "cli/world_for_test.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <csignal>
#include <set>

namespace slipway::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

// Section 5 of the specification. Nothing about service deployments, nothing of ECR.
const std::string kIdentity = user_with(R"(        - Effect: Allow
          Action: [ecs:DescribeServices, ecs:UpdateService, ecs:RegisterTaskDefinition,
                   ecs:ListTasks, ecs:DescribeTasks, ecs:RunTask, ecs:TagResource,
                   ecs:DescribeTaskDefinition, ecs:ListTaskDefinitions,
                   ecs:DeregisterTaskDefinition]
          Resource: "*"
        - Effect: Allow
          Action: iam:PassRole
          Resource: "*"
          Condition: {StringEquals: {"iam:PassedToService": ecs-tasks.amazonaws.com}}
)");

constexpr const char* kSecret = "hush-environment";

const std::string kWorld = R"(
clusters: {c: {}}
task_definitions:
- &app
  family: app
)" + kOnFargate +
                           R"(  tags: [{key: team, value: shop}]
  containerDefinitions:
  - {name: web, image: "r/app:1", environment: [{name: PASSWORD, value: hush-environment}]}
  - {name: log, image: "r/log:7", essential: false}
services:
- &web
  serviceName: web
  cluster: c
  taskDefinition: app
  desiredCount: 2
  launchType: FARGATE
  deploymentConfiguration: {maximumPercent: 200, minimumHealthyPercent: 100}
  networkConfiguration: {awsvpcConfiguration: {subnets: [subnet-1], securityGroups: [sg-1]}}
)";

class EcsDeployAcceptance : public testing::Test {
 protected:
  EcsDeployAcceptance() { world(); }

  void world(const std::string& more = "", const std::string& base = kWorld) {
    line.file("world.yml", "scenario: 1\n" + kIdentity + base + more);
  }
  // As typed, on the simulated world.
  int run(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "--sim=world.yml");
    return line.run(std::move(arguments), "ecs-deploy");
  }
  // `-n web -c c -i r/app:2 -t 300` and more.
  int deploy(const std::vector<std::string>& more = {}) {
    std::vector<std::string> arguments = {"-n", "web", "-c", "c", "-i", "r/app:2", "-t", "300"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run(arguments);
  }

  std::size_t calls(const std::string& operation) { return line.inputs_of(operation).size(); }
  std::vector<std::string> operations() {
    std::vector<std::string> names;
    for (const SentCall& call : line.calls) names.push_back(call.operation);
    return names;
  }
  Json registered() {
    const std::vector<Json> all = line.inputs_of("RegisterTaskDefinition");
    return all.size() == 1 ? all.front() : Json();
  }
  std::vector<std::string> registered_images() {
    std::vector<std::string> images;
    const Json document = registered();
    for (const Json& container : document.at("containerDefinitions").as_array())
      images.emplace_back(string_or_empty(container, "image"));
    return images;
  }
  // A family of one container of each image, and a service of no tasks that uses it.
  static std::string world_of_images(const std::vector<std::string>& images) {
    std::string text =
        "clusters: {c: {}}\ntask_definitions:\n- family: app\n  containerDefinitions:\n";
    for (std::size_t i = 0; i < images.size(); ++i)
      text += "  - {name: c" + std::to_string(i) + ", memory: 64, image: \"" + images[i] + "\"}\n";
    return text +
           "services: [{serviceName: web, cluster: c, taskDefinition: app, desiredCount: 0}]\n";
  }

  CommandLine line;
};

TEST_F(EcsDeployAcceptance, Item01_UsageVersionAndHelp) {
  EXPECT_EQ(line.run({}, "ecs-deploy"), 3);
  EXPECT_THAT(line.out, HasSubstr("Usage:"));
  EXPECT_EQ(line.run({"-c", "c", "--version", "--nonsense"}, "ecs-deploy"), 0);
  EXPECT_THAT(line.out, HasSubstr("ecs-deploy"));
  EXPECT_EQ(line.run({"ecs-deploy", "--help"}), 0);
  EXPECT_THAT(line.out, HasSubstr("Usage:"));
  EXPECT_EQ(line.run({"-h"}, "ecs-deploy"), 0);
}

TEST_F(EcsDeployAcceptance, Item02_EachMistakeHasItsExitStatusAndMakesNoCall) {
  struct Case {
    std::vector<std::string> arguments;
    int status;
    std::string message;
  };
  const auto with = [](std::vector<std::string> some, const std::vector<std::string>& more) {
    some.insert(some.end(), more.begin(), more.end());
    return some;
  };
  const std::vector<std::string> service = {"-n", "web", "-c", "c", "-i", "r/app:2"};
  const std::vector<std::string> definition = {"-d", "app", "-i", "r/app:2"};
  for (const auto& [arguments, status, message] : std::vector<Case>{
           {{"-i", "r/app:2"}, 5, "one of --service-name and --task-definition is required"},
           {{"-n", "web", "-d", "app"},
            6,
            "only one of --service-name and --task-definition may be given"},
           {{"-n", "web", "-i", "r/app:2"}, 7, "--cluster is required with --service-name"},
           {{"-n", "web", "-c", "c"}, 8, "--image is required"},
           {with(service, {"--max-definitions", "ten"}), 9,
            "--max-definitions: expected a whole number of 0 or more, found \"ten\""},
           {with(service, {"--max-definitions", "-3"}), 9,
            "--max-definitions: expected a whole number of 0 or more, found \"-3\""},
           {with(definition, {"--launch-type", "FARGATE"}), 10, "--launch-type needs --run-task"},
           {with(definition, {"--network-configuration", "a=b"}), 11,
            "--network-configuration needs --run-task"},
           {with(definition, {"--wait-for-success"}), 11, "--wait-for-success needs --run-task"},
           {with(definition, {"--platform-version", "1"}), 12,
            "--platform-version needs --run-task"},
           {{"-n", "web", "-c", "c", "-i", "r//app"},
            13,
            "cannot read the image \"r//app\": its repository name is not made of letters, digits, "
            "'.', '_' and '-'"},
           {with(service, {"-t", "abc"}), 3,
            "--timeout: expected a whole number of 0 or more, found \"abc\""},
           {with(service, {"-m", "-1"}), 3,
            "--min: expected a whole number of 0 or more, found \"-1\""},
           {with(service, {"-M", "1.5"}), 3,
            "--max: expected a whole number of 0 or more, found \"1.5\""},
           {with(service, {"-D", "99999999999"}), 3,
            "--desired-count: expected a whole number of 0 or more, found \"99999999999\""},
           {{"-d", "app", "--force-new-deployment"},
            3,
            "--force-new-deployment needs --service-name and --cluster"},
           {with(service, {"-r"}), 3, "-r needs a value"},
           {with(service, {"--verbose=maybe"}), 3, "--verbose takes no value, found \"maybe\""},
       }) {
    SCOPED_TRACE(testing::PrintToString(arguments));
    EXPECT_EQ(run(arguments), status);
    EXPECT_EQ(line.err, "error: " + message + "\n");
    EXPECT_TRUE(line.calls.empty());
  }
  EXPECT_EQ(run({"--clutser", "c"}), 3);
  EXPECT_EQ(line.err, "error: unknown argument \"--clutser\", did you mean --cluster?\n");
  EXPECT_THAT(line.out, HasSubstr("Usage:"));
}

TEST_F(EcsDeployAcceptance, Item03_EmptyArgumentsAreIgnored) {
  EXPECT_EQ(run({"", "-n", "web", "", "", "-c", "c", "", "-i", "r/app:2", "-t", "300", ""}), 0)
      << line.err;
  EXPECT_EQ(calls("UpdateService"), 1u);
}

// Every row of the table is in model/image_test.cc; here what becomes of it on the command line.
TEST_F(EcsDeployAcceptance, Item04_ImagesAreNormalisedOrRefused) {
  world("", world_of_images({"mariadb:1", "my_org/img"}));
  struct Case {
    std::string image, wanted;  // empty: refused
  };
  for (const auto& [image, wanted] : std::vector<Case>{{"mariadb", "mariadb:latest"},
                                                       {"mariadb:10.5-focal", "mariadb:10.5-focal"},
                                                       {"my_org/img:", "my_org/img:latest"},
                                                       {"", ""},
                                                       {"http://r.io/img:1", ""},
                                                       {"_something:tag123", ""}}) {
    SCOPED_TRACE(image);
    EXPECT_EQ(run({"-n", "web", "-c", "c", "-i", image}), wanted.empty() ? 13 : 0) << line.err;
    if (wanted.empty()) {
      EXPECT_TRUE(line.calls.empty());
    } else {
      EXPECT_THAT(line.out, StartsWith("Image: " + wanted + "\n"));
      EXPECT_THAT(registered_images(), testing::Contains(wanted));
    }
  }
}

TEST_F(EcsDeployAcceptance, Item05_TheTagOfAVariableStandsInForAMissingOne) {
  const std::string digest = "@sha256:" + std::string(64, 'a');
  struct Case {
    std::string image;
    std::optional<std::string> variable;
    std::string wanted;  // empty: refused
  };
  for (const auto& [image, variable, wanted] :
       std::vector<Case>{{"r/app", "5", "r/app:5"},
                         {"r/app", "", "r/app:latest"},
                         {"r/app", std::nullopt, ""},
                         {"r/app:2", "5", "r/app:2"},
                         {"r/app:2", std::nullopt, "r/app:2"},
                         {"r/app" + digest, "5", "r/app:5"},
                         {"r/app" + digest, "", "r/app" + digest},
                         {"r/app" + digest, std::nullopt, "r/app" + digest},
                         {"r/app", "not a tag", ""}}) {
    SCOPED_TRACE(image + " and " + variable.value_or("(unset)"));
    line.environment.unset("TAG");
    if (variable) line.environment.set("TAG", *variable);
    EXPECT_EQ(run({"-d", "app", "-i", image, "-e", "TAG"}), wanted.empty() ? 13 : 0) << line.err;
    if (wanted.empty())
      EXPECT_THAT(line.err, HasSubstr("environment variable TAG"));
    else
      EXPECT_THAT(line.out, StartsWith("Image: " + wanted + "\n"));
  }
}

TEST_F(EcsDeployAcceptance, Item06_FourCallsThenOnlyLooks) {
  EXPECT_EQ(run({"-n", "web", "-c", "c", "-i", "r/app:2"}), 0) << line.err;
  std::vector<std::string> made = operations();
  ASSERT_GE(made.size(), 4u);
  EXPECT_THAT(std::vector(made.begin(), made.begin() + 4),
              ElementsAre("DescribeServices", "DescribeTaskDefinition", "RegisterTaskDefinition",
                          "UpdateService"));
  for (std::size_t i = 4; i < made.size(); ++i)
    EXPECT_TRUE(made[i].starts_with("List") || made[i].starts_with("Describe")) << made[i];
  const std::string arn = "arn:aws:ecs:eu-west-1:123456789012:task-definition/app:";
  EXPECT_EQ(line.out,
            "Image: r/app:2\n"
            "Current task definition: " +
                arn +
                "1\n"
                "New task definition: " +
                arn +
                "2\n"
                "Service updated; the new task definition is running\n"
                "Waiting until the old deployment is gone (at most 90 s)\n"
                "Service deployment successful\n");
  // Nobody is told of anything but the service's own events.
  std::string_view rest = line.err;
  while (!rest.empty()) {
    const std::string_view one = rest.substr(0, rest.find('\n'));
    EXPECT_TRUE(one.starts_with("event: ")) << one;
    rest.remove_prefix(one.size() + 1);
  }
}

TEST_F(EcsDeployAcceptance, Item07_OnlyTheImageOfMatchingContainersDiffers) {
  world("", R"(
clusters: {c: {}}
task_definitions:
- family: app
  requiresCompatibilities: [EC2]
  pidMode: task
  cpu: "256"
  memory: "512"
  enableFaultInjection: true
  containerDefinitions:
  - {name: web, image: "r/app:1", restartPolicy: {enabled: true}}
  - {name: log, image: "r/log:7"}
services: [{serviceName: web, cluster: c, taskDefinition: app, desiredCount: 0}]
)");
  EXPECT_EQ(deploy(), 0) << line.err;
  const Json document = registered();
  EXPECT_EQ(document.at("pidMode"), "task");
  EXPECT_EQ(document.at("cpu"), "256");
  EXPECT_EQ(document.at("memory"), "512");
  EXPECT_EQ(document.at("enableFaultInjection"), true);
  EXPECT_EQ(to_text(document.at("requiresCompatibilities")), R"(["EC2"])");
  EXPECT_EQ(document.at("containerDefinitions").at(0).at("restartPolicy").at("enabled"), true);
  EXPECT_THAT(registered_images(), ElementsAre("r/app:2", "r/log:7"));
  EXPECT_THAT(to_text(document), Not(HasSubstr("null")));
  for (const char* member :
       {"taskDefinitionArn", "revision", "status", "requiresAttributes", "compatibilities",
        "registeredAt", "registeredBy", "deregisteredAt", "deleteRequestedAt"})
    EXPECT_EQ(find(document, member), nullptr) << member;
}

// Every row of the tables is in plan/images_test.cc; here the lot of them at once.
TEST_F(EcsDeployAcceptance, Item08_RepositoriesAreComparedWhole) {
  const std::string digest = "@sha256:" + std::string(64, 'a');
  world("", world_of_images({"redis:5", "redis", "redis" + digest, "bitnami/redis:6", "my-redis:4",
                             "reg:5000/redis:1", "redis-x:1", "docker.io/library/redis:5"}));
  EXPECT_EQ(run({"-n", "web", "-c", "c", "-i", "redis:9"}), 0) << line.err;
  EXPECT_THAT(registered_images(),
              ElementsAre("redis:9", "redis:9", "redis:9", "bitnami/redis:6", "my-redis:4",
                          "reg:5000/redis:1", "redis-x:1", "redis:9"));
  world("", world_of_images({"reg:5000/app", "app" + digest, "app", "side:1"}));
  EXPECT_EQ(run({"-n", "web", "-c", "c", "-to", "9"}), 0) << line.err;
  EXPECT_THAT(registered_images(), ElementsAre("reg:5000/app:9", "app:9", "app:9", "side:9"));
}

TEST_F(EcsDeployAcceptance, Item09_NoMatchRegistersNothingAndListsTheImages) {
  EXPECT_EQ(run({"-n", "web", "-c", "c", "-i", "r/other:2"}), 1);
  EXPECT_EQ(calls("RegisterTaskDefinition"), 0u);
  EXPECT_THAT(line.err, HasSubstr("no container of app:1 uses the repository r/other; there is web "
                                  "(r/app:1), log (r/log:7)"));
  // With the option it is clear which container is meant.
  EXPECT_EQ(run({"-n", "web", "-c", "c", "-i", "r/other:2", "-t", "300",
                 "--allow-repository-change", "--container", "web"}),
            0)
      << line.err;
  EXPECT_THAT(registered_images(), ElementsAre("r/other:2", "r/log:7"));
}

TEST_F(EcsDeployAcceptance, Item10_TwoContainersOfOneRepositoryAreBothUpdated) {
  world("", world_of_images({"r/app:1", "r/app:old"}));
  EXPECT_EQ(run({"-n", "web", "-c", "c", "-i", "r/app:2"}), 0) << line.err;
  EXPECT_THAT(registered_images(), ElementsAre("r/app:2", "r/app:2"));
}

TEST_F(EcsDeployAcceptance, Item11_ADigestCanBeDeployedAndDeployedOver) {
  const std::string digest = "r/app@sha256:" + std::string(64, 'a');
  EXPECT_EQ(run({"-n", "web", "-c", "c", "-i", digest, "-t", "300"}), 0) << line.err;
  EXPECT_THAT(registered_images(), ElementsAre(digest, "r/log:7"));
  EXPECT_THAT(line.err, Not(HasSubstr("warning")));
  std::string base = kWorld;
  base.replace(base.find("r/app:1"), 7, digest);
  world("", base);
  EXPECT_EQ(deploy(), 0) << line.err;
  EXPECT_THAT(registered_images(), ElementsAre("r/app:2", "r/log:7"));
}

TEST_F(EcsDeployAcceptance, Item12_TagOnlyNeedsNoImageAndCanBeLimited) {
  EXPECT_EQ(run({"-n", "web", "-c", "c", "-t", "300", "-to", "9"}), 0) << line.err;
  EXPECT_THAT(line.out, StartsWith("Tag: 9\n"));
  EXPECT_THAT(registered_images(), ElementsAre("r/app:9", "r/log:9"));
  EXPECT_EQ(
      run({"-n", "web", "-c", "c", "-t", "300", "-i", "ignore", "-to", "9", "--container", "web"}),
      0)
      << line.err;
  EXPECT_THAT(registered_images(), ElementsAre("r/app:9", "r/log:7"));
  EXPECT_EQ(run({"-n", "web", "-c", "c", "-to", "a|b"}), 3);
  EXPECT_EQ(run({"-n", "web", "-c", "c", "-to", "9", "--container", "wep"}), 1);
  EXPECT_THAT(line.err, HasSubstr("no container named wep; it has web, log. Did you mean web?"));
}

TEST_F(EcsDeployAcceptance, Item13_AFileMayBeWrappedBareOrMinifiedAndNeedsNoVolumes) {
  const std::string bare =
      R"({"family": "app", "networkMode": "awsvpc", "cpu": "256", "memory": "512",
          "requiresCompatibilities": ["FARGATE"], "executionRoleArn": null, "revision": 3,
          "containerDefinitions": [{"name": "web", "image": "r/app:file"}]})";
  line.file("bare.json", bare);
  line.file("wrapped.json", "{\"taskDefinition\": " + bare + "}");
  line.file("mini.json", to_text(parse_json(bare).value()));
  for (const char* name : {"bare.json", "wrapped.json", "mini.json"}) {
    SCOPED_TRACE(name);
    EXPECT_EQ(run({"-n", "web", "-c", "c", "-t", "300", "--task-definition-file", name}), 0)
        << line.err;
    EXPECT_THAT(registered_images(), ElementsAre("r/app:file"));
    EXPECT_EQ(find(registered(), "executionRoleArn"), nullptr);
    EXPECT_EQ(deploy({"--task-definition-file", name}), 0) << line.err;
    EXPECT_THAT(registered_images(), ElementsAre("r/app:2"));
  }
  line.file("other.json", "{\"family\": \"app\"}");
  EXPECT_EQ(deploy({"--task-definition-file", "other.json"}), 1);
  EXPECT_THAT(line.err, HasSubstr("--task-definition-file other.json: it is no task definition"));
  EXPECT_TRUE(line.calls.empty());
  EXPECT_EQ(deploy({"--task-definition-file", "gone.json"}), 1);
  EXPECT_THAT(line.err, HasSubstr("gone.json"));
}

TEST_F(EcsDeployAcceptance, Item14_TheNewestRevisionIsTheBaseAndTheOneInUseTheWayBack) {
  std::string base = kWorld;
  base.replace(base.find("services:"), 9,
               "- <<: *app\n  containerDefinitions: [{name: web, image: \"r/app:newest\"}]\n"
               "services:");
  base.replace(base.find("taskDefinition: app\n"), 20, "taskDefinition: \"app:1\"\n");
  world("images: [{image: \"*app:2\", pull: not-found}]\n", base);
  EXPECT_EQ(
      run({"-n", "web", "-c", "c", "-i", "r/app:2", "--use-latest-task-def", "--enable-rollback"}),
      1);
  EXPECT_THAT(registered_images(), ElementsAre("r/app:2"));
  EXPECT_THAT(line.out, HasSubstr("Current task definition: arn:aws:ecs:eu-west-1:123456789012:"
                                  "task-definition/app:2\n"));
  const std::vector<Json> updates = line.inputs_of("UpdateService");
  ASSERT_EQ(updates.size(), 2u);
  EXPECT_EQ(updates[1].at("taskDefinition"),
            "arn:aws:ecs:eu-west-1:123456789012:task-definition/app:1");
}

TEST_F(EcsDeployAcceptance, Item15_TagsAreCopiedAndNoneSendsNone) {
  EXPECT_EQ(deploy(), 0) << line.err;
  EXPECT_EQ(to_text(registered().at("tags")), R"([{"key":"team","value":"shop"}])");
  EXPECT_EQ(deploy({"--copy-task-definition-tags"}), 0) << line.err;
  EXPECT_EQ(to_text(registered().at("tags")), R"([{"key":"team","value":"shop"}])");
  world("", world_of_images({"r/app:1"}));
  EXPECT_EQ(deploy(), 0) << line.err;
  EXPECT_EQ(find(registered(), "tags"), nullptr);
}

TEST_F(EcsDeployAcceptance, Item16_CountAndPercentsAreSentWithTheRestOfTheConfiguration) {
  std::string base = kWorld;
  const std::string percents = "{maximumPercent: 200, minimumHealthyPercent: 100}";
  base.replace(base.find(percents), percents.size(),
               "{maximumPercent: 200, minimumHealthyPercent: 100, deploymentCircuitBreaker: "
               "{enable: true, rollback: true}}");
  world("", base);
  EXPECT_EQ(deploy({"-D", "3", "-m", "50", "-M", "150"}), 0) << line.err;
  const Json update = line.inputs_of("UpdateService").at(0);
  EXPECT_EQ(update.at("desiredCount"), 3);
  const Json& configuration = update.at("deploymentConfiguration");
  EXPECT_EQ(configuration.at("minimumHealthyPercent"), 50);
  EXPECT_EQ(configuration.at("maximumPercent"), 150);
  EXPECT_EQ(to_text(configuration.at("deploymentCircuitBreaker")),
            R"({"enable":true,"rollback":true})");
  EXPECT_EQ(deploy(), 0) << line.err;
  std::set<std::string> members;
  const Json plain = line.inputs_of("UpdateService").at(0);
  for (const auto& member : plain.as_object()) members.insert(std::string(member.key()));
  EXPECT_EQ(members, (std::set<std::string>{"cluster", "service", "taskDefinition"}));
}

TEST_F(EcsDeployAcceptance, Item17_ADesiredCountOfZeroSkipsTheFirstWaitOnly) {
  EXPECT_EQ(deploy({"-D", "0", "--max-definitions", "1"}), 0) << line.err;
  EXPECT_THAT(line.out, HasSubstr("its desired count is 0, so no task is waited for\n"
                                  "Waiting until the old deployment is gone (at most 300 s)\n"));
  EXPECT_EQ(calls("ListTasks"), 0u);
  EXPECT_GE(calls("DescribeServices"), 2u);
  EXPECT_EQ(calls("DeregisterTaskDefinition"), 1u);
}

TEST_F(EcsDeployAcceptance, Item18_TasksAreDescribedByTheHundred) {
  std::string base = kWorld;
  base.replace(base.find("desiredCount: 2"), 15, "desiredCount: 120");
  world("", base);
  EXPECT_EQ(deploy({"--skip-deployments-check"}), 0) << line.err;
  std::size_t most = 0, all = 0;
  for (const Json& look : line.inputs_of("DescribeTasks")) {
    most = std::max(most, look.at("tasks").as_array().size());
    all += look.at("tasks").as_array().size();
  }
  EXPECT_LE(most, 100u);
  EXPECT_GT(all, 100u);
}

TEST_F(EcsDeployAcceptance, Item19_AnUnhealthyTaskIsNoSuccess) {
  std::string base = kWorld;
  const std::string log = "{name: log, image: \"r/log:7\", essential: false}";
  base.replace(base.find(log), log.size(),
               "{name: log, image: \"r/log:7\", healthCheck: {command: [CMD, \"true\"], interval: "
               "5, retries: 1, startPeriod: 0}}");
  world("images: [{task_definition: \"app:2\", container: log, unhealthy_from: 1s}]\n", base);
  EXPECT_EQ(deploy(), 1);
  EXPECT_THAT(line.out, Not(HasSubstr("is running")));
  EXPECT_THAT(line.err, HasSubstr("no task of app:2 is healthy after 300 s; -t gives it longer"));
  world("", base);
  EXPECT_EQ(deploy(), 0) << line.err;
}

TEST_F(EcsDeployAcceptance, Item20_ExpiryOfTheFirstWaitRollsBackWhenAskedTo) {
  world("images: [{image: \"*app:2\", pull: not-found}]\n");
  EXPECT_EQ(run({"-n", "web", "-c", "c", "-i", "r/app:2"}), 1);
  EXPECT_THAT(line.err, HasSubstr("no task of app:2 is running after 90 s; -t gives it longer"));
  EXPECT_THAT(line.err, HasSubstr("CannotPullContainerError"));
  EXPECT_THAT(line.err, HasSubstr("service web may still be moving to app:2\n"
                                  "next: to go on watching: slipway wait --cluster c web\n"));
  EXPECT_EQ(calls("UpdateService"), 1u);

  EXPECT_EQ(run({"-n", "web", "-c", "c", "-i", "r/app:2", "--enable-rollback", "-D", "3", "-m",
                 "50", "-M", "150"}),
            1);
  const std::vector<Json> updates = line.inputs_of("UpdateService");
  ASSERT_EQ(updates.size(), 2u);
  const std::string before = "arn:aws:ecs:eu-west-1:123456789012:task-definition/app:1";
  EXPECT_EQ(updates[1].at("taskDefinition"), before.c_str());
  EXPECT_EQ(updates[1].at("desiredCount"), 2);
  EXPECT_EQ(updates[1].at("deploymentConfiguration").at("minimumHealthyPercent"), 100);
  EXPECT_EQ(updates[1].at("deploymentConfiguration").at("maximumPercent"), 200);
  EXPECT_THAT(line.out, HasSubstr("Rolling back to " + before + "\n"));
  EXPECT_THAT(line.err,
              HasSubstr("service web was sent back to app:1, and this run did not wait for it\n"));
}

TEST_F(EcsDeployAcceptance, Item21_ARollbackByTheCircuitBreakerIsAFailureWithItsReason) {
  std::string base = kWorld;
  const std::string percents = "{maximumPercent: 200, minimumHealthyPercent: 100}";
  base.replace(base.find(percents), percents.size(),
               "{deploymentCircuitBreaker: {enable: true, rollback: true}}");
  // One task runs for a moment, so that the first wait ends well; then all of them crash.
  world("images: [{image: \"*app:2\", run_for: 12s, exit_code: 3}]\n", base);
  EXPECT_EQ(run({"-n", "web", "-c", "c", "-i", "r/app:2", "-t", "1200", "--max-definitions", "1",
                 "--enable-rollback"}),
            1);
  EXPECT_THAT(line.out, HasSubstr("the new task definition is running\n"));
  EXPECT_THAT(line.out, Not(HasSubstr("successful")));
  EXPECT_THAT(line.err, HasSubstr("ECS rolled back service web to app:1: ECS deployment circuit "
                                  "breaker"));
  EXPECT_THAT(line.err, HasSubstr("web exit 3"));
  EXPECT_THAT(line.err, HasSubstr("ECS has rolled service web back to app:1 itself\n"));
  EXPECT_EQ(calls("UpdateService"), 1u);
  EXPECT_EQ(calls("DeregisterTaskDefinition"), 0u);
}

TEST_F(EcsDeployAcceptance, Item22_SkippingTheCheckEndsWithTheFirstTask) {
  EXPECT_EQ(deploy({"--skip-deployments-check"}), 0) << line.err;
  EXPECT_EQ(operations().back(), "DescribeTasks");
  EXPECT_THAT(line.out, Not(HasSubstr("Waiting")));
  EXPECT_THAT(line.out, HasSubstr("Service updated; its deployments are not waited for\n"));
}

TEST_F(EcsDeployAcceptance, Item23_NothingIsDeregisteredThatOneMayHaveToGoBackTo) {
  // The first task runs; the second never does.
  world("images: [{image: \"*app:2\", share_percent: 50, delay_factor: 1000}]\n");
  EXPECT_EQ(
      run({"-n", "web", "-c", "c", "-i", "r/app:2", "--max-definitions", "1", "--enable-rollback"}),
      1);
  EXPECT_EQ(calls("DeregisterTaskDefinition"), 0u);
  EXPECT_EQ(calls("UpdateService"), 2u);
  EXPECT_THAT(line.err, Not(HasSubstr("rollback failed"))) << line.err;
}

std::string many_revisions(int count) {
  std::string text = "clusters: {c: {}}\ntask_definitions:\n";
  for (int i = 1; i <= count; ++i)
    text += "- {family: app, containerDefinitions: [{name: web, memory: 64, image: \"r/app:" +
            std::to_string(i) + "\"}]}\n";
  return text +
         "services: [{serviceName: web, cluster: c, taskDefinition: app, desiredCount: 0}]\n";
}

TEST_F(EcsDeployAcceptance, Item24_AllPagesAreReadAndTheOldestDeregisteredWithoutAThrottle) {
  world("", many_revisions(249));
  EXPECT_EQ(deploy({"--max-definitions", "2", "-v"}), 0) << line.err;
  const std::vector<Json> gone = line.inputs_of("DeregisterTaskDefinition");
  ASSERT_EQ(gone.size(), 248u);
  for (std::size_t i = 0; i < gone.size(); ++i)
    EXPECT_EQ(last_segment(std::string_view(gone[i].at("taskDefinition").as_string())),
              "app:" + std::to_string(i + 1));
  EXPECT_GE(calls("ListTaskDefinitions"), 3u);
  EXPECT_THAT(line.err, Not(HasSubstr("Throttling")));
  EXPECT_THAT(line.err, Not(HasSubstr("attempts")));
}

TEST_F(EcsDeployAcceptance, Item25_ATaskDefinitionAloneIsPrunedToo) {
  world("", many_revisions(4));
  EXPECT_EQ(run({"-d", "app", "-i", "r/app:9", "--max-definitions", "2"}), 0) << line.err;
  EXPECT_EQ(calls("DeregisterTaskDefinition"), 3u);
  // What cannot be deregistered is a warning.
  world(
      "faults: [{fault: error, on: \"ecs:DeregisterTaskDefinition\", code: ClientException, "
      "message: no, calls: 1}]\n",
      many_revisions(4));
  EXPECT_EQ(run({"-d", "app", "-i", "r/app:9", "--max-definitions", "2"}), 0) << line.err;
  EXPECT_THAT(line.err, HasSubstr("warning: app:1 was not deregistered: no\n"));
  EXPECT_EQ(calls("DeregisterTaskDefinition"), 3u);
}

TEST_F(EcsDeployAcceptance, Item26_ATaskDefinitionAloneTakesTwoCalls) {
  EXPECT_EQ(run({"-d", "app", "-i", "r/app:2"}), 0) << line.err;
  EXPECT_THAT(operations(), ElementsAre("DescribeTaskDefinition", "RegisterTaskDefinition"));
  EXPECT_THAT(line.out, HasSubstr("Task definition registered\n"));
  EXPECT_EQ(line.err, "");
}

TEST_F(EcsDeployAcceptance, Item27_TheNetworkIsTheSameInShorthandAndJson) {
  const std::string shorthand =
      "awsvpcConfiguration={subnets=[subnet-1,subnet-2],securityGroups=[sg-1],assignPublicIp="
      "ENABLED}";
  const std::string json =
      R"({"awsvpcConfiguration":{"subnets":["subnet-1","subnet-2"],"securityGroups":["sg-1"],)"
      R"("assignPublicIp":"ENABLED"}})";
  line.file("network.json", json);
  for (const std::string& text : {shorthand, json, std::string("file://network.json")}) {
    SCOPED_TRACE(text);
    EXPECT_EQ(run({"-d", "app", "-c", "c", "-i", "r/app:2", "--run-task", "--launch-type",
                   "FARGATE", "--platform-version", "1.4.0", "--network-configuration", text}),
              0)
        << line.err;
    JsonObject request = line.inputs_of("RunTask").at(0).as_object();
    EXPECT_NE(request["clientToken"], "");
    remove_member(request, "clientToken");
    EXPECT_EQ(
        Json(request),
        (Json{{"cluster", "c"},
              {"count", 1},
              {"launchType", "FARGATE"},
              {"networkConfiguration", parse_json(json).value()},
              {"platformVersion", "1.4.0"},
              {"taskDefinition", "arn:aws:ecs:eu-west-1:123456789012:task-definition/app:2"}}));
    EXPECT_THAT(line.out, HasSubstr("Task started: arn:"));
    EXPECT_THAT(line.out, HasSubstr("Task was started; how it ends is not waited for\n"));
  }
  EXPECT_EQ(run({"-d", "app", "-c", "c", "-i", "r/app:2", "--run-task", "--network-configuration",
                 "awsvpcConfiguration={subnets=[subnet-1"}),
            1);
  EXPECT_THAT(line.err, HasSubstr("expected ',' or ']', found nothing more"));
  EXPECT_TRUE(line.calls.empty());
}

TEST_F(EcsDeployAcceptance, Item28_OnlyEssentialContainersThatExitWithZeroAreSuccess) {
  const auto run_task = [&](const std::vector<std::string>& more = {"--wait-for-success"}) {
    std::vector<std::string> arguments = {"-d",
                                          "app",
                                          "-c",
                                          "c",
                                          "-i",
                                          "r/app:2",
                                          "--run-task",
                                          "--launch-type",
                                          "FARGATE",
                                          "--network-configuration",
                                          "awsvpcConfiguration={subnets=[subnet-1]}"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run(arguments);
  };
  world("capacity: {FARGATE: 2}\n");
  EXPECT_EQ(run_task({}), 1);
  EXPECT_THAT(line.err, HasSubstr("no task of app:2 was started: "));

  std::string base = kWorld;
  const std::string log = "{name: log, image: \"r/log:7\", essential: false}";
  const std::string web = base.substr(base.find("  - {name: web"),
                                      base.find("  - {name: log") - base.find("  - {name: web"));
  base.replace(base.find(web), web.size(), "");
  base.replace(base.find(log), log.size(), "{name: log, image: \"r/log:7\"}\n" + web);
  struct Case {
    std::string name, images;
    int status;
    std::string err;
  };
  for (const auto& [name, images, status, err] : std::vector<Case>{
           {"sidecar 0, app 1",
            "images: [{container: web, run_for: 5s, exit_code: 1}, {container: log, run_for: 4s, "
            "exit_code: 0}]\n",
            1, "Container web exit 1"},
           {"no exit code", "images: [{container: web, pull: not-found}]\n", 1,
            "Container web no exit code"},
           {"all 0",
            "images: [{container: web, run_for: 5s, exit_code: 0, exit_code_on_stop: 0}, "
            "{container: log, run_for: 5s, exit_code: 0, exit_code_on_stop: 0}]\n",
            0, ""},
           {"never ends", "images: []\n", 1, "has not stopped after 1m30s; it is still running"},
       }) {
    SCOPED_TRACE(name);
    world(images, base);
    EXPECT_EQ(run_task(), status) << line.out << line.err;
    EXPECT_THAT(line.err, HasSubstr(err));
    EXPECT_THAT(line.out, HasSubstr("Task status: "));
  }
  EXPECT_EQ(calls("StopTask"), 0u);
}

TEST_F(EcsDeployAcceptance, Item29_RunTaskNeedsAClusterAndNoService) {
  EXPECT_EQ(run({"-d", "app", "-i", "r/app:2", "--run-task"}), 3);
  EXPECT_EQ(line.err, "error: --cluster is required with --run-task\n");
  EXPECT_TRUE(line.calls.empty());
  EXPECT_EQ(deploy({"--run-task"}), 3);
  EXPECT_EQ(line.err, "error: --run-task needs --task-definition and no --service-name\n");
  EXPECT_TRUE(line.calls.empty());
}

TEST_F(EcsDeployAcceptance, Item30_ForcingIsOneUpdateAndWaitsForItsOwnDeployment) {
  EXPECT_EQ(run({"-n", "web", "-c", "c", "--force-new-deployment", "-t", "300", "--enable-rollback",
                 "-i", "r//app", "-m", "100"}),
            0)
      << line.err;
  const std::vector<Json> updates = line.inputs_of("UpdateService");
  ASSERT_EQ(updates.size(), 1u);
  EXPECT_EQ(to_text(updates[0]), R"({"cluster":"c","service":"web","forceNewDeployment":true})");
  EXPECT_EQ(operations().front(), "UpdateService");
  EXPECT_EQ(calls("RegisterTaskDefinition"), 0u);
  EXPECT_THAT(line.out, HasSubstr("Service deployment successful\n"));
  EXPECT_EQ(line.lines_with("has no effect with --force-new-deployment"), 2) << line.err;

  // Its images are gone: the old tasks still run, and that is no success.
  world("images: [{image: \"*\", pull: not-found}]\n");
  line.on_session = nullptr;
  EXPECT_EQ(run({"-n", "web", "-c", "c", "--force-new-deployment", "--enable-rollback"}), 1);
  EXPECT_THAT(line.err, HasSubstr("nothing to roll back"));
}

TEST_F(EcsDeployAcceptance, Item31_AServiceThatCannotBeUpdatedIsNamedWithItsCluster) {
  EXPECT_EQ(run({"-n", "gone", "-c", "c", "-i", "r/app:2"}), 1);
  EXPECT_THAT(line.err, HasSubstr("error: service gone of cluster c does not exist"));
  EXPECT_EQ(calls("RegisterTaskDefinition"), 0u);
  EXPECT_EQ(run({"-n", "gone", "-c", "c", "--force-new-deployment"}), 1);
  EXPECT_THAT(line.err, HasSubstr("forcing a new deployment of service gone of cluster c"));
  world("calls: [{operation: DeleteService, input: {cluster: c, service: web, force: true}}]\n");
  EXPECT_EQ(deploy(), 1);
  EXPECT_THAT(line.err, HasSubstr("and cannot be updated"));
  world(
      "- <<: *web\n  serviceName: handed-over\n  deploymentController: {type: CODE_DEPLOY}\n"
      "  deploymentConfiguration: {}\n");
  EXPECT_EQ(run({"-n", "handed-over", "-c", "c", "-i", "r/app:2"}), 1);
  EXPECT_THAT(line.err, HasSubstr("is deployed by CODE_DEPLOY and not by ECS"));
  EXPECT_EQ(calls("RegisterTaskDefinition"), 0u);
}

// Two calls and an answer of STS, as AWS would give them: a session of its own settings.
class AnsweredInPlace {
 public:
  explicit AnsweredInPlace(CommandLine& line) {
    line.answer = [this](const HttpRequest& request) { return answer(request); };
  }
  std::vector<std::string> signed_by;  // "AssumeRole AKIA..."

 private:
  Result<HttpResponse> answer(const HttpRequest& request) {
    const std::string authorization(find_header(request.headers, "Authorization"));
    const std::size_t from = authorization.find("Credential=") + 11;
    const std::string key = authorization.substr(from, authorization.find('/', from) - from);
    const std::string target(find_header(request.headers, "X-Amz-Target"));
    const std::string operation =
        target.empty() ? "AssumeRole" : target.substr(target.rfind('.') + 1);
    signed_by.push_back(operation + " " + key);
    if (operation == "AssumeRole")
      return HttpResponse{
          .status = 200,
          .headers = {{"Content-Type", "text/xml"}},
          .body =
              "<AssumeRoleResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">"
              "<AssumeRoleResult><Credentials><AccessKeyId>ASIAROLE</AccessKeyId>"
              "<SecretAccessKey>hush-role</SecretAccessKey><SessionToken>hush-token"
              "</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials>"
              "</AssumeRoleResult></AssumeRoleResponse>"};
    const std::string definition =
        R"({"taskDefinition":{"taskDefinitionArn":"arn:aws:ecs:eu-west-1:1:task-definition/app:1",)"
        R"("family":"app","revision":1,"containerDefinitions":[{"name":"web","image":"r/app:1",)"
        R"("environment":[{"name":"PASSWORD","value":"hush-environment"}]}]}})";
    return HttpResponse{.status = 200,
                        .headers = {{"Content-Type", "application/x-amz-json-1.1"}},
                        .body = definition};
  }
};

TEST_F(EcsDeployAcceptance, Item32_KeysOfTheCommandLineAndOfAProfilesRoleSign) {
  AnsweredInPlace aws(line);
  const std::vector<std::string> arguments = {"-d", "app", "-i", "r/app:2", "-r", "eu-west-1"};
  const auto with = [&](const std::vector<std::string>& more) {
    aws.signed_by.clear();
    std::vector<std::string> all = arguments;
    all.insert(all.end(), more.begin(), more.end());
    return line.run(all, "ecs-deploy");
  };
  EXPECT_EQ(with({"-k", "AKIAK", "-s", "hush-s"}), 0) << line.err;
  EXPECT_THAT(aws.signed_by,
              ElementsAre("DescribeTaskDefinition AKIAK", "RegisterTaskDefinition AKIAK"));

  line.file(".aws/config",
            "[profile prof]\nregion = eu-west-1\naws_access_key_id = AKIAPROF\n"
            "aws_secret_access_key = hush-prof\n");
  EXPECT_EQ(with({"-p", "prof", "-a", "arn:aws:iam::1:role/deployer"}), 0) << line.err;
  EXPECT_THAT(aws.signed_by, ElementsAre("AssumeRole AKIAPROF", "DescribeTaskDefinition ASIAROLE",
                                         "RegisterTaskDefinition ASIAROLE"));
  // Keys go before everything that the environment says, a session token included.
  line.environment.set("AWS_ACCESS_KEY_ID", "AKIAENV");
  line.environment.set("AWS_SECRET_ACCESS_KEY", "hush-env");
  line.environment.set("AWS_SESSION_TOKEN", "hush-session");
  EXPECT_EQ(with({"-k", "AKIAK", "-s", "hush-s", "-p", "prof"}), 0) << line.err;
  EXPECT_EQ(aws.signed_by.front(), "DescribeTaskDefinition AKIAK");
  line.environment.unset("AWS_SECRET_ACCESS_KEY");
  EXPECT_EQ(with({"-k", "AKIAK"}), 1);
  EXPECT_EQ(line.err,
            "error: --aws-access-key is given without --aws-secret-key (or "
            "AWS_SECRET_ACCESS_KEY)\n");
}

TEST_F(EcsDeployAcceptance, Item33_VerboseShowsCallsAndNoSecret) {
  AnsweredInPlace aws(line);
  EXPECT_EQ(line.run({"-d", "app", "-i", "r/app:2", "-r", "eu-west-1", "-k", "AKIAK", "-s",
                      "hush-secret", "-a", "arn:aws:iam::1:role/deployer", "-v"},
                     "ecs-deploy"),
            0)
      << line.err;
  EXPECT_THAT(line.out + line.err, Not(HasSubstr("hush")));
  EXPECT_THAT(line.err, HasSubstr("ecs:DescribeTaskDefinition {\"taskDefinition\":\"app\","
                                  "\"include\":[\"TAGS\"]} -> 200 after "));
  EXPECT_THAT(line.err, HasSubstr("\"environment\":[{\"name\":\"PASSWORD\",\"value\":\"****\"}]"));
  line.answer = nullptr;
  EXPECT_EQ(deploy({"-v"}), 0);
  EXPECT_THAT(line.out + line.err, Not(HasSubstr(kSecret)));
}

// What the action's script passes: a pair of flag and value for each input, both empty when nobody
// gave it.
TEST_F(EcsDeployAcceptance, Item34_TheArgumentsOfTheGithubAction) {
  std::vector<std::string> arguments;
  const std::vector<std::pair<std::string, std::string>> inputs = {
      {"", ""},                   // aws_access_key
      {"", ""},                   // aws_secret_key
      {"", ""},                   // region
      {"--service-name", "web"},  // service_name
      {"", ""},                   // task_definition
      {"", ""},                   // enable_rollback
      {"", ""},                   // force_new_deployment
      {"--cluster", "c"},         // cluster
      {"--image", "r/app:2"},     // image
      {"", ""},                   // aws_assume_role
      {"", ""},                   // desired_count
      {"--min", "100"},           // min
      {"--max", "200"},           // max
      {"", ""},                   // profile
      {"--timeout", "300"},       // timeout
      {"", ""},
      {"", ""},  // tag_env_var, tag_only
      {"", ""},
      {"", ""},  // use_latest_task_def, max_definitions
      {"", ""},
      {"", ""},
      {"", ""},  // run_task, wait_for_success, copy_task_definition_tags
      {"", ""},  // skip_deployments_check
  };
  for (const auto& [flag, value] : inputs) arguments.insert(arguments.end(), {flag, value});
  EXPECT_EQ(run(arguments), 0) << line.err;
  const Json configuration = line.inputs_of("UpdateService").at(0).at("deploymentConfiguration");
  EXPECT_EQ(configuration.at("minimumHealthyPercent"), 100);

  EXPECT_EQ(run({"-d", "app", "-c", "c", "-i", "r/app:2", "--run-task", "true", "--launch-type",
                 "FARGATE", "--network-configuration", "awsvpcConfiguration={subnets=[s]}"}),
            0)
      << line.err;
  EXPECT_EQ(calls("RunTask"), 1u);
  EXPECT_EQ(run({"-d", "app", "-i", "r/app:2", "--run-task", "false", "--enable-rollback=false"}),
            0)
      << line.err;
  EXPECT_EQ(calls("RunTask"), 0u);
  EXPECT_EQ(run({"-d", "app", "-i", "r/app:2", "--aws-instance-profile",
                 "arn:aws:iam::1:instance-profile/x"}),
            0);
  EXPECT_THAT(line.err, HasSubstr("warning: --aws-instance-profile takes no value: "));
}

TEST_F(EcsDeployAcceptance, Item35_NothingInAnImageIsExecuted) {
  for (const std::string image : {"r/app:`touch ran`", "r/app:$(touch ran)", "$(touch ran)"}) {
    EXPECT_EQ(run({"-n", "web", "-c", "c", "-i", image}), 13);
    EXPECT_FALSE(std::filesystem::exists(line.directory() / "ran"));
    EXPECT_TRUE(line.calls.empty());
  }
}

TEST_F(EcsDeployAcceptance, Item36_ThrottlesOfTenSecondsDoNotFailTheRun) {
  for (const std::string operation :
       {"DescribeServices", "DescribeTaskDefinition", "RegisterTaskDefinition", "UpdateService",
        "ListTasks", "DescribeTasks"}) {
    SCOPED_TRACE(operation);
    world("faults: [{fault: throttled, on: \"ecs:" + operation + "\", calls: 2}]\n");
    EXPECT_EQ(deploy(), 0) << line.err;
  }
  world("faults: [{fault: throttled, on: \"ecs:*\", from: 30s, until: 40s}]\n");
  EXPECT_EQ(deploy(), 0) << line.err;
}

// ---- Beside the items --------------------------------------------------------------------------

TEST_F(EcsDeployAcceptance, NoCallIsMadeThatThePolicyForbidsOnTheWayToSuccess) {
  for (const std::vector<std::string>& arguments : std::vector<std::vector<std::string>>{
           {"-n", "web", "-c", "c", "-i", "r/app:2", "-t", "300", "--max-definitions", "1", "-v"},
           {"-n", "web", "-c", "c", "--force-new-deployment", "-t", "300", "-v"},
           {"-d", "app", "-c", "c", "-i", "r/app:2", "--run-task", "--launch-type", "FARGATE",
            "--network-configuration", "awsvpcConfiguration={subnets=[s]}", "-v"}}) {
    EXPECT_EQ(run(arguments), 0) << line.err;
    EXPECT_THAT(line.err, Not(HasSubstr("AccessDenied")));
  }
}

TEST_F(EcsDeployAcceptance, ADryRunPrintsTheDefinitionAndChangesNothing) {
  EXPECT_EQ(deploy({"--dry-run"}), 0) << line.err;
  EXPECT_THAT(operations(), ElementsAre("DescribeServices", "DescribeTaskDefinition"));
  EXPECT_THAT(line.out, HasSubstr("Would register:\n{\n"));
  EXPECT_THAT(line.out, HasSubstr("\"image\": \"r/app:2\""));
}

TEST_F(EcsDeployAcceptance, ASignalSaysWhatIsGoingOnAndHowToGoOnWatching) {
  for (const auto& [signal, status] : {std::pair{SIGTERM, 143}, {SIGINT, 130}}) {
    std::unique_ptr<Group> group;
    line.on_session = [&, number = signal](Session& session) {
      group = std::make_unique<Group>(session.runtime().fibers);
      group->spawn("signal", [&session, number] {
        (void)session.runtime().clock().sleep_for(std::chrono::seconds(20));
        session.signals().raise(number);
      });
    };
    EXPECT_EQ(deploy({"--enable-rollback"}), status) << line.err;
    EXPECT_THAT(line.err, HasSubstr("left in progress: service web (deployment ecs-svc/"));
    EXPECT_THAT(line.err, HasSubstr("to go on watching: slipway wait --cluster c web=ecs-svc/"));
    EXPECT_EQ(calls("UpdateService"), 1u);
    group.reset();
  }
}

TEST_F(EcsDeployAcceptance, AnAnswerThatIsLostIsLookedUp) {
  for (const std::string operation : {"RegisterTaskDefinition", "UpdateService"}) {
    SCOPED_TRACE(operation);
    world("faults: [{fault: reset, after_effect: true, on: \"ecs:" + operation +
          "\", calls: 1}]\n");
    EXPECT_EQ(deploy(), 0) << line.err;
    EXPECT_LE(calls("RegisterTaskDefinition"), 1u);
  }
}

TEST_F(EcsDeployAcceptance, SomebodyElsesDeploymentIsNotOurSuccessAndNotRolledBack) {
  world(R"(happenings:
- {deployment_of: c/web, delay: 15s, call: {operation: UpdateService, input: {cluster: c, service: web, forceNewDeployment: true}}}
)");
  EXPECT_EQ(deploy({"--enable-rollback"}), 1);
  EXPECT_THAT(line.err, HasSubstr("replaced ours on service web"));
  EXPECT_EQ(calls("UpdateService"), 1u);
  EXPECT_THAT(line.err, HasSubstr("not rolled back: somebody else has deployed"));
}

// Section 4.3: errors while waiting are not swallowed, and a few do not end the wait.
TEST_F(EcsDeployAcceptance, FiveLooksInARowThatFailEndEachWait) {
  const auto fails = [&](const std::string& operation, int first_call, int times) {
    world(
        fmt::format("faults: [{{fault: error, on: \"ecs:{}\", code: ClientException, message: "
                    "cannot say, first_call: {}, calls: {}}}]\n",
                    operation, first_call, times));
  };
  for (const auto& [operation, first_call] :
       {std::pair{"ListTasks", 1}, std::pair{"DescribeTasks", 1},
        std::pair{"DescribeServices", 3}}) {
    SCOPED_TRACE(operation);
    fails(operation, first_call, 4);
    EXPECT_EQ(deploy({"--enable-rollback"}), 0) << line.err;
    EXPECT_EQ(line.lines_with("warning: could not look, attempt 4 of 5: cannot say"), 1);
    fails(operation, first_call, 5);
    EXPECT_EQ(deploy({"--enable-rollback"}), 1);
    EXPECT_THAT(line.err, HasSubstr("error: cannot say\n  while watching service web: 5 looks in a "
                                    "row failed\n  ecs:" +
                                    std::string(operation) + ", ClientException"));
    EXPECT_THAT(line.err, HasSubstr("service web was sent back to app:1"));
    EXPECT_EQ(calls("UpdateService"), 2u);
  }
}

// What the embedded simulator does not know it makes up, with the repository of the command line.
TEST_F(EcsDeployAcceptance, AnyCommandLineCanBeTriedOnTheSimulator) {
  EXPECT_EQ(line.run({"ecs-deploy", "-c", "c", "-n", "mine", "-i", "reg:5000/mine:2", "--sim"}), 0)
      << line.err;
  EXPECT_THAT(line.out, HasSubstr("task-definition/mine:2\n"));
  EXPECT_EQ(line.run({"ecs-deploy", "-d", "fam", "-i", "reg:5000/mine:2", "--sim"}), 0) << line.err;
  EXPECT_THAT(line.out, HasSubstr("task-definition/fam:2\n"));
}

TEST_F(EcsDeployAcceptance, AServiceNamedFalseWorks) {
  world("- <<: *web\n  serviceName: \"false\"\n");
  EXPECT_EQ(run({"-n", "false", "-c", "c", "-i", "r/app:2", "-t", "300"}), 0) << line.err;
  EXPECT_EQ(line.inputs_of("UpdateService").at(0).at("service"), "false");
}

}  // namespace
}  // namespace slipway::cli
