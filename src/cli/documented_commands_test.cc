// Every command that the README, the manual and the pages of help show is run, with --sim, in a
// directory that has the README's own file; and every option they name exists. A page that shows
// what does not work fails here.
#include "base/text.h"
#include "cli/world_for_test.h"
#include "execute/journal.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cctype>
#include <fstream>
#include <sstream>

namespace slipway::cli {
namespace {

using Words = std::vector<std::string>;

const std::filesystem::path kSource = SLIPWAY_SOURCE_DIR;

std::vector<std::filesystem::path> pages() {
  std::vector<std::filesystem::path> found{kSource / "README.md", kSource / "CONTRIBUTING.md"};
  for (const char* folder : {"docs", "docs/manual"})
    for (const auto& entry : std::filesystem::directory_iterator(kSource / folder))
      if (entry.path().extension() == ".md") found.push_back(entry.path());
  std::ranges::sort(found);
  return found;
}

struct Shown {
  std::string where;  // "docs/manual/run.md:6"
  std::string typed;  // without the prompt, the comment and the continuations
};

bool is_ours(std::string_view typed) {
  return std::ranges::any_of(
      std::array{"slipway ", "ecs-toolkit ", "ecs-deploy ", "ecs-task ", "ecs-crd "},
      [&](const char* program) { return typed.starts_with(program); });
}

std::string without_comment(const std::string& line) {
  const std::size_t hash = line.find(" #");
  return std::string(trim(hash == std::string::npos ? line : line.substr(0, hash)));
}

// The commands of the page's blocks of code. Transcripts (```console) have tests of their own,
// which hold the screen against them too: manual_test.cc and ecs_task_manual_test.cc.
std::vector<Shown> commands_of(const std::filesystem::path& page) {
  std::vector<Shown> shown;
  std::ifstream lines(page);
  std::optional<std::string> block;  // its language
  std::string name = std::filesystem::relative(page, kSource).string();
  int number = 0;
  for (std::string line; std::getline(lines, line);) {
    ++number;
    if (line.starts_with("```")) {
      block = block ? std::nullopt : std::optional(line.substr(3));
      continue;
    }
    if (!block || *block == "console") continue;
    std::string typed = line.starts_with("$ ") ? line.substr(2) : line;
    if (!is_ours(typed)) continue;
    const std::string where = name + ":" + std::to_string(number);
    typed = without_comment(typed);
    while (typed.ends_with("\\") && std::getline(lines, line)) {
      ++number;
      typed.back() = ' ';
      typed += without_comment(line);
    }
    shown.push_back({where, typed});
  }
  return shown;
}

const Words kCommands{"deploy", "plan",     "rollback", "status", "wait",       "run",
                      "stop",   "continue", "history",  "prune",  "completion", "version"};

// The examples below a page of help.
std::vector<Shown> commands_of_help(const std::string& command) {
  CommandLine line;
  line.run({command, "--help"});
  std::vector<Shown> shown;
  std::istringstream lines(line.out);
  for (std::string text; std::getline(lines, text);)
    if (text.starts_with("  slipway ")) {
      std::string typed = without_comment(text);
      while (typed.ends_with("\\") && std::getline(lines, text))
        typed.replace(typed.size() - 1, 1, " " + without_comment(text));
      shown.push_back({"slipway " + command + " --help", typed});
    }
  return shown;
}

// Words as a shell splits them, as far as the pages need it.
Words words_of(const std::string& typed) {
  Words words;
  std::string word;
  bool is_quoted = false, is_word = false;
  for (const char c : typed) {
    if (c == '"') {
      is_quoted = !is_quoted;
      is_word = true;
    } else if (c == ' ' && !is_quoted) {
      if (is_word) words.push_back(word);
      word.clear();
      is_word = false;
    } else {
      word += c;
      is_word = true;
    }
  }
  if (is_word) words.push_back(word);
  return words;
}

std::string first_block(const std::filesystem::path& page, const std::string& language) {
  const std::string text = read_file(page).value();
  const std::string fence = "```" + language + "\n";
  const std::size_t begin = text.find(fence) + fence.size();
  return text.substr(begin, text.find("```", begin) - begin);
}

// The README's file, beside it the other tools' own, and a world in which something has happened.
class Reader : public CommandLine {
 public:
  Reader() {
    goes_on = true;
    file("slipway.yml", first_block(kSource / "README.md", "yaml"));
    file(".ecs-toolkit.yml",
         "version: v1\ncluster: prod\nservices:\n  - {name: web, containers: [app]}\n");
    std::filesystem::create_directory_symlink(kSource / "examples", directory() / "examples");
  }

