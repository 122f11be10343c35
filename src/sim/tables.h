// The simulated DynamoDB: tables and their items. Items are as on the wire; what expressions say of
// them is worked out in item_expressions.h.
#pragma once

#include "base/json.h"
#include "base/time.h"
#include "sim/timeline.h"

#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace slipway::sim {

struct Operation;  // sim/calls.h

struct Table {
  std::string name;
  std::string arn;
  std::string id;
  Json input;  // CreateTable's: key schema, attribute definitions, billing
  TimePoint created;
  std::string status = "CREATING";
  Timer next_status;
  std::string hash_key;
  std::string range_key;  // or empty
  // By key: the hash's value, then the range's, in an order that is the same in every run.
  std::map<std::string, JsonObject> items;
};

struct Tables {
  std::map<std::string, std::unique_ptr<Table>, std::less<>> by_name;
};

std::span<const Operation> dynamodb_operations();

}  // namespace slipway::sim
