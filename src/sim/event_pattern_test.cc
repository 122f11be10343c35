#include "sim/event_pattern.h"

#include <gtest/gtest.h>

#include <string_view>

namespace slipway::sim {
namespace {

constexpr std::string_view kEvent = R"({"source": "aws.ecs", "detail-type": "ECS Task State Change",
  "resources": ["arn:aws:ecs:eu-west-1:1:task/prod/a"],
  "detail": {"lastStatus": "STOPPED", "version": 5, "share": 2.5, "stopCode": null, "empty": "",
             "none": [], "address": "10.1.2.3", "spot": true,
             "containers": [{"name": "app", "exitCode": 1}, {"name": "log", "exitCode": 0}]}})";

TEST(EventPattern, MatchesAsItsOperatorsSay) {
  struct Case {
    std::string_view detail;  // of the pattern
    bool matches;
  };
  for (const auto& [detail, matches] : {
           Case{R"({"lastStatus": ["RUNNING", "STOPPED"]})", true},
           Case{R"({"lastStatus": ["stopped"]})", false},
           Case{R"({"lastStatus": ["STOPPED"], "version": [4]})", false},
           Case{R"({"version": [5.0]})", true},
           Case{R"({"spot": [true]})", true},
           Case{R"({"spot": ["true"]})", false},
           Case{R"({"stopCode": [null]})", true},
           Case{R"({"empty": [""]})", true},
           Case{R"({"missing": [null]})", false},
           Case{R"({"lastStatus": [{"prefix": "STOP"}]})", true},
           Case{R"({"lastStatus": [{"prefix": "stop"}]})", false},
           Case{R"({"lastStatus": [{"prefix": {"equals-ignore-case": "stop"}}]})", true},
           Case{R"({"lastStatus": [{"suffix": "PED"}]})", true},
           Case{R"({"lastStatus": [{"suffix": {"equals-ignore-case": "ping"}}]})", false},
           Case{R"({"lastStatus": [{"equals-ignore-case": "Stopped"}]})", true},
           Case{R"({"lastStatus": [{"wildcard": "S*P*D"}]})", true},
           Case{R"({"lastStatus": [{"wildcard": "S*R*D"}]})", false},
           Case{R"({"lastStatus": [{"wildcard": "STOPPE?"}]})", false},
           Case{R"({"lastStatus": [{"anything-but": "RUNNING"}]})", true},
           Case{R"({"lastStatus": [{"anything-but": ["RUNNING", "STOPPED"]}]})", false},
           Case{R"({"lastStatus": [{"anything-but": {"prefix": "STOP"}}]})", false},
           Case{R"({"lastStatus": [{"anything-but": {"wildcard": ["R*", "P*"]}}]})", true},
           Case{R"({"missing": [{"anything-but": "RUNNING"}]})", false},
           Case{R"({"version": [{"numeric": [">", 4, "<=", 5]}]})", true},
           Case{R"({"version": [{"numeric": ["<", 5]}]})", false},
           Case{R"({"share": [{"numeric": ["=", 2.5]}]})", true},
           Case{R"({"lastStatus": [{"numeric": [">", 0]}]})", false},
           Case{R"({"lastStatus": [{"exists": true}]})", true},
           Case{R"({"missing": [{"exists": true}]})", false},
           Case{R"({"missing": [{"exists": false}]})", true},
           Case{R"({"none": [{"exists": false}]})", true},
           Case{R"({"missing": {"deeper": [{"exists": false}]}})", true},
           Case{R"({"address": [{"cidr": "10.0.0.0/8"}]})", true},
           Case{R"({"address": [{"cidr": "10.1.3.0/24"}]})", false},
           Case{R"({"lastStatus": [{"cidr": "10.0.0.0/8"}]})", false},
           // One item of a list has to do it all.
           Case{R"({"containers": {"name": ["app"], "exitCode": [1]}})", true},
           Case{R"({"containers": {"name": ["log"], "exitCode": [1]}})", false},
           Case{R"({"$or": [{"version": [1]}, {"lastStatus": ["STOPPED"]}]})", true},
           Case{R"({"$or": [{"version": [1]}, {"version": [2]}]})", false},
       }) {
    SCOPED_TRACE(detail);
    const std::string pattern = R"({"source": ["aws.ecs"], "detail": )" + std::string(detail) + "}";
    EXPECT_EQ(event_pattern_problem(pattern), std::nullopt);
    EXPECT_EQ(matches_event(parse_json(pattern)->as_object(), parse_json(kEvent)->as_object()),
              matches);
  }
}

TEST(EventPattern, SaysWhatIsWrongWithIt) {
  struct Case {
    std::string_view pattern, problem;
  };
  for (const auto& [pattern, problem] : {
           Case{"[]", "Filter is not an object"},
           Case{"{}", "Empty objects are not allowed"},
           Case{R"({"detail": {}})", "Empty objects are not allowed"},
           Case{R"({"source": "aws.ecs"})", "\"source\" must be an object or an array"},
           Case{R"({"source": []})", "Empty arrays are not allowed"},
           Case{R"({"source": [["aws.ecs"]]})",
                "Match value must be String, number, true, false, or null"},
           Case{R"({"source": [{"begins-with": "aws"}]})", "Unrecognized match type begins-with"},
           Case{R"({"source": [{"prefix": "a", "suffix": "b"}]})",
                "Only one key allowed in match expression"},
           Case{R"({"source": [{"prefix": 1}]})", "prefix match pattern must be a string"},
           Case{R"({"source": [{"exists": "yes"}]})",
                "exists match pattern must be either true or false."},
           Case{R"({"n": [{"numeric": 5}]})", "Value of numeric must be an array."},
           Case{R"({"n": [{"numeric": ["<"]}]})",
                "Too many or too few terms in numeric range expression"},
           Case{R"({"n": [{"numeric": ["<>", 1]}]})",
                "Unrecognized numeric range operator: \"<>\""},
           Case{R"({"n": [{"numeric": ["<", "1"]}]})", "Value of < must be numeric"},
           Case{R"({"n": [{"anything-but": {"exists": true}}]})",
                "Unsupported anything-but pattern: exists"},
           Case{R"({"n": [{"anything-but": []}]})", "Empty arrays are not allowed"},
           Case{R"({"n": [{"cidr": "10.0.0.0/64"}]})", "Malformed CIDR, one '/' required"},
           Case{R"({"$or": [{"a": [1]}, {"b": "c"}]})", "\"b\" must be an object or an array"},
       }) {
    SCOPED_TRACE(pattern);
    EXPECT_EQ(event_pattern_problem(pattern), problem);
  }
}

}  // namespace
}  // namespace slipway::sim
