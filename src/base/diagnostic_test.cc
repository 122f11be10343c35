#include "base/diagnostic.h"

#include <gtest/gtest.h>

namespace slipway {
namespace {

std::shared_ptr<const SourceText> source(std::string text, std::string name = "deploy.yml") {
  return std::make_shared<SourceText>(SourceText{std::move(name), std::move(text)});
}

Diagnostic error_at(std::shared_ptr<const SourceText> text, int line, int column, int length) {
  return {.path = "desiredCount",
          .message = "expected a whole number, found \"three\"",
          .span = {std::move(text), line, column, length}};
}

TEST(DiagnosticText, QuotesTheLineWithCaretsUnderTheSpan) {
  EXPECT_EQ(to_string(error_at(source("slipway: 1\n  desiredCount: three\n"), 2, 17, 5)),
            "deploy.yml:2:17: error: desiredCount: expected a whole number, found \"three\"\n"
            "    2 |   desiredCount: three\n"
            "      |                 ^^^^^");
}

TEST(DiagnosticText, AddsTheSuggestionOnItsOwnLine) {
  EXPECT_EQ(to_string({.severity = Severity::kWarning,
                       .path = "services[0].maxwait",
                       .message = "unknown key",
                       .suggestion = "did you mean max_wait?",
                       .span = {source("maxwait: 5"), 1, 1, 7}}),
            "deploy.yml:1:1: warning: services[0].maxwait: unknown key\n"
            "    1 | maxwait: 5\n"
            "      | ^^^^^^^\n"
            "      = did you mean max_wait?");
}

TEST(DiagnosticText, DoesWithoutAPlace) {
  EXPECT_EQ(to_string({.message = "no file given"}), "error: no file given");
  EXPECT_EQ(to_string({.path = "cluster",
                       .message = "required key is missing",
                       .span = {.source = source("a: 1")}}),
            "deploy.yml: error: cluster: required key is missing");
}

TEST(DiagnosticText, ColoursTheParts) {
  EXPECT_EQ(to_string({.message = "unknown key", .span = {source("a: 1"), 1, 1, 1}}, true),
            "\x1b[1mdeploy.yml:1:1:\x1b[0m \x1b[1;31merror:\x1b[0m unknown key\n"
            "    1 | a: 1\n"
            "      | \x1b[1;31m^\x1b[0m");
}

TEST(DiagnosticText, AlignsTheCaretsWithWhatATerminalShows) {
  struct Case {
    std::string why, text;
    int column, length;
    std::string line, carets;
  };
  for (const auto& [why, text, column, length, line, carets] : {
           Case{"tabs stay", "\ta:\tx", 5, 1, "\ta:\tx", "\t  \t^"},
           Case{"bytes are not columns", "é: wörld", 5, 6, "é: wörld", "   ^^^^^"},
           Case{"wide characters", "日本: 東京 x", 9, 6, "日本: 東京 x", "      ^^^^"},
           Case{"combining marks", "e\u0301: x", 6, 1, "e\u0301: x", "   ^"},
           Case{"windows line ends", "a: x\r\nb: 1", 4, 1, "a: x", "   ^"},
           Case{"byte order mark", "\ufeffa: x", 4, 1, "a: x", "   ^"},
           Case{"after the end", "key:", 5, 1, "key:", "    ^"},
           Case{"far after the end", "key:", 99, 1, "key:", "    ^"},
           Case{"longer than the line", "key: v", 6, 99, "key: v", "     ^"},
           Case{"no length", "key: v", 6, 0, "key: v", "     ^"},
           Case{"a tab is the mistake", "a\tb", 2, 1, "a\tb", " ^"},
           Case{"escape sequences", "a: \x1b[31mx", 4, 1, "a: \ufffd[31mx", "   ^"},
           Case{"broken bytes", "a: \xff x", 4, 1, "a: \ufffd x", "   ^"},
           Case{"an empty line", "", 1, 1, "", "^"},
       }) {
    SCOPED_TRACE(why);
    const Diagnostic diagnostic = {.message = "m", .span = {source(text), 1, column, length}};
    EXPECT_EQ(to_string(diagnostic), "deploy.yml:1:" + std::to_string(column) + ": error: m\n" +
                                         "    1 | " + line + "\n      | " + carets);
  }
}

TEST(DiagnosticText, ShowsALongLineAroundTheSpan) {
  const std::string before(200, 'a'), after(200, 'b');
  EXPECT_EQ(to_string({.message = "m", .span = {source(before + "HERE" + after), 1, 201, 4}}),
            "deploy.yml:1:201: error: m\n"
            "    1 | ..." +
                before.substr(0, 30) + "HERE" + after.substr(0, 86) + "...\n" + "      | " +
                std::string(33, ' ') + "^^^^");
  EXPECT_EQ(to_string({.message = "m", .span = {source("HERE" + after), 1, 1, 4}}),
            "deploy.yml:1:1: error: m\n"
            "    1 | HERE" +
                after.substr(0, 116) + "...\n" + "      | ^^^^");
  // Cut between characters, never inside one.
  std::string accents;
  for (int i = 0; i < 100; ++i) accents += "é";
  EXPECT_EQ(to_string({.message = "m", .span = {source(accents + "X" + after), 1, 201, 1}}),
            "deploy.yml:1:201: error: m\n"
            "    1 | ..." +
                accents.substr(0, 60) + "X" + after.substr(0, 89) + "...\n" + "      | " +
                std::string(33, ' ') + "^");
}

TEST(DiagnosticText, LeavesOutALineTheTextDoesNotHave) {
  EXPECT_EQ(to_string({.message = "m", .span = {source("a\nb"), 3, 1, 1}}),
            "deploy.yml:3:1: error: m");
}

TEST(Diagnostics, TellErrorsFromWarnings) {
  Diagnostics diagnostics;
  EXPECT_TRUE(diagnostics.empty());
  diagnostics.warning({}, "test.w", "", "only a warning");
  EXPECT_FALSE(diagnostics.has_errors());
  diagnostics.error({}, "test.e", "a.b", "an error", "a suggestion");
  EXPECT_TRUE(diagnostics.has_errors());
  EXPECT_EQ(diagnostics.error_count(), 1u);
  ASSERT_EQ(diagnostics.all().size(), 2u);
  EXPECT_EQ(diagnostics.all()[1].code, "test.e");
  EXPECT_EQ(diagnostics.all()[1].suggestion, "a suggestion");
}

TEST(Diagnostics, KeepAThousandAndCountTheRest) {
  Diagnostics diagnostics;
  for (int i = 0; i < 1'000; ++i) diagnostics.warning({}, "", "", "a warning");
  EXPECT_EQ(diagnostics.left_out(), 0u);
  diagnostics.error({}, "", "", "an error");
  EXPECT_EQ(diagnostics.all().size(), 1'000u);
  EXPECT_EQ(diagnostics.left_out(), 1u);
  EXPECT_TRUE(diagnostics.has_errors());
}

TEST(Diagnostics, AreSortedIntoTheOrderOfTheText) {
  const auto first = source("", "a.yml"), second = source("", "b.yml");
  Diagnostics diagnostics;
  diagnostics.error({first, 9, 1, 1}, "", "", "3");
  diagnostics.error({second, 1, 1, 1}, "", "", "5");
  diagnostics.error({first, 2, 7, 1}, "", "", "1");
  diagnostics.error({first, 2, 9, 1}, "", "", "2");
  diagnostics.error({second, 1, 1, 1}, "", "", "6");
  diagnostics.error({first}, "", "", "0");
  diagnostics.error({second, 0, 0, 0}, "", "", "4");
  diagnostics.sort();
  std::string order;
  for (const Diagnostic& diagnostic : diagnostics.all()) order += diagnostic.message;
  EXPECT_EQ(order, "0123456");
}

}  // namespace
}  // namespace slipway
