#include "base/decode.h"

#include "base/text.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <functional>
#include <memory>

namespace slipway {
namespace {

using namespace std::chrono_literals;

// Reads `text` with `read` and answers the problems, one per line, in the order of the text:
// "line:column path: message (suggestion)", warnings with a "w " before.
std::string problems(std::string text, const std::function<void(Fields&)>& read,
                     DecodeOptions options = {}) {
  Diagnostics diagnostics;
  const auto document = read_document(std::make_shared<SourceText>(SourceText{"test", text}),
                                      TextFormat::kYaml, diagnostics);
  if (document) {
    Fields fields(*document, diagnostics, options);
    read(fields);
  }
  diagnostics.sort();
  std::vector<std::string> lines;
  for (const Diagnostic& found : diagnostics.all()) {
    lines.push_back(
        fmt::format("{}{}:{} {}{}{}{}", found.severity == Severity::kWarning ? "w " : "",
                    found.span.line, found.span.column, found.path, found.path.empty() ? "" : ": ",
                    found.message, found.suggestion.empty() ? "" : " (" + found.suggestion + ")"));
  }
  return join(lines, "\n");
}

// One key, `k`, read in one way: what came out, then what was complained about.
struct Case {
  std::string text, wanted;
};
void check(const std::vector<Case>& cases, const std::function<std::string(Fields&)>& read,
           DecodeOptions options = {}) {
  for (const auto& [text, wanted] : cases) {
    SCOPED_TRACE(text);
    std::string value;
    const std::string complaints =
        problems(text, [&](Fields& fields) { value = read(fields); }, options);
    EXPECT_EQ(complaints.empty() ? value : value + " | " + complaints, wanted);
  }
}

template <class T>
std::string shown(const std::optional<T>& value) {
  return value ? fmt::format("{}", *value) : "none";
}

constexpr DecodeOptions kLenient = {.ignore_key_case = true, .lenient_scalars = true};

TEST(Fields, ReadText) {
  check(
      {
          {"k: web", "web"},
          {"k: 1.10", "1.10"},
          {"k: no", "no"},
          {"k: true", "true"},
          {"k: '12'", "12"},
          {"x: 1", "none | 1:1 x: unknown key"},
          {"k:", "none"},
          {"k: ~", "none"},
          {"k: ''", "none | 1:4 k: must not be empty"},
          {"k: [a]", "none | 1:4 k: expected text, found a list"},
          {"k: {a: 1}", "none | 1:4 k: expected text, found a mapping"},
      },
      [](Fields& fields) { return shown(fields.text("k")); });
  check({{"k: ''", ""}},
        [](Fields& fields) { return shown(fields.text("k", {.may_be_empty = true})); });
}

TEST(Fields, ReadWholeNumbersInARange) {
  check(
      {
          {"k: 1", "1"},
          {"k: 10", "10"},
          {"k: 0", "none | 1:4 k: expected a whole number from 1 to 10, found 0"},
          {"k: 11", "none | 1:4 k: expected a whole number from 1 to 10, found 11"},
          {"k: three", "none | 1:4 k: expected a whole number from 1 to 10, found \"three\""},
          {"k: 1.5", "none | 1:4 k: expected a whole number from 1 to 10, found 1.5"},
          {"k: [1]", "none | 1:4 k: expected a whole number from 1 to 10, found a list"},
          {"k: '6'",
           "none | 1:4 k: expected a whole number from 1 to 10, found the text \"6\" (remove the "
           "quotes)"},
          {"k:", "none"},
      },
      [](Fields& fields) { return shown(fields.integer("k", {1, 10})); });
  check({{"k: 4", "none | 1:4 k: expected a whole number of at least 5, found 4"}},
        [](Fields& fields) { return shown(fields.integer("k", {.at_least = 5})); });
  check({{"k: 4", "none | 1:4 k: expected a whole number of at most 3, found 4"}},
        [](Fields& fields) { return shown(fields.integer("k", {.at_most = 3})); });
  check({{"k: three", "none | 1:4 k: expected a whole number, found \"three\""},
         {"k: -9223372036854775808", "-9223372036854775808"},
         {"k: 9223372036854775808",
          "none | 1:4 k: expected a whole number, found 9223372036854775808"}},
        [](Fields& fields) { return shown(fields.integer("k")); });
  check(
      {{"k: '6'", "6"},
       {"k: '11'", "none | 1:4 k: expected a whole number from 1 to 10, found the text \"11\""},
       {"k: '6m'", "none | 1:4 k: expected a whole number from 1 to 10, found \"6m\""}},
      [](Fields& fields) { return shown(fields.integer("k", {1, 10})); }, kLenient);
}

TEST(Fields, ReadNumbersInARange) {
  check(
      {
          {"k: 0.25", "0.25"},
          {"k: 1", "1"},
          {"k: 1.5", "none | 1:4 k: expected a number from 0 to 1, found 1.5"},
          {"k: half", "none | 1:4 k: expected a number from 0 to 1, found \"half\""},
          {"k: '0.5'",
           "none | 1:4 k: expected a number from 0 to 1, found the text \"0.5\" (remove the "
           "quotes)"},
      },
      [](Fields& fields) { return shown(fields.number("k", {0, 1})); });
}

TEST(Fields, ReadBooleans) {
  auto read = [](Fields& fields) { return shown(fields.boolean("k")); };
  check(
      {
          {"k: true", "true"},
          {"k: False", "false"},
          {"k: yes", "none | 1:4 k: expected true or false, found \"yes\" (did you mean true?)"},
          {"k: off", "none | 1:4 k: expected true or false, found \"off\" (did you mean false?)"},
          {"k: 1", "none | 1:4 k: expected true or false, found 1"},
          {"k: 'true'",
           "none | 1:4 k: expected true or false, found the text \"true\" (remove the quotes)"},
      },
      read);
  check({{"k: 'true'", "true"},
         {"k: 'maybe'", "none | 1:4 k: expected true or false, found \"maybe\""}},
        read, kLenient);
}

TEST(Fields, ReadDurations) {
  auto text = [](std::optional<Duration> value) { return value ? to_string(*value) : "none"; };
  check(
      {
          {"k: 15m", "15m"},
          {"k: 1h30m", "1h30m"},
          {"k: '90s'", "1m30s"},
          {"k: 20",
           "none | 1:4 k: expected a duration such as 90s, 15m or 1h30m, found 20 (write the "
           "unit: 20s or 20m)"},
          {"k: soon",
           "none | 1:4 k: expected a duration such as 90s, 15m or 1h30m, found \"soon\""},
          {"k: {m: 5}",
           "none | 1:4 k: expected a duration such as 90s, 15m or 1h30m, found a mapping"},
      },
      [&](Fields& fields) { return text(fields.duration("k")); });
  check({{"k: 5s", "none | 1:4 k: expected a duration from 10s to 1h, found \"5s\""},
         {"k: 10s", "10s"}},
        [&](Fields& fields) { return text(fields.duration("k", {10s, 1h})); });
  check({{"k: 5s", "none | 1:4 k: expected a duration of at least 1m, found \"5s\""}},
        [&](Fields& fields) { return text(fields.duration("k", {.at_least = 1min})); });
}

enum class LaunchType { kEc2, kFargate, kExternal };

TEST(Fields, ReadOneOfAFewWords) {
  check(
      {
          {"k: fargate", "1"},
          {"k: EC2",
           "none | 1:4 k: expected ec2, fargate or external, found \"EC2\" (did you mean ec2?)"},
          {"k: lambda", "none | 1:4 k: expected ec2, fargate or external, found \"lambda\""},
          {"k: [ec2]", "none | 1:4 k: expected ec2, fargate or external, found a list"},
          {"k:", "none"},
      },
      [](Fields& fields) {
        const auto chosen = fields.choice<LaunchType>("k", {{"ec2", LaunchType::kEc2},
                                                            {"fargate", LaunchType::kFargate},
                                                            {"external", LaunchType::kExternal}});
        return chosen ? std::to_string(static_cast<int>(*chosen)) : "none";
      });
}

TEST(Fields, ReadListsOfTexts) {
  auto read = [](Fields& fields) { return join(fields.texts("k", {1, 3}), "+"); };
  check(
      {
          {"k: [a, b]", "a+b"},
          {"k: [1.10, no]", "1.10+no"},
          {"k:", ""},
          {"k: []", " | 1:4 k: expected 1 to 3 entries, found none"},
          {"k: [a, b, c, d]", "a+b+c+d | 1:4 k: expected 1 to 3 entries, found 4"},
          {"k: [a, [b], '', ~]",
           "a | 1:4 k: expected 1 to 3 entries, found 4\n1:8 k[1]: expected text, found a list\n"
           "1:13 k[2]: must not be empty\n1:17 k[3]: expected text, found ~"},
          {"k: web", " | 1:4 k: expected a list, found \"web\" (write it as a list: [web])"},
          {"k: {a: 1}", " | 1:4 k: expected a list, found a mapping"},
      },
      read);
  check(
      {
          {"k: web,worker", "web+worker"},
          {"k: ' web , worker, '", "web+worker"},
          {"k: 12", "12"},
          {"k: ','", " | 1:4 k: expected 1 to 3 entries, found none"},
          {"k: {a: 1}", " | 1:4 k: expected a list, found a mapping"},
      },
      read, kLenient);
  check({{"k: [sh, '']", "sh+"}},
        [](Fields& fields) { return join(fields.texts("k", {}, {.may_be_empty = true}), "+"); });
  check({{"k: []", " | 1:4 k: expected at least 1 entry, found none"}},
        [](Fields& fields) { return join(fields.texts("k", {.at_least = 1}), "+"); });
  check({{"k: [a, b]", "a+b | 1:4 k: expected at most 1 entry, found 2"}},
        [](Fields& fields) { return join(fields.texts("k", {.at_most = 1}), "+"); });
}

TEST(Fields, ReadMappingsInMappings) {
  check(
      {
          {"k: {n: 1}", "1"},
          {"k:", "none"},
          {"k: 3", "none | 1:4 k: expected a mapping, found 3"},
          {"k:\n  m: 1", "none | 1:1 k.n: required key is missing\n2:3 k.m: unknown key"},
          {"k:\n  n: x", "none | 2:6 k.n: expected a whole number, found \"x\""},
          {"k:\n  n:", "none | 2:3 k.n: a value is required, found nothing"},
      },
      [](Fields& fields) {
        std::optional<Fields> inner = fields.mapping("k");
        if (!inner || !inner->require("n")) return std::string("none");
        return shown(inner->integer("n"));
      });
}

TEST(Fields, ReadListsOfMappings) {
  check(
      {
          {"k: [{n: a}, {n: b}]", "a+b"},
          {"k:\n- n: a\n- m: b\n- 3\n-\n",
           "a+ | 2:1 k: expected at most 3 entries, found 4\n"
           "3:3 k[1].n: required key is missing\n3:3 k[1].m: unknown key\n"
           "4:3 k[2]: expected a mapping, found 3\n5:2 k[3]: expected a mapping, found nothing"},
          {"k: {n: a}", " | 1:4 k: expected a list, found a mapping"},
          {"k:", ""},
      },
      [](Fields& fields) {
        std::vector<std::string> names;
        for (Fields& entry : fields.mappings("k", {.at_most = 3}))
          names.push_back(entry.required_text("n"));
        return join(names, "+");
      });
}

TEST(Fields, ReadWhatTheUserNamed) {
  check(
      {
          {"k: {web: {n: 1}, my.web: , 'a b': {n: x}}",
           "web:1+my.web:none+a b:none | 1:39 k[\"a b\"].n: expected a whole number, found \"x\""},
          {"k: [web]", " | 1:4 k: expected a mapping, found a list"},
          {"k: {web: 1}", " | 1:10 k.web: expected a mapping, found 1"},
          {"k:", ""},
      },
      [](Fields& fields) {
        std::vector<std::string> entries;
        for (auto& [name, entry] : fields.mappings_by_name("k"))
          entries.push_back(name + ":" + shown(entry.integer("n")));
        return join(entries, "+");
      });
  check(
      {
          {"k: {app: 'r/a:1', side: 2}", "app=r/a:1+side=2"},
          {"k: {app: [x], b: ''}",
           " | 1:10 k.app: expected text, found a list\n1:18 k.b: must not be empty"},
          {"k: app", " | 1:4 k: expected a mapping, found \"app\""},
      },
      [](Fields& fields) {
        std::vector<std::string> entries;
        for (const auto& [name, text] : fields.texts_by_name("k"))
          entries.push_back(name + "=" + text);
        return join(entries, "+");
      });
}

TEST(Fields, ReadDocumentsAsTheyAre) {
  check(
      {
          {"k: {family: web, cpu: '256', n: [1, 2.5, ~]}",
           R"({"family":"web","cpu":"256","n":[1,2.5,null]})"},
          {"k: 12", "12"},
          {"k:", "none"},
      },
      [](Fields& fields) {
        const std::optional<Json> document = fields.json("k");
        return document ? to_text(*document) : "none";
      });
}

TEST(Fields, SayWhatIsRequired) {
  EXPECT_EQ(problems("cluster:\ncount: x\nnames: []\n",
                     [](Fields& fields) {
                       EXPECT_EQ(fields.required_text("cluster"), "");
                       EXPECT_EQ(fields.required_text("version"), "");
                       EXPECT_EQ(fields.required_integer("count"), 0);
                       EXPECT_EQ(fields.required_integer("port"), 0);
                       EXPECT_TRUE(fields.required_texts("names", {.at_least = 1}).empty());
                       EXPECT_TRUE(fields.required_texts("others").empty());
                       EXPECT_FALSE(fields.require("tasks"));
                       EXPECT_TRUE(fields.require("names"));
                     }),
            "0:0 version: required key is missing\n"
            "0:0 port: required key is missing\n"
            "0:0 others: required key is missing\n"
            "0:0 tasks: required key is missing\n"
            "1:1 cluster: a value is required, found nothing\n"
            "2:8 count: expected a whole number, found \"x\"\n"
            "3:8 names: expected at least 1 entry, found none");
}

TEST(Fields, ReportTheKeysNobodyAskedFor) {
  auto read = [](Fields& fields) {
    fields.text("cluster");
    fields.integer("max_wait");
    fields.ignore("comment");
    fields.ignore("profile", "has no effect");
    fields.refuse("schedules", "not yet", "remove it");
    EXPECT_EQ(fields.node("absent"), nullptr);
  };
  const std::string text =
      "cluster: a\nmaxwait: 5\nclusterr: b\ncomment: c\nprofile: p\nschedules: {}\n\"\\e\": 1\n";
  EXPECT_EQ(problems(text, read),
            "2:1 maxwait: unknown key (did you mean max_wait?)\n"
            "3:1 clusterr: unknown key\n"
            "w 5:1 profile: has no effect\n"
            "6:1 schedules: not yet (remove it)\n"
            "7:1 [\"\\x1b\"]: unknown key");
  EXPECT_EQ(problems("x: 1", read, {.unknown_keys = Severity::kWarning}), "w 1:1 x: unknown key");
}

TEST(Fields, FindKeysWhateverTheirCaseWhenAsked) {
  auto read = [](Fields& fields) { fields.required_integer("max_wait"); };
  EXPECT_EQ(problems("Max_Wait: 5", read, kLenient), "");
  EXPECT_EQ(problems("Max_Wait: 5", read),
            "0:0 max_wait: required key is missing\n"
            "1:1 Max_Wait: unknown key (did you mean max_wait?)");
  EXPECT_EQ(problems("max_wait: 5\nMAX_WAIT: 6", read, kLenient),
            "2:1 MAX_WAIT: the same key is already given as max_wait on line 1");
  EXPECT_EQ(problems(
                "s: {A: 1, a: 2}",
                [](Fields& fields) {
                  std::optional<Fields> inner = fields.mapping("S");
                  ASSERT_TRUE(inner);
                  EXPECT_EQ(inner->integer("a"), 1);
                },
                kLenient),
            "1:11 S.a: the same key is already given as A on line 1");
}

TEST(Fields, SayMoreAboutAValueOrAnEntry) {
  EXPECT_EQ(problems("after: [web, job]\nn: 1",
                     [](Fields& fields) {
                       EXPECT_TRUE(fields.has("n"));
                       EXPECT_FALSE(fields.has("m"));
                       fields.integer("n");
                       fields.texts("after");
                       fields.error("after", 1, "there is no service job", "did you mean jobs?");
                       fields.error("after", 7, "beyond the list");
                       fields.error("n", "is odd");
                       fields.error("m", "goes with n");
                       fields.warning("n", "is small");
                     }),
            "0:0 m: goes with n\n"
            "1:8 after[7]: beyond the list\n"
            "1:14 after[1]: there is no service job (did you mean jobs?)\n"
            "2:4 n: is odd\n"
            "w 2:4 n: is small");
}

TEST(Fields, AreSilentBeyondSayingThatTheyAreNoMapping) {
  auto read = [](Fields& fields) {
    EXPECT_EQ(fields.required_text("cluster"), "");
    EXPECT_TRUE(fields.mappings("services").empty());
    EXPECT_FALSE(fields.mapping("tasks"));
  };
  EXPECT_EQ(problems("[1, 2]", read), "1:1 expected a mapping, found a list");
  EXPECT_EQ(problems("--- text", read), "1:5 expected a mapping, found \"text\"");
  EXPECT_EQ(problems("---\n", read), "2:1 expected a mapping, found nothing");
}

TEST(Fields, CanBeginBelowTheDocument) {
  Diagnostics diagnostics;
  const auto document =
      read_document(std::make_shared<SourceText>(SourceText{"test", "strategy: {steps: x}"}),
                    TextFormat::kYaml, diagnostics);
  ASSERT_TRUE(document);
  {
    Fields file(*document, diagnostics);
    const Node* strategy = file.node("strategy");
    ASSERT_NE(strategy, nullptr);
    Fields canary(*strategy, diagnostics, {}, file.path_of("strategy"));
    canary.integer("steps");
    canary.require("bake");
  }
  ASSERT_EQ(diagnostics.all().size(), 2u);
  EXPECT_EQ(to_string(diagnostics.all()[0]),
            "test:1:19: error: strategy.steps: expected a whole number, found \"x\"\n"
            "    1 | strategy: {steps: x}\n"
            "      |                   ^");
  EXPECT_EQ(to_string(diagnostics.all()[1]),
            "test:1:11: error: strategy.bake: required key is missing\n"
            "    1 | strategy: {steps: x}\n"
            "      |           ^^^^^^^^^^");
}

}  // namespace
}  // namespace slipway
