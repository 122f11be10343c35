// Fills in what the operating system gives. Nothing else reads argv, the environment, the working
// directory or the terminal.
#include "cli/process.h"

#include "base/signals.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <iterator>
#include <string_view>
#include <sys/ioctl.h>
#include <system_error>
#include <unistd.h>

namespace slipway::cli {
namespace {

// The whole text, whatever the descriptor takes at a time. A reader that is gone, or a disk that is
// full, is no reason to stop a release: the text is dropped, and the error number returned.
int write_all(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(descriptor, text.data(), text.size());
    if (written > 0) {
      text.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno != EINTR && errno != EAGAIN) {
      return errno;
    }
  }
  return 0;
}

// `| head` has read enough, and `>&-` wants nothing.
bool is_wanted(int error) { return error != 0 && error != EPIPE && error != EBADF; }

TerminalSize terminal_size() {
  winsize size{};
  if (::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 && size.ws_row > 0)
    return {.columns = size.ws_col, .rows = size.ws_row};
  return {};
}

// While it lives a signal that ends runs also ends a read. Whoever has asked to hear of the signal
// hears of it as ever.
class EndsReads {
 public:
  EndsReads() {
    for (std::size_t i = 0; i < std::size(kEndingSignals); ++i) {
      ::sigaction(kEndingSignals[i].number, nullptr, &before_.at(i));
      struct sigaction now = before_.at(i);
      now.sa_flags &= ~SA_RESTART;
      ::sigaction(kEndingSignals[i].number, &now, nullptr);
    }
  }
  ~EndsReads() {
    for (std::size_t i = 0; i < std::size(kEndingSignals); ++i)
      ::sigaction(kEndingSignals[i].number, &before_.at(i), nullptr);
  }
  EndsReads(const EndsReads&) = delete;
  EndsReads& operator=(const EndsReads&) = delete;

 private:
  std::array<struct sigaction, std::size(kEndingSignals)> before_{};
};

// From the terminal itself, so that a redirected stdin is left alone.
Result<std::string> ask(const std::string& question) {
  std::FILE* terminal = std::fopen("/dev/tty", "r+");
  if (terminal == nullptr)
    return Error{.kind = ErrorKind::kDenied,
                 .code = "terminal.none",
                 .message = "there is no terminal to ask at"};
  std::fputs(question.c_str(), terminal);
  std::fflush(terminal);
  char answer[256] = {};
  const EndsReads ends_reads;
  const bool answered = std::fgets(answer, sizeof answer, terminal) != nullptr;
  const bool was_interrupted = !answered && errno == EINTR;
  if (was_interrupted) std::fputs("\n", terminal);
  std::fclose(terminal);
  if (was_interrupted)
    return Error{.kind = ErrorKind::kCancelled,
                 .code = "terminal.interrupted",
                 .message = "interrupted at a question"};
  std::string text = answered ? answer : "";
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
  return text;
}

}  // namespace

Process process_of(int argc, char** argv) {
  Process process{.name = argc > 0 ? std::filesystem::path(argv[0]).filename().string() : "slipway",
                  .arguments = {argv + std::min(argc, 1), argv + argc},
                  .environment = Environment::of_process(),
                  .directory = {},
                  .out = {},
                  .err = [](std::string_view text) { write_all(STDERR_FILENO, text); },
                  .out_is_terminal = ::isatty(STDOUT_FILENO) != 0,
                  .err_is_terminal = ::isatty(STDERR_FILENO) != 0,
                  .terminal_size = terminal_size,
                  .exit_now = [](int status) { ::_exit(status); }};
  process.out = [lost = process.output_lost](std::string_view text) {
    const int error = write_all(STDOUT_FILENO, text);
    if (is_wanted(error)) *lost = std::generic_category().message(error);
  };
  if (::isatty(STDIN_FILENO) != 0 && process.err_is_terminal) process.ask = ask;
  std::error_code ignored;
  process.directory = std::filesystem::current_path(ignored);
  process.program = std::filesystem::read_symlink("/proc/self/exe", ignored);
  return process;
}

}  // namespace slipway::cli
