#include "aws/query_document.h"

#include "aws/codec.h"
#include "aws/sts.h"
#include "base/fiber.h"
#include "base/runtime.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <string>

namespace slipway::aws {
namespace {

Json decoded(const ServiceFacts& service, std::string_view operation, std::string_view form) {
  const auto document = decode_query_document(service, Facts::of(service), operation, form);
  if (!document) {
    ADD_FAILURE() << to_string(document.error());
    return {};
  }
  return *document;
}

// Every form that botocore was seen to write is the input it was given.
TEST(QueryDocuments, AreTheInputsOfRecordedForms) {
  int checked = 0;
  for (const ServiceFacts* service : {&kSns, &kSts, &kIam, &kElbv2, &kCloudFormation, &kEc2}) {
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
  const auto wrong =
      decode_query_document(kSns, Facts::of(kSns), "Subscribe",
                            "Action=Subscribe&TopicArn=t&Protocol=sqs&ReturnSubscriptionArn=yes");
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().message, "ReturnSubscriptionArn: expected true or false, found \"yes\"");
  const auto structure =
      decode_query_document(kSns, Facts::of(kSns), "Publish", "Message.member.1=x");
  ASSERT_FALSE(structure);
  EXPECT_EQ(structure.error().message, "Message: expected a value, found a structure");
  const auto number =
      decode_query_document(kSts, Facts::of(kSts), "AssumeRole", "DurationSeconds=an%20hour");
  ASSERT_FALSE(number);
  EXPECT_EQ(number.error().message, "DurationSeconds: expected a number, found \"an hour\"");
}

TEST(QueryDocuments, BecomeXmlAsTheModelDescribesIt) {
  EXPECT_EQ(
      encode_xml_document(
          kSns, Facts::of(kSns), "GetTopicAttributes",
          parse_json(R"({"Attributes":{"Owner":"1","Policy":"<&>"},"Unknown":1})").value(), "r-1"),
      "<GetTopicAttributesResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\">"
      "<GetTopicAttributesResult><Attributes>"
      "<entry><key>Owner</key><value>1</value></entry>"
      "<entry><key>Policy</key><value>&lt;&amp;&gt;</value></entry>"
      "</Attributes></GetTopicAttributesResult>"
      "<ResponseMetadata><RequestId>r-1</RequestId></ResponseMetadata>"
      "</GetTopicAttributesResponse>");
  EXPECT_EQ(encode_xml_document(kSns, Facts::of(kSns), "ListTopics",
                                parse_json(R"({"Topics":[{"TopicArn":"a"},{}]})").value(), "r"),
            "<ListTopicsResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\">"
            "<ListTopicsResult><Topics><member><TopicArn>a</TopicArn></member><member></member>"
            "</Topics></ListTopicsResult><ResponseMetadata><RequestId>r</RequestId>"
            "</ResponseMetadata></ListTopicsResponse>");
  EXPECT_EQ(encode_xml_document(kSns, Facts::of(kSns), "DeleteTopic", JsonObject{}, "r"),
            "<DeleteTopicResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\">"
            "<ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></DeleteTopicResponse>");
}

// A service with all that the protocol can do.
const Facts& sampler() {
  static const Facts facts(R"({"metadata":{},
"operations":{
"Try":{"input":"All","output":"All","errors":[]}
},
"shapes":{
"All":{"type":"structure","members":{"text":{"shape":"Text"},"count":{"shape":"Number"},"share":{"shape":"Share"},"enabled":{"shape":"Flag"},"at":{"shape":"Time"},"leaves":{"shape":"Leaves","locationName":"leafSet"},"grid":{"shape":"Grid"},"labels":{"shape":"Labels"},"leafByName":{"shape":"LeafByName"},"leaf":{"shape":"Leaf","queryName":"OneLeaf"}}},
"Flag":{"type":"boolean"},
"Grid":{"type":"list","member":{"shape":"Numbers"}},
"Labels":{"type":"map","key":{"shape":"Text"},"value":{"shape":"Text"}},
"Leaf":{"type":"structure","members":{"name":{"shape":"Text"},"weight":{"shape":"Number"}}},
"LeafByName":{"type":"map","key":{"shape":"Text","locationName":"Name"},"value":{"shape":"Leaf","locationName":"Value"}},
"Leaves":{"type":"list","member":{"shape":"Leaf","locationName":"item"}},
"Number":{"type":"integer"},
"Numbers":{"type":"list","member":{"shape":"Number"}},
"Share":{"type":"double"},
"Text":{"type":"string"},
"Time":{"type":"timestamp"}
},
"paginators":{},
"waiters":{}}
)");
  return facts;
}

const Json kAll = parse_json(R"({"text":"a b&c=ü","count":-7,"share":0.1,"enabled":true,
  "at":1700000000.123,"leaves":[{"name":"x","weight":1},{"name":"y","weight":2}],
  "grid":[[1,2],[],[3]],"labels":{"k":"v","l":""},"leafByName":{"z":{"name":"z","weight":3}},
  "leaf":{"name":"in","weight":4}})")
                      .value();

