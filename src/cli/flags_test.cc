#include "cli/flags.h"

#include <gtest/gtest.h>

namespace slipway::cli {
namespace {

const std::vector<Flag> kFlags = {
    {.name = "image-tag", .letter = 't', .takes = FlagValue::kText},
    {.name = "config", .letter = 'c', .takes = FlagValue::kText},
    {.name = "skip-tasks", .takes = FlagValue::kBoolean},
    {.name = "sim", .takes = FlagValue::kOptionalText},
};

using Words = std::vector<std::string>;

TEST(Flags, TakeTheirValueInEveryUsualForm) {
  for (const Words& arguments :
       {Words{"--image-tag", "2"}, Words{"--image-tag=2"}, Words{"-t", "2"}, Words{"-t2"},
        Words{"-t=2"}, Words{"-t", "1", "--image-tag=2"}}) {
    SCOPED_TRACE(testing::PrintToString(arguments));
    const ParsedFlags flags(arguments, kFlags);
    EXPECT_EQ(flags.error(), "");
    EXPECT_EQ(flags.text("image-tag"), "2");
  }
}

TEST(Flags, OfTruthTakeFalseAndTheLastOccurrenceWins) {
  struct Case {
    Words arguments;
    bool wanted;
  };
  for (const auto& [arguments, wanted] :
       std::vector<Case>{{{}, false},
                         {{"--skip-tasks"}, true},
                         {{"--skip-tasks=false"}, false},
                         {{"--skip-tasks", "--skip-tasks=false"}, false},
                         {{"--skip-tasks=0", "--skip-tasks=T"}, true}}) {
    SCOPED_TRACE(testing::PrintToString(arguments));
    const ParsedFlags flags(arguments, kFlags);
    EXPECT_EQ(flags.error(), "");
    EXPECT_EQ(flags.boolean("skip-tasks"), wanted);
  }
}

TEST(Flags, MixWithWordsAndEndAtTwoDashes) {
  const ParsedFlags flags({"-c", "a.yml", "deploy", "--sim", "-t", "2", "--", "--skip-tasks"},
                          kFlags);
  EXPECT_EQ(flags.words(), (Words{"deploy", "--skip-tasks"}));
  EXPECT_EQ(flags.text("config"), "a.yml");
  EXPECT_EQ(flags.text("sim"), "");
  EXPECT_EQ(ParsedFlags({"--sim=slow"}, kFlags).text("sim"), "slow");
}

TEST(Flags, ThatAreWrongAreToldInOneLine) {
  struct Case {
    Words arguments;
    std::string wanted;
  };
  for (const auto& [arguments, wanted] : std::vector<Case>{
           {{"--image-tga", "2"}, "unknown flag: --image-tga, did you mean --image-tag?"},
           {{"-x"}, "unknown flag: -x"},
           {{"--image-tag"}, "flag needs a value: --image-tag"},
           {{"--skip-tasks=maybe"}, "--skip-tasks: expected true or false, found \"maybe\""},
       }) {
    SCOPED_TRACE(testing::PrintToString(arguments));
    EXPECT_EQ(ParsedFlags(arguments, kFlags).error(), wanted);
  }
}

TEST(Flags, ThatAreRepeatedKeepTheirOrder) {
  const std::vector<Flag> flags = {{.name = "class"}};
  const ParsedFlags parsed({"--class", "b", "--class=a"}, flags);
  EXPECT_EQ(parsed.texts("class"), (Words{"b", "a"}));
  EXPECT_EQ(parsed.text("class"), "a");
  EXPECT_TRUE(parsed.texts("other").empty());
}

TEST(Flags, ThatAreNumbersAreChecked) {
  const std::vector<Flag> flags = {{.name = "n", .takes = FlagValue::kText}};
  EXPECT_EQ(ParsedFlags({}, flags).integer("n", 7), 7);
  EXPECT_EQ(ParsedFlags({"--n=12"}, flags).integer("n", 7), 12);
  for (const char* text : {"--n=", "--n=x", "--n=1x", "--n=-1"})
    EXPECT_EQ(ParsedFlags({text}, flags).integer("n", 7), std::nullopt) << text;
}

}  // namespace
}  // namespace slipway::cli
