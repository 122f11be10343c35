#include "aws/query_document.h"

#include "base/runtime.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <string>

namespace slipway::aws {
namespace {

Json decoded(const ServiceFacts& service, std::string_view operation, std::string_view form) {
  const auto document = decode_query_document(service, operation, form);
  if (!document) {
    ADD_FAILURE() << to_string(document.error());
    return {};
  }
  return *document;
}

// Every form that botocore was seen to write is the input it was given.
TEST(QueryDocuments, AreTheInputsOfRecordedForms) {
  int checked = 0;
  for (const ServiceFacts* service : {&kSns, &kSts}) {
    const auto root = std::filesystem::path(SLIPWAY_SOURCE_DIR) / "tests/vectors" / service->id;
    for (const auto& file : std::filesystem::recursive_directory_iterator(root)) {
      if (!file.is_regular_file()) continue;
      SCOPED_TRACE(file.path());
      const Json exchange = parse_json(read_file(file.path()).value()).value();
      const Json found = decoded(*service, exchange.at("operation").as_string(),
                                 exchange.at("http").at("body").as_string());
      Json wanted = exchange.at("input");
      // An empty list leaves "X=" in a form, which has no items either way.
      EXPECT_EQ(to_text(found).size(), to_text(wanted).size());
      for (const auto& member : wanted.as_object())
        EXPECT_EQ(to_text(*find(found, member.key())), to_text(member.value())) << member.key();
      ++checked;
    }
  }
  EXPECT_GE(checked, 40);
}

TEST(QueryDocuments, NameTheMemberThatIsOfAnotherType) {
  const auto wrong = decode_query_document(
      kSns, "Subscribe", "Action=Subscribe&TopicArn=t&Protocol=sqs&ReturnSubscriptionArn=yes");
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().message, "ReturnSubscriptionArn: expected true or false, found \"yes\"");
  const auto structure = decode_query_document(kSns, "Publish", "Message.member.1=x");
  ASSERT_FALSE(structure);
  EXPECT_EQ(structure.error().message, "Message: expected a value, found a structure");
  const auto number = decode_query_document(kSts, "AssumeRole", "DurationSeconds=an%20hour");
  ASSERT_FALSE(number);
  EXPECT_EQ(number.error().message, "DurationSeconds: expected a number, found \"an hour\"");
}

TEST(QueryDocuments, BecomeXmlAsTheModelDescribesIt) {
  EXPECT_EQ(
      encode_xml_document(
          kSns, "GetTopicAttributes",
          parse_json(R"({"Attributes":{"Owner":"1","Policy":"<&>"},"Unknown":1})").value(), "r-1"),
      "<GetTopicAttributesResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\">"
      "<GetTopicAttributesResult><Attributes>"
      "<entry><key>Owner</key><value>1</value></entry>"
      "<entry><key>Policy</key><value>&lt;&amp;&gt;</value></entry>"
      "</Attributes></GetTopicAttributesResult>"
      "<ResponseMetadata><RequestId>r-1</RequestId></ResponseMetadata>"
      "</GetTopicAttributesResponse>");
  EXPECT_EQ(encode_xml_document(kSns, "ListTopics",
                                parse_json(R"({"Topics":[{"TopicArn":"a"},{}]})").value(), "r"),
            "<ListTopicsResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\">"
            "<ListTopicsResult><Topics><member><TopicArn>a</TopicArn></member><member></member>"
            "</Topics></ListTopicsResult><ResponseMetadata><RequestId>r</RequestId>"
            "</ResponseMetadata></ListTopicsResponse>");
  EXPECT_EQ(encode_xml_document(kSns, "DeleteTopic", JsonObject{}, "r"),
            "<DeleteTopicResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\">"
            "<ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></DeleteTopicResponse>");
}

}  // namespace
}  // namespace slipway::aws
