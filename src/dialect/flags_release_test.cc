#include "dialect/flags_release.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

namespace slipway {
namespace {

using testing::ElementsAre;

struct Read {
  std::map<std::string, std::string> files;
  Diagnostics diagnostics;

  FlagFiles flag_files() {
    return {.directory = "/app",
            .read_file = [this](const std::filesystem::path& path) -> Result<std::string> {
              const auto found = files.find(path.string());
              if (found != files.end()) return found->second;
              return Error{ErrorKind::kNotFound, "file.missing", path.string() + " is not there"};
            }};
  }
  template <class Flags>
  Release good(const Flags& flags) {
    std::optional<Release> release = release_of(flags, flag_files(), diagnostics);
    for (const Diagnostic& diagnostic : diagnostics.all()) ADD_FAILURE() << to_string(diagnostic);
    return release.value_or(Release{});
  }
  template <class Flags>
  std::string wrong(const Flags& flags) {
    EXPECT_FALSE(release_of(flags, flag_files(), diagnostics));
    return diagnostics.all().empty() ? "" : to_string(diagnostics.all().front());
  }
};

TEST(ServicesByFlags, AreAReleaseLikeOneFromAFile) {
  Read read;
  const Release release = read.good(ServicesByFlags{
      .cluster = "prod",
      .services = {"web", "worker"},
      .images = {{"", "shop:2"}, {"worker/app", "worker:2"}, {"metrics", "metrics:3"}},
      .max_wait = std::chrono::minutes(5)});
  EXPECT_EQ(release.cluster, "prod");
  ASSERT_EQ(release.services.size(), 2u);
  EXPECT_EQ(
      release.services[0],
      (ServiceRelease{.name = "web",
                      .images = {{"", NewImage{"shop:2"}}, {"metrics", NewImage{"metrics:3"}}},
                      .max_wait = std::chrono::minutes(5)}));
  EXPECT_EQ(release.services[1].images,
            (std::vector<ImageChange>{{"", NewImage{"shop:2"}},
                                      {"app", NewImage{"worker:2"}},
                                      {"metrics", NewImage{"metrics:3"}}}));
  EXPECT_EQ(release.on_failure, OnFailure::kRollback);
}

TEST(ServicesByFlags, GiveTheTagToTheContainersNamedOrToTheOnlyOne) {
  Read read;
  EXPECT_EQ(read.good(ServicesByFlags{.cluster = "prod", .services = {"web"}, .tag = "v2"})
                .services.front()
                .images,
            (std::vector<ImageChange>{{"", NewTag{"v2"}}}));
  EXPECT_EQ(
      read
          .good(ServicesByFlags{
              .cluster = "prod", .services = {"web"}, .tag = "v2", .containers = {"app", "side"}})
          .services.front()
          .images,
      (std::vector<ImageChange>{{"app", NewTag{"v2"}}, {"side", NewTag{"v2"}}}));
}

TEST(ServicesByFlags, TakeADefinitionByReferenceOrFromAFile) {
  Read read;
  read.files["/app/web.json"] =
      R"({"taskDefinition": {"family": "web", "containerDefinitions": [], "revision": 41,
                             "status": "ACTIVE"}, "tags": []})";
  const auto source = [&](const std::string& text) {
    return read
        .good(ServicesByFlags{.cluster = "prod", .services = {"web"}, .task_definition = text})
        .services.front()
        .task_definition;
  };
  EXPECT_EQ(source("web:41"), TaskDefinitionSource(TaskDefinitionReference{"web:41"}));
  EXPECT_EQ(source("latest"), TaskDefinitionSource(LatestRevision{}));
  EXPECT_EQ(source("live"), TaskDefinitionSource(InUse{}));
  const TaskDefinitionSource whole = source("web.json");
  EXPECT_EQ(to_text(std::get<TaskDefinitionDocument>(whole).document),
            R"({"family":"web","containerDefinitions":[],"tags":[]})");
}

TEST(ServicesByFlags, HoldTheirDefinitionAgainstTheModelOfAws) {
  Read read;
  read.files["/app/web.json"] = R"({"family": "web"})";
  EXPECT_EQ(read.wrong(ServicesByFlags{
                .cluster = "prod", .services = {"web"}, .task_definition = "web.json"}),
            "web.json:1:1: error: containerDefinitions is missing\n"
            "    1 | {\"family\": \"web\"}\n"
            "      | ^^^^^^^^^^^^^^^^^");
}

