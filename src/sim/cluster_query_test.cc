#include "sim/cluster_query.h"

#include "sim/entities.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace slipway::sim {
namespace {

std::string judge(std::string_view text) {
  const Result<ClusterQuery> query = ClusterQuery::parse(text);
  if (!query) return query.error().message;
  ContainerInstance instance;
  instance.ec2InstanceId = "i-0123";
  instance.attributes = {{"ecs.instance-type", "t3.large"}, {"rack", "7"}, {"empty", ""}};
  return query->holds(instance) ? "holds" : "does not hold";
}

TEST(ClusterQuery, MatchesPatternsAgainstTheWholeText) {
  struct Case {
    std::string_view text, wanted;
  };
  for (const auto& [text, wanted] :
       {Case{"attribute:ecs.instance-type =~ t3.*", "holds"},
        Case{"attribute:ecs.instance-type =~ t3", "does not hold"},
        Case{"attribute:ecs.instance-type !~ t3", "holds"},
        Case{"attribute:ecs.instance-type matches '(t3|m5)\\..+'", "holds"},
        Case{"attribute:missing =~ .*", "does not hold"}, Case{"attribute:missing !~ .*", "holds"},
        Case{"attribute:ecs.instance-type =~ '('", "'(' is not a regular expression"}})
    EXPECT_EQ(judge(text), wanted) << text;
}

TEST(ClusterQuery, SaysWhereItStopsBeingAnExpression) {
  struct Case {
    std::string_view text, wanted;
  };
  for (const auto& [text, wanted] :
       {Case{"", "unexpected the end"}, Case{"rack", "unexpected the end"},
        Case{"attribute:rack == 7 8", "unexpected '8'"},
        Case{"attribute:rack in 7", "unexpected '7'"},
        Case{"attribute:rack in [7", "unexpected the end"},
        Case{"(attribute:rack == 7", "unexpected the end"},
        Case{"attribute:rack !like 7", "unexpected 'like'"}})
    EXPECT_EQ(judge(text), wanted) << text;
  EXPECT_EQ(judge(std::string(51, '(')), "nested too deeply");
  EXPECT_EQ(judge(std::string(2001, 'x')), "longer than 2000 characters");
}

TEST(ClusterQuery, ComparesNumbersAsNumbers) {
  EXPECT_EQ(judge("attribute:rack < 10"), "holds");
  EXPECT_EQ(judge("attribute:ecs.instance-type > a"), "holds");
}

// The calls come over the wire, and whoever answers them may run on the small stack of a fiber.
TEST(ClusterQuery, ReadsPatternsOfAnyDepth) {
  EXPECT_EQ(judge("attribute:ecs.instance-type =~ '(a?){20000}'"),
            "'(a?){20000}' is not a regular expression");
  std::string pattern(600, '(');
  pattern += "t3.large" + std::string(600, ')');
  EXPECT_EQ(judge("attribute:ecs.instance-type =~ '" + pattern + "'"), "holds");
}

}  // namespace
}  // namespace slipway::sim
