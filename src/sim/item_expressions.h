// DynamoDB's expressions over an item: whether a condition holds, what an update makes of it, which
// attributes a projection leaves. Read and worked out in one go, so that a mistake is found where
// it stands. Values are as on the wire, {"S":"text"}.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.OperatorsAndFunctions.html
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.UpdateExpressions.html
#pragma once

#include "base/json.h"
#include "sim/answer.h"

#include <compare>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace slipway::sim {

// The expressions of one request, with its ExpressionAttributeNames and ExpressionAttributeValues.
class ItemExpressions {
 public:
  explicit ItemExpressions(const Json& input) : input_(input) {}

  // `kind` names the member in errors: "ConditionExpression". Without that member: true.
  Answer<bool> holds(std::string_view kind, const JsonObject& item);
  // The item after `UpdateExpression`.
  struct Update {
    JsonObject item;
    std::vector<std::string> touched;  // top-level attributes
  };
  Answer<Update> updated(const JsonObject& item);
  // What `ProjectionExpression` leaves of it; without that member: all.
  Answer<JsonObject> projected(const JsonObject& item);

  // Names and values that no expression used, which AWS refuses. Ask after the others.
  std::optional<ServiceError> unused() const;

 private:
  friend class ExpressionReader;

  const Json& input_;
  std::set<std::string, std::less<>> used_;
};

// Order of two values; nullopt when they are of different types, or of one without an order.
std::optional<std::strong_ordering> compare_values(const Json& a, const Json& b);

ServiceError invalid_item_request(std::string message);

}  // namespace slipway::sim
