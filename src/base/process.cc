#include "base/process.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <fcntl.h>
#include <optional>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace slipway {
namespace {

using std::chrono::steady_clock;

// A file descriptor that closes itself.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    close();
    number_ = std::exchange(other.number_, -1);
    return *this;
  }
  ~Descriptor() { close(); }

  int get() const { return number_; }
  bool is_open() const { return number_ >= 0; }
  void close() {
    if (is_open()) ::close(std::exchange(number_, -1));
  }

 private:
  int number_ = -1;
};

struct Pipe {
  Descriptor read, write;
};

std::optional<Pipe> open_pipe() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return std::nullopt;
  ::fcntl(ends[0], F_SETFL, O_NONBLOCK);
  return Pipe{Descriptor(ends[0]), Descriptor(ends[1])};
}

struct FileActions {
  posix_spawn_file_actions_t value;
  FileActions() { ::posix_spawn_file_actions_init(&value); }
  ~FileActions() { ::posix_spawn_file_actions_destroy(&value); }
};

struct Attributes {
  posix_spawnattr_t value;
  Attributes() {
    ::posix_spawnattr_init(&value);
    sigset_t none, all;
    ::sigemptyset(&none);
    ::sigfillset(&all);
    ::posix_spawnattr_setsigmask(&value, &none);
    ::posix_spawnattr_setsigdefault(&value, &all);
    ::posix_spawnattr_setpgroup(&value, 0);
    ::posix_spawnattr_setflags(
        &value, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
  }
  ~Attributes() { ::posix_spawnattr_destroy(&value); }
};

// The running child. Leaving before it has ended kills its group and reaps it.
class Child {
 public:
  explicit Child(pid_t pid) : pid_(pid) {}
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child() {
    if (status_) return;
    ::kill(-pid_, SIGKILL);
    wait_for_it(0);
  }

  bool has_ended() { return status_ || wait_for_it(WNOHANG); }
  int exit_status() const {
    return WIFSIGNALED(*status_) ? 128 + WTERMSIG(*status_) : WEXITSTATUS(*status_);
  }

 private:
  bool wait_for_it(int options) {
    int status = 0;
    pid_t ended;
    do {
      ended = ::waitpid(pid_, &status, options);
    } while (ended < 0 && errno == EINTR);
    if (ended == 0) return false;
    status_ = ended == pid_ ? status : 0;
    return true;
  }

  pid_t pid_;
  std::optional<int> status_;
};

// Reads what is there; closes the pipe at its end. False: more than `limit` bytes.
bool drain(Descriptor& pipe, std::string& into, std::size_t limit) {
  std::array<char, 4096> buffer;
  while (pipe.is_open()) {
    const ssize_t count = ::read(pipe.get(), buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 && errno == EAGAIN) return true;
    if (count <= 0) {
      pipe.close();
      return true;
    }
    if (static_cast<std::size_t>(count) > limit - into.size()) return false;
    into.append(buffer.data(), static_cast<std::size_t>(count));
  }
  return true;
}

Error spawn_error(const std::string& program, int number) {
  ErrorKind kind = ErrorKind::kInternal;
  std::string_view code = "process.failed";
  if (number == ENOENT || number == ENOTDIR) {
    kind = ErrorKind::kNotFound;
    code = "process.not-found";
  } else if (number == EACCES || number == EPERM || number == ENOEXEC) {
    kind = ErrorKind::kDenied;
    code = "process.denied";
  }
  return Error{kind, std::string(code),
               fmt::format("cannot run {}: {}", program, std::generic_category().message(number))};
}

}  // namespace

