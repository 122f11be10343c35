#include "model/python_json.h"

#include <gtest/gtest.h>

namespace slipway {
namespace {

Json parsed(std::string_view text) { return parse_json(text).value(); }

// The wanted texts are those of CPython 3.11.
TEST(PythonJson, IsWhatJsonDumpsWrites) {
  struct Case {
    std::string_view text, wanted;
  };
  for (const auto& [text, wanted] : {
           Case{R"({"a":[1,-2.5,true,null],"b":{},"c":[]})",
                R"({"a": [1, -2.5, true, null], "b": {}, "c": []})"},
           Case{R"("é😀€\u007f\u0001\"\\\n\t\r\b\f/")",
                "\"\\u00e9\\ud83d\\ude00\\u20ac\x7f\\u0001\\\"\\\\\\n\\t\\r\\b\\f/\""},
           Case{"[1.0, 0.1]", "[1.0, 0.1]"},
           Case{"{}", "{}"},
       }) {
    SCOPED_TRACE(text);
    EXPECT_EQ(to_python_text(parsed(text)), wanted);
  }
}

TEST(PythonJson, IsIndentedByTwoSpaces) {
  EXPECT_EQ(to_python_pretty_text(parsed(R"({"a":{"b":[1,{"c":[]}]},"d":{}})")),
            "{\n  \"a\": {\n    \"b\": [\n      1,\n      {\n        \"c\": []\n      }\n    ]\n"
            "  },\n  \"d\": {}\n}");
}

}  // namespace
}  // namespace slipway
