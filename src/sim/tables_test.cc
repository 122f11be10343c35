#include "sim/testing.h"

#include <gtest/gtest.h>

#include <string>

namespace slipway::sim {
namespace {

// A table of deployments, by group and service.
struct Deployments : Rehearsal {
  explicit Deployments(Knobs knobs = {}) : Rehearsal(knobs) {
    call("dynamodb:CreateTable", R"j({"TableName": "canary", "BillingMode": "PAY_PER_REQUEST",
      "AttributeDefinitions": [{"AttributeName": "group", "AttributeType": "S"},
                               {"AttributeName": "at", "AttributeType": "N"}],
      "KeySchema": [{"AttributeName": "group", "KeyType": "HASH"},
                    {"AttributeName": "at", "KeyType": "RANGE"}]})j");
    at(0);
  }
  void put(std::string_view group, int when, std::string_view more = "") {
    call("dynamodb:PutItem",
         fmt::format(R"j({{"TableName": "canary", "Item": {{"group": {{"S": "{}"}},
                          "at": {{"N": "{}"}}{}}}}})j",
                     group, when, more));
  }
  std::string get(std::string_view group, int when, std::string_view more = "") {
    const Json answer =
        call("dynamodb:GetItem", fmt::format(R"j({{"TableName": "canary", "Key": {{"group":
      {{"S": "{}"}}, "at": {{"N": "{}"}}}}{}}})j",
                                             group, when, more));
    const Json* item = find(answer, "Item");
    return item == nullptr ? "nothing" : to_text(*item);
  }
  // Expressions may be long; JSON's strings have no line breaks.
  static std::string flat(std::string text) {
    for (char& c : text) c = c == '\n' ? ' ' : c;
    return text;
  }
  // Of the item shop/1.
  std::string update(std::string_view more) {
    const std::string input = fmt::format(
        R"j({{"TableName": "canary", "Key": {{"group": {{"S": "shop"}}, "at": {{"N": "1"}}}},
             "ReturnValues": "ALL_NEW", {}}})j",
        more);
    Reply reply = ask("dynamodb:UpdateItem", flat(input));
    if (!reply) return reply.error().code + ": " + reply.error().message;
    return to_text(reply->parse().at("Attributes"));
  }
};

TEST(Tables, AreCreatingForAWhile) {
  Rehearsal world;
  world.at(0);
  constexpr std::string_view kInput = R"j({"TableName": "locks", "BillingMode": "PAY_PER_REQUEST",
    "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
    "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}]})j";
  const Json made = world.call("dynamodb:CreateTable", kInput);
  EXPECT_EQ(made.at("TableDescription").at("TableStatus").as_string(), "CREATING");
  EXPECT_EQ(world.refusal("dynamodb:CreateTable", kInput),
            "ResourceInUseException: Table already exists: locks");
  constexpr std::string_view kKey = R"j({"TableName": "locks", "Key": {"id": {"S": "a"}}})j";
  EXPECT_EQ(world.refusal("dynamodb:GetItem", kKey),
            "ResourceNotFoundException: Requested resource not found");
  world.at(10);
  EXPECT_EQ(to_text(world.call("dynamodb:GetItem", kKey)), "{}");
  const Json table =
      world.call("dynamodb:DescribeTable", R"j({"TableName": "locks"})j").at("Table");
  EXPECT_EQ(table.at("TableStatus").as_string(), "ACTIVE");
  EXPECT_EQ(table.at("TableArn").as_string(),
            "arn:aws:dynamodb:eu-west-1:123456789012:table/locks");
  EXPECT_EQ(to_text(world.call("dynamodb:ListTables")), R"j({"TableNames":["locks"]})j");
  world.call("dynamodb:DeleteTable", R"j({"TableName": "locks"})j");
  world.at(21);
  EXPECT_EQ(world.refusal("dynamodb:DescribeTable", R"j({"TableName": "locks"})j"),
            "ResourceNotFoundException: Requested resource not found: Table: locks not found");
}

