#include "aws/codec.h"

#include "base/text.h"

#include <gtest/gtest.h>

namespace slipway::aws {
namespace {

using namespace std::chrono_literals;

struct Leaf {
  std::string name;
  int weight = 0;
  bool operator==(const Leaf&) const = default;
};
SHAPE(Leaf, name, weight);

struct Everything {
  std::string text;
  int count = 0;
  std::int64_t large = 0;
  double share = 0;
  bool enabled = false;
  TimePoint at;
  Json document;
  std::optional<std::string> maybe_text;
  std::optional<int> maybe_count;
  std::optional<std::vector<std::string>> maybe_list;
  std::vector<Leaf> leaves;
  std::vector<std::vector<int>> grid;
  std::map<std::string, std::string> labels;
  std::map<std::string, Leaf> leaf_by_name;
  Leaf leaf;
  std::optional<Leaf> maybe_leaf;
  bool operator==(const Everything&) const = default;
};
SHAPE(Everything, text, count, large, share, enabled, at, document, maybe_text, maybe_count,
      maybe_list, leaves, grid, labels, leaf_by_name, leaf, maybe_leaf);

const TimePoint kEpoch{};

Everything full() {
  return {.text = "a\"\\\n\x01ü🚀",
          .count = -7,
          .large = std::int64_t{1} << 53,
          .share = 0.1,
          .enabled = true,
          .at = kEpoch + 1700000000123ms,
          .document = parse_json(R"({"b":[1,2.5,null],"a":{}})").value(),
          .maybe_text = "",
          .maybe_count = 0,
          .maybe_list = std::vector<std::string>{},
          .leaves = {{"x", 1}, {"y", 2}},
          .grid = {{1, 2}, {}, {3}},
          .labels = {{"k", "v"}, {"l", ""}},
          .leaf_by_name = {{"z", {"z", 3}}},
          .leaf = {"in", 4},
          .maybe_leaf = Leaf{"out", 5}};
}

TEST(JsonCodec, SaysEveryKindOfMemberAsAwsDoes) {
  EXPECT_EQ(encode_json(ref(full()), Side::kRequest),
            R"({"text":"a\"\\\n\u0001ü🚀","count":-7,"large":9007199254740992,"share":0.1,)"
            R"("enabled":true,"at":1700000000.123,"document":{"b":[1,2.5,null],"a":{}},)"
            R"("maybe_text":"","maybe_count":0,"maybe_list":[],)"
            R"("leaves":[{"name":"x","weight":1},{"name":"y","weight":2}],"grid":[[1,2],[],[3]],)"
            R"("labels":{"k":"v","l":""},"leaf_by_name":{"z":{"name":"z","weight":3}},)"
            R"("leaf":{"name":"in","weight":4},"maybe_leaf":{"name":"out","weight":5}})");
}

TEST(JsonCodec, LeavesOutWhatIsNotThere) {
  EXPECT_EQ(encode_json(ref(Everything{}), Side::kRequest),
            R"({"count":0,"large":0,"share":0.0,"enabled":false,"at":0,"leaf":{"weight":0}})");
  EXPECT_EQ(encode_json(ref(Everything{}), Side::kAnswer),
            R"({"count":0,"large":0,"share":0.0,"enabled":false,"at":0,"leaves":[],"grid":[],)"
            R"("labels":{},"leaf_by_name":{},"leaf":{"weight":0}})");
}

TEST(JsonCodec, ReadsWhatItWrote) {
  const auto read = from_json_text<Everything>(encode_json(ref(full()), Side::kAnswer));
  ASSERT_TRUE(read) << to_string(read.error());
  EXPECT_EQ(*read, full());
}

TEST(JsonCodec, WritesTimesInSecondsWithMilliseconds) {
  struct Case {
    Duration since_epoch;
    std::string_view wanted;
  };
  for (const auto& [since_epoch, wanted] :
       {Case{0s, "0"}, Case{1700000000s, "1700000000"}, Case{1700000000120ms, "1700000000.12"},
        Case{1700000000001ms, "1700000000.001"}, Case{1700000000001999us, "1700000000.001"},
        Case{-500ms, "-0.5"}, Case{-1500ms, "-1.5"}}) {
    SCOPED_TRACE(wanted);
    Everything shape;
    shape.at = kEpoch + since_epoch;
    const std::string text = encode_json(ref(shape), Side::kRequest);
    EXPECT_NE(text.find(fmt::format("\"at\":{},", wanted)), std::string::npos) << text;
  }
}

TEST(JsonCodec, ReadsTimesAsNumbersAndAsText) {
  for (const std::string_view text :
       {"1700000000.5", "1700000000500e-3", R"("2023-11-14T22:13:20.500Z")"}) {
    SCOPED_TRACE(text);
    const auto read = from_json_text<Everything>(fmt::format("{{\"at\":{}}}", text));
    ASSERT_TRUE(read) << to_string(read.error());
    EXPECT_EQ(read->at, kEpoch + 1700000000500ms);
  }
}

TEST(JsonCodec, MissingNullAndUnknownMembersLeaveDefaults) {
  const auto read = from_json_text<Everything>(
      R"({"text":null,"count":null,"maybe_count":null,"leaves":null,"leaf":null,"document":null,)"
      R"("futureMember":{"deep":[1]},"labels":{"k":null},"grid":[null,[1,null]]})");
  ASSERT_TRUE(read) << to_string(read.error());
  EXPECT_EQ(*read, (Everything{.grid = {{}, {1, 0}}}));
}

TEST(JsonCodec, AWrongTypeNamesTheMember) {
  struct Case {
    std::string_view text;
    std::string_view wanted;
  };
  for (const auto& [text, wanted] : {
           Case{R"({"text":true})", "text: expected text, found true"},
           Case{R"({"count":"three"})", R"(count: expected a whole number, found "three")"},
           Case{R"({"count":1.5})", "count: expected a whole number, found 1.5"},
           Case{R"({"count":2147483648})", "count: expected a whole number, found 2147483648"},
           Case{R"({"large":1e300})", "large: expected a whole number, found 1e+300"},
           Case{R"({"share":true})", "share: expected a number, found true"},
           Case{R"({"enabled":"true"})", R"(enabled: expected true or false, found "true")"},
           Case{R"({"at":"soon"})", R"(at: expected a time in seconds since 1970, found "soon")"},
           Case{R"({"at":1e20})", "at: expected a time in seconds since 1970, found 1e+20"},
           Case{R"({"leaves":{}})", "leaves: expected a list, found an object"},
           Case{R"({"leaves":[{},{"weight":[]}]})",
                "leaves[1].weight: expected a whole number, found a list"},
           Case{R"({"grid":[[1],[2,"x"]]})", R"(grid[1][1]: expected a whole number, found "x")"},
           Case{R"({"leaf_by_name":{"z":{"name":[]}}})",
                "leaf_by_name.z.name: expected text, found a list"},
           Case{R"({"maybe_leaf":[]})", "maybe_leaf: expected an object, found a list"},
           Case{"[]", "expected an object, found a list"},
       }) {
    SCOPED_TRACE(text);
    const auto read = from_json_text<Everything>(text);
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().message, wanted);
    EXPECT_EQ(read.error().kind, ErrorKind::kUnavailable);
    EXPECT_EQ(read.error().code, "call.bad-answer");
  }
}

// moto answers a task's cpu as a number, AWS as text.
TEST(JsonCodec, ANumberWhereTextIsWantedIsItsText) {
  const auto read = from_json_text<Everything>(R"({"text":256})");
  ASSERT_TRUE(read);
  EXPECT_EQ(read->text, "256");
}

TEST(JsonCodec, ATornTextIsToldFromAWrongOne) {
  const auto read = from_json_text<Everything>(R"({"text":)");
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, "json.syntax");
  EXPECT_EQ(read.error().message, "not valid JSON at line 1, column 9: the text ends too early");
}

TEST(JsonCodec, KeepsADocumentWhole) {
  const std::string text = R"({"z":1,"future":{"b":null,"a":1e3},"list":[[],{}]})";
  const auto read = from_json_text<Json>(text);
  ASSERT_TRUE(read);
  EXPECT_EQ(encode_json(ref(*read), Side::kRequest),
            R"({"z":1,"future":{"b":null,"a":1000.0},"list":[[],{}]})");
}

}  // namespace
}  // namespace slipway::aws
