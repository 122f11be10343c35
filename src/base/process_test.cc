#include "base/process.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

namespace slipway {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAreArray;
using ::testing::HasSubstr;

const std::map<std::string, std::string> kEnvironment{{"PATH", "/usr/bin:/bin"}};

Result<ProcessResult> run_shell(std::string script, ProcessLimits limits = {}) {
  return run_process({"/bin/sh", "-c", std::move(script)}, kEnvironment, limits);
}

TEST(SplitWords, FollowsTheQuotingOfAShell) {
  struct Case {
    std::string_view command;
    std::vector<std::string> wanted;
  };
  for (const auto& [command, wanted] : {
           Case{"", {}},
           Case{"  \t ", {}},
           Case{"helper", {"helper"}},
           Case{"  /opt/helper  --role  x\n", {"/opt/helper", "--role", "x"}},
           Case{R"("/opt/my tools/helper" 'a b' c\ d)", {"/opt/my tools/helper", "a b", "c d"}},
           Case{R"(a"b c"'d e'f)", {"ab cd ef"}},
           Case{R"('' "")", {"", ""}},
           Case{R"("a\"b\\c\d$HOME")", {R"(a"b\c\d$HOME)"}},
           Case{R"('a\b"c')", {R"(a\b"c)"}},
           Case{R"(\"x\' #not-a-comment *)", {"\"x'", "#not-a-comment", "*"}},
           Case{"a;b|c&&d>e", {"a;b|c&&d>e"}},
       }) {
    SCOPED_TRACE(command);
    auto words = split_words(command);
    ASSERT_TRUE(words);
    EXPECT_THAT(*words, ElementsAreArray(wanted));
  }
}

TEST(SplitWords, RefusesWhatIsNotClosed) {
  struct Case {
    std::string_view command, wanted;
  };
  for (const auto& [command, wanted] :
       {Case{R"(a "b)", "a double quote is never closed"}, Case{"a 'b", "a quote is never closed"},
        Case{"a \\", "a backslash ends the command"},
        Case{"\"a\\", "a backslash ends the command"}}) {
    SCOPED_TRACE(command);
    auto words = split_words(command);
    ASSERT_FALSE(words);
    EXPECT_EQ(words.error().code, "process.words");
    EXPECT_EQ(words.error().message, wanted);
  }
}

TEST(RunProcess, GivesBackBothStreamsAndTheStatus) {
  auto result = run_shell("echo out; echo err >&2; exit 3");
  ASSERT_TRUE(result);
  EXPECT_EQ(result->output, "out\n");
  EXPECT_EQ(result->errors, "err\n");
  EXPECT_EQ(result->exit_status, 3);
}

TEST(RunProcess, CountsADeathBySignalAsShellsDo) {
  auto result = run_shell("kill -TERM $$");
  ASSERT_TRUE(result);
  EXPECT_EQ(result->exit_status, 128 + 15);
}

TEST(RunProcess, HandsOverTheEnvironmentAndNoInput) {
  auto result = run_process({"/bin/sh", "-c", "echo \"$COLOR\"; cat; echo ${HOME-unset}"},
                            {{"COLOR", "blue"}, {"PATH", "/usr/bin:/bin"}});
  ASSERT_TRUE(result);
  EXPECT_EQ(result->output, "blue\nunset\n");
}

TEST(RunProcess, LeaksNoOpenFiles) {
  auto result = run_process({"/bin/ls", "/proc/self/fd"}, kEnvironment);
  ASSERT_TRUE(result);
  EXPECT_EQ(result->output, "0\n1\n2\n3\n");  // 3 is the directory that ls reads
}

TEST(RunProcess, FindsAProgramThroughPath) {
  auto result = run_process({"true"}, kEnvironment);
  ASSERT_TRUE(result);
  EXPECT_EQ(result->exit_status, 0);
}

TEST(RunProcess, SaysWhyAProgramDidNotStart) {
  auto missing = run_process({"/nonexistent/helper"}, kEnvironment);
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().kind, ErrorKind::kNotFound);
  EXPECT_EQ(missing.error().message, "cannot run /nonexistent/helper: No such file or directory");

  auto not_executable = run_process({"/etc/passwd"}, kEnvironment);
  ASSERT_FALSE(not_executable);
  EXPECT_EQ(not_executable.error().kind, ErrorKind::kDenied);

  auto nothing = run_process({}, kEnvironment);
  ASSERT_FALSE(nothing);
  EXPECT_EQ(nothing.error().code, "process.words");
}

TEST(RunProcess, StopsAChildThatDoesNotEnd) {
  const auto start = std::chrono::steady_clock::now();
  auto result = run_shell("sleep 600", {.timeout = 50ms});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, ErrorKind::kTimeout);
  EXPECT_EQ(result.error().message, "/bin/sh did not end within 50ms and was stopped");
  EXPECT_LT(std::chrono::steady_clock::now() - start, 60s);
}

TEST(RunProcess, StopsAChildThatClosedItsOutputAndGoesOn) {
  auto result = run_shell("exec >&- 2>&-; sleep 600", {.timeout = 50ms});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, "process.timeout");
}

TEST(RunProcess, DoesNotWaitForAGrandchildThatKeepsThePipes) {
  const auto start = std::chrono::steady_clock::now();
  auto result = run_shell("sleep 20 & echo done");
  ASSERT_TRUE(result);
  EXPECT_EQ(result->output, "done\n");
  EXPECT_LT(std::chrono::steady_clock::now() - start, 15s);
}

TEST(RunProcess, StopsAChildThatWritesTooMuch) {
  auto result = run_shell("yes", {.max_output_bytes = 10'000});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, "process.too-large");
  EXPECT_EQ(result.error().message, "/bin/sh wrote more than 10000 bytes and was stopped");

  auto on_stderr = run_shell("yes >&2", {.max_output_bytes = 10'000});
  ASSERT_FALSE(on_stderr);
  EXPECT_EQ(on_stderr.error().code, "process.too-large");
}

TEST(RunProcess, TakesOutputUpToTheLimit) {
  auto result = run_shell("head -c 100000 /dev/zero", {.max_output_bytes = 100'000});
  ASSERT_TRUE(result);
  EXPECT_EQ(result->output.size(), 100'000u);
}

}  // namespace
}  // namespace slipway