TEST(Tables, KeepItemsByTheirWholeKey) {
  Deployments world;
  world.put("shop", 1, R"j(, "shade": {"S": "blue"})j");
  world.put("shop", 2, R"j(, "shade": {"S": "green"})j");
  EXPECT_EQ(world.get("shop", 2),
            R"j({"group":{"S":"shop"},"at":{"N":"2"},"shade":{"S":"green"}})j");
  EXPECT_EQ(world.get("shop", 3), "nothing");
  EXPECT_EQ(world.get("shop", 1, R"j(, "ProjectionExpression": "shade, nothing")j"),
            R"j({"shade":{"S":"blue"}})j");
  world.call("dynamodb:DeleteItem", R"j({"TableName": "canary", "Key": {"group": {"S": "shop"},
                                        "at": {"N": "1"}}})j");
  EXPECT_EQ(world.get("shop", 1), "nothing");
  EXPECT_EQ(world.refusal("dynamodb:GetItem",
                          R"j({"TableName": "canary", "Key": {"group": {"S": "shop"}}})j"),
            "ValidationException: The provided key element does not match the schema");
  EXPECT_EQ(world.refusal("dynamodb:PutItem",
                          R"j({"TableName": "canary", "Item": {"group": {"S": "shop"}}})j"),
            "ValidationException: One or more parameter values were invalid: Missing the key at in "
            "the item");
}

TEST(Tables, AnswerConsistentReadsFromThePresent) {
  Deployments world({.consistency_lag = std::chrono::seconds(5)});
  world.at(10);
  world.put("shop", 1);
  EXPECT_EQ(world.get("shop", 1), "nothing");
  EXPECT_NE(world.get("shop", 1, R"j(, "ConsistentRead": true)j"), "nothing");
  world.at(15);
  EXPECT_NE(world.get("shop", 1), "nothing");
}

TEST(Conditions, HoldOrNot) {
  Deployments world;
  world.put("shop", 1,
            R"j(, "owner": {"S": "ci-7"}, "tries": {"N": "3"}, "zones": {"SS": ["a", "b"]},
               "deep": {"M": {"list": {"L": [{"N": "5"}]}}})j");
  struct Case {
    std::string_view condition;
    bool wanted;
  };
  for (const auto& [condition, wanted] : {
           Case{"attribute_exists(#owner)", true},
           Case{"attribute_not_exists(#owner)", false},
           Case{"attribute_exists(missing)", false},
           Case{"#owner = :owner", true},
           Case{"NOT #owner = :owner", false},
           Case{"#owner <> :owner", false},
           Case{"missing <> :owner", true},
           Case{"missing = :owner", false},
           Case{"tries > :two AND tries <= :three", true},
           Case{"tries < :two OR #owner = :owner", true},
           Case{"tries < :two OR #owner = :owner AND tries < :two", false},
           Case{"(tries < :two OR #owner = :owner) AND tries >= :two", true},
           Case{"not (tries < :two or tries > :three)", true},
           Case{"tries BETWEEN :two AND :three", true},
           Case{"#owner IN (:two, :owner)", true},
           Case{"begins_with(#owner, :prefix)", true},
           Case{"contains(zones, :a)", true},
           Case{"size(zones) = :two", true},
           Case{"attribute_type(tries, :n)", true},
           Case{"deep.#list[0] > :three", true},
           Case{"deep.#list[1] > :three", false},
       }) {
    SCOPED_TRACE(condition);
    // Every name and value is used, so that none is one too many.
    const std::string input = fmt::format(
        R"j({{"TableName": "canary", "Item": {{"group": {{"S": "shop"}}, "at": {{"N": "1"}},
            "owner": {{"S": "ci-7"}}, "tries": {{"N": "3"}}, "zones": {{"SS": ["a", "b"]}},
            "deep": {{"M": {{"list": {{"L": [{{"N": "5"}}]}}}}}}}},
          "ConditionExpression": "({}) AND (attribute_exists(#owner) OR #list = :owner OR
             :two = :three OR :prefix = :a OR :n = :n)",
          "ExpressionAttributeNames": {{"#owner": "owner", "#list": "list"}},
          "ExpressionAttributeValues": {{":owner": {{"S": "ci-7"}}, ":two": {{"N": "2"}},
            ":three": {{"N": "3"}}, ":prefix": {{"S": "ci-"}}, ":a": {{"S": "a"}},
            ":n": {{"S": "N"}}}}}})j",
        condition);
    const Reply reply = world.ask("dynamodb:PutItem", Deployments::flat(input));
    EXPECT_EQ(reply.has_value(), wanted);
    if (!reply) {
      EXPECT_EQ(reply.error().code, "ConditionalCheckFailedException") << reply.error().message;
      EXPECT_EQ(reply.error().message, "The conditional request failed");
    }
  }
}

