// The first four acceptance items of ecs-crd: its command line, before any AWS is asked.
#include "cli/world_for_test.h"

#include <gmock/gmock.h>

namespace slipway::cli {
namespace {

using testing::HasSubstr;
using testing::MatchesRegex;

// A file that says enough to be asked about, and an AWS that only keeps what it is asked.
struct NoWorld {
  NoWorld() {
    line.environment.set("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE");
    line.environment.set("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY");
    line.answer = [this](const HttpRequest& request) -> Result<HttpResponse> {
      asked.push_back(request.url);
      return HttpResponse{.status = 403,
                          .headers = {},
                          .body =
                              "<ErrorResponse><Error><Code>AccessDenied</Code><Message>no"
                              "</Message></Error></ErrorResponse>"};
    };
    line.file("deploy/stage.deploy.yml", kFile);
  }

  int run(std::vector<std::string> arguments) { return line.run(std::move(arguments), "ecs-crd"); }

  static constexpr const char* kFile =
      "canary: {group: public, releases: {blue: '1', green: '2'}}\nservice: {name: shop}\n";
  CommandLine line;
  std::vector<std::string> asked;
};

TEST(EcsCrdAcceptance, Item01_VersionAndHelpListEverything) {
  NoWorld world;
  CommandLine& line = world.line;
  auto& asked = world.asked;
  const auto run = [&](std::vector<std::string> arguments) { return world.run(arguments); };
  for (const auto& arguments : std::vector<std::vector<std::string>>{{"version"}, {"--version"}}) {
    EXPECT_EQ(run(arguments), 0);
    EXPECT_THAT(line.out, MatchesRegex("ecs-crd: canary releases on Amazon ECS - [0-9.]+\n"));
  }
  EXPECT_EQ(run({"--help"}), 0);
  for (const char* word : {"deploy", "undeploy", "dry-run", "validate", "version"})
    EXPECT_THAT(line.out, HasSubstr("\n  " + std::string(word)));
  for (const char* command : {"deploy", "undeploy", "dry-run", "validate"}) {
    EXPECT_EQ(run({command, "--help"}), 0);
    for (const char* option :
         {"-e, --environment", "-r, --region", "-f, --configuration-file",
          "-d, --configuration-dir", "--verbose", "--log-file", "--yes", "--keep-logs",
          "--replace-leftover", "--strict", "--wait-lock SECONDS", "--save-plan", "--profile",
          "--output", "--assume-live"})
      EXPECT_THAT(line.out, HasSubstr(option));
  }
  EXPECT_TRUE(asked.empty());
}

TEST(EcsCrdAcceptance, Item02_EachMistakeIsOneLineAndMakesNoCall) {
  NoWorld world;
  CommandLine& line = world.line;
  auto& asked = world.asked;
  const auto run = [&](std::vector<std::string> arguments) { return world.run(arguments); };
  struct Case {
    std::vector<std::string> arguments;
    std::string message;
  };
  for (const auto& [arguments, message] : std::vector<Case>{
           {{"deploy", "-e", "foo"},
            "--environment: \"foo\" is none of dev, qua, stage, preprod or prod"},
           {{"deploy", "-r", "nowhere"},
            "--region: \"nowhere\" is no region; one looks like eu-west-3"},
           {{"deploy", "-d", "/absent"}, "there is no directory /absent"},
           {{"deploy", "-f", "/absent"}, "there is no deployment file /absent"},
           {{"deploy", "-f", "deploy"}, "deploy is a directory; --configuration-dir takes those"},
           {{"deploy"}, "there is no deployment file stage.deploy.yml in the working directory"},
           {{"deploy", "-d", "deploy", "-e", "prod"},
            "there is no deployment file prod.deploy.yml in deploy/"},
           {{"deplyo"}, "unknown command \"deplyo\", did you mean deploy?"},
           {{"deploy", "--enviroment", "prod"},
            "unknown flag: --enviroment, did you mean --environment?"},
           {{"deploy", "now"}, "unknown argument \"now\""},
           {{"deploy", "-d", "deploy", "--wait-lock", "soon"},
            "--wait-lock: expected a whole number of seconds of 0 or more, found \"soon\""},
           {{"deploy", "-d", "deploy", "--output", "xml"},
            "--output: expected text or json, found \"xml\""},
           {{"dry-run", "-d", "deploy", "--report", "x.html"},
            "--report is about a run, and a dry run does nothing"},
           {{}, "one of deploy, undeploy, dry-run, validate and version is required"},
       }) {
    SCOPED_TRACE(testing::PrintToString(arguments));
    EXPECT_EQ(run(arguments), 2);
    EXPECT_EQ(line.err, "ecs-crd: error: " + message + "\n");
    EXPECT_TRUE(asked.empty());
  }
}

TEST(EcsCrdAcceptance, Item03_TheFileIsFoundByEnvironmentInTheDirectory) {
  NoWorld world;
  CommandLine& line = world.line;
  auto& asked = world.asked;
  const auto run = [&](std::vector<std::string> arguments) { return world.run(arguments); };
  const auto asks = [&](std::vector<std::string> arguments) {
    asked.clear();
    EXPECT_EQ(run(std::move(arguments)), 1);
    return asked.empty() ? std::string() : asked.front();
  };
  const std::string paris = "https://sts.eu-west-3.amazonaws.com/";
  EXPECT_EQ(asks({"dry-run", "-d", "deploy"}), paris);
  EXPECT_EQ(asks({"dry-run", "-d", "deploy/"}), paris);
  EXPECT_EQ(asks({"dry-run", "-d", "/absent", "-f", "deploy/stage.deploy.yml"}), paris);
  line.file("stage.deploy.yml", NoWorld::kFile);
  EXPECT_EQ(asks({"dry-run"}), paris);
  // Whatever else the environment says.
  line.environment.set("AWS_REGION", "us-east-1");
  EXPECT_EQ(asks({"dry-run"}), paris);
}

TEST(EcsCrdAcceptance, Item04_FiveEnvironmentsAndEveryRegion) {
  NoWorld world;
  CommandLine& line = world.line;
  auto& asked = world.asked;
  const auto run = [&](std::vector<std::string> arguments) { return world.run(arguments); };
  for (const std::string environment : {"dev", "qua", "stage", "preprod", "prod"}) {
    line.file(environment + ".deploy.yml", NoWorld::kFile);
    EXPECT_EQ(run({"dry-run", "-e", environment, "-r", "me-south-1"}), 1) << line.err;
    EXPECT_EQ(asked.back(), "https://sts.me-south-1.amazonaws.com/");
  }
}

}  // namespace
}  // namespace slipway::cli