  // What must have happened for the command to make sense.
  void prepare(const std::string& typed) {
    if (typed.starts_with("slipway stop")) {
      Words release{"deploy", "--cluster",   "prod", "--service", "web",  "--service",
                    "worker", "--container", "app",  "--sim",     "--tag"};
      release.emplace_back("v1.5");
      expect(0, release);
      release.back() = "v2";
      release.emplace_back("--no-wait");
      expect(0, release);
    } else if (typed.starts_with("slipway continue")) {
      scenario_ = "ecs-canary";
      file("canary.yml",
           "slipway: 1\ncluster: prod\nservices:\n  web:\n    containers: [app]\n    strategy: "
           "{blue_green: {bake: 1m}}\n");
      file("slipway.yml",
           "slipway: 1\ncluster: prod\nservices:\n  web:\n    containers: [app]\n    strategy: "
           "{canary: {steps: [{weight: 0, pause: true}, {weight: 100, bake: 1m}]}}\n");
      expect(0, {"deploy", "-f", "canary.yml", "--tag", "1.1", "--sim", scenario_});
      expect(7, {"deploy", "--tag", "1.2", "--sim", scenario_});
    } else if (typed.starts_with("slipway history") && is_of_this_machine(typed)) {
      for (const char* run : {"20260105T090000Z-10c5", "20260105T100000Z-77a0"}) {
        Result<Journal> journal =
            Journal::create(*journal_directory(environment, "shop"), run, {.host = "here"});
        ASSERT_TRUE(journal->append(
            {TimePoint{}, {}, RunStarted{.run_id = run, .command = "deploy", .cluster = "prod"}}));
      }
    } else if (typed.starts_with("slipway rollback")) {
      expect(0, {"deploy", "--tag", "v1.5", "--skip-tasks", "--sim"});
    }
  }

  int type(const std::string& typed) {
    Words words = words_of(typed);
    const std::string program = words.front();
    words.erase(words.begin());
    // What is redirected to, the shell sees to.
    if (const auto to = std::ranges::find(words, ">"); to != words.end())
      words.erase(to, words.end());
    if (is_simulated(typed)) {
      const std::string sim = scenario_.empty() ? "--sim" : "--sim=" + scenario_;
      words.insert(std::ranges::find(words, "--"), sim);
    }
    return run(words, program);
  }

 private:
  static bool is_of_this_machine(const std::string& typed) {
    return typed.find("--report") != std::string::npos;
  }
  static bool is_simulated(const std::string& typed) {
    return typed.find("--sim") == std::string::npos && !typed.starts_with("slipway completion") &&
           !typed.starts_with("slipway version") &&
           !(typed.starts_with("slipway history") && is_of_this_machine(typed));
  }
  void expect(int wanted, const Words& words) { ASSERT_EQ(run(words), wanted) << screen; }

