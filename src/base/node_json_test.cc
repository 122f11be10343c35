#include "base/node_test_support.h"

#include <gtest/gtest.h>

namespace slipway {
namespace {

std::string json(std::string text) { return outcome(std::move(text), TextFormat::kJson); }

struct Case {
  std::string text, wanted;
};

TEST(JsonNodes, AreReadIntoTheirValues) {
  for (std::string text : {
           R"({"a":[1,-2,1.5,1e+30,true,false,null,"x"],"b":{}})",
           R"("é😀\"\\\b\f\n\r\t\u0000")",
           R"(0)",
           R"([])",
           R"([[],[{}]])",
           R"({"":{"":""}})",
       }) {
    SCOPED_TRACE(text);
    EXPECT_EQ(json(text), text);
  }
  EXPECT_EQ(json("\r\n\t [ 1 , 2 ]\n "), "[1,2]");
  EXPECT_EQ(json("{\"a\": 1}\n{\"b\": 2}{}\n"), "{\"a\":1}\n{\"b\":2}\n{}");
  EXPECT_EQ(json(R"("\u00e9\ud83d\uDE00\/")"), "\"é😀/\"");
}

TEST(JsonNodes, KnowTheirPlaces) {
  const Read read = read_text("{\"ä\": [\"ö\", 12],\n \"b\": {\"c\":\n  true}}", TextFormat::kJson);
  ASSERT_EQ(read.documents.size(), 1u);
  const Node& root = read.documents[0];
  EXPECT_EQ(marked(root.span), "{\"ä\": [\"ö\", 12],");
  EXPECT_EQ(marked(root.members[0].key_span), "\"ä\"");
  const Node& list = root.members[0].value;
  EXPECT_EQ(marked(list.span), "[\"ö\", 12]");
  EXPECT_EQ(list.span.column, 8);
  EXPECT_EQ(marked(list.items[0].span), "\"ö\"");
  EXPECT_EQ(marked(list.items[1].span), "12");
  const Node* deep = root.find("b")->find("c");
  ASSERT_NE(deep, nullptr);
  EXPECT_EQ(deep->span.line, 3);
  EXPECT_EQ(deep->span.column, 3);
  EXPECT_EQ(marked(deep->span), "true");
}

TEST(JsonNodes, TellTextFromOtherScalars) {
  const Read read = read_text(R"(["12", 12, 1.10])", TextFormat::kJson);
  const auto& items = read.documents.at(0).items;
  EXPECT_EQ(items[0].as_int(), std::nullopt);
  EXPECT_EQ(items[1].as_int(), 12);
  EXPECT_EQ(items[2].text, "1.10");
}

TEST(JsonNodes, RefuseAKeyGivenTwice) {
  EXPECT_EQ(json("{\"a\": 1,\n \"b\": 2,\n \"\\u0061\": 3}"),
            "{\"a\":1,\"b\":2}\n3:2 the key \"a\" is already given on line 1");
}

TEST(JsonNodes, ExplainWhereTheSyntaxBreaks) {
  for (const auto& [text, wanted] : {
           Case{"{\"a\": 1", "1:1 this bracket is not closed"},
           Case{"{\"a\": [1, 2}", "1:12 expected \",\" or \"]\", found \"}\""},
           Case{"{\"a\": [1,\n", "1:7 this bracket is not closed"},
           Case{"[1, 2,]", "1:6 a comma must be followed by another value"},
           Case{"{\"a\": 1,}", "1:8 a comma must be followed by another key"},
           Case{"[,1]", "1:2 expected a value, found \",\""},
           Case{"{,}", "1:2 expected a key in double quotes, found \",\""},
           Case{"[1 2]",
                "1:4 expected \",\" or \"]\", found \"2\" (is a comma missing before it?)"},
           Case{"{\"a\": 1\n \"b\": 2}",
                "2:2 expected \",\" or \"}\", found \"\\\"\" (is a comma missing before it?)"},
           Case{"{\"a\" 1}", "1:6 expected \":\" after the key, found \"1\""},
           Case{"{\"a\"", "1:1 this bracket is not closed"},
           Case{"{\"a\":}", "1:6 expected a value, found \"}\""},
           Case{"{a: 1}", "1:2 a key is written in double quotes"},
           Case{"{'a': 1}", "1:2 a key is written in double quotes"},
           Case{"{1: 1}", "1:2 a key is written in double quotes"},
           Case{"['a']", "1:2 text is written in double quotes"},
           Case{"[True]", "1:2 expected a value, found \"True\" (did you mean true?)"},
           Case{"[None]", "1:2 expected a value, found \"None\""},
           Case{"[nul]", "1:2 expected a value, found \"nul\" (did you mean null?)"},
           Case{"[é]", "1:2 expected a value, found \"é\""},
           Case{"[1, // one\n2]", "1:5 JSON has no comments"},
           Case{"{/* x */}", "1:2 JSON has no comments"},
           Case{"# x\n{}", "1:1 JSON has no comments"},
           Case{"{} // x", "1:4 JSON has no comments"},
           Case{"{}\n[]", "2:1 there is more text after the end of the document"},
           Case{"[]\n{}", "2:1 there is more text after the end of the document"},
           Case{"{}\n{\n", "2:1 this bracket is not closed"},
           Case{"[1]]", "1:4 there is more text after the end of the document"},
           Case{"01", "1:1 a number cannot begin with 0"},
           Case{"-", "1:1 a minus must be followed by a digit"},
           Case{"-x", "1:1 a minus must be followed by a digit"},
           Case{"[+1]", "1:2 expected a value, found \"+\""},
           Case{"[.5]", "1:2 expected a value, found \".\""},
           Case{"1.", "1:1 a point must be followed by a digit"},
           Case{"1.e3", "1:1 a point must be followed by a digit"},
           Case{"1e", "1:1 an exponent must have a digit"},
           Case{"[12px]", "1:2 this is not a number"},
           Case{"[1.2.3]", "1:2 this is not a number"},
           Case{"[0x10]", "1:2 this is not a number"},
           Case{"1e999", "1:1 this number is too large"},
           Case{"NaN", "1:1 expected a value, found \"NaN\""},
           Case{"\"abc", "1:1 this quote is not closed"},
           Case{"[\"abc\n\"]",
                "1:2 this quote is not closed on its line (write \\n for a line break)"},
           Case{"\"a\tb\"", "1:3 the control character U+0009 is not allowed (write \\t)"},
           Case{"\"a\x01\"", "1:3 the control character U+0001 is not allowed (write \\u0001)"},
           Case{R"("C:\dir")",
                "1:4 a backslash begins an escape, and this is none (write \\\\ for a backslash)"},
           Case{R"("\)",
                "1:2 a backslash begins an escape, and this is none (write \\\\ for a "
                "backslash)"},
           Case{R"("\u12g4")", "1:2 \\u wants four hexadecimal digits"},
           Case{R"("\u12)", "1:2 \\u wants four hexadecimal digits"},
           Case{R"("x\ud83d")",
                "1:3 this escape is half of a surrogate pair (write the character itself, or both "
                "halves)"},
           Case{R"("\ude00\ud83d")",
                "1:2 this escape is half of a surrogate pair (write the character itself, or both "
                "halves)"},
           Case{R"("\ud83d\u0041")",
                "1:2 this escape is half of a surrogate pair (write the character itself, or both "
                "halves)"},
           Case{"<html>", "1:1 expected a value, found \"<\""},
           Case{std::string("\0", 1), "1:1 expected a value, found \"\\x00\""},
       }) {
    SCOPED_TRACE(text);
    EXPECT_EQ(json(text), wanted);
  }
}

}  // namespace
}  // namespace slipway
