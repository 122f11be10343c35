#include "aws/rest.h"

#include "aws/codec.h"
#include "aws/route53.h"
#include "aws/scheduler.h"

#include <gtest/gtest.h>

#include <string>

namespace slipway::aws {
namespace {

// A service with all that the protocol can do.
const Facts& shelf() {
  static const Facts facts(R"({"metadata":{"protocol":"rest-json"},
"operations":{
"FindBooks":{"http":{"method":"GET","requestUri":"/shelves/{Shelf}/books?kind=book"},"input":"FindBooksInput","output":"FindBooksOutput"},
"GetFile":{"http":{"method":"GET","requestUri":"/files/{Key+}"},"input":"GetFileInput"},
"PutBook":{"http":{"method":"PUT","requestUri":"/books"},"input":"PutBookInput","output":"PutBookOutput"}
},
"shapes":{
"Book":{"type":"structure","members":{"Title":{"shape":"Text"}}},
"Flag":{"type":"boolean"},
"FindBooksInput":{"type":"structure","members":{"Shelf":{"shape":"Text","location":"uri","locationName":"Shelf"},"Lent":{"shape":"Flag","location":"querystring","locationName":"lent"},"Since":{"shape":"Time","location":"querystring","locationName":"since"},"Pages":{"shape":"Number","location":"querystring","locationName":"pages"},"Authors":{"shape":"Texts","location":"querystring","locationName":"author"},"Others":{"shape":"TextMap","location":"querystring"},"After":{"shape":"Time","location":"header","locationName":"X-After"}}},
"FindBooksOutput":{"type":"structure","members":{"Status":{"shape":"Number","location":"statusCode"},"Count":{"shape":"Number","location":"header","locationName":"X-Count"},"Titles":{"shape":"Texts"}}},
"GetFileInput":{"type":"structure","members":{"Key":{"shape":"Text","location":"uri","locationName":"Key"}}},
"Number":{"type":"integer"},
"PutBookInput":{"type":"structure","payload":"Book","members":{"Book":{"shape":"Book"},"Token":{"shape":"Text","location":"header","locationName":"X-Token"}}},
"PutBookOutput":{"type":"structure","payload":"Book","members":{"Book":{"shape":"Book"}}},
"Text":{"type":"string"},
"TextMap":{"type":"map","key":{"shape":"Text"},"value":{"shape":"Text"}},
"Texts":{"type":"list","member":{"shape":"Text"}},
"Time":{"type":"timestamp"}
},
"paginators":{},
"waiters":{}}
)");
  return facts;
}

Json json(std::string_view text) { return parse_json(text).value(); }

struct Case {
  std::string_view operation;
  std::string_view document;
  std::string_view method;
  std::string_view target;
  std::string_view body = "";
};

const Case kCases[] = {
    {"FindBooks", R"({"Shelf":"a/b ü"})", "GET", "/shelves/a%2Fb%20%C3%BC/books?kind=book"},
    {"FindBooks", R"({"Shelf":"a","Lent":false,"Pages":12})", "GET",
     "/shelves/a/books?kind=book&lent=false&pages=12"},
    {"FindBooks", R"({"Shelf":"a","Since":1767323045})", "GET",
     "/shelves/a/books?kind=book&since=2026-01-02T03%3A04%3A05Z"},
    {"FindBooks", R"({"Shelf":"a","Authors":["x","y z"]})", "GET",
     "/shelves/a/books?kind=book&author=x&author=y%20z"},
    {"GetFile", R"({"Key":"a/b c/d"})", "GET", "/files/a/b%20c/d"},
    {"PutBook", R"({"Book":{"Title":"Grüße"}})", "PUT", "/books", R"({"Title":"Grüße"})"},
};

TEST(RestJson, PutsMembersWhereTheModelSays) {
  for (const Case& c : kCases) {
    SCOPED_TRACE(c.document);
    const Json document = json(c.document);
    const auto sent = encode_rest(shelf(), c.operation, ref(document));
    ASSERT_TRUE(sent) << to_string(sent.error());
    EXPECT_EQ(sent->method, c.method);
    EXPECT_EQ(sent->target, c.target);
    EXPECT_EQ(sent->body, c.body);
    EXPECT_EQ(find_header(sent->headers, "Content-Type"), c.body.empty() ? "" : "application/json");
  }
}

TEST(RestJson, FindsThemThere) {
  for (const Case& c : kCases) {
    SCOPED_TRACE(c.target);
    EXPECT_EQ(find_rest_operation(shelf(), c.method, c.target.substr(0, c.target.find('?'))),
              c.operation);
    const auto received =
        decode_rest(shelf(), c.operation,
                    {std::string(c.method), std::string(c.target), {}, std::string(c.body)});
    ASSERT_TRUE(received) << to_string(received.error());
    Json document = json(c.document);
    // Without a name of its own, a map takes what the query has, as the protocol says.
    for (const auto& member : document.as_object())
      EXPECT_EQ(to_text(*find(*received, member.key())), to_text(member.value())) << member.key();
  }
}

TEST(RestJson, WritesTimesInHeadersAsHttpDoes) {
  const Json document = json(R"({"Shelf":"a","After":1767323045})");
  const auto sent = encode_rest(shelf(), "FindBooks", ref(document));
  ASSERT_TRUE(sent);
  EXPECT_EQ(find_header(sent->headers, "X-After"), "Fri, 02 Jan 2026 03:04:05 GMT");
  const auto received = decode_rest(shelf(), "FindBooks", *sent);
  ASSERT_TRUE(received);
  EXPECT_EQ(find_int(*received, "After"), 1767323045);
}

// Route 53 writes its ids with what they are ids of.
TEST(RestXml, TakesAnIdAsAnAnswerWroteIt) {
  for (const std::string_view id : {"Z1", "/hostedzone/Z1"}) {
    route53::ListResourceRecordSetsRequest request;
    request.HostedZoneId = id;
    const auto sent = encode_rest(Facts::of(kRoute53), "ListResourceRecordSets", ref(request));
    ASSERT_TRUE(sent);
    EXPECT_EQ(sent->target, "/2013-04-01/hostedzone/Z1/rrset");
  }
}

// A record set goes back as it came, or its DELETE fails.
TEST(RestXml, KeepsWhatTheModelDoesNotKnow) {
  const Facts& facts = Facts::of(kRoute53);
  const Json document = json(R"({"HostedZoneId":"Z1","ChangeBatch":{"Changes":[{"Action":"DELETE",
        "ResourceRecordSet":{"Name":"a.","Type":"A","TTL":60,"NewPolicy":{"Share":"7"}}}]}})");
  const auto sent = encode_rest(facts, "ChangeResourceRecordSets", ref(document));
  ASSERT_TRUE(sent) << to_string(sent.error());
  EXPECT_EQ(find_header(sent->headers, "Content-Type"), "application/xml");
  EXPECT_EQ(sent->body,
            "<ChangeResourceRecordSetsRequest xmlns=\"https://route53.amazonaws.com/doc/2013-04-01/"
            "\"><ChangeBatch><Changes><Change><Action>DELETE</Action><ResourceRecordSet>"
            "<Name>a.</Name><Type>A</Type><TTL>60</TTL><NewPolicy><Share>7</Share></NewPolicy>"
            "</ResourceRecordSet></Change></Changes></ChangeBatch>"
            "</ChangeResourceRecordSetsRequest>");
  EXPECT_EQ(decode_rest(facts, "ChangeResourceRecordSets", *sent).value().at("ChangeBatch"),
            document.at("ChangeBatch"));
}

