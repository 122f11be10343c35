#include "model/traffic.h"

#include <gtest/gtest.h>

namespace slipway {
namespace {

TEST(TrafficCondition, IsReadAsPeopleWriteIt) {
  struct Case {
    std::string_view text;
    std::string wanted;  // empty: no condition
  };
  for (const auto& [text, wanted] : {
           Case{"< 1", "< 1"},
           Case{"<=1.5", "<= 1.5"},
           Case{" >= 99.9 ", ">= 99.9"},
           Case{"= 0", "== 0"},
           Case{"!= 3", "!= 3"},
           Case{"above 5", "> 5"},
           Case{"below 1%", "< 1"},
           Case{"under 0.25", "< 0.25"},
           Case{"over 10", "> 10"},
           Case{"at most 2", "<= 2"},
           Case{"at least 99.5 %", ">= 99.5"},
           Case{"5", ""},
           Case{"< five", ""},
           Case{"< 5 apples", ""},
           Case{"< inf", ""},
           Case{"", ""},
       }) {
    SCOPED_TRACE(text);
    const std::optional<Condition> condition = parse_condition(text);
    EXPECT_EQ(condition ? to_string(*condition) : "", wanted);
  }
}

TEST(TrafficCondition, HoldsAtItsEdgeOnlyWhenItSaysSo) {
  struct Case {
    std::string_view text;
    bool below, at, above;
  };
  for (const auto& [text, below, at, above] : {
           Case{"< 2", true, false, false},
           Case{"<= 2", true, true, false},
           Case{"> 2", false, false, true},
           Case{">= 2", false, true, true},
           Case{"== 2", false, true, false},
           Case{"!= 2", true, false, true},
       }) {
    SCOPED_TRACE(text);
    const Condition condition = parse_condition(text).value();
    EXPECT_EQ(condition.holds_for(1), below);
    EXPECT_EQ(condition.holds_for(2), at);
    EXPECT_EQ(condition.holds_for(3), above);
  }
}

TEST(Mover, HasAPairWhereTwoServicesTakeTurns) {
  EXPECT_FALSE(pair_of(Mover{EcsMover{}}));
  EXPECT_FALSE(pair_of(Mover{CodeDeployMover{}}));
  const Mover alb = AlbMover{.blue = {.name = "blue", .service = "web-blue"},
                             .green = {.name = "green", .service = "web-green"}};
  EXPECT_EQ(pair_of(alb).value().green.service, "web-green");
  EXPECT_EQ(to_string(alb), "alb");
}

}  // namespace
}  // namespace slipway
