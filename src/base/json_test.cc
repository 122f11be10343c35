#include "base/json.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace slipway {
namespace {

Json parsed(std::string_view text) {
  Result<Json> json = parse_json(text);
  EXPECT_TRUE(json.has_value()) << text;
  return json ? *json : Json();
}

TEST(JsonText, ReadsBackAsItWasWritten) {
  for (std::string_view text : {
           R"(null)",
           R"(true)",
           R"(false)",
           R"(0)",
           R"(-1)",
           R"(9223372036854775807)",
           R"(-9223372036854775808)",
           R"(18446744073709551615)",
           R"(1.0)",
           R"(0.1)",
           R"(-0.25)",
           R"(1e+300)",
           R"(2.2250738585072014e-308)",
           R"(1.7976931348623157e+308)",
           R"(0.30000000000000004)",
           R"("")",
           R"([])",
           R"({})",
           R"([1,[2,[]],{}])",
           R"({"b":1,"a":{"z":null,"y":[true]},"":2})",
           R"("\"\\\b\f\n\r\t\u0000\u001f/é😀")",
       }) {
    SCOPED_TRACE(text);
    EXPECT_EQ(to_text(parsed(text)), text);
  }
}

TEST(JsonText, WritesDoublesAsTheShortestTextThatReadsBack) {
  struct Case {
    double value;
    std::string_view wanted;
  };
  for (const auto& [value, wanted] :
       {Case{100.0, "100.0"}, Case{1e-1, "0.1"}, Case{-0.0, "-0.0"}, Case{1e21, "1e+21"},
        Case{5e-324, "5e-324"}, Case{std::numeric_limits<double>::infinity(), "null"},
        Case{std::nan(""), "null"}})
    EXPECT_EQ(to_text(Json(value)), wanted);
}

TEST(JsonText, IndentsByTwoSpaces) {
  EXPECT_EQ(to_pretty_text(parsed(R"({"a":[1,{"b":null}],"c":{},"d":[]})")),
            "{\n"
            "  \"a\": [\n"
            "    1,\n"
            "    {\n"
            "      \"b\": null\n"
            "    }\n"
            "  ],\n"
            "  \"c\": {},\n"
            "  \"d\": []\n"
            "}\n");
}

TEST(JsonText, ResolvesEscapes) { EXPECT_EQ(parsed(R"("\u00e9\ud83d\ude00\/")"), Json("é😀/")); }

TEST(JsonSyntax, IsReportedWithLineAndColumn) {
  struct Case {
    std::string text, wanted;
  };
  const Case cases[] = {
      {"", "line 1, column 1: the text ends too early"},
      {"{\"a\": 1,\n \"b\" 2}", "line 2, column 6: syntax error"},
      {"[1,2,]", "line 1, column 6: syntax error"},
      {"{} x", "line 1, column 4: there is more text after the value"},
      {"[1,\n2", "line 2, column 2: the text ends too early"},
      {"<html>", "line 1, column 1: syntax error"},
      {"[1e999]", "line 1, column 7: the number is too large"},
      {"\"\\udc00\"", "line 1, column 8: a \\u escape is half of a surrogate pair"},
  };
  for (const auto& [text, wanted] : cases) {
    SCOPED_TRACE(text);
    const Result<Json> json = parse_json(text);
    ASSERT_FALSE(json.has_value());
    EXPECT_EQ(json.error().kind, ErrorKind::kInvalid);
    EXPECT_EQ(json.error().code, "json.syntax");
    EXPECT_EQ(json.error().message, "not valid JSON at " + wanted);
  }
}

TEST(JsonSyntax, RefusesTextThatIsNotUtf8) {
  EXPECT_FALSE(parse_json("\"\xff\"").has_value());
  EXPECT_FALSE(parse_json("\"\xed\xa0\x80\"").has_value());
}

TEST(JsonSyntax, AllowsTwoHundredLevels) {
  auto nested = [](std::size_t levels) {
    return std::string(levels, '[') + std::string(levels, ']');
  };
  EXPECT_TRUE(parse_json(nested(200)).has_value());
  const Result<Json> too_deep = parse_json(nested(201));
  ASSERT_FALSE(too_deep.has_value());
  EXPECT_EQ(too_deep.error().message,
            "not valid JSON at line 1, column 201: nested deeper than 200 levels");
  EXPECT_FALSE(parse_json(std::string(1'000'000, '[')).has_value());
}

TEST(JsonLookup, AnswersNotThereForWhateverIsNotWhatWasAsked) {
  const Json json = parsed(
      R"({"s":"x","i":7,"u":18446744073709551615,"d":1.5,"b":false,"n":null,"a":[1],"o":{"p":1}})");
  EXPECT_EQ(find_string(json, "s"), "x");
  EXPECT_EQ(find_int(json, "i"), 7);
  EXPECT_EQ(find_int(json, "u"), std::nullopt);
  EXPECT_EQ(find_int(json, "d"), std::nullopt);
  EXPECT_EQ(find_double(json, "d"), 1.5);
  EXPECT_EQ(find_double(json, "i"), 7.0);
  EXPECT_EQ(find_bool(json, "b"), false);
  EXPECT_EQ(find_bool(json, "s"), std::nullopt);
  ASSERT_NE(find_array(json, "a"), nullptr);
  EXPECT_EQ(find_array(json, "a")->size(), 1u);
  EXPECT_EQ(find_array(json, "o"), nullptr);
  ASSERT_NE(find_object(json, "o"), nullptr);
  EXPECT_EQ(find_object(json, "a"), nullptr);
  EXPECT_EQ(find(json, "n"), nullptr);
  EXPECT_EQ(find(json, "absent"), nullptr);
  EXPECT_EQ(find(Json("text"), "s"), nullptr);
  EXPECT_EQ(string_or_empty(json, "s"), "x");
  EXPECT_EQ(string_or_empty(json, "i"), "");
}

TEST(JsonMember, IsRemovedAndTheOthersKeepTheirOrder) {
  Json json = parsed(R"({"a":1,"b":2,"c":3,"d":4})");
  remove_member(json.as_object(), "a");
  remove_member(json.as_object(), "absent");
  EXPECT_EQ(to_text(json), R"({"b":2,"c":3,"d":4})");
}

}  // namespace
}  // namespace slipway
