// Amazon DynamoDB: tables and their items. A value is carried as DynamoDB writes it, {"S":"text"};
// the functions at the end make and read those slipway uses. shapes_test.cc holds the shapes
// against models/dynamodb.json.
#pragma once

#include "aws/operation.h"
#include "aws/shape.h"
#include "base/json.h"
#include "base/time.h"

#include <charconv>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace slipway::aws::dynamodb {

struct AttributeDefinition {
  std::string AttributeName;
  std::string AttributeType;  // "S", "N" or "B"
  bool operator==(const AttributeDefinition&) const = default;
};
SHAPE(AttributeDefinition, AttributeName, AttributeType);

struct KeySchemaElement {
  std::string AttributeName;
  std::string KeyType;  // "HASH" or "RANGE"
  bool operator==(const KeySchemaElement&) const = default;
};
SHAPE(KeySchemaElement, AttributeName, KeyType);

struct ProvisionedThroughput {
  std::int64_t ReadCapacityUnits = 0;
  std::int64_t WriteCapacityUnits = 0;
  bool operator==(const ProvisionedThroughput&) const = default;
};
SHAPE(ProvisionedThroughput, ReadCapacityUnits, WriteCapacityUnits);

struct Tag {
  std::string Key;
  std::string Value;
  bool operator==(const Tag&) const = default;
};
SHAPE(Tag, Key, Value);

struct TableDescription {
  std::vector<AttributeDefinition> AttributeDefinitions;
  std::string TableName;
  std::vector<KeySchemaElement> KeySchema;
  std::string TableStatus;  // "CREATING", "UPDATING", "DELETING", "ACTIVE"...
  TimePoint CreationDateTime{};
  std::int64_t ItemCount = 0;
  std::string TableArn;
  std::string TableId;
  Json BillingModeSummary;
  bool operator==(const TableDescription&) const = default;
};
SHAPE(TableDescription, AttributeDefinitions, TableName, KeySchema, TableStatus, CreationDateTime,
      ItemCount, TableArn, TableId, BillingModeSummary);

// A table of that name: ResourceInUseException. The new one is CREATING, then ACTIVE.
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_CreateTable.html
struct CreateTableInput {
  std::vector<AttributeDefinition> AttributeDefinitions;
  std::string TableName;
  std::vector<KeySchemaElement> KeySchema;
  std::string BillingMode;  // "PAY_PER_REQUEST" or "PROVISIONED"
  std::optional<dynamodb::ProvisionedThroughput> ProvisionedThroughput;
  Json SSESpecification;
  std::vector<Tag> Tags;
  std::optional<bool> DeletionProtectionEnabled;
  bool operator==(const CreateTableInput&) const = default;
};
SHAPE(CreateTableInput, AttributeDefinitions, TableName, KeySchema, BillingMode,
      ProvisionedThroughput, SSESpecification, Tags, DeletionProtectionEnabled);

struct CreateTableOutput {
  dynamodb::TableDescription TableDescription;
  bool operator==(const CreateTableOutput&) const = default;
};
SHAPE(CreateTableOutput, TableDescription);

inline constexpr Operation<CreateTableInput, CreateTableOutput> CreateTable{
    kDynamoDb, "CreateTable", Repeat::kIdempotent};

// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DescribeTable.html
struct DescribeTableInput {
  std::string TableName;
  bool operator==(const DescribeTableInput&) const = default;
};
SHAPE(DescribeTableInput, TableName);

struct DescribeTableOutput {
  TableDescription Table;
  bool operator==(const DescribeTableOutput&) const = default;
};
SHAPE(DescribeTableOutput, Table);

inline constexpr Operation<DescribeTableInput, DescribeTableOutput> DescribeTable{
    kDynamoDb, "DescribeTable", Repeat::kRead};

// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_ListTables.html
struct ListTablesInput {
  std::string ExclusiveStartTableName;
  std::optional<int> Limit;
  bool operator==(const ListTablesInput&) const = default;
};
SHAPE(ListTablesInput, ExclusiveStartTableName, Limit);

struct ListTablesOutput {
  std::vector<std::string> TableNames;
  std::string LastEvaluatedTableName;
  bool operator==(const ListTablesOutput&) const = default;
};
SHAPE(ListTablesOutput, TableNames, LastEvaluatedTableName);

