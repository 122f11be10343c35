// The cluster query language of memberOf constraints and ListContainerInstances' filter:
//
//   attribute:ecs.instance-type =~ t3.* and not(attribute:stack exists)
//   ec2InstanceId in ['i-abcd1234', 'i-wxyx7890'] or task:group == service:production
//   agentConnected == true, runningTasksCount > 2, registeredAt >= 2020-03-26T16:00:00Z
//
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/cluster-query-language.html
#pragma once

#include "base/result.h"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace re2 {
class RE2;
}

namespace slipway::sim {

struct ContainerInstance;

class ClusterQuery {
 public:
  // kInvalid with a reason when the text is not an expression.
  static Result<ClusterQuery> parse(std::string_view text);

  bool holds(const ContainerInstance& instance) const;

 private:
  enum class Kind { kAnd, kOr, kNot, kCompare };
  enum class Operator {
    kEqual,
    kNotEqual,
    kGreater,
    kGreaterEqual,
    kLess,
    kLessEqual,
    kExists,
    kNotExists,
    kIn,
    kNotIn,
    kMatches,
    kNotMatches
  };
  struct Expression {
    Kind kind = Kind::kCompare;
    std::vector<Expression> parts;
    std::string subject;
    Operator op = Operator::kEqual;
    std::vector<std::string> values;
    std::shared_ptr<const re2::RE2> pattern;  // of kMatches and kNotMatches
  };
  class Parser;

  static bool holds(const Expression& expression, const ContainerInstance& instance);
  static bool compare(const Expression& expression, const std::string* value);

  Expression root_;
};

}  // namespace slipway::sim