TEST(Conditions, ShowTheItemThatWasInTheWay) {
  Deployments world;
  world.put("shop", 1, R"j(, "who": {"S": "ci-7"})j");
  const Reply reply = world.ask("dynamodb:PutItem", R"j({"TableName": "canary",
    "Item": {"group": {"S": "shop"}, "at": {"N": "1"}},
    "ConditionExpression": "attribute_not_exists(who)",
    "ReturnValuesOnConditionCheckFailure": "ALL_OLD"
})j");
  ASSERT_FALSE(reply);
  EXPECT_EQ(to_text(reply.error().members.at("Item").at("who")), R"j({"S":"ci-7"})j");
}

TEST(Conditions, SayWhatIsWrongWithThem) {
  Deployments world;
  struct Case {
    std::string more;
    std::string_view wanted;
  };
  for (const auto& [more, wanted] : {
           Case{R"j("ConditionExpression": "who ==")j",
                "Invalid ConditionExpression: Syntax error; token: \"=\", near: \"who ==\""},
           Case{R"j("ConditionExpression": "who = :x")j",
                "Invalid ConditionExpression: An expression attribute value used in expression is "
                "not defined; attribute value: :x"},
           Case{R"j("ConditionExpression": "attribute_exists(#x)")j",
                "Invalid ConditionExpression: An expression attribute name used in the document "
                "path is not defined; attribute name: #x"},
           Case{R"j("ConditionExpression": "attribute_exists(owner)")j",
                "Invalid ConditionExpression: Attribute name is a reserved keyword; reserved "
                "keyword: owner"},
           Case{R"j("ConditionExpression": "attribute_exists(who) who")j",
                "Invalid ConditionExpression: Syntax error; token: \"who\", near: \"ists(who) "
                "who\""},
           Case{R"j("ConditionExpression": ")j" + std::string(4097, 'a') + R"j(")j",
                "Invalid ConditionExpression: Expression size has exceeded the maximum allowed "
                "size; expression size: 4097"},
           Case{R"j("ConditionExpression": ")j" + std::string(4096, '(') + R"j(")j",
                "Invalid ConditionExpression: The expression contains too many operators; operator "
                "count: 301"},
           Case{R"j("ExpressionAttributeValues": {":x": {"N": "1"}})j",
                "Value provided in ExpressionAttributeValues unused in expressions: keys: {:x}"},
       }) {
    EXPECT_EQ(world.refusal("dynamodb:PutItem", fmt::format(R"j({{"TableName": "canary", {}, "Item":
                              {{"group": {{"S": "shop"}}, "at": {{"N": "1"}}}}}})j",
                                                            more)),
              fmt::format("ValidationException: {}", wanted));
  }
}