inline constexpr Operation<ListTablesInput, ListTablesOutput> ListTables{
    .service = kDynamoDb,
    .name = "ListTables",
    .repeat = Repeat::kRead,
    .page_request = &ListTablesInput::ExclusiveStartTableName,
    .page_response = &ListTablesOutput::LastEvaluatedTableName};

// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DeleteTable.html
struct DeleteTableInput {
  std::string TableName;
  bool operator==(const DeleteTableInput&) const = default;
};
SHAPE(DeleteTableInput, TableName);

struct DeleteTableOutput {
  dynamodb::TableDescription TableDescription;
  bool operator==(const DeleteTableOutput&) const = default;
};
SHAPE(DeleteTableOutput, TableDescription);

inline constexpr Operation<DeleteTableInput, DeleteTableOutput> DeleteTable{
    kDynamoDb, "DeleteTable", Repeat::kIdempotent};

// Without ConsistentRead the answer may be a second old. No item: no members.
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_GetItem.html
struct GetItemInput {
  std::string TableName;
  std::map<std::string, Json> Key;
  std::optional<bool> ConsistentRead;
  std::string ProjectionExpression;
  std::map<std::string, std::string> ExpressionAttributeNames;
  bool operator==(const GetItemInput&) const = default;
};
SHAPE(GetItemInput, TableName, Key, ConsistentRead, ProjectionExpression, ExpressionAttributeNames);

struct GetItemOutput {
  std::map<std::string, Json> Item;
  bool operator==(const GetItemOutput&) const = default;
};
SHAPE(GetItemOutput, Item);

inline constexpr Operation<GetItemInput, GetItemOutput> GetItem{kDynamoDb, "GetItem",
                                                                Repeat::kRead};

// Replaces the whole item. When ConditionExpression does not hold:
// ConditionalCheckFailedException.
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_PutItem.html
struct PutItemInput {
  std::string TableName;
  std::map<std::string, Json> Item;
  std::string ReturnValues;
  std::string ConditionExpression;
  std::map<std::string, std::string> ExpressionAttributeNames;
  std::map<std::string, Json> ExpressionAttributeValues;
  std::string ReturnValuesOnConditionCheckFailure;
  bool operator==(const PutItemInput&) const = default;
};
SHAPE(PutItemInput, TableName, Item, ReturnValues, ConditionExpression, ExpressionAttributeNames,
      ExpressionAttributeValues, ReturnValuesOnConditionCheckFailure);

struct PutItemOutput {
  std::map<std::string, Json> Attributes;
  bool operator==(const PutItemOutput&) const = default;
};
SHAPE(PutItemOutput, Attributes);

inline constexpr Operation<PutItemInput, PutItemOutput> PutItem{
    .service = kDynamoDb,
    .name = "PutItem",
    .repeat = Repeat::kIdempotent,
    .is_once = [](const PutItemInput& r) { return !r.ConditionExpression.empty(); }};

// Makes the item when there is none, unless the condition says otherwise.
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateItem.html
struct UpdateItemInput {
  std::string TableName;
  std::map<std::string, Json> Key;
  std::string ReturnValues;
  std::string UpdateExpression;
  std::string ConditionExpression;
  std::map<std::string, std::string> ExpressionAttributeNames;
  std::map<std::string, Json> ExpressionAttributeValues;
  std::string ReturnValuesOnConditionCheckFailure;
  bool operator==(const UpdateItemInput&) const = default;
};
SHAPE(UpdateItemInput, TableName, Key, ReturnValues, UpdateExpression, ConditionExpression,
      ExpressionAttributeNames, ExpressionAttributeValues, ReturnValuesOnConditionCheckFailure);

struct UpdateItemOutput {
  std::map<std::string, Json> Attributes;
  bool operator==(const UpdateItemOutput&) const = default;
};
SHAPE(UpdateItemOutput, Attributes);

inline constexpr Operation<UpdateItemInput, UpdateItemOutput> UpdateItem{kDynamoDb, "UpdateItem",
                                                                         Repeat::kOnce};

// An item that does not exist is no error.
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DeleteItem.html
struct DeleteItemInput {
  std::string TableName;
  std::map<std::string, Json> Key;
  std::string ReturnValues;
  std::string ConditionExpression;
  std::map<std::string, std::string> ExpressionAttributeNames;
  std::map<std::string, Json> ExpressionAttributeValues;
  std::string ReturnValuesOnConditionCheckFailure;
  bool operator==(const DeleteItemInput&) const = default;
};
SHAPE(DeleteItemInput, TableName, Key, ReturnValues, ConditionExpression, ExpressionAttributeNames,
      ExpressionAttributeValues, ReturnValuesOnConditionCheckFailure);

