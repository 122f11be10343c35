// --report as a user types it, on a simulated AWS: when the page is there, and what is said when it
// cannot be.
#include "cli/world_for_test.h"
#include "execute/journal.h"

#include <gmock/gmock.h>

namespace slipway::cli {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

using Words = std::vector<std::string>;

constexpr const char* kApplication = R"(slipway: 1
application: shop
cluster: prod
services:
  web: {image: {app: "registry.example/shop-web:{tag}"}}
)";

struct Shop : CommandLine {
  Shop() { file("slipway.yml", kApplication); }
  int deploy(const std::string& report, const std::string& scenario = "shop") {
    return run({"deploy", "--tag", "v2", "--report", report, "--sim", scenario});
  }
  std::string page(const std::string& name = "release.html") const {
    return read_file(directory() / name).value_or("");
  }
  Words files() const {
    Words names;
    for (const auto& entry : std::filesystem::directory_iterator(directory()))
      if (entry.path().filename() != "slipway.yml") names.push_back(entry.path().filename());
    return names;
  }
};

TEST(Report, IsWrittenWhenTheReleaseHasSucceeded) {
  Shop shop;
  EXPECT_EQ(shop.deploy("release.html"), 0);
  EXPECT_THAT(shop.page(), AllOf(HasSubstr("<h1>deploy shop on cluster prod (simulated)</h1>"),
                                 HasSubstr("shop-web:1 \u2192 shop-web:2")));
  EXPECT_THAT(shop.files(), ElementsAre("release.html"));
}

TEST(Report, ReplacesTheOneBefore) {
  Shop shop;
  shop.file("release.html", "old");
  EXPECT_EQ(shop.deploy("release.html"), 0);
  EXPECT_THAT(shop.page(), StartsWith("<!DOCTYPE html>"));
}

TEST(Report, IsWrittenWhenTheReleaseHasFailed) {
  Shop shop;
  EXPECT_EQ(shop.deploy("release.html", "image-missing"), 6);
  EXPECT_THAT(shop.page(), HasSubstr("rolled back by the circuit breaker"));
  EXPECT_THAT(shop.page(), HasSubstr("CannotPullContainerError"));
}

TEST(Report, IsWrittenWhenThereIsNothingToReleaseTo) {
  Shop shop;
  shop.environment.set("AWS_REGION", "eu-west-1");
  shop.environment.set("AWS_EC2_METADATA_DISABLED", "true");
  EXPECT_EQ(shop.run({"deploy", "--tag", "v2", "--report", "release.html"}), 10);
  EXPECT_THAT(shop.page(), HasSubstr("failed to start"));
}

TEST(Report, ThatCannotBeWrittenStopsTheReleaseBeforeItsFirstCall) {
  struct Case {
    std::string file;
    std::string wanted;
  };
  Shop shop;
  std::filesystem::create_directory(shop.directory() / "folder");
  for (const auto& [name, wanted] : {
           Case{"folder", "error: --report folder: it is a folder; name a file in it\n"},
           Case{"nowhere/release.html",
                "error: --report nowhere/release.html: it cannot be written: no such file or "
                "directory\n"},
           Case{"/dev/null", "error: --report /dev/null: it is no regular file\n"},
       }) {
    EXPECT_EQ(shop.deploy(name), 2);
    EXPECT_EQ(shop.err, wanted);
    EXPECT_THAT(shop.calls, IsEmpty());
  }
  EXPECT_THAT(shop.files(), ElementsAre("folder"));
}

TEST(Report, OfADryRunIsAMistake) {
  Shop shop;
  EXPECT_EQ(shop.run({"deploy", "--tag", "v2", "--dry-run", "--report", "release.html", "--sim"}),
            2);
  EXPECT_EQ(shop.err,
            "error: --dry-run and --report exclude each other: nothing is run\n"
            "See `slipway deploy --help`.\n");
}

TEST(Report, ShowsTheTaskThatWasRun) {
  Shop shop;
  EXPECT_EQ(shop.run({"run", "--cluster", "prod", "--task-definition", "shop-migrate",
                      "--launch-type", "FARGATE", "--subnets", "subnet-1", "--report",
                      "release.html", "--sim", "migration-fails"}),
            5);
  EXPECT_THAT(shop.page(), AllOf(HasSubstr("<h1>run on cluster prod (simulated)</h1>"),
                                 HasSubstr("app exit 3")));
}

