// The program at a terminal of its own: what only shows where a person types.
#include "cli/ecs_crd_world_for_test.h"

#include <array>
#include <csignal>
#include <poll.h>
#include <pty.h>
#include <sys/wait.h>
#include <unistd.h>

namespace slipway::cli {
namespace {

using testing::HasSubstr;

// A program under a pseudo terminal, which is its controlling one.
class AtATerminal {
 public:
  AtATerminal(const std::filesystem::path& directory, std::vector<std::string> words) {
    child_ = ::forkpty(&terminal_, nullptr, nullptr, nullptr);
    if (child_ != 0) return;
    std::vector<char*> arguments;
    for (std::string& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    ::setenv("XDG_STATE_HOME", directory.c_str(), 1);
    if (::chdir(directory.c_str()) == 0) ::execv(SLIPWAY_BINARY, arguments.data());
    ::_exit(127);
  }
  ~AtATerminal() {
    if (!is_over_) ::kill(child_, SIGKILL);
    ::close(terminal_);
    if (!is_over_) ::waitpid(child_, nullptr, 0);
  }
  AtATerminal(const AtATerminal&) = delete;
  AtATerminal& operator=(const AtATerminal&) = delete;

  // False when the program has ended, or says nothing more, before it has said that.
  bool reads(const std::string& text) {
    while (screen.find(text) == std::string::npos)
      if (!read_more()) return false;
    return true;
  }
  void type(std::string_view keys) {
    EXPECT_EQ(::write(terminal_, keys.data(), keys.size()), static_cast<ssize_t>(keys.size()));
  }
  // Of the program once it has ended; -1: by a signal.
  int status() {
    while (read_more()) continue;
    int status = 0;
    ::waitpid(child_, &status, 0);
    is_over_ = true;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

  std::string screen;

 private:
  bool read_more() {
    constexpr int kTooLong = 60'000;  // milliseconds without a word
    pollfd ready{.fd = terminal_, .events = POLLIN, .revents = 0};
    if (::poll(&ready, 1, kTooLong) <= 0) return false;
    std::array<char, 4096> buffer{};
    const ssize_t count = ::read(terminal_, buffer.data(), buffer.size());
    if (count <= 0) return false;
    screen.append(buffer.data(), static_cast<std::size_t>(count));
    return true;
  }

  int terminal_ = -1;
  pid_t child_ = -1;
  bool is_over_ = false;
};

TEST(ATerminal, TakesCtrlCInThePlaceOfAnAnswer) {
  CommandLine line;
  line.file("world.yml", "scenario: 1\n" + std::string(kCrdWorld));
  line.file("stage.deploy.yml", CrdTestFile{}.text());
  AtATerminal program(line.directory(), {"ecs-crd", "undeploy", "--sim=world.yml"});
  ASSERT_TRUE(program.reads("[yes/no] ")) << program.screen;
  program.type("\x03");
  EXPECT_EQ(program.status(), 130) << program.screen;
  EXPECT_THAT(program.screen, HasSubstr("Nothing was changed, so it just ends"));
}

TEST(ATerminal, TakesAnAnswer) {
  CommandLine line;
  line.file("world.yml", "scenario: 1\n" + std::string(kCrdWorld));
  line.file("stage.deploy.yml", CrdTestFile{}.text());
  AtATerminal program(line.directory(), {"ecs-crd", "undeploy", "--sim=world.yml"});
  ASSERT_TRUE(program.reads("[yes/no] ")) << program.screen;
  program.type("yes\n");
  EXPECT_EQ(program.status(), 0) << program.screen;
  EXPECT_THAT(program.screen, HasSubstr("Nothing of this service was there"));
}

}  // namespace
}  // namespace slipway::cli