  std::string scenario_;
};

// What does not end with 0, and how.
const std::map<std::string, int> kOther{
    {"slipway deploy -f examples/shop/slipway.yml --tag v2 --sim image-missing --only web "
     "--log-format text",
     6},
};

bool is_served(const Shown& shown) { return shown.typed.starts_with("slipway sim serve"); }

void run_as_shown(const std::vector<Shown>& all) {
  for (const Shown& shown : all) {
    if (is_served(shown)) continue;  // sim/server_test.cc and ./dev conformance
    SCOPED_TRACE(shown.where + ": " + shown.typed);
    Reader reader;
    reader.prepare(shown.typed);
    const auto other = kOther.find(shown.typed);
    EXPECT_EQ(reader.type(shown.typed), other == kOther.end() ? 0 : other->second) << reader.screen;
  }
}

class DocumentedPage : public testing::TestWithParam<std::filesystem::path> {};

std::vector<std::filesystem::path> pages_with_commands() {
  std::vector<std::filesystem::path> found = pages();
  std::erase_if(found, [](const auto& page) { return commands_of(page).empty(); });
  return found;
}

TEST_P(DocumentedPage, DoesWhatIsSaid) { run_as_shown(commands_of(GetParam())); }

INSTANTIATE_TEST_SUITE_P(All, DocumentedPage, testing::ValuesIn(pages_with_commands()),
                         [](const testing::TestParamInfo<std::filesystem::path>& page) {
                           std::string name = page.param.stem().string();
                           std::erase_if(name,
                                         [](unsigned char c) { return std::isalnum(c) == 0; });
                           return name;
                         });

TEST(DocumentedCommands, OfThePagesAreFound) { EXPECT_GT(pages_with_commands().size(), 8u); }

TEST(DocumentedCommands, OfHelpDoWhatIsSaid) {
  for (const std::string& command : kCommands) {
    if (command == "version") continue;
    const std::vector<Shown> shown = commands_of_help(command);
    EXPECT_FALSE(shown.empty()) << command;
    run_as_shown(shown);
  }
}

// The example of the README and the one of the manual can be tried as they stand.
TEST(DocumentedFiles, GoThroughOnTheSimulator) {
  for (const char* page : {"README.md", "docs/manual/slipway-yml.md"}) {
    SCOPED_TRACE(page);
    Reader reader;
    reader.file("slipway.yml", first_block(kSource / page, "yaml"));
    EXPECT_EQ(reader.run({"plan", "--tag", "v2", "--sim"}), 0) << reader.screen;
    EXPECT_EQ(reader.run({"deploy", "--tag", "v2", "--sim"}), 0) << reader.screen;
  }
}

// Of each transcript a test holds the screen against it.
TEST(DocumentedCommands, OfTranscriptsAreHeldAgainstTheScreen) {
  for (const auto& page : pages()) {
    if (read_file(page)->find("```console\n") == std::string::npos) continue;
    EXPECT_THAT((Words{"ecs-deploy.md", "ecs-crd.md", "ecs-task.md"}),
                testing::Contains(page.filename().string()))
        << "has a transcript that no test looks at";
  }
}

// ---- Options ----------------------------------------------------------------------------------

// "--tag" of "`slipway plan --tag v2 --sim`".
std::vector<std::string> options_in(std::string_view text) {
  std::vector<std::string> options;
  for (std::size_t at = text.find("--"); at != std::string_view::npos; at = text.find("--", at)) {
    std::size_t end = at + 2;
    while (end < text.size() &&
           (std::isalnum(static_cast<unsigned char>(text[end])) != 0 || text[end] == '-'))
      ++end;
    const bool begins = at == 0 || std::string_view(" `[(|").find(text[at - 1]) != text.npos;
    if (begins && end > at + 2) options.emplace_back(text.substr(at, end - at));
    at = end;
  }
  return options;
}

std::string help_of(const Words& command) {
  CommandLine line;
  Words words = command;
  words.emplace_back("--help");
  line.run(words);
  return line.out;
}

bool has_option(const std::string& help, const std::string& option) {
  for (std::size_t at = help.find(option); at != std::string::npos; at = help.find(option, at + 1))
    if (const char next = help[at + option.size()];
        std::isalnum(static_cast<unsigned char>(next)) == 0 && next != '-')
      return true;
  return false;
}

// Commands in the middle of a sentence: `slipway deploy --sim [NAME|FILE]`.
TEST(DocumentedCommands, InSentencesTakeTheOptionsThatAreNamed) {
  int found = 0;
  for (const auto& page : pages()) {
    const std::string text = read_file(page).value();
    for (std::size_t at = text.find("`slipway "); at != std::string::npos;
         at = text.find("`slipway ", at + 1)) {
      const std::string typed = text.substr(at + 1, text.find('`', at + 1) - at - 1);
      Words words = words_of(typed);
      if (words.size() < 2 || words[1] == "COMMAND") continue;
      Words command{words[1]};
      if (command.front() == "sim") command.assign(words.begin() + 1, words.begin() + 3);
      if (command.back() == "scenario") command.push_back(words[3]);
      const std::string help = help_of(command);
      EXPECT_NE(help, "") << page.filename() << ": " << typed;
      for (const std::string& option : options_in(typed))
        EXPECT_TRUE(has_option(help, option))
            << page.filename() << ": " << typed << " has no option " << option;
      ++found;
    }
  }
  EXPECT_GT(found, 30);
}

// An option that nobody can find is not there.
TEST(DocumentedCommands, HaveOptionsThatTheManualNames) {
  std::string manual;
  for (const auto& page : pages()) manual += read_file(page).value();
  for (const std::string& command : kCommands)
    for (const std::string& option : options_in(help_of({command}))) {
      if (option == "--help" || option == "--short") continue;
      EXPECT_TRUE(has_option(manual, option)) << "slipway " << command << " " << option;
    }
}

}  // namespace
}  // namespace slipway::cli