TEST(QueryDocuments, NumberListsAndJoinNamesWithDots) {
  EXPECT_EQ(encode_query_document(kSts, sampler(), "Try", kAll),
            "Action=Try&Version=2011-06-15&text=a%20b%26c%3D%C3%BC&count=-7"
            "&share=0.1&enabled=true&at=2023-11-14T22%3A13%3A20.123Z"
            "&leafSet.item.1.name=x&leafSet.item.1.weight=1"
            "&leafSet.item.2.name=y&leafSet.item.2.weight=2"
            "&grid.member.1.member.1=1&grid.member.1.member.2=2&grid.member.2="
            "&grid.member.3.member.1=3"
            "&labels.entry.1.key=k&labels.entry.1.value=v&labels.entry.2.key=l"
            "&labels.entry.2.value=&leafByName.entry.1.Name=z"
            "&leafByName.entry.1.Value.name=z&leafByName.entry.1.Value.weight=3"
            "&leaf.name=in&leaf.weight=4");
}

TEST(QueryDocuments, OfEc2HaveCapitalsAndBareNumbers) {
  const Json few = parse_json(R"({"count":1,"leaves":[{"name":"x"}],"grid":[[1],[]],
                                  "leaf":{"weight":4}})")
                       .value();
  const std::string form = encode_query_document(kEc2, sampler(), "Try", few);
  EXPECT_EQ(form,
            "Action=Try&Version=2016-11-15&Count=1&LeafSet.1.Name=x&Grid.1.1=1&OneLeaf.Weight=4");
  EXPECT_EQ(to_text(decode_query_document(kEc2, sampler(), "Try", form).value()),
            R"({"count":1,"leaves":[{"name":"x"}],"grid":[[1]],"leaf":{"weight":4}})");
}

TEST(QueryDocuments, KeepWhatTheModelDoesNotKnow) {
  const Json invented =
      parse_json(R"({"New":{"Deep":[1,{"x":true}]},"leaf":{"color":"red"}})").value();
  EXPECT_EQ(encode_query_document(kSts, sampler(), "Try", invented),
            "Action=Try&Version=2011-06-15&New.Deep.member.1=1&New.Deep.member.2.x=true"
            "&leaf.color=red");
  const auto read = decode_xml_document(
      kSts, sampler(), "Try",
      "<TryResponse><TryResult><New><Deep><member>1</member><member><x>true</x></member></Deep>"
      "</New><leaf><color>red</color></leaf></TryResult></TryResponse>");
  EXPECT_EQ(to_text(read.value()), R"({"New":{"Deep":["1",{"x":"true"}]},"leaf":{"color":"red"}})");
}

TEST(QueryDocuments, ReadFormsOfOtherClients) {
  const auto read = [](std::string_view form) {
    return to_text(decode_query_document(kSts, sampler(), "Try", form).value());
  };
  EXPECT_EQ(read("Version=1&text=a+b%2Bc&count=3&Unknown.member.1=x&&="),
            R"({"text":"a b+c","count":3})");
  EXPECT_EQ(read("text=100%"), R"({"text":"100%"})");
}

TEST(XmlDocuments, ReadTheAnswerTheyWrote) {
  Json all = kAll;
  all.at("text") = "a<b>&\"'\r\n ü🚀";  // other control characters have no place in XML
  const std::string text = encode_xml_document(kSts, sampler(), "Try", all, "r-1");
  EXPECT_TRUE(
      text.starts_with("<TryResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">"
                       "<TryResult><text>a&lt;b&gt;&amp;\"'&#13;\n ü🚀</text>"))
      << text;
  EXPECT_TRUE(text.ends_with(
      "</TryResult><ResponseMetadata><RequestId>r-1</RequestId></ResponseMetadata></TryResponse>"))
      << text;
  all.at("at") = "2023-11-14T22:13:20.123Z";
  const auto read = decode_xml_document(kSts, sampler(), "Try", text);
  ASSERT_TRUE(read) << to_string(read.error());
  EXPECT_EQ(to_text(*read), to_text(all));
}

TEST(XmlDocuments, OfEc2HaveNoResultElement) {
  const std::string text =
      encode_xml_document(kEc2, sampler(), "Try", parse_json(R"({"leaves":[{}]})").value(), "r");
  EXPECT_EQ(
      text,
      "<TryResponse xmlns=\"http://ec2.amazonaws.com/doc/2016-11-15\"><requestId>r</requestId>"
      "<leafSet><item></item></leafSet></TryResponse>");
  EXPECT_EQ(to_text(decode_xml_document(kEc2, sampler(), "Try", text)->at("leaves")), "[{}]");
}

