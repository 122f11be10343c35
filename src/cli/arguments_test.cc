#include "cli/arguments.h"

#include "base/text.h"
#include "cli/exit_status.h"

#include <gtest/gtest.h>

namespace slipway::cli {
namespace {

using Words = std::vector<std::string>;

Arguments parsed(const Words& words) {
  const std::variant<Arguments, Exit> result = parse_arguments(words);
  if (const auto* exit = std::get_if<Exit>(&result)) {
    ADD_FAILURE() << testing::PrintToString(words) << ": " << exit->err << exit->out;
    return {};
  }
  return std::get<Arguments>(result);
}

Exit ended(const Words& words) {
  const std::variant<Arguments, Exit> result = parse_arguments(words);
  if (!std::holds_alternative<Exit>(result)) {
    ADD_FAILURE() << testing::PrintToString(words) << " was accepted";
    return {};
  }
  return std::get<Exit>(result);
}

TEST(Arguments, OfDeployAreRead) {
  const Arguments arguments = parsed(
      {"deploy",     "-f",        "a.yml",        "--tag",          "v2",   "--image",
       "app=shop:3", "--image",   "web/side=s:1", "--only",         "web",  "--skip-tasks-after",
       "--no-wait",  "--timeout", "20m",          "--max-parallel", "4",    "--region",
       "eu-west-1",  "--output",  "plain",        "--log-format",   "json", "--color",
       "never",      "-v"});
  EXPECT_EQ(arguments.command, "deploy");
  EXPECT_EQ(arguments.file, "a.yml");
  EXPECT_EQ(arguments.tag, "v2");
  EXPECT_EQ(arguments.images, (std::vector<std::pair<std::string, std::string>>{
                                  {"app", "shop:3"}, {"web/side", "s:1"}}));
  EXPECT_EQ(arguments.only, Words{"web"});
  EXPECT_FALSE(arguments.skip_tasks_before);
  EXPECT_TRUE(arguments.skip_tasks_after);
  EXPECT_FALSE(arguments.wait);
  EXPECT_EQ(arguments.timeout, Duration(std::chrono::minutes(20)));
  EXPECT_EQ(arguments.max_parallel, 4u);
  EXPECT_EQ(arguments.output, OutputKind::kPlain);
  EXPECT_EQ(arguments.log_format, LogFormat::kJson);
  EXPECT_EQ(arguments.color, ColorWhen::kNever);
  EXPECT_TRUE(arguments.verbose);
  EXPECT_FALSE(arguments.sim);
}

TEST(Arguments, TakeASimulationWithOrWithoutAScenario) {
  EXPECT_EQ(parsed({"deploy", "--sim"}).sim, "");
  EXPECT_EQ(parsed({"deploy", "--sim", "--tag", "v2"}).sim, "");
  EXPECT_EQ(parsed({"deploy", "--sim", "image-missing"}).sim, "image-missing");
  EXPECT_EQ(parsed({"deploy", "--sim=a.yml", "--speed", "30"}).speed, 30);
}

TEST(Arguments, OfTheSimulatorAndTheLookersAreRead) {
  const Arguments serve = parsed({"sim", "serve", "--port", "5599", "--speed", "60", "--scenario",
                                  "s.yml", "--check-signatures", "--for", "10s"});
  EXPECT_EQ(serve.command, "sim serve");
  EXPECT_EQ(serve.port, 5599);
  EXPECT_EQ(serve.speed, 60);
  EXPECT_TRUE(serve.check_signatures);
  EXPECT_EQ(serve.serve_for, Duration(std::chrono::seconds(10)));
  EXPECT_EQ(parsed({"sim", "scenario", "check", "s.yml"}).scenario, "s.yml");
  const Arguments wait = parsed({"wait", "--cluster", "prod", "web", "api=ecs-svc/12"});
  EXPECT_EQ(wait.services, (Words{"web", "api=ecs-svc/12"}));
  const Arguments back = parsed(
      {"rollback", "-s", "web", "--service", "api", "--to", "web:1", "--to", "api:2", "--dry-run"});
  EXPECT_EQ(back.services, (Words{"web", "api"}));
  EXPECT_EQ(back.to, (Words{"web:1", "api:2"}));
  EXPECT_TRUE(back.dry_run);
  EXPECT_EQ(parsed({"--version"}).command, "version");
}

TEST(Arguments, ThatAreWrongAreToldWithASuggestion) {
  struct Case {
    Words words;
    std::string wanted;
  };
  for (const auto& [words, wanted] : std::vector<Case>{
           {{"deplyo"},
            "error: unknown command \"deplyo\"\n  did you mean deploy?\nSee `slipway --help`.\n"},
           {{"deploy", "--tga=x"},
            "error: `slipway deploy` does not take --tga=x\n  did you mean --tag?\nSee `slipway "
            "deploy --help`.\n"},
           {{"deploy", "--tg", "v2"},
            "error: `slipway deploy` does not take --tg v2\n  did you mean --tag?\nSee `slipway "
            "deploy --help`.\n"},
           {{"prune", "--keep", "0"},
            "error: --keep: Value 0 not in range 1 to 1000000\nSee `slipway prune --help`.\n"},
           {{"deploy", "--timeout", "5"},
            "error: --timeout: expected a duration such as 90s, 15m or 1h30m, found \"5\"\nSee "
            "`slipway deploy --help`.\n"},
           {{"deploy", "--image", "app"},
            "error: --image: expected NAME=REF, found \"app\"\nSee `slipway deploy --help`.\n"},
           {{"deploy", "--output", "loud"},
            "error: --output: expected one of auto|live|plain|json, found \"loud\"\nSee `slipway "
            "deploy --help`.\n"},
           {{"deploy", "-q", "-v"},
            "error: --quiet and --verbose exclude each other\nSee `slipway deploy --help`.\n"},
       }) {
    SCOPED_TRACE(testing::PrintToString(words));
    const Exit exit = ended(words);
    EXPECT_EQ(exit.status, kUsageOrFile);
    EXPECT_EQ(exit.err, wanted);
    EXPECT_EQ(exit.out, "");
  }
}

TEST(Arguments, AskedForHelpPrintItOnStdout) {
  for (const Words& words : {Words{"--help"}, Words{"-h"}, Words{"deploy", "--help"},
                             Words{"help", "deploy"}, Words{"sim", "serve", "-h"}, Words{"help"}}) {
    SCOPED_TRACE(testing::PrintToString(words));
    const Exit exit = ended(words);
    EXPECT_EQ(exit.status, kDone);
    EXPECT_EQ(exit.err, "");
    EXPECT_NE(exit.out.find("Usage:"), std::string::npos);
  }
  EXPECT_NE(ended({"help", "deploy"}).out.find("--max-parallel"), std::string::npos);
}

TEST(Arguments, AreShownInHelpAsTheyAreTyped) {
  for (const auto& [words, wanted] : std::vector<std::pair<Words, std::string>>{
           {{"--help"}, "Usage: slipway [OPTIONS] [SUBCOMMAND]\n"},
           {{"deploy", "--help"}, "Usage: slipway deploy [OPTIONS]\n"},
           {{"help", "deploy"}, "Usage: slipway deploy [OPTIONS]\n"},
           {{"sim", "serve", "-h"}, "Usage: slipway sim serve [OPTIONS]\n"},
           {{"sim", "scenario", "check", "-h"},
            "Usage: slipway sim scenario check [OPTIONS] file\n"},
       }) {
    SCOPED_TRACE(testing::PrintToString(words));
    const std::string help = ended(words).out;
    const std::size_t begin = help.find("Usage:");
    EXPECT_EQ(help.substr(begin, help.find('\n', begin) + 1 - begin), wanted);
  }
}

// Every page of help: the program's, and those of all its commands.
std::vector<Words> pages_of_help() {
  std::vector<Words> pages{{"--help"}};
  for (const char* command : {"deploy", "plan", "rollback", "status", "wait", "run", "stop",
                              "continue", "history", "prune", "sim", "version", "completion"})
    pages.push_back({command, "--help"});
  pages.push_back({"sim", "serve", "--help"});
  pages.push_back({"sim", "scenario", "--help"});
  pages.push_back({"sim", "scenario", "check", "--help"});
  return pages;
}

TEST(Arguments, HaveHelpThatFitsAScreen) {
  for (const Words& words : pages_of_help()) {
    SCOPED_TRACE(testing::PrintToString(words));
    const std::string help = ended(words).out;
    for (const std::string_view line : split(help, '\n')) EXPECT_LE(line.size(), 100u) << line;
    EXPECT_EQ(help.find("\n\n\n"), std::string::npos) << help;
    EXPECT_EQ(help.find(" in ["), std::string::npos) << "a check that names itself: " << help;
  }
}

TEST(Arguments, HaveHelpThatNamesTheOtherToolsAndEveryExitStatus) {
  const std::string help = ended({"--help"}).out;
  for (const char* word : {"  ecs-toolkit ", "  ecs-deploy ", "  ecs-task ", "  ecs-crd "})
    EXPECT_NE(help.find(word), std::string::npos) << word;
  for (const char* word :
       {"0 done", "1 internal error", "2 usage or file", "3 changes found", "4 expectations",
        "5 failed", "6 rolled back", "7 timed out", "8 superseded", "9 stopped", "10 credentials",
        "11 throttled", "12 rollback failed", "130 and 143"})
    EXPECT_NE(help.find(word), std::string::npos) << word;
}

TEST(Completion, KnowsEveryCommandAndOption) {
  for (const char* shell : {"bash", "zsh", "fish"}) {
    SCOPED_TRACE(shell);
    const std::string script = completion_script(shell);
    for (const char* word : {"deploy", "serve", "scenario", "max-parallel", "check-signatures",
                             "ecs-toolkit", "ecs-crd"})
      EXPECT_NE(script.find(word), std::string::npos) << word;
  }
}

}  // namespace
}  // namespace slipway::cli