TEST(Updates, SetRemoveAddAndDelete) {
  Deployments world;
  EXPECT_EQ(world.update(R"j("UpdateExpression": "SET who = :w, tries = :n",
                            "ExpressionAttributeValues": {":w": {"S": "ci"}, ":n": {"N": "1"}})j"),
            R"j({"who":{"S":"ci"},"tries":{"N":"1"},"group":{"S":"shop"},"at":{"N":"1"}})j");
  EXPECT_EQ(world.update(R"j("UpdateExpression": "SET tries = tries + :n REMOVE who",
                            "ExpressionAttributeValues": {":n": {"N": "2"}})j"),
            R"j({"tries":{"N":"3"},"group":{"S":"shop"},"at":{"N":"1"}})j");
  EXPECT_EQ(
      world.update(R"j("UpdateExpression": "ADD tries :n, zones :z",
                            "ExpressionAttributeValues": {":n": {"N": "-1"},
                                                          ":z": {"SS": ["a", "b"]}})j"),
      R"j({"tries":{"N":"2"},"group":{"S":"shop"},"at":{"N":"1"},"zones":{"SS":["a","b"]}})j");
  EXPECT_EQ(world.update(R"j("UpdateExpression": "DELETE zones :z SET tries = if_not_exists(tries,
                              :n), log_ = list_append(if_not_exists(log_, :empty), :more)",
                            "ExpressionAttributeValues": {":n": {"N": "9"}, ":z": {"SS": ["a"]},
                              ":empty": {"L": []}, ":more": {"L": [{"S": "x"}]}})j"),
            R"j({"tries":{"N":"2"},"group":{"S":"shop"},"at":{"N":"1"},"zones":{"SS":["b"]},)j"
            R"j("log_":{"L":[{"S":"x"}]}})j");
  EXPECT_EQ(world.update(R"j("UpdateExpression": "SET who = nobody")j"),
            "ValidationException: The provided expression refers to an attribute that does not "
            "exist in the item");
  EXPECT_EQ(world.update(R"j("UpdateExpression": "SET #g = :x", "ExpressionAttributeNames":
                            {"#g": "group"}, "ExpressionAttributeValues": {":x": {"S": "y"}})j"),
            "ValidationException: One or more parameter values were invalid: Cannot update "
            "attribute group. This attribute is part of the key");
  EXPECT_EQ(world.update(R"j("UpdateExpression": "SET who = :x", "ConditionExpression":
                            "attribute_exists(who)", "ExpressionAttributeValues":
                            {":x": {"S": "y"}})j"),
            "ConditionalCheckFailedException: The conditional request failed");
}

TEST(Queries, SortByTheRangeAndPage) {
  Deployments world;
  for (const int when : {10, 9, 100}) world.put("shop", when, R"j(, "ok": {"BOOL": true})j");
  world.put("other", 1);
  const auto ask = [&](std::string_view more) {
    return world.call("dynamodb:Query",
                      fmt::format(R"j({{"TableName": "canary", "KeyConditionExpression": "#g = :g",
      "ExpressionAttributeNames": {{"#g": "group"}},
      "ExpressionAttributeValues": {{":g": {{"S": "shop"}}}}{}}})j",
                                  more));
  };
  const auto times = [](const Json& answer) {
    std::string all;
    for (const Json& item : answer.at("Items").as_array())
      all += std::string(item.at("at").at("N").as_string()) + " ";
    return all;
  };
  EXPECT_EQ(times(ask("")), "9 10 100 ");
  EXPECT_EQ(times(ask(R"j(, "ScanIndexForward": false)j")), "100 10 9 ");
  const Json first = ask(R"j(, "Limit": 2)j");
  EXPECT_EQ(times(first), "9 10 ");
  EXPECT_EQ(to_text(first.at("LastEvaluatedKey")), R"j({"group":{"S":"shop"},"at":{"N":"10"}})j");
  const Json second =
      ask(fmt::format(R"j(, "ExclusiveStartKey": {})j", to_text(first.at("LastEvaluatedKey"))));
  EXPECT_EQ(times(second), "100 ");
  EXPECT_FALSE(second.as_object().contains("LastEvaluatedKey"));

  const Json all = world.call("dynamodb:Scan", R"j({"TableName": "canary",
                                                   "FilterExpression": "attribute_exists(ok)"
})j");
  EXPECT_EQ(find_int(all, "Count"), 3);
  EXPECT_EQ(find_int(all, "ScannedCount"), 4);
  EXPECT_EQ(world.refusal("dynamodb:Scan", R"j({"TableName": "canary", "IndexName": "x"})j"),
            "ValidationException: The table does not have the specified index: x");
}

