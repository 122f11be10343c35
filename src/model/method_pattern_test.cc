#include "model/method_pattern.h"

#include "model/task_class.h"

#include <gtest/gtest.h>

namespace slipway {
namespace {

bool matches(std::string_view pattern, std::string_view method) {
  const Result<MethodPattern> parsed = MethodPattern::parse(pattern);
  if (!parsed) {
    ADD_FAILURE() << parsed.error().message;
    return false;
  }
  return parsed->matches(method);
}

TEST(MethodPattern, MatchesAtTheBeginning) {
  struct Case {
    std::string_view pattern, method;
    bool wanted;
  };
  for (const auto& [pattern, method, wanted] : {
           Case{TaskClass::kUsualBlacklist, "run_task", false},
           Case{TaskClass::kUsualBlacklist, "update_service", false},
           Case{TaskClass::kUsualBlacklist, "put_targets", false},
           Case{TaskClass::kUsualBlacklist, "list_task_definitions", true},
           Case{TaskClass::kUsualBlacklist, "register_task_definition", true},
           Case{TaskClass::kUsualBlacklist, "deregister_task_definition", true},
           Case{"service", "update_service", false},
           Case{"update", "update_service", true},
           Case{"^(describe|get|list)_", "list_task_definitions", true},
           Case{"^(describe|get|list)_", "register_task_definition", false},
           Case{"xyz", "list_task_definitions", false},
           Case{"", "run_task", true},
           Case{"run_task$", "run_task", true},
           Case{"run$", "run_task", false},
           Case{"\\w+_service", "update_service", true},
       }) {
    SCOPED_TRACE(std::string(pattern) + " " + std::string(method));
    EXPECT_EQ(matches(pattern, method), wanted);
  }
}

TEST(MethodPattern, RefusesWhatCannotBeReadAsPythonReadsIt) {
  for (const auto& [pattern, wanted] : {
           std::pair{"(?!run_)", "invalid perl operator: (?!"},
           std::pair{"(?<=a)b", "invalid perl operator: (?<"},
           std::pair{"(a)\\1", "invalid escape sequence: \\1"},
           std::pair{"(", "missing ): ("},
           std::pair{"a**", "bad repetition operator: **"},
           std::pair{"[a", "missing ]: [a"},
           std::pair{"a{,3}", "{,N} is a repetition in Python only; write {0,N}"},
           std::pair{"\\pL", "\\p is a class of characters in RE2 only; write the characters"},
       }) {
    SCOPED_TRACE(pattern);
    const Result<MethodPattern> parsed = MethodPattern::parse(pattern);
    ASSERT_FALSE(parsed);
    EXPECT_EQ(parsed.error().message, wanted);
  }
  EXPECT_TRUE(MethodPattern::parse("\\\\p"));
}

}  // namespace
}  // namespace slipway
