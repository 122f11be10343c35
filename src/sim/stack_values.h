// What a template's expressions come to: parameters, conditions and intrinsic functions.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html
#pragma once

#include "base/json.h"
#include "sim/answer.h"
#include "sim/stacks.h"

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace slipway::sim {

// Where an expression stands.
struct Scope {
  const StackSource& source;
  const Stack& stack;  // its resources answer Ref and Fn::GetAtt
  std::string region, account, partition;
  std::function<std::optional<std::string>(std::string_view)> import_value;
  std::function<std::optional<Json>(std::string_view)> parameter_store;  // by name
};

// nullopt: AWS::NoValue, nothing at all.
Answer<std::optional<Json>> evaluate(const Json& expression, const Scope& scope);
// For what must be there: NoValue is null.
Answer<Json> evaluate_whole(const Json& expression, const Scope& scope);

// `given` is the call's Parameters; `before` answers UsePreviousValue.
Answer<std::vector<StackParameter>> read_parameters(const Json& document, const JsonArray& given,
                                                    const std::vector<StackParameter>* before,
                                                    const Scope& scope);

// Each condition of the template, by name.
Answer<std::map<std::string, bool>> judge_conditions(const Scope& scope);

}  // namespace slipway::sim