TEST(Tables, AreMadeAsDynamoDbWantsThem) {
  struct Case {
    std::string_view name, definitions, more, problem;
  };
  constexpr std::string_view kId = R"j({"AttributeName": "id", "AttributeType": "S"})j";
  for (const auto& [name, definitions, more, problem] :
       {Case{"ab", kId, R"j("BillingMode": "PAY_PER_REQUEST")j",
             "TableName must be at least 3 characters long and at most 255 characters long"},
        Case{"locks", R"j({"AttributeName": "x", "AttributeType": "S"})j",
             R"j("BillingMode": "PAY_PER_REQUEST")j",
             "One or more parameter values were invalid: Some index key attributes are not defined "
             "in AttributeDefinitions"},
        Case{"locks",
             R"j({"AttributeName": "id", "AttributeType": "S"},
                 {"AttributeName": "x", "AttributeType": "S"})j",
             R"j("BillingMode": "PAY_PER_REQUEST")j",
             "One or more parameter values were invalid: Number of attributes in KeySchema does "
             "not exactly match number of attributes defined in AttributeDefinitions"},
        Case{"locks", kId,
             R"j("BillingMode": "PAY_PER_REQUEST",
                 "ProvisionedThroughput": {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1})j",
             "One or more parameter values were invalid: Neither ReadCapacityUnits nor "
             "WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST"},
        Case{"locks", kId, R"j("BillingMode": "PROVISIONED")j",
             "One or more parameter values were invalid: ReadCapacityUnits and WriteCapacityUnits "
             "must both be specified when BillingMode is PROVISIONED"}}) {
    SCOPED_TRACE(problem);
    Rehearsal world;
    EXPECT_EQ(world.refusal("dynamodb:CreateTable",
                            fmt::format(R"j({{"TableName": "{}", "AttributeDefinitions": [{}],
      "KeySchema": [{{"AttributeName": "id", "KeyType": "HASH"}}], {}}})j",
                                        name, definitions, more)),
              fmt::format("ValidationException: {}", problem));
  }
}

TEST(Tables, RefuseValuesThatAreNone) {
  Deployments world;
  struct Case {
    std::string_view value, problem;
  };
  for (const auto& [value, problem] :
       {Case{R"j({"N": "abc"})j", "The parameter cannot be converted to a numeric value: abc"},
        Case{R"j({"N": ""})j", "The parameter cannot be converted to a numeric value"},
        Case{R"j({"NS": ["1", "x"]})j", "The parameter cannot be converted to a numeric value: x"},
        Case{R"j({"SS": []})j",
             "One or more parameter values were invalid: An string set  may not be empty"},
        Case{R"j({})j",
             "Supplied AttributeValue is empty, must contain exactly one of the supported "
             "datatypes"},
        Case{R"j({"S": "a", "N": "1"})j",
             "Supplied AttributeValue has more than one datatypes set, must contain exactly one of "
             "the supported datatypes"},
        Case{R"j({"L": [{"M": {"a": {"N": "inf"}}}]})j",
             "The parameter cannot be converted to a numeric value: inf"}}) {
    SCOPED_TRACE(value);
    EXPECT_EQ(world.refusal("dynamodb:PutItem", fmt::format(R"j({{"TableName": "canary", "Item":
      {{"group": {{"S": "shop"}}, "at": {{"N": "1"}}, "v": {}}}}})j",
                                                            value)),
              fmt::format("ValidationException: {}", problem));
    EXPECT_EQ(world.refusal("dynamodb:Scan", fmt::format(R"j({{"TableName": "canary",
      "FilterExpression": "v = :v", "ExpressionAttributeValues": {{":v": {}}}}})j",
                                                         value)),
              fmt::format("ValidationException: ExpressionAttributeValues contains invalid value: "
                          "{} for key :v",
                          problem));
  }
  for (const char* good : {"1", "-1.5", "+2", "1e3", "1E400"}) {
    world.put("shop", 1, fmt::format(R"j(, "v": {{"N": "{}"}})j", good));
  }
  EXPECT_EQ(world.refusal("dynamodb:PutItem", R"j({"TableName": "canary", "ReturnValues": "ALL_NEW",
              "Item": {"group": {"S": "shop"}, "at": {"N": "1"}}})j"),
            "ValidationException: Return values set to invalid value");
}

}  // namespace
}  // namespace slipway::sim