TEST(RestJson, KnowsNoOperationForOtherPathsAndMethods) {
  for (const auto& [method, path] :
       {std::pair{"POST", "/books"}, std::pair{"GET", "/books"}, std::pair{"GET", "/"},
        std::pair{"GET", ""}, std::pair{"GET", "/shelves//books"}, std::pair{"GET", "/shelves/a"},
        std::pair{"GET", "/files/"}, std::pair{"GET", "/files/%zz"}})
    EXPECT_EQ(find_rest_operation(shelf(), method, path), "") << method << " " << path;
}

TEST(RestJson, SendsNothingWithoutWhatThePathIsMadeOf) {
  const Json document = json(R"({"Lent":true})");
  const auto sent = encode_rest(shelf(), "FindBooks", ref(document));
  ASSERT_FALSE(sent);
  EXPECT_EQ(sent.error().code, "call.bad-request");
  EXPECT_EQ(sent.error().message, "Shelf must not be empty");
}

TEST(RestJson, NamesTheMemberThatIsOfAnotherType) {
  struct Wrong {
    std::string_view query, message;
  };
  for (const auto& [query, message] :
       {Wrong{"lent=yes", "Lent: expected true or false, found \"yes\""},
        Wrong{"pages=many", "Pages: expected a number, found \"many\""},
        Wrong{"since=then", "Since: expected a time, found \"then\""}}) {
    const auto received = decode_rest(shelf(), "FindBooks",
                                      {"GET", "/shelves/a/books?" + std::string(query), {}, ""});
    ASSERT_FALSE(received);
    EXPECT_EQ(received.error().message, message);
  }
}

TEST(RestJson, AnswersWithStatusHeadersAndBody) {
  const HttpResponse response = encode_rest_answer(
      kScheduler, shelf(), "FindBooks", json(R"({"Status":206,"Count":2,"Titles":["a"]})"));
  EXPECT_EQ(response.status, 206);
  EXPECT_EQ(find_header(response.headers, "X-Count"), "2");
  EXPECT_EQ(response.body, R"({"Titles":["a"]})");
  Json answer;
  ASSERT_TRUE(decode_rest_answer(shelf(), "FindBooks", response, ref(answer)));
  EXPECT_EQ(to_text(answer), R"({"Titles":["a"],"Count":2,"Status":206})");

  Json book;
  ASSERT_TRUE(decode_rest_answer(shelf(), "PutBook", {200, {}, R"({"Title":"t"})"}, ref(book)));
  EXPECT_EQ(to_text(book), R"({"Book":{"Title":"t"}})");
}

TEST(RestJson, TakesAnEmptyBodyOnlyWhereNothingIsAnswered) {
  DeleteScheduleOutput nothing;
  EXPECT_TRUE(
      decode_rest_answer(Facts::of(kScheduler), "DeleteSchedule", {200, {}, ""}, ref(nothing)));
  GetScheduleOutput schedule;
  const auto torn =
      decode_rest_answer(Facts::of(kScheduler), "GetSchedule", {200, {}, ""}, ref(schedule));
  ASSERT_FALSE(torn);
  EXPECT_EQ(torn.error().code, "json.syntax");
}

TEST(RestJson, KeepsMembersThatTheModelDoesNotKnowYet) {
  const Json document = json(R"({"Name":"n","GroupName":"g","Invented":{"deep":[1]}})");
  const auto sent = encode_rest(Facts::of(kScheduler), "UpdateSchedule", ref(document));
  ASSERT_TRUE(sent);
  EXPECT_EQ(sent->target, "/schedules/n");
  EXPECT_EQ(sent->body, R"({"GroupName":"g","Invented":{"deep":[1]}})");
}

}  // namespace
}  // namespace slipway::aws
