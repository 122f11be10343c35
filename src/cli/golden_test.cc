// Stories end to end: each folder of tests/golden holds files, a scenario, the arguments, and what
// must come of it: `screen` (stderr, stdout, exit status) and `calls` (every changing call with its
// input, and how often each other one was made). Each line of `arguments` is a command; the next
// one finds the world as the one before has left it. `interrupted` has the seconds after which a
// person types Ctrl-C during the first. UPDATE_GOLDEN=1 rewrites them; the diff is reviewed like
// code.
#include "base/signals.h"
#include "cli/session.h"
#include "cli/world_for_test.h"

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <iterator>
#include <map>
#include <memory>
#include <set>
#include <sstream>

namespace slipway::cli {
namespace {

const std::set<std::string> kNoFiles = {"arguments", "interrupted", "screen", "calls"};

std::vector<std::string> stories() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(SLIPWAY_SOURCE_DIR "/tests/golden"))
    if (entry.is_directory()) names.push_back(entry.path().filename().string());
  std::ranges::sort(names);
  return names;
}

bool changes(const std::string& operation) {
  constexpr std::string_view kChanging[] = {"RegisterTaskDefinition",
                                            "UpdateService",
                                            "RunTask",
                                            "PutTargets",
                                            "RemoveTargets",
                                            "UpdateSchedule",
                                            "Publish",
                                            "StopServiceDeployment",
                                            "ContinueServiceDeployment",
                                            "DeregisterTaskDefinition",
                                            "CreateTaskSet",
                                            "UpdateTaskSet",
                                            "DeleteTaskSet",
                                            "UpdateServicePrimaryTaskSet",
                                            "ModifyRule",
                                            "ModifyListener",
                                            "CreateDeployment",
                                            "ContinueDeployment",
                                            "StopDeployment",
                                            "CreateTable",
                                            "CreateStack",
                                            "DeleteStack"};
  return std::ranges::find(kChanging, operation) != std::end(kChanging);
}

// Templates are held against stored ones elsewhere (ecs_crd_file_test.cc).
Json without_template(Json input) {
  if (JsonObject* members = input.if_object()) members->erase("TemplateBody");
  return input;
}

std::string calls_of(const CommandLine& line) {
  std::string text;
  std::map<std::string, int> looks;
  for (const SentCall& call : line.calls) {
    if (changes(call.operation))
      text += call.operation + " " + to_text(without_template(call.input)) + "\n";
    else
      ++looks[call.operation];
  }
  for (const auto& [operation, count] : looks)
    text += std::to_string(count) + " x " + operation + "\n";
  return text;
}

class Golden : public testing::TestWithParam<std::string> {};

TEST_P(Golden, ComesOutAsBefore) {
  const std::filesystem::path folder =
      std::filesystem::path(SLIPWAY_SOURCE_DIR "/tests/golden") / GetParam();
  CommandLine line;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    if (!kNoFiles.contains(name)) line.file(name, read_file(entry.path()).value());
  }
  std::vector<std::vector<std::string>> commands;
  std::istringstream lines(read_file(folder / "arguments").value());
  for (std::string text; std::getline(lines, text);) {
    std::istringstream words(text);
    commands.emplace_back(std::istream_iterator<std::string>(words),
                          std::istream_iterator<std::string>());
  }
  line.goes_on = commands.size() > 1;
  std::unique_ptr<Group> person;
  const std::string interrupted = read_file(folder / "interrupted").value_or("");
  if (!interrupted.empty())
    line.on_session = [&, after = std::chrono::seconds(std::stoi(interrupted))](Session& session) {
      person = std::make_unique<Group>(session.runtime().fibers);
      person->spawn("a person", [&session, after] {
        (void)session.runtime().clock().sleep_for(after);
        session.signals().raise(SIGINT);
      });
    };
  std::map<std::string, std::string> results;
  for (const std::vector<std::string>& arguments : commands) {
    line.run(arguments);
    person.reset();
    line.on_session = {};
    if (line.goes_on) {
      std::string command = "$ slipway";
      for (const std::string& word : arguments) command += " " + word;
      for (const char* file : {"screen", "calls"}) results[file] += command + "\n";
    }
    results["screen"] +=
        line.err + "---- stdout\n" + line.out + "---- exit " + std::to_string(line.status) + "\n";
    results["calls"] += calls_of(line);
  }
  for (const auto& [name, text] : results) {
    if (std::getenv("UPDATE_GOLDEN") != nullptr) {
      ASSERT_TRUE(write_file(folder / name, text));
      continue;
    }
    EXPECT_EQ(text, read_file(folder / name).value_or("")) << folder / name;
  }
}

INSTANTIATE_TEST_SUITE_P(Stories, Golden, testing::ValuesIn(stories()), [](const auto& story) {
  std::string name = story.param;
  std::ranges::replace(name, '-', '_');
  return name;
});

}  // namespace
}  // namespace slipway::cli
