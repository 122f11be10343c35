// The transcripts of the manual are what really comes out: in a block of ```console each line that
// begins with "$ " is run, and what follows it is the screen. UPDATE_GOLDEN=1 writes them anew.
#include "cli/world_for_test.h"

#include <algorithm>
#include <cstdlib>
#include <sstream>

namespace slipway::cli {
namespace {

constexpr std::string_view kBegin = "```console\n";
constexpr std::string_view kEnd = "```\n";

// One command as it is typed: words without quotes, the first is the program.
std::string screen_of(const std::string& typed) {
  std::istringstream words(typed);
  std::string program;
  words >> program;
  std::vector<std::string> arguments;
  for (std::string word; words >> word;) arguments.push_back(word);
  CommandLine line;
  std::filesystem::create_directory_symlink(SLIPWAY_SOURCE_DIR "/examples",
                                            line.directory() / "examples");
  line.run(arguments, program);
  std::string screen = line.screen;
  if (line.status != 0) screen += "(exit status " + std::to_string(line.status) + ")\n";
  return screen;
}

std::string with_screens(const std::string& block) {
  std::string text;
  std::istringstream lines(block);
  for (std::string typed; std::getline(lines, typed);)
    if (typed.starts_with("$ ")) text += typed + "\n" + screen_of(typed.substr(2));
  return text;
}

class Manual : public testing::TestWithParam<const char*> {};

TEST_P(Manual, ShowsWhatComesOut) {
  const std::filesystem::path file =
      std::filesystem::path(SLIPWAY_SOURCE_DIR "/docs/manual") / GetParam();
  const std::string page = read_file(file).value();
  std::string wanted;
  std::size_t at = 0;
  int blocks = 0;
  for (;; ++blocks) {
    const std::size_t begin = page.find(kBegin, at);
    if (begin == std::string::npos) break;
    const std::size_t body = begin + kBegin.size();
    const std::size_t end = page.find(kEnd, body);
    ASSERT_NE(end, std::string::npos);
    wanted += page.substr(at, body - at) + with_screens(page.substr(body, end - body));
    at = end;
  }
  wanted += page.substr(at);
  EXPECT_GT(blocks, 0);
  if (std::getenv("UPDATE_GOLDEN") != nullptr) {
    ASSERT_TRUE(write_file(file, wanted));
    return;
  }
  EXPECT_EQ(page, wanted);
}

INSTANTIATE_TEST_SUITE_P(Pages, Manual, testing::Values("ecs-deploy.md", "ecs-crd.md"),
                         [](const auto& page) {
                           std::string name = page.param;
                           name = name.substr(0, name.find('.'));
                           std::ranges::replace(name, '-', '_');
                           return name;
                         });

}  // namespace
}  // namespace slipway::cli