TEST(XmlDocuments, SayWhatIsWrongWithAnAnswer) {
  struct Case {
    std::string_view text;
    std::string_view wanted;
    std::string_view code;
  };
  constexpr std::string_view kSyntax = "xml.syntax";
  // Deep enough to use up any stack.
  std::string nested = "<TryResponse><TryResult>";
  for (int i = 0; i < 200'000; ++i) nested += "<a>";
  for (int i = 0; i < 200'000; ++i) nested += "</a>";
  nested += "</TryResult></TryResponse>";
  for (const auto& [text, wanted, code] : {
           Case{"", "not valid XML at byte 0: No document element found", kSyntax},
           Case{"plain", "not valid XML at byte 5: No document element found", kSyntax},
           Case{"<TryResponse>", "not valid XML at byte 12: Start-end tags mismatch", kSyntax},
           Case{"<TryResponse/><TryResponse/>", "not valid XML: more than one root element",
                kSyntax},
           Case{"<html/>", "expected <TryResponse>, found <html>", "call.bad-answer"},
           Case{nested, "not valid XML: nested deeper than 64 levels", kSyntax},
       }) {
    SCOPED_TRACE(text.substr(0, 100));
    const auto read = decode_xml_document(kSts, sampler(), "Try", text);
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().message, wanted);
    EXPECT_EQ(read.error().code, code);
  }
}

// Answers are read on fibers. An element is a frame or two of ours.
TEST(XmlDocuments, AsDeepAsTheyMayBeFitOnTheStackOfAFiber) {
  std::string text = "<TryResponse><TryResult>";
  for (int i = 0; i < 31; ++i) text += "<a><member>";
  for (int i = 0; i < 31; ++i) text += "</member></a>";
  text += "</TryResult></TryResponse>";
  VirtualDriver driver{TimePoint{}};
  Fibers fibers(driver);
  fibers.run([&] {
    const auto read = decode_xml_document(kSts, sampler(), "Try", text);
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(to_text(*read).size(), 31 * std::string_view(R"({"a":[]})").size() + 2);
  });
}

// Whoever reads the document into a shape says what is wrong with it.
TEST(XmlDocuments, LeaveAValueOfAnotherTypeAsText) {
  const auto read = decode_xml_document(kSts, sampler(), "Try",
                                        "<TryResponse><TryResult><count> 3 </count><enabled>yes"
                                        "</enabled></TryResult></TryResponse>");
  EXPECT_EQ(to_text(read.value()), R"({"count":3,"enabled":"yes"})");
  AssumeRoleResponse answer;
  const auto decoded =
      decode_xml(kSts, "AssumeRole",
                 "<AssumeRoleResponse><AssumeRoleResult><Credentials><Expiration>soon</Expiration>"
                 "</Credentials></AssumeRoleResult></AssumeRoleResponse>",
                 ref(answer));
  ASSERT_FALSE(decoded);
  EXPECT_EQ(decoded.error().message,
            R"(Credentials.Expiration: expected a time in seconds since 1970, found "soon")");
}

TEST(XmlErrors, HaveThreeForms) {
  struct Case {
    std::string_view body;
    std::string_view code;
    std::string_view message;
  };
  for (const auto& [body, code, message] : {
           Case{"<ErrorResponse><Error><Code> Throttling </Code><Message>Rate exceeded</Message>"
                "</Error><RequestId>r</RequestId></ErrorResponse>",
                "Throttling", "Rate exceeded"},
           Case{"<Response><Errors><Error><Code>InvalidVpcID.NotFound</Code><Message>m</Message>"
                "</Error></Errors><RequestID>r</RequestID></Response>",
                "InvalidVpcID.NotFound", "m"},
           Case{"<InvalidChangeBatch xmlns=\"https://route53.amazonaws.com/doc/2013-04-01/\">"
                "<Messages><Message>one</Message><Message>two</Message></Messages>"
                "<RequestId>r</RequestId></InvalidChangeBatch>",
                "InvalidChangeBatch", "one, two"},
       }) {
    SCOPED_TRACE(body);
    const auto error = decode_xml_error(body);
    ASSERT_TRUE(error);
    EXPECT_EQ(error->code, code);
    EXPECT_EQ(error->message, message);
    EXPECT_EQ(error->request_id, "r");
  }
  EXPECT_FALSE(decode_xml_error("<html/>"));
  EXPECT_FALSE(decode_xml_error("{}"));
}

}  // namespace
}  // namespace slipway::aws
