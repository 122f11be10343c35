// Fills in what the operating system gives. Nothing else reads argv, the environment, the working
// directory or the terminal.
#include "cli/process.h"

#include "base/signals.h"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <poll.h>
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

// While it lives, signals that end runs wait, as does news of the terminal's size. A wait with
// `while_waiting` lets the former through, so that none falls between a question and its answer.
class HeldBack {
 public:
  HeldBack() {
    sigset_t held;
    sigemptyset(&held);
    for (const EndingSignal& signal : kEndingSignals) sigaddset(&held, signal.number);
    sigaddset(&held, SIGWINCH);
    pthread_sigmask(SIG_BLOCK, &held, &before_);
    while_waiting_ = before_;
    sigaddset(&while_waiting_, SIGWINCH);
  }
  ~HeldBack() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  HeldBack(const HeldBack&) = delete;
  HeldBack& operator=(const HeldBack&) = delete;

  const sigset_t* while_waiting() const { return &while_waiting_; }

 private:
  sigset_t before_{};
  sigset_t while_waiting_{};
};

// From the terminal itself, so that a redirected stdin is left alone.
Result<std::string> ask(const std::string& question) {
  std::FILE* terminal = std::fopen("/dev/tty", "r+");
  if (terminal == nullptr)
    return Error{.kind = ErrorKind::kDenied,
                 .code = "terminal.none",
                 .message = "there is no terminal to ask at"};
  const HeldBack signals;
  std::fputs(question.c_str(), terminal);
  std::fflush(terminal);
  pollfd line{.fd = ::fileno(terminal), .events = POLLIN, .revents = 0};
  const bool was_interrupted =
      ::ppoll(&line, 1, nullptr, signals.while_waiting()) < 0 && errno == EINTR;
  char answer[256] = {};
  const bool answered = !was_interrupted && std::fgets(answer, sizeof answer, terminal) != nullptr;
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