TEST(ServicesByFlags, AreRefusedWithTheirReason) {
  struct Case {
    ServicesByFlags flags;
    std::string wanted;
  };
  for (const auto& [flags, wanted] : std::vector<Case>{
           {{.services = {"web"}, .tag = "v2"},
            "--cluster: error: it is missing: --service needs a cluster"},
           {{.cluster = "prod", .services = {"web"}},
            "--service: error: nothing is said that should change\n"
            "      = add --image, --tag, --task-definition or --force-new-deployment"},
           {{.cluster = "prod", .services = {"web", "web"}, .tag = "v2"},
            "--service: error: \"web\" is there twice"},
           {{.cluster = "prod", .services = {"web"}, .tag = "no tag"},
            "--tag: error: \"no tag\" is neither a tag nor a sha256: digest"},
           {{.cluster = "prod", .services = {"web"}, .images = {{"", "UPPER CASE"}}},
            "--image: error: cannot read the image \"UPPER CASE\": its repository name is not made "
            "of letters, digits, '.', '_' and '-'"},
           {{.cluster = "prod", .services = {"web"}, .images = {{"wbe/app", "shop:2"}}},
            "--image: error: \"wbe\" is none of what is released: web\n      = did you mean web?"},
           {{.cluster = "prod", .services = {"web"}, .images = {{"", "shop:2"}}, .tag = "3"},
            "--tag: error: --tag and an --image without a container's name exclude each other\n"
            "      = say the tag in the image"},
           {{.cluster = "prod",
             .services = {"web"},
             .containers = {"app"},
             .forceNewDeployment = true},
            "--container: error: it says which containers get the --tag, and there is none"},
           {{.cluster = "prod", .services = {"web"}, .task_definition = "missing.json"},
            "--task-definition: error: /app/missing.json is not there"},
       }) {
    SCOPED_TRACE(wanted);
    Read read;
    EXPECT_EQ(read.wrong(flags), wanted);
  }
}

TEST(TaskByFlags, IsATaskAlone) {
  Read read;
  const Release release = read.good(TaskByFlags{.cluster = "prod",
                                                .task_definition = "shop-migrate:3",
                                                .changes = {.command = {"bin/migrate", "--to", "9"},
                                                            .environment = {{"A", "1"}},
                                                            .cpu = "512",
                                                            .count = 2,
                                                            .capacityProvider = "FARGATE_SPOT",
                                                            .group = "nightly",
                                                            .subnets = {"subnet-1"},
                                                            .assignPublicIp = true}});
  ASSERT_EQ(release.tasks_before.size(), 1u);
  const TaskRun& run = release.tasks_before.front();
  EXPECT_EQ(run.name, "shop-migrate");
  EXPECT_TRUE(run.essential_only);
  EXPECT_EQ(run.count, 2);
  EXPECT_EQ(run.group, "nightly");
  EXPECT_EQ(run.overrides, (Json{{"cpu", "512"}}));
  EXPECT_EQ(run.container_override, (ContainerOverride{.container = "",
                                                       .command = {"bin/migrate", "--to", "9"},
                                                       .environment = {{"A", "1"}}}));
  EXPECT_EQ(run.capacityProviderStrategy.front().capacityProvider, "FARGATE_SPOT");
  EXPECT_EQ(
      run.awsvpcConfiguration,
      (AwsvpcConfiguration{.subnets = {"subnet-1"}, .securityGroups = {}, .assignPublicIp = true}));
}

TEST(TaskByFlags, TakesANetworkConfigurationAsTheAwsCliDoes) {
  Read read;
  const Release release = read.good(
      TaskByFlags{.cluster = "prod",
                  .task_definition = "migrate",
                  .changes = {.networkConfiguration = parse_json(R"({"awsvpcConfiguration": {
          "subnets": ["a", "b"], "securityGroups": ["c"], "assignPublicIp": "ENABLED"}})")
                                                          .value()}});
  EXPECT_EQ(release.tasks_before.front().awsvpcConfiguration,
            (AwsvpcConfiguration{
                .subnets = {"a", "b"}, .securityGroups = {"c"}, .assignPublicIp = true}));
}