struct DeleteItemOutput {
  std::map<std::string, Json> Attributes;
  bool operator==(const DeleteItemOutput&) const = default;
};
SHAPE(DeleteItemOutput, Attributes);

inline constexpr Operation<DeleteItemInput, DeleteItemOutput> DeleteItem{
    .service = kDynamoDb,
    .name = "DeleteItem",
    .repeat = Repeat::kIdempotent,
    .is_once = [](const DeleteItemInput& r) { return !r.ConditionExpression.empty(); }};

// At most 1 MB; go on at LastEvaluatedKey.
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Query.html
struct QueryInput {
  std::string TableName;
  std::string IndexName;
  std::optional<int> Limit;
  std::optional<bool> ConsistentRead;
  std::optional<bool> ScanIndexForward;
  std::map<std::string, Json> ExclusiveStartKey;
  std::string ProjectionExpression;
  std::string FilterExpression;
  std::string KeyConditionExpression;
  std::map<std::string, std::string> ExpressionAttributeNames;
  std::map<std::string, Json> ExpressionAttributeValues;
  bool operator==(const QueryInput&) const = default;
};
SHAPE(QueryInput, TableName, IndexName, Limit, ConsistentRead, ScanIndexForward, ExclusiveStartKey,
      ProjectionExpression, FilterExpression, KeyConditionExpression, ExpressionAttributeNames,
      ExpressionAttributeValues);

struct QueryOutput {
  std::vector<std::map<std::string, Json>> Items;
  int Count = 0;
  int ScannedCount = 0;
  std::map<std::string, Json> LastEvaluatedKey;
  bool operator==(const QueryOutput&) const = default;
};
SHAPE(QueryOutput, Items, Count, ScannedCount, LastEvaluatedKey);

inline constexpr Operation<QueryInput, QueryOutput> Query{kDynamoDb, "Query", Repeat::kRead};

// At most 1 MB; go on at LastEvaluatedKey.
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Scan.html
struct ScanInput {
  std::string TableName;
  std::string IndexName;
  std::optional<int> Limit;
  std::map<std::string, Json> ExclusiveStartKey;
  std::string ProjectionExpression;
  std::string FilterExpression;
  std::map<std::string, std::string> ExpressionAttributeNames;
  std::map<std::string, Json> ExpressionAttributeValues;
  std::optional<bool> ConsistentRead;
  bool operator==(const ScanInput&) const = default;
};
SHAPE(ScanInput, TableName, IndexName, Limit, ExclusiveStartKey, ProjectionExpression,
      FilterExpression, ExpressionAttributeNames, ExpressionAttributeValues, ConsistentRead);

struct ScanOutput {
  std::vector<std::map<std::string, Json>> Items;
  int Count = 0;
  int ScannedCount = 0;
  std::map<std::string, Json> LastEvaluatedKey;
  bool operator==(const ScanOutput&) const = default;
};
SHAPE(ScanOutput, Items, Count, ScannedCount, LastEvaluatedKey);

inline constexpr Operation<ScanInput, ScanOutput> Scan{kDynamoDb, "Scan", Repeat::kRead};

// A whole item, or its key: attribute names to values.
using Item = std::map<std::string, Json>;

inline Json text(std::string_view value) { return JsonObject{{"S", value}}; }
// DynamoDB writes numbers as text, with up to 38 digits.
inline Json number(std::int64_t value) { return JsonObject{{"N", std::to_string(value)}}; }
inline Json boolean(bool value) { return JsonObject{{"BOOL", value}}; }

// nullopt when the item has no such attribute, or it is of another type.
inline std::optional<std::string> find_text(const Item& item, const std::string& name) {
  const auto found = item.find(name);
  if (found == item.end()) return std::nullopt;
  const auto value = find_string(found->second, "S");
  return value ? std::optional<std::string>(*value) : std::nullopt;
}
inline std::optional<std::int64_t> find_number(const Item& item, const std::string& name) {
  const auto found = item.find(name);
  if (found == item.end()) return std::nullopt;
  const auto digits = find_string(found->second, "N");
  if (!digits) return std::nullopt;
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(digits->data(), digits->data() + digits->size(), value);
  if (error != std::errc() || end != digits->data() + digits->size()) return std::nullopt;
  return value;
}

}  // namespace slipway::aws::dynamodb
