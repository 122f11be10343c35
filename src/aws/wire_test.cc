// Our codecs against botocore's: each exchange in tests/vectors was recorded from a real botocore
// client. What our shapes do not have is left out of the comparison, and nothing else.
#include "aws/all_operations.h"
#include "aws/codec.h"
#include "aws/errors.h"
#include "aws/facts.h"
#include "aws/rest.h"
#include "aws/sigv4.h"
#include "base/runtime.h"
#include "base/text.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <map>

namespace slipway::aws {
namespace {

struct Exchange {
  std::string name;  // "ecs/DescribeServices/everything"
  Json json;
};

std::vector<Exchange> exchanges(const ServiceFacts& service, std::string_view operation) {
  const std::filesystem::path root = std::filesystem::path(SLIPWAY_SOURCE_DIR) / "tests/vectors";
  std::vector<Exchange> found;
  for (const auto& file :
       std::filesystem::directory_iterator(root / service.id / std::string(operation))) {
    std::filesystem::path name = std::filesystem::relative(file.path(), root);
    found.push_back(
        {name.replace_extension().string(), parse_json(read_file(file.path()).value()).value()});
  }
  std::ranges::sort(found, {}, &Exchange::name);
  return found;
}

Json without_nulls(const Json& json) {
  if (const JsonArray* items = json.if_array()) {
    JsonArray kept;
    for (const Json& item : *items) kept.push_back(without_nulls(item));
    return kept;
  }
  if (const JsonObject* members = json.if_object()) {
    JsonObject kept;
    for (const auto& member : *members)
      if (!member.value().is_null()) kept[member.key()] = without_nulls(member.value());
    return kept;
  }
  return json;
}

// What a shape of this type can hold of the document.
Json pruned(const Json& json, const Type& type) {
  switch (type.kind) {
    case Kind::kOptional:
      return pruned(json, *type.element);
    case Kind::kList: {
      JsonArray kept;
      for (const Json& item : json.as_array()) kept.push_back(pruned(item, *type.element));
      return kept;
    }
    case Kind::kShape: {
      JsonObject kept;
      for (const auto& member : json.as_object())
        if (const Member* known = type.find(member.key()))
          kept[member.key()] = pruned(member.value(), *known->type);
      return kept;
    }
    case Kind::kDocument:
      return without_nulls(json);
    default:
      return json;
  }
}

bool is_default(const Json& json) {
  if (const JsonObject* members = json.if_object())
    return std::ranges::all_of(*members, [](const auto& m) { return is_default(m.value()); });
  if (const JsonArray* items = json.if_array()) return items->empty();
  if (json.is_string()) return json.get_string().empty();
  return json == Json(0) || json == Json(false) || json == Json(0.0) || json.is_null();
}

// Every member botocore found is in ours with the same value, and ours has besides only defaults.
void expect_same(const Json& botocore, const Json& ours, const std::string& path) {
  if (botocore.is_object() && ours.is_object()) {
    for (const auto& member : botocore.get_object()) {
      const std::string below = fmt::format("{}.{}", path, std::string_view(member.key()));
      if (const Json* value = ours.get_object().if_contains(member.key())) {
        expect_same(member.value(), *value, below);
      } else {
        EXPECT_TRUE(is_default(member.value())) << below << " is missing";
      }
    }
    for (const auto& member : ours.get_object()) {
      if (!botocore.get_object().contains(member.key())) {
        EXPECT_TRUE(is_default(member.value()))
            << path << "." << std::string_view(member.key()) << " was made up";
      }
    }
  } else if (botocore.is_array() && ours.is_array()) {
    ASSERT_EQ(botocore.get_array().size(), ours.get_array().size()) << path;
    for (std::size_t i = 0; i < botocore.get_array().size(); ++i)
      expect_same(botocore.at(i), ours.at(i), fmt::format("{}[{}]", path, i));
  } else if (botocore.is_number() && ours.is_number()) {
    EXPECT_NEAR(botocore.to_number<double>(), ours.to_number<double>(), 5e-7) << path;
  } else {
    EXPECT_EQ(to_text(botocore), to_text(ours)) << path;
  }
}

std::map<std::string, std::string> form_of(std::string body) {
  std::ranges::replace(body, '+', ' ');
  std::map<std::string, std::string> form;
  for (const std::string_view pair : split(body, '&')) {
    const std::size_t equals = pair.find('=');
    form[uri_decode(pair.substr(0, equals)).value()] = uri_decode(pair.substr(equals + 1)).value();
  }
  return form;
}

// Whether the shape has the member that a name in a form begins with.
bool is_known(const Type& type, const ShapeFacts& shape, std::string_view dotted_name) {
  const std::string_view first = dotted_name.substr(0, dotted_name.find('.'));
  for (const MemberFacts& member : shape.members)
    if (first == member.wire_name || first == member.query_name || first == member.name)
      return type.find(member.name) != nullptr;
  return false;
}

std::string_view path_of(std::string_view target) { return target.substr(0, target.find('?')); }
std::string_view query_of(std::string_view target) {
  const std::size_t question = target.find('?');
  return question == std::string_view::npos ? "" : target.substr(question + 1);
}

constexpr std::string_view kMadeUpToken = "00000000-0000-4000-8000-000000000001";

// What a test needs of an operation, without its types: compiled once for all of them.
struct Subject {
  const ServiceFacts& service;
  std::string_view operation;
  const Facts& facts = Facts::of(service);
};
template <class Req, class Resp>
Subject subject_of(const Operation<Req, Resp>& operation) {
  return {operation.service, operation.name};
}

std::string json_of(Ref shape, Side side) { return encode_json(shape, side); }

// `request` is what the exchange was made with. `received`, a second one, is still empty.
void expect_same_form(const Subject& subject, const std::string& recorded, Ref request,
                      Ref received) {
  auto wanted = form_of(recorded);
  const ShapeFacts& input = *subject.facts.shape(subject.facts.operation(subject.operation)->input);
  std::erase_if(wanted, [&](const auto& pair) {
    return pair.first != "Action" && pair.first != "Version" &&
           !is_known(request.type, input, pair.first);
  });
  const auto sent = form_of(encode_query(subject.service, subject.operation, request));
  // An empty list that AWS requires: botocore's name without a value says nothing either.
  std::erase_if(
      wanted, [&](const auto& pair) { return pair.second.empty() && !sent.contains(pair.first); });
  EXPECT_EQ(sent, wanted);
  // The simulator's direction.
  ASSERT_TRUE(decode_query(subject.service, subject.operation, recorded, received));
}

void expect_same_document(const std::string& recorded, const std::string& sent, const Type& type) {
  const Json wanted = pruned(parse_json(recorded).value(), type);
  const Json ours = parse_json(sent).value();
  expect_same(wanted, ours, "request");
  expect_same(ours, wanted, "request");
}

void expect_same_rest(const Subject& subject, const Json& http, Ref request, Ref received) {
  const std::string target(http.at("path").as_string());
  const std::string recorded(http.at("body").as_string());
  const auto sent = encode_rest(subject.facts, subject.operation, request);
  ASSERT_TRUE(sent) << to_string(sent.error());
  EXPECT_EQ(sent->method, std::string(http.at("method").as_string()));
  EXPECT_EQ(path_of(sent->target), path_of(target));
  EXPECT_EQ(canonical_query(query_of(sent->target)), canonical_query(query_of(target)));
  EXPECT_EQ(find_rest_operation(subject.facts, sent->method, path_of(target)), subject.operation);
  EXPECT_EQ(sent->body.empty(), recorded.empty());
  EXPECT_EQ(find_header(sent->headers, "Content-Type").empty(), recorded.empty());
  const auto received_document = [&](std::string body) {
    return decode_rest(
        subject.facts, subject.operation,
        {.method = sent->method, .target = target, .headers = {}, .body = std::move(body)});
  };
  if (subject.service.protocol == Protocol::kRestXml) {
    EXPECT_EQ(to_text(received_document(sent->body).value()),
              to_text(pruned(received_document(recorded).value(), request.type)));
  } else if (!recorded.empty()) {
    expect_same_document(recorded, sent->body, request.type);
  }
  auto document = received_document(recorded);
  ASSERT_TRUE(document) << to_string(document.error());
  ASSERT_TRUE(decode_document(std::move(*document), received));
}

void expect_same_request(const Subject& subject, const Exchange& exchange, Ref request,
                         Ref received) {
  const Json& http = exchange.json.at("http");
  const std::string recorded(http.at("body").as_string());
  switch (subject.service.protocol) {
    case Protocol::kQuery:
    case Protocol::kEc2:
      expect_same_form(subject, recorded, request, received);
      break;
    case Protocol::kRestJson:
    case Protocol::kRestXml:
      expect_same_rest(subject, http, request, received);
      break;
    case Protocol::kJson10:
    case Protocol::kJson11:
      expect_same_document(recorded, json_of(request, Side::kRequest), request.type);
      ASSERT_TRUE(decode_json(recorded, received));
  }
  EXPECT_EQ(json_of(received, Side::kRequest), json_of(request, Side::kRequest));
}

void expect_same_error(const Subject& subject, const Exchange& exchange, const std::string& body) {
  const Json& wanted = exchange.json.at("error");
  const std::string code(wanted.at("code").as_string());
  const std::string status = std::to_string(wanted.at("status").as_int64());
  if (subject.service.protocol == Protocol::kRestJson) {  // partly in the headers
    HttpResponse http{.status = static_cast<int>(wanted.at("status").as_int64()), .body = body};
    for (const auto& header : exchange.json.at("response").at("headers").as_object())
      http.headers.emplace_back(header.key(), header.value().as_string());
    const Error error =
        error_of_answer({subject.service, subject.operation}, "http://endpoint", http);
    EXPECT_EQ(error.code, code == status ? "http." + status : code);
    if (code != status && error.kind != ErrorKind::kDenied) {
      EXPECT_EQ(error.message, string_or_empty(wanted, "message"));
    }
    return;
  }
  const auto error =
      answers_xml(subject.service) ? decode_xml_error(body) : decode_json_error(body);
  if (!error || error->code.empty()) {
    // Not AWS's: botocore makes the code from the status.
    EXPECT_EQ(code, status);
    return;
  }
  EXPECT_EQ(error->code, code);
  EXPECT_EQ(error->message, string_or_empty(wanted, "message"));
  if (!error->request_id.empty()) {
    EXPECT_EQ(error->request_id, string_or_empty(exchange.json, "request_id"));
  }
}

Result<void> read_answer(const Subject& subject, const HttpHeaders& headers,
                         const std::string& body, Ref answer) {
  switch (subject.service.protocol) {
    case Protocol::kQuery:
    case Protocol::kEc2:
      return decode_xml(subject.service, subject.operation, body, answer);
    case Protocol::kRestJson:
    case Protocol::kRestXml:
      return decode_rest_answer(subject.facts, subject.operation, {200, headers, body}, answer);
    case Protocol::kJson10:
    case Protocol::kJson11:
      break;
  }
  return decode_json(body, answer);
}

void expect_same_answer(const Subject& subject, const Exchange& exchange, Ref answer) {
  const std::string body(exchange.json.at("response").at("body").as_string());
  const Json* parsed = find(exchange.json, "parsed");
  if (parsed == nullptr) return expect_same_error(subject, exchange, body);
  HttpHeaders headers;
  for (const auto& header : exchange.json.at("response").at("headers").as_object())
    headers.emplace_back(header.key(), header.value().as_string());
  const Result<void> read = read_answer(subject, headers, body, answer);
  // botocore takes an empty body for an empty answer; we would rather say that none came. (Where
  // the operation answers nothing, the client does not ask the codec: clients_test.cc.)
  if (body.empty() && subject.service.protocol != Protocol::kRestJson) {
    EXPECT_FALSE(read);
    return;
  }
  ASSERT_TRUE(read) << to_string(read.error());
  expect_same(pruned(*parsed, answer.type),
              without_nulls(parse_json(json_of(answer, Side::kAnswer)).value()), "");
}

std::string written_answer(const Subject& subject, Ref answer) {
  const std::string json = json_of(answer, Side::kAnswer);
  switch (subject.service.protocol) {
    case Protocol::kQuery:
    case Protocol::kEc2:
      return encode_xml(subject.service, subject.operation, answer, "r");
    case Protocol::kRestJson:
    case Protocol::kRestXml:
      return encode_rest_answer(subject.service, subject.facts, subject.operation,
                                parse_json(json).value())
          .body;
    case Protocol::kJson10:
    case Protocol::kJson11:
      break;
  }
  return json;
}

TEST(RecordedExchanges, RequestsAreBotocores) {
  for_each_operation([]<class Req, class Resp>(const Operation<Req, Resp>& operation) {
    const auto recorded = exchanges(operation.service, operation.name);
    EXPECT_GE(recorded.size(), 2u) << operation.name;
    for (const Exchange& exchange : recorded) {
      SCOPED_TRACE(exchange.name);
      Req request{};
      Req received{};
      ASSERT_TRUE(decode_document(exchange.json.at("input"), ref(request)));
      if (operation.token != nullptr && (request.*operation.token).empty())
        request.*operation.token = kMadeUpToken;
      expect_same_request(subject_of(operation), exchange, ref(request), ref(received));
    }
  });
}

TEST(RecordedExchanges, AnswersAndErrorsAreReadAsBotocoreReadsThem) {
  for_each_operation([]<class Req, class Resp>(const Operation<Req, Resp>& operation) {
    for (const Exchange& exchange : exchanges(operation.service, operation.name)) {
      SCOPED_TRACE(exchange.name);
      Resp answer{};
      expect_same_answer(subject_of(operation), exchange, ref(answer));
    }
  });
}

// A service that answers from our shapes is understood by botocore if our own answer, read again,
// says what botocore read.
TEST(RecordedExchanges, AnswersWeWriteSayTheSame) {
  for_each_operation([]<class Req, class Resp>(const Operation<Req, Resp>& operation) {
    for (Exchange& exchange : exchanges(operation.service, operation.name)) {
      const Json* parsed = find(exchange.json, "parsed");
      if (parsed == nullptr) continue;
      SCOPED_TRACE(exchange.name);
      Resp answer{};
      ASSERT_TRUE(decode_document(*parsed, ref(answer)));
      exchange.json.at("response").at("body") = written_answer(subject_of(operation), ref(answer));
      Resp again{};
      expect_same_answer(subject_of(operation), exchange, ref(again));
    }
  });
}

}  // namespace
}  // namespace slipway::aws
