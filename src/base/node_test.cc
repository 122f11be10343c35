#include "base/node.h"

#include "base/node_test_support.h"

#include <gtest/gtest.h>

#include <limits>

namespace slipway {
namespace {

Node plain(std::string_view text) {
  Node node;
  node.kind = Node::Kind::kScalar;
  node.text = text;
  return node;
}

Node quoted(std::string_view text) {
  Node node = plain(text);
  node.quoted = true;
  return node;
}

TEST(NodeScalar, IsAWholeNumberByTheCoreSchema) {
  struct Case {
    std::string_view text;
    std::optional<std::int64_t> wanted;
  };
  for (const auto& [text, wanted] : {
           Case{"0", 0},
           Case{"12", 12},
           Case{"-7", -7},
           Case{"+7", 7},
           Case{"010", 10},  // YAML 1.1 would say 8
           Case{"0o17", 15},
           Case{"0xfF", 255},
           Case{"9223372036854775807", std::numeric_limits<std::int64_t>::max()},
           Case{"-9223372036854775808", std::numeric_limits<std::int64_t>::min()},
           Case{"9223372036854775808", std::nullopt},
           Case{"0x8000000000000000", std::nullopt},
           Case{"0x-1", std::nullopt},
           Case{"-0x1", std::nullopt},
           Case{"0x", std::nullopt},
           Case{"0o8", std::nullopt},
           Case{"0b1", std::nullopt},
           Case{"1_000", std::nullopt},
           Case{"1.0", std::nullopt},
           Case{"1e3", std::nullopt},
           Case{"+-1", std::nullopt},
           Case{"", std::nullopt},
           Case{"-", std::nullopt},
           Case{"three", std::nullopt},
           Case{"12:30", std::nullopt},
       }) {
    SCOPED_TRACE(text);
    EXPECT_EQ(plain(text).as_int(), wanted);
    EXPECT_EQ(quoted(text).as_int(), std::nullopt);
  }
}

TEST(NodeScalar, IsANumberByTheCoreSchema) {
  struct Case {
    std::string_view text;
    std::optional<double> wanted;
  };
  for (const auto& [text, wanted] : {
           Case{"1", 1.0},
           Case{"1.5", 1.5},
           Case{"-1.5e3", -1500.0},
           Case{"+.5", 0.5},
           Case{"1.", 1.0},
           Case{"1e2", 100.0},
           Case{"0.1", 0.1},
           Case{"1E-400", 0.0},
           Case{"1e400", std::nullopt},
           Case{".inf", std::nullopt},
           Case{".nan", std::nullopt},
           Case{".", std::nullopt},
           Case{"1.2.3", std::nullopt},
           Case{"1e", std::nullopt},
           Case{"e1", std::nullopt},
           Case{"1.5x", std::nullopt},
           Case{"inf", std::nullopt},
           Case{"0x1p3", std::nullopt},
       }) {
    SCOPED_TRACE(text);
    EXPECT_EQ(plain(text).as_double(), wanted);
    EXPECT_EQ(quoted(text).as_double(), std::nullopt);
  }
}

TEST(NodeScalar, IsABooleanOnlyWhenItSaysTrueOrFalse) {
  for (std::string_view text : {"true", "True", "TRUE"}) EXPECT_EQ(plain(text).as_bool(), true);
  for (std::string_view text : {"false", "False", "FALSE"}) EXPECT_EQ(plain(text).as_bool(), false);
  for (std::string_view text : {"yes", "no", "on", "off", "y", "n", "tRUE", "1", ""})
    EXPECT_EQ(plain(text).as_bool(), std::nullopt) << text;
  EXPECT_EQ(quoted("true").as_bool(), std::nullopt);
}

TEST(NodeJson, ResolvesPlainScalarsAndKeepsOrder) {
  EXPECT_EQ(outcome("z: 1\na: [1.50, 1.5.0, true, no, ~, '12', 0x10, 18446744073709551615, .inf,\n"
                    "    1e999, 99999999999999999999]\nempty:\n",
                    TextFormat::kYaml),
            R"({"z":1,"a":[1.5,"1.5.0",true,"no",null,"12",16,18446744073709551615,".inf",)"
            R"("1e999",1e+20],"empty":null})");
}

TEST(NodeDescription, SaysWhatWasFound) {
  struct Case {
    Node node;
    std::string_view wanted;
  };
  Node list, mapping, nothing, null = plain("null");
  list.kind = Node::Kind::kSequence;
  mapping.kind = Node::Kind::kMapping;
  null.kind = Node::Kind::kNull;
  for (const auto& [node, wanted] :
       {Case{list, "a list"}, Case{mapping, "a mapping"}, Case{nothing, "nothing"},
        Case{null, "null"}, Case{plain("three"), "\"three\""}, Case{plain("12"), "12"},
        Case{plain("true"), "true"}, Case{quoted("12"), "the text \"12\""},
        Case{quoted("three"), "\"three\""}, Case{quoted("true"), "the text \"true\""},
        Case{plain("no"), "\"no\""}, Case{quoted(""), "\"\""}})
    EXPECT_EQ(describe(node), wanted);
}

TEST(NodeMember, IsFoundByItsKey) {
  const Read read = read_text("a: 1\nb: {c: 2}", TextFormat::kYaml);
  ASSERT_EQ(read.documents.size(), 1u);
  const Node& root = read.documents.front();
  ASSERT_NE(root.find("b"), nullptr);
  ASSERT_NE(root.find("b")->find("c"), nullptr);
  EXPECT_EQ(root.find("b")->find("c")->as_int(), 2);
  EXPECT_EQ(root.find("c"), nullptr);
  EXPECT_EQ(root.find("a")->find("x"), nullptr);
}

TEST(SingleDocument, IsReadOrSaidToBeMissing) {
  struct Case {
    std::string text;
    TextFormat format;
    std::vector<std::string> problems;
  };
  for (const auto& [text, format, problems] : {
           Case{"a: 1", TextFormat::kYaml, {}},
           Case{"---\n", TextFormat::kYaml, {}},
           Case{"{}", TextFormat::kJson, {}},
           Case{"", TextFormat::kYaml, {"0:0 the file is empty"}},
           Case{"# only a comment\n", TextFormat::kYaml, {"0:0 the file is empty"}},
           Case{" \n", TextFormat::kJson, {"0:0 the file is empty"}},
           Case{"a: 1\n---\nb: 2\n---\nc: 3",
                TextFormat::kYaml,
                {"3:1 expected one document, found 3"}},
           Case{"a: [", TextFormat::kYaml, {"1:4 this bracket is not closed"}},
       }) {
    SCOPED_TRACE(text);
    Diagnostics diagnostics;
    const auto document =
        read_document(std::make_shared<SourceText>(SourceText{"test", text}), format, diagnostics);
    EXPECT_EQ(problems_of(diagnostics), problems);
    EXPECT_EQ(document.has_value(), problems.empty());
  }
}

TEST(SingleDocument, IsReturnedWithItsProblemsWhenItsSyntaxIsSound) {
  Diagnostics diagnostics;
  const auto document =
      read_document(std::make_shared<SourceText>(SourceText{"test", "a: 1\na: 2\nb: 3"}),
                    TextFormat::kYaml, diagnostics);
  ASSERT_TRUE(document.has_value());
  EXPECT_EQ(to_text(to_json(*document)), R"({"a":1,"b":3})");
  EXPECT_TRUE(diagnostics.has_errors());
}

TEST(Text, ThatIsNotUtf8IsRefusedWithItsPlace) {
  for (const TextFormat format : {TextFormat::kYaml, TextFormat::kJson}) {
    EXPECT_EQ(outcome("{\"a\":\n \"é\xe9\"}", format),
              "2:5 the byte 0xe9 is not UTF-8 (save the file as UTF-8)");
    EXPECT_EQ(outcome(std::string("\xff\xfe{\0}\0", 6), format),
              "0:0 the text is UTF-16 (save it as UTF-8)");
  }
}

TEST(Text, MayBeginWithAByteOrderMark) {
  EXPECT_EQ(outcome("\ufeffa: 1\na: 2", TextFormat::kYaml),
            "{\"a\":1}\n2:1 the key \"a\" is already given on line 1");
  EXPECT_EQ(outcome("\ufeff{\"a\": x}", TextFormat::kJson), "1:7 expected a value, found \"x\"");
  const Read read = read_text("\ufeffä: ö", TextFormat::kYaml);
  ASSERT_EQ(read.documents.size(), 1u);
  const Node::Member& member = read.documents[0].members.at(0);
  EXPECT_EQ(member.key_span.column, 1);
  EXPECT_EQ(marked(member.key_span), "ä");
  EXPECT_EQ(marked(member.value.span), "ö");
}

TEST(Text, IsLimitedInSizeDepthAndValues) {
  for (const TextFormat format : {TextFormat::kYaml, TextFormat::kJson}) {
    EXPECT_EQ(outcome("[1, 2]", format, {.max_bytes = 6}), "[1,2]");
    EXPECT_EQ(outcome("[1, 2]", format, {.max_bytes = 5}), "0:0 larger than 5 bytes");
    EXPECT_EQ(outcome("[[1]]", format, {.max_depth = 2}), "[[1]]");
    EXPECT_EQ(outcome("[[[1]]]", format, {.max_depth = 2}), "1:3 nested deeper than 2 levels");
    EXPECT_EQ(outcome("[1, 2]", format, {.max_nodes = 3}), "[1,2]");
    EXPECT_EQ(outcome("[1, 2, 3]", format, {.max_nodes = 3}),
              "1:8 the text has more than 3 values");
    EXPECT_EQ(outcome(std::string(1 << 20, '['), format), "1:65 nested deeper than 64 levels");
  }
}

}  // namespace
}  // namespace slipway