TEST(Report, IsAnAdditionToTheOtherToolsCommandLines) {
  struct Case {
    std::string name;
    Words words;
    std::string file;
    std::string text;
    std::string wanted;
  };
  for (const auto& [name, words, file, text, wanted] : {
           Case{"ecs-deploy",
                {"-c", "prod", "-n", "web", "-i", "registry.example/shop-web:2.0"},
                "",
                "",
                "<h1>ecs-deploy on cluster prod (simulated)</h1>"},
           Case{"ecs-toolkit",
                {"deploy", "-t", "2.0"},
                ".ecs-toolkit.yml",
                "version: v1\ncluster: prod\nservices:\n- name: web\n  containers: [app]\n",
                "<h1>deploy on cluster prod (simulated)</h1>"},
           Case{"ecs-task",
                {"deploy", "2.0"},
                "ecs-task.yml",
                "name: WebDev\ntask_definition: {family: web, containerDefinitions: [{name: app, "
                "memory: 128, "
                "image: \"web:{image_tag}\"}]}\n",
                "<h1>ecs-task deploy"},
       }) {
    SCOPED_TRACE(name);
    Shop shop;
    if (!file.empty()) shop.file(file, text);
    Words all = words;
    all.insert(all.end(), {"--sim", "--report", "release.html"});
    EXPECT_EQ(shop.run(all, name), 0) << shop.screen;
    EXPECT_THAT(shop.page(), HasSubstr(wanted));
    all.back() = "nowhere/release.html";
    EXPECT_NE(shop.run(all, name), 0);
    EXPECT_THAT(shop.err, HasSubstr("error: --report nowhere/release.html: it cannot be written: "
                                    "no such file or directory\n"));
    EXPECT_THAT(shop.calls, IsEmpty());
    all.back() = "dry.html";
    if (name == "ecs-toolkit") continue;  // has no dry run
    all.emplace_back("--dry-run");
    EXPECT_NE(shop.run(all, name), 0);
    EXPECT_THAT(shop.err, HasSubstr("--dry-run and --report exclude each other: nothing is run"));
  }
}

TEST(Report, DrawsTheTrafficOfACanaryRelease) {
  CommandLine line;
  EXPECT_EQ(line.run({"deploy", "-f", SLIPWAY_SOURCE_DIR "/examples/canary/stage.deploy.yml",
                      "--sim", "--report", "release.html"},
                     "ecs-crd"),
            0)
      << line.err;
  EXPECT_THAT(read_file(line.directory() / "release.html").value_or(""),
              AllOf(HasSubstr("<h3>the release</h3>"),
                    HasSubstr("aria-label=\"Share of traffic of the new side: from ")));
}

// ---- The past ----------------------------------------------------------------------------------

constexpr TimePoint kStart{std::chrono::seconds(1'767'225'600)};

struct Past : Shop {
  explicit Past(const Words& runs) {
    for (const std::string& run : runs) {
      Result<Journal> journal =
          Journal::create(*journal_directory(environment, "shop"), run, {.host = "here"});
      EXPECT_TRUE(journal->append(
          {kStart, {}, RunStarted{.run_id = run, .command = "deploy", .cluster = "prod"}}));
    }
  }
};

TEST(ReportOfThePast, IsDrawnFromTheJournal) {
  Past past({"20260101T000000Z-0001", "20260102T000000Z-0002"});
  EXPECT_EQ(past.run({"history", "20260101T000000Z-0001", "--report", "old.html"}), 0);
  EXPECT_EQ(past.out, "old.html\n");
  EXPECT_THAT(past.page("old.html"), HasSubstr("20260101T000000Z-0001"));
}

TEST(ReportOfThePast, IsOfTheNewestRunWhereNoneIsNamed) {
  Past past({"20260101T000000Z-0001", "20260102T000000Z-0002"});
  EXPECT_EQ(past.run({"history", "--report", "old.html"}), 0);
  EXPECT_THAT(past.page("old.html"),
              AllOf(HasSubstr("20260102T000000Z-0002"), Not(HasSubstr("20260101T000000Z-0001"))));
}

TEST(ReportOfThePast, NamesTheRunsThatThereAre) {
  Past past({"20260101T000000Z-0001", "20260102T000000Z-0002"});
  EXPECT_EQ(past.run({"history", "20260101", "--report", "old.html"}), 2);
  EXPECT_EQ(past.err,
            "error: there is no journal of a run \"20260101\" on this machine\n"
            "The newest are 20260102T000000Z-0002 (shop)\n"
            "               20260101T000000Z-0001 (shop)\n");
}

TEST(ReportOfThePast, SaysWhereAJournalIsDamaged) {
  Shop shop;
  shop.file("run.jsonl", "{\"schema\":1}\n");
  EXPECT_EQ(shop.run({"history", "run.jsonl", "--report", "old.html"}), 2);
  EXPECT_THAT(shop.err, HasSubstr("run.jsonl:1: "));
}

TEST(ReportOfThePast, NeedsAPast) {
  Shop shop;
  EXPECT_EQ(shop.run({"history", "--report", "old.html"}), 2);
  EXPECT_EQ(shop.err, "error: there is no journal of a run on this machine\n");
  EXPECT_EQ(shop.run({"history", "one", "two", "--report", "old.html"}), 2);
  EXPECT_EQ(shop.err, "error: --report is about one run, and there are several words\n");
}

}  // namespace
}  // namespace slipway::cli