TEST(TaskByFlags, IsRefusedWithItsReason) {
  struct Case {
    TaskByFlags flags;
    std::string wanted;
  };
  for (const auto& [flags, wanted] : std::vector<Case>{
           {{.task_definition = "migrate"},
            "--cluster: error: it is missing: --task-definition needs a cluster"},
           {{.cluster = "prod", .task_definition = "latest"},
            "--task-definition: error: a task has no revision of its own\n"
            "      = name the family: a bare family is its newest revision"},
           {{.cluster = "prod",
             .task_definition = "migrate",
             .changes = {.launchType = "FARGATE", .capacityProvider = "FARGATE_SPOT"}},
            "--capacity-provider: error: --launch-type and --capacity-provider exclude each other"},
           {{.cluster = "prod",
             .task_definition = "migrate",
             .changes = {.securityGroups = {"sg-1"}}},
            "--subnets: error: a task with a network of its own needs at least one subnet"},
       }) {
    SCOPED_TRACE(wanted);
    Read read;
    EXPECT_EQ(read.wrong(flags), wanted);
  }
}

Release file() {
  Release release{.application = "shop", .cluster = "prod"};
  release.tasks_before.push_back(
      {.name = "migrate", .images = {{"app", NewTag{"1"}}}, .launchType = "FARGATE"});
  release.tasks_after.push_back({.name = "clean-up"});
  release.services.push_back({.name = "web"});
  return release;
}

TEST(TaskOfAFile, IsTheOneNamedWithItsChanges) {
  Diagnostics diagnostics;
  const auto release = task_of(file(), "migrate",
                               {.tag = "2", .containers = {"app"}, .command = {"x"}}, diagnostics);
  ASSERT_TRUE(release);
  EXPECT_EQ(release->application, "shop");
  EXPECT_TRUE(release->services.empty());
  ASSERT_EQ(release->tasks_before.size(), 1u);
  const TaskRun& run = release->tasks_before.front();
  EXPECT_EQ(run.images, (std::vector<ImageChange>{{"app", NewTag{"2"}}}));
  EXPECT_EQ(run.launchType, "FARGATE");
  EXPECT_EQ(run.container_override->container, "app");
}

TEST(TaskOfAFile, HasToBeKnown) {
  const auto wrong = [](const Release& release, const std::string& name) {
    Diagnostics diagnostics;
    EXPECT_FALSE(task_of(release, name, {}, diagnostics));
    return to_string(diagnostics.all().front());
  };
  EXPECT_EQ(wrong(file(), ""),
            "run: error: the file has several tasks; say which: migrate, clean-up");
  EXPECT_EQ(wrong(file(), "migrat"),
            "run: error: the file has no task named \"migrat\"\n      = did you mean migrate?");
  EXPECT_EQ(
      wrong(file(), "nonsense"),
      "run: error: the file has no task named \"nonsense\"\n      = it has migrate, clean-up");
  EXPECT_EQ(
      wrong(Release{}, ""),
      "run: error: the file has no tasks\n      = name one with --cluster and --task-definition");
}

TEST(Commands, AreSplitAsAShellSplitsThem) {
  struct Case {
    std::string text;
    std::optional<std::vector<std::string>> wanted;
  };
  using Words = std::vector<std::string>;
  for (const auto& [text, wanted] : std::vector<Case>{
           {"bin/migrate", Words{"bin/migrate"}},
           {"  bin/migrate   --to 9 ", Words{"bin/migrate", "--to", "9"}},
           {"sh -c 'a \"b\" c'", Words{"sh", "-c", "a \"b\" c"}},
           {"say \"two words\" ''", Words{"say", "two words", ""}},
           {"a\\ b \"c\\\"d\"", Words{"a b", "c\"d"}},
           {R"(["sh", "-c", "a b"])", Words{"sh", "-c", "a b"}},
           {"", Words{}},
           {"open 'quote", std::nullopt},
           {R"(["sh", 1])", std::nullopt},
           {"[broken", std::nullopt},
       }) {
    SCOPED_TRACE(text);
    EXPECT_EQ(split_command(text), wanted);
  }
}

}  // namespace
}  // namespace slipway
