#include "sim/tables.h"

#include "base/text.h"
#include "sim/calls.h"
#include "sim/item_expressions.h"
#include "sim/item_values.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace slipway::sim {
namespace {

ServiceError no_table(std::string_view name) {
  return {400,
          "ResourceNotFoundException",
          fmt::format("Requested resource not found: Table: {} not found", name),
          {}};
}

// The name, or the ARN that ends in it.
std::string_view table_name(const Json& input) {
  return last_segment(string_or_empty(input, "TableName"));
}

Answer<Table*> find_table(const Call& call) {
  const auto found = call.region.tables->by_name.find(table_name(call.input));
  if (found == call.region.tables->by_name.end()) return no_table(table_name(call.input));
  return found->second.get();
}

// For items: one that is not there yet has none.
Answer<Table*> usable_table(const Call& call) {
  const auto found = call.region.tables->by_name.find(table_name(call.input));
  if (found == call.region.tables->by_name.end() || found->second->status == "CREATING")
    return ServiceError{400, "ResourceNotFoundException", "Requested resource not found", {}};
  return found->second.get();
}

// ---- Tables ----

JsonObject described(const Table& table) {
  const auto copied = [&](const char* member) {
    const Json* value = find(table.input, member);
    return value == nullptr ? Json(JsonArray{}) : *value;
  };
  std::size_t size = 0;
  for (const auto& [key, item] : table.items) size += to_text(Json(item)).size();
  JsonObject description{{"AttributeDefinitions", copied("AttributeDefinitions")},
                         {"TableName", table.name},
                         {"KeySchema", copied("KeySchema")},
                         {"TableStatus", table.status},
                         {"CreationDateTime", seconds_of(table.created)},
                         {"TableSizeBytes", size},
                         {"ItemCount", table.items.size()},
                         {"TableArn", table.arn},
                         {"TableId", table.id},
                         {"DeletionProtectionEnabled",
                          find_bool(table.input, "DeletionProtectionEnabled").value_or(false)}};
  JsonObject throughput;
  const Json* given = find(table.input, "ProvisionedThroughput");
  for (const char* member : {"ReadCapacityUnits", "WriteCapacityUnits"})
    throughput[member] = given == nullptr ? std::int64_t{0} : find_int(*given, member).value_or(0);
  description["ProvisionedThroughput"] = std::move(throughput);
  if (string_or_empty(table.input, "BillingMode") == "PAY_PER_REQUEST")
    description["BillingModeSummary"] = JsonObject{{"BillingMode", "PAY_PER_REQUEST"}};
  return description;
}

// Empty when a key names an attribute without a definition.
std::string key_of_type(const Json& input, std::string_view type) {
  const JsonArray* schema = find_array(input, "KeySchema");
  if (schema == nullptr) return {};
  for (const Json& element : *schema)
    if (string_or_empty(element, "KeyType") == type)
      return std::string(string_or_empty(element, "AttributeName"));
  return {};
}

std::string_view type_of_attribute(const Table& table, std::string_view name) {
  if (const JsonArray* definitions = find_array(table.input, "AttributeDefinitions"))
    for (const Json& definition : *definitions)
      if (string_or_empty(definition, "AttributeName") == name)
        return string_or_empty(definition, "AttributeType");
  return {};
}

// ---- Keys ----

Answer<std::string> key_text(const Table& table, const Json& attributes, bool is_whole_item) {
  std::string text;
  std::size_t parts = 0;
  for (const std::string& name : {table.hash_key, table.range_key}) {
    if (name.empty()) continue;
    ++parts;
    const Json* value = find(attributes, name);
    if (value == nullptr && is_whole_item)
      return invalid_item_request(fmt::format(
          "One or more parameter values were invalid: Missing the key {} in the item", name));
    if (value == nullptr)
      return invalid_item_request("The provided key element does not match the schema");
    const std::string_view type = type_of_attribute(table, name);
    const auto content = find_string(*value, type);
    if (!content && is_whole_item)
      return invalid_item_request(
          fmt::format("One or more parameter values were invalid: Type mismatch for key {} "
                      "expected: {} actual: {}",
                      name, type, std::string_view(value->as_object().begin()->key())));
    if (!content) return invalid_item_request("The provided key element does not match the schema");
    if (content->empty())
      return invalid_item_request(
          fmt::format("One or more parameter values are not valid. The AttributeValue for a key "
                      "attribute cannot contain an empty string value. Key: {}",
                      name));
    text += fmt::format("{}{}", text.empty() ? "" : "\x1f", *content);
  }
  if (!is_whole_item && attributes.as_object().size() != parts)
    return invalid_item_request("The provided key element does not match the schema");
  return text;
}

const JsonObject& item_called(const Table& table, const std::string& key) {
  static const JsonObject nothing;
  const auto found = table.items.find(key);
  return found == table.items.end() ? nothing : found->second;
}

ServiceError condition_failed(const Json& input, const JsonObject& item) {
  ServiceError error{400, "ConditionalCheckFailedException", "The conditional request failed", {}};
  if (string_or_empty(input, "ReturnValuesOnConditionCheckFailure") == "ALL_OLD" && !item.empty())
    error.members["Item"] = item;
  return error;
}

// The condition and what the request says of names and values.
Answer<bool> may_change(const Json& input, ItemExpressions& expressions, const JsonObject& item) {
  TRY(const bool holds, expressions.holds("ConditionExpression", item));
  if (auto error = expressions.unused()) return *error;
  if (!holds) return condition_failed(input, item);
  return true;
}

std::optional<ServiceError> throughput_problem(const Json& input) {
  const bool is_given = find(input, "ProvisionedThroughput") != nullptr;
  const bool is_on_demand = string_or_empty(input, "BillingMode") == "PAY_PER_REQUEST";
  if (is_given && is_on_demand)
    return invalid_item_request(
        "One or more parameter values were invalid: Neither ReadCapacityUnits nor "
        "WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST");
  if (!is_given && !is_on_demand)
    return invalid_item_request(
        "One or more parameter values were invalid: ReadCapacityUnits and WriteCapacityUnits must "
        "both be specified when BillingMode is PROVISIONED");
  return std::nullopt;
}

// Attributes are defined for keys alone. Which of them indexes use is not looked at.
std::optional<ServiceError> definitions_problem(const Table& table) {
  for (const std::string& key : {table.hash_key, table.range_key})
    if (!key.empty() && type_of_attribute(table, key).empty())
      return invalid_item_request(
          "One or more parameter values were invalid: Some index key attributes are not defined "
          "in AttributeDefinitions");
  for (const char* indexes : {"GlobalSecondaryIndexes", "LocalSecondaryIndexes"})
    if (find(table.input, indexes) != nullptr) return std::nullopt;
  const JsonArray* definitions = find_array(table.input, "AttributeDefinitions");
  const std::size_t keys = table.range_key.empty() ? 1 : 2;
  if (definitions != nullptr && definitions->size() != keys)
    return invalid_item_request(
        "One or more parameter values were invalid: Number of attributes in KeySchema does not "
        "exactly match number of attributes defined in AttributeDefinitions");
  return std::nullopt;
}

Reply CreateTable(const Call& call) {
  constexpr std::size_t kShortestName = 3, kLongestName = 255;
  const std::string name(string_or_empty(call.input, "TableName"));
  if (name.size() < kShortestName || name.size() > kLongestName)
    return invalid_item_request(
        fmt::format("TableName must be at least {} characters long and at most {} characters long",
                    kShortestName, kLongestName));
  Tables& tables = *call.region.tables;
  if (tables.by_name.contains(name))
    return ServiceError{
        400, "ResourceInUseException", fmt::format("Table already exists: {}", name), {}};

  auto table = std::make_unique<Table>();
  table->name = name;
  table->arn = fmt::format("arn:{}:dynamodb:{}:{}:table/{}", call.region.partition,
                           call.region.name, call.region.account, name);
  const std::string digits = call.region.hex_id();
  table->id = fmt::format("{}-{}-{}-{}-{}", digits.substr(0, 8), digits.substr(8, 4),
                          digits.substr(12, 4), digits.substr(16, 4), digits.substr(20));
  table->input = call.input;
  table->created = call.region.now;
  table->hash_key = key_of_type(call.input, "HASH");
  table->range_key = key_of_type(call.input, "RANGE");
  if (table->hash_key.empty())
    return invalid_item_request(
        "Invalid KeySchema: The first KeySchemaElement is not a HASH key type");
  if (auto error = definitions_problem(*table)) return *error;
  if (auto error = throughput_problem(call.input)) return *error;
  // A scenario's tables have items from the beginning.
  if (const JsonArray* items = find_array(call.input, "items"))
    for (const Json& item : *items) {
      TRY(std::string key, key_text(*table, item, true));
      table->items[std::move(key)] = item.as_object();
    }
  table->next_status.set(call.region.timeline, call.region.now + call.region.knobs.table_creation,
                         [made = table.get()] { made->status = "ACTIVE"; });
  JsonObject description = described(*table);
  tables.by_name.emplace(name, std::move(table));
  return answer_with({{"TableDescription", std::move(description)}});
}

Reply DeleteTable(const Call& call) {
  TRY(Table * table, find_table(call));
  if (table->status == "CREATING")
    return ServiceError{
        400,
        "ResourceInUseException",
        fmt::format(
            "Attempt to change a resource which is still in use: Table is being created: {}",
            table->name),
        {}};
  table->status = "DELETING";
  JsonObject description = described(*table);
  Region& region = call.region;
  region.timeline.at(region.now + region.knobs.table_creation,
                     [&region, name = table->name, id = table->id] {
                       const auto found = region.tables->by_name.find(name);
                       if (found != region.tables->by_name.end() && found->second->id == id)
                         region.tables->by_name.erase(found);
                     });
  return answer_with({{"TableDescription", std::move(description)}});
}

Reply DescribeTable(const Call& call) {
  TRY(const Table* table, find_table(call));
  return answer_with({{"Table", described(*table)}});
}

Reply ListTables(const Call& call) {
  const std::string_view after = string_or_empty(call.input, "ExclusiveStartTableName");
  const auto limit = static_cast<std::size_t>(find_int(call.input, "Limit").value_or(100));
  JsonArray names;
  bool is_cut = false;
  for (const auto& [name, table] : call.region.tables->by_name) {
    if (!after.empty() && name <= after) continue;
    is_cut = names.size() == limit;
    if (is_cut) break;
    names.emplace_back(name);
  }
  JsonObject answer{{"TableNames", names}};
  if (is_cut) answer["LastEvaluatedTableName"] = names.back();
  return answer_with(std::move(answer));
}

// ---- Items ----

// What is wrong with the values a request carries: its item or key, and its expressions' values.
std::optional<ServiceError> values_problem(const Json& input) {
  for (const char* member : {"Item", "Key"})
    if (const JsonObject* attributes = find_object(input, member))
      for (const auto& attribute : *attributes)
        if (auto problem = item_value_problem(attribute.value()))
          return invalid_item_request(std::move(*problem));
  if (const JsonObject* values = find_object(input, "ExpressionAttributeValues"))
    for (const auto& value : *values)
      if (const auto problem = item_value_problem(value.value()))
        return invalid_item_request(
            fmt::format("ExpressionAttributeValues contains invalid value: {} for key {}", *problem,
                        std::string_view(value.key())));
  return std::nullopt;
}

// One item is replaced or removed: only what was there before can be asked for.
std::optional<ServiceError> replacement_problem(const Json& input) {
  if (auto error = values_problem(input)) return error;
  const std::string_view shown = string_or_empty(input, "ReturnValues");
  if (!shown.empty() && shown != "NONE" && shown != "ALL_OLD")
    return invalid_item_request("Return values set to invalid value");
  return std::nullopt;
}

Reply GetItem(const Call& call) {
  if (auto error = values_problem(call.input)) return *error;
  TRY(const Table* table, usable_table(call));
  TRY(const std::string key, key_text(*table, call.input.at("Key"), false));
  const auto found = table->items.find(key);
  if (found == table->items.end()) return answer_with({});
  ItemExpressions expressions(call.input);
  TRY(JsonObject item, expressions.projected(found->second));
  if (auto error = expressions.unused()) return *error;
  return answer_with({{"Item", std::move(item)}});
}

// What was there before, for who asks for it.
Reply answer_with_old(const Call& call, const JsonObject& old) {
  const bool is_shown = string_or_empty(call.input, "ReturnValues") == "ALL_OLD" && !old.empty();
  return is_shown ? answer_with({{"Attributes", old}}) : answer_with({});
}

Reply PutItem(const Call& call) {
  if (auto error = replacement_problem(call.input)) return *error;
  TRY(Table * table, usable_table(call));
  const Json& item = call.input.at("Item");
  TRY(const std::string key, key_text(*table, item, true));
  const JsonObject old = item_called(*table, key);
  ItemExpressions expressions(call.input);
  TRY_VOID(may_change(call.input, expressions, old));
  table->items[key] = item.as_object();
  return answer_with_old(call, old);
}

Reply DeleteItem(const Call& call) {
  if (auto error = replacement_problem(call.input)) return *error;
  TRY(Table * table, usable_table(call));
  TRY(const std::string key, key_text(*table, call.input.at("Key"), false));
  const JsonObject old = item_called(*table, key);
  ItemExpressions expressions(call.input);
  TRY_VOID(may_change(call.input, expressions, old));
  table->items.erase(key);
  return answer_with_old(call, old);
}

JsonObject only(const JsonObject& item, const std::vector<std::string>& names) {
  JsonObject some;
  for (const std::string& name : names)
    if (const Json* value = item.if_contains(name)) some[name] = *value;
  return some;
}

Reply UpdateItem(const Call& call) {
  if (auto error = values_problem(call.input)) return *error;
  TRY(Table * table, usable_table(call));
  const Json& key_attributes = call.input.at("Key");
  TRY(const std::string key, key_text(*table, key_attributes, false));
  const JsonObject old = item_called(*table, key);
  ItemExpressions expressions(call.input);
  TRY(ItemExpressions::Update update, expressions.updated(old));
  TRY_VOID(may_change(call.input, expressions, old));
  for (const std::string& name : update.touched)
    if (name == table->hash_key || name == table->range_key)
      return invalid_item_request(
          fmt::format("One or more parameter values were invalid: Cannot "
                      "update attribute {}. This attribute is part of the key",
                      name));
  for (const auto& attribute : key_attributes.as_object())
    update.item[attribute.key()] = attribute.value();
  table->items[key] = update.item;

  const std::string_view shown = string_or_empty(call.input, "ReturnValues");
  JsonObject attributes;
  if (shown == "ALL_OLD") attributes = old;
  if (shown == "ALL_NEW") attributes = update.item;
  if (shown == "UPDATED_OLD") attributes = only(old, update.touched);
  if (shown == "UPDATED_NEW") attributes = only(update.item, update.touched);
  return attributes.empty() ? answer_with({}) : answer_with({{"Attributes", attributes}});
}

// ---- Many items ----

// What Query and Scan have in common: where to begin, how many, what of them.
Reply some_of(const Call& call, const Table& table, const std::vector<const JsonObject*>& items,
              ItemExpressions& expressions) {
  std::string after;
  if (const Json* start = find(call.input, "ExclusiveStartKey")) {
    TRY(after, key_text(table, *start, false));
  }
  const auto key_of = [&](const JsonObject& item) {
    return key_text(table, Json(item), true).value();
  };
  const auto limit = find_int(call.input, "Limit");
  JsonArray found;
  std::int64_t scanned = 0;
  const JsonObject* last = nullptr;
  bool is_begun = after.empty();
  bool is_cut = false;
  for (const JsonObject* item : items) {
    if (!is_begun) {
      is_begun = key_of(*item) == after;
      continue;
    }
    is_cut = limit && scanned == *limit;
    if (is_cut) break;
    ++scanned;
    last = item;
    TRY(const bool is_wanted, expressions.holds("FilterExpression", *item));
    if (!is_wanted) continue;
    TRY(JsonObject shown, expressions.projected(*item));
    found.push_back(std::move(shown));
  }
  const std::size_t count = found.size();
  JsonObject answer{{"Count", count}, {"ScannedCount", scanned}};
  if (string_or_empty(call.input, "Select") != "COUNT") answer["Items"] = std::move(found);
  if (is_cut && last != nullptr) {
    std::vector<std::string> key{table.hash_key};
    if (!table.range_key.empty()) key.push_back(table.range_key);
    answer["LastEvaluatedKey"] = only(*last, key);
  }
  return answer_with(std::move(answer));
}

// The range key of an index; nullopt when the table has no such index.
std::optional<std::string> range_of_index(const Table& table, std::string_view name) {
  for (const char* kind : {"GlobalSecondaryIndexes", "LocalSecondaryIndexes"})
    if (const JsonArray* indexes = find_array(table.input, kind))
      for (const Json& index : *indexes)
        if (string_or_empty(index, "IndexName") == name) return key_of_type(index, "RANGE");
  return std::nullopt;
}

Answer<std::string> range_key_for(const Call& call, const Table& table) {
  const auto index = find_string(call.input, "IndexName");
  if (!index) return table.range_key;
  const auto range = range_of_index(table, *index);
  if (!range)
    return invalid_item_request(
        fmt::format("The table does not have the specified index: {}", *index));
  return *range;
}

Reply Query(const Call& call) {
  if (auto error = values_problem(call.input)) return *error;
  TRY(const Table* table, usable_table(call));
  TRY(const std::string range_key, range_key_for(call, *table));
  if (!find_string(call.input, "KeyConditionExpression"))
    return invalid_item_request(
        "Either the KeyConditions or KeyConditionExpression parameter must be specified in the "
        "request.");
  ItemExpressions expressions(call.input);
  std::vector<const JsonObject*> items;
  // Also on nothing, so that a mistake is found in an empty table.
  TRY_VOID(expressions.holds("KeyConditionExpression", {}));
  TRY_VOID(expressions.holds("FilterExpression", {}));
  TRY_VOID(expressions.projected({}));
  if (auto error = expressions.unused()) return *error;
  for (const auto& [key, item] : table->items) {
    TRY(const bool is_meant, expressions.holds("KeyConditionExpression", item));
    if (is_meant) items.push_back(&item);
  }
  if (!range_key.empty())
    std::stable_sort(items.begin(), items.end(), [&](const JsonObject* a, const JsonObject* b) {
      const Json* left = a->if_contains(range_key);
      const Json* right = b->if_contains(range_key);
      if (left == nullptr || right == nullptr) return left == nullptr && right != nullptr;
      const auto order = compare_values(*left, *right);
      return order && *order < 0;
    });
  if (!find_bool(call.input, "ScanIndexForward").value_or(true))
    std::reverse(items.begin(), items.end());
  return some_of(call, *table, items, expressions);
}

Reply Scan(const Call& call) {
  if (auto error = values_problem(call.input)) return *error;
  TRY(const Table* table, usable_table(call));
  TRY_VOID(range_key_for(call, *table));
  ItemExpressions expressions(call.input);
  TRY_VOID(expressions.holds("FilterExpression", {}));
  TRY_VOID(expressions.projected({}));
  if (auto error = expressions.unused()) return *error;
  std::vector<const JsonObject*> items;
  for (const auto& [key, item] : table->items) items.push_back(&item);
  return some_of(call, *table, items, expressions);
}

}  // namespace

std::span<const Operation> dynamodb_operations() {
  static constexpr bool kReads = true;
  static constexpr std::array kOperations = {
      Operation{"CreateTable", CreateTable}, Operation{"DeleteItem", DeleteItem},
      Operation{"DeleteTable", DeleteTable}, Operation{"DescribeTable", DescribeTable, kReads},
      Operation{"GetItem", GetItem, kReads}, Operation{"ListTables", ListTables, kReads},
      Operation{"PutItem", PutItem},         Operation{"Query", Query, kReads},
      Operation{"Scan", Scan, kReads},       Operation{"UpdateItem", UpdateItem},
  };
  return kOperations;
}

}  // namespace slipway::sim