Result<std::vector<std::string>> split_words(std::string_view command) {
  std::vector<std::string> words;
  std::optional<std::string> word;  // the one being read; "" is a word once it was quoted
  auto grow = [&word](char c) { word.emplace(word.value_or("")).push_back(c); };
  char quote = '\0';
  for (std::size_t i = 0; i < command.size(); ++i) {
    const char c = command[i];
    const char next = i + 1 < command.size() ? command[i + 1] : '\0';
    const bool is_mark = c == '"' || c == '\'';
    const bool is_space = c == ' ' || c == '\t' || c == '\n' || c == '\r';
    if (quote != '\0' && c == quote) {
      quote = '\0';
    } else if (c == '\\' && quote != '\'') {
      // Inside double quotes a backslash is itself, unless it protects one of these two.
      const bool protects = quote == '\0' || next == '"' || next == '\\';
      if (i + 1 == command.size())
        return Error{ErrorKind::kInvalid, "process.words", "a backslash ends the command"};
      grow(protects ? next : c);
      if (protects) ++i;
    } else if (quote != '\0' || !(is_mark || is_space)) {
      grow(c);
    } else if (is_mark) {
      quote = c;
      word.emplace(word.value_or(""));
    } else if (word) {
      words.push_back(*std::exchange(word, std::nullopt));
    }
  }
  if (quote != '\0')
    return Error{ErrorKind::kInvalid, "process.words",
                 fmt::format("a {} is never closed", quote == '"' ? "double quote" : "quote")};
  if (word) words.push_back(*std::move(word));
  return words;
}

Result<ProcessResult> run_process(const std::vector<std::string>& words,
                                  const std::map<std::string, std::string>& environment,
                                  const ProcessLimits& limits) {
  if (words.empty()) return Error{ErrorKind::kInvalid, "process.words", "the command is empty"};
  auto output = open_pipe();
  auto errors = open_pipe();
  if (!output || !errors) return spawn_error(words[0], errno);

  FileActions actions;
  ::posix_spawn_file_actions_addopen(&actions.value, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  ::posix_spawn_file_actions_adddup2(&actions.value, output->write.get(), STDOUT_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions.value, errors->write.get(), STDERR_FILENO);
  // libcurl's sockets are not all close-on-exec.
  ::posix_spawn_file_actions_addclosefrom_np(&actions.value, STDERR_FILENO + 1);
  Attributes attributes;

  std::vector<std::string> variables;
  for (const auto& [name, value] : environment)
    variables.push_back(fmt::format("{}={}", name, value));
  std::vector<char*> argv, envp;
  for (const std::string& each : words) argv.push_back(const_cast<char*>(each.c_str()));
  for (const std::string& each : variables) envp.push_back(const_cast<char*>(each.c_str()));
  argv.push_back(nullptr);
  envp.push_back(nullptr);

  const auto deadline = steady_clock::now() + limits.timeout;
  pid_t pid = 0;
  if (const int failed = ::posix_spawnp(&pid, argv[0], &actions.value, &attributes.value,
                                        argv.data(), envp.data()))
    return spawn_error(words[0], failed);
  Child child(pid);
  output->write.close();
  errors->write.close();

  ProcessResult result;
  while (true) {
    // Asked before reading: what the child wrote is in the pipes by the time it has ended, and a
    // grandchild that keeps them open is not waited for.
    const bool ended = child.has_ended();
    if (!drain(output->read, result.output, limits.max_output_bytes) ||
        !drain(errors->read, result.errors, limits.max_output_bytes))
      return Error{ErrorKind::kInvalid, "process.too-large",
                   fmt::format("{} wrote more than {} bytes and was stopped", words[0],
                               limits.max_output_bytes)};
    if (ended) {
      result.exit_status = child.exit_status();
      return result;
    }
    const auto now = steady_clock::now();
    if (now >= deadline)
      return Error{ErrorKind::kTimeout, "process.timeout",
                   fmt::format("{} did not end within {} and was stopped", words[0],
                               to_string(limits.timeout))};

    // Bytes and ends of pipes wake us at once. The end of a child whose pipes are closed or in
    // other hands does not, hence the short limit.
    std::array<pollfd, 2> waiting{pollfd{output->read.get(), POLLIN, 0},
                                  pollfd{errors->read.get(), POLLIN, 0}};
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - now);
    const bool all_closed = !output->read.is_open() && !errors->read.is_open();
    ::poll(waiting.data(), waiting.size(),
           static_cast<int>(std::min<long long>(left.count(), all_closed ? 1 : 20)));
  }
}

}  // namespace slipway
