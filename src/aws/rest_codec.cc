#include "aws/codec.h"
#include "aws/form.h"
#include "aws/rest.h"
#include "aws/sigv4.h"
#include "aws/xml_document.h"
#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

namespace slipway::aws {
namespace {

constexpr std::string_view kJsonType = "application/json";
constexpr std::string_view kXmlType = "application/xml";

bool speaks_xml(const Facts& facts) {
  return string_or_empty(facts.metadata(), "protocol") == "rest-xml";
}

const ShapeFacts& no_members() {
  static const ShapeFacts shape;
  return shape;
}

const ShapeFacts& shape_of(const Facts& facts, std::string_view name) {
  const ShapeFacts* shape = name.empty() ? nullptr : facts.shape(name);
  return shape == nullptr ? no_members() : *shape;
}

bool is_in_body(const MemberFacts& member) { return member.location.empty(); }

bool has_body(const ShapeFacts& shape) { return std::ranges::any_of(shape.members, is_in_body); }

// ---- Scalars outside the body ----

std::string scalar_text(const ShapeFacts& shape, const Json& value, std::string_view location) {
  std::string text = scalar_text(&shape, value);
  if (shape.kind != FactKind::kTimestamp || location != "header") return text;
  const std::optional<TimePoint> time = parse_iso8601(text);
  return time ? to_http_date(*time) : text;
}

Error bad_value(const MemberFacts& member, std::string_view expected, std::string_view found) {
  return Error{ErrorKind::kInvalid, "call.bad-request",
               fmt::format("{}: expected {}, found {}", member.name, expected, quote(found))};
}

Result<Json> read_scalar(const MemberFacts& member, const ShapeFacts& shape,
                         std::string_view text) {
  switch (shape.kind) {
    case FactKind::kInteger:
    case FactKind::kLong:
    case FactKind::kFloat:
    case FactKind::kDouble: {
      Result<Json> number = parse_json(text);
      if (!number || !number->is_number()) return bad_value(member, "a number", text);
      return number;
    }
    case FactKind::kBoolean:
      if (text != "true" && text != "false") return bad_value(member, "true or false", text);
      return Json(text == "true");
    case FactKind::kTimestamp: {
      std::optional<TimePoint> time = parse_iso8601(text);
      if (!time) time = parse_http_date(text);
      if (!time) return bad_value(member, "a time", text);
      const auto microseconds = time->time_since_epoch().count();
      if (microseconds % 1'000'000 == 0) return Json(microseconds / 1'000'000);
      return Json(static_cast<double>(microseconds) / 1e6);
    }
    case FactKind::kStructure:
    case FactKind::kList:
    case FactKind::kMap:
    case FactKind::kString:
    case FactKind::kBlob:
      break;
  }
  return Json(text);
}

// ---- The path ----

// "{Name}" or "{Key+}" in a pattern.
struct Label {
  std::string_view name;
  bool is_greedy = false;  // takes slashes too
};

std::optional<Label> label_of(std::string_view segment) {
  if (!segment.starts_with('{') || !segment.ends_with('}')) return std::nullopt;
  segment = segment.substr(1, segment.size() - 2);
  const bool is_greedy = segment.ends_with('+');
  if (is_greedy) segment.remove_suffix(1);
  return Label{segment, is_greedy};
}

std::string_view path_of(std::string_view target) { return target.substr(0, target.find('?')); }
std::string_view query_of(std::string_view target) {
  const std::size_t question = target.find('?');
  return question == std::string_view::npos ? std::string_view() : target.substr(question + 1);
}

// Route 53 writes ids as "/hostedzone/Z1" and reads them as "Z1".
std::string_view id_in_path(std::string_view id) { return id.substr(id.rfind('/') + 1); }

Result<std::string> fill_path(const Facts& facts, std::string_view pattern, const ShapeFacts& shape,
                              const Json& document) {
  std::string path;
  for (const std::string_view segment : split(path_of(pattern).substr(1), '/')) {
    path += '/';
    const std::optional<Label> label = label_of(segment);
    if (!label) {
      path += segment;
      continue;
    }
    for (const MemberFacts& member : shape.members) {
      if (member.location != "uri" || member.wire_name != label->name) continue;
      const Json* value = find(document, member.name);
      std::string text =
          value == nullptr ? std::string() : scalar_text(no_members(), *value, member.location);
      if (speaks_xml(facts)) text = id_in_path(text);
      if (text.empty())
        return Error{ErrorKind::kInvalid, "call.bad-request",
                     fmt::format("{} must not be empty", member.name)};
      path += label->is_greedy ? uri_encode_path(text) : uri_encode(text);
    }
  }
  return path;
}

std::string_view without_last_slash(std::string_view path) {
  if (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
  return path;
}

// Label values in a path as it came over the wire, or nullopt when it is not of that pattern.
using LabelValues = std::vector<std::pair<std::string_view, std::string>>;
std::optional<LabelValues> match_path(std::string_view pattern, std::string_view path) {
  if (!path.starts_with('/')) return std::nullopt;
  LabelValues values;
  const std::vector<std::string_view> wanted =
      split(without_last_slash(path_of(pattern)).substr(1), '/');
  std::string_view rest = without_last_slash(path).substr(1);
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    const std::optional<Label> label = label_of(wanted[i]);
    const bool is_last = i + 1 == wanted.size();
    const std::size_t end = is_last && label && label->is_greedy ? rest.size() : rest.find('/');
    const std::string_view segment = rest.substr(0, end);
    const bool has_more = end != std::string_view::npos && end < rest.size();
    if (is_last == has_more) return std::nullopt;
    if (label) {
      const std::optional<std::string> text = uri_decode(segment);
      if (!text || text->empty()) return std::nullopt;
      values.emplace_back(label->name, *text);
    } else if (segment != wanted[i]) {
      return std::nullopt;
    }
    if (has_more) rest.remove_prefix(end + 1);
  }
  return values;
}

// ---- The query ----

class QueryWriter {
 public:
  explicit QueryWriter(std::string_view constant) : out_(constant) {}

  void member(const Facts& facts, const MemberFacts& member, const Json& value) {
    const ShapeFacts& shape = shape_of(facts, member.shape);
    if (const JsonArray* items = value.if_array()) {
      const ShapeFacts& element = shape_of(facts, shape.element);
      for (const Json& item : *items)
        pair(member.wire_name, scalar_text(element, item, member.location));
    } else if (const JsonObject* entries = value.if_object()) {
      const ShapeFacts& element = shape_of(facts, shape.element);
      for (const auto& entry : *entries)
        pair(entry.key(), scalar_text(element, entry.value(), member.location));
    } else {
      pair(member.wire_name, scalar_text(shape, value, member.location));
    }
  }

  std::string take() && { return std::move(out_); }

 private:
  void pair(std::string_view name, std::string_view value) {
    if (!out_.empty()) out_ += '&';
    out_.append(uri_encode(name)).append("=").append(uri_encode(value));
  }

  std::string out_;
};

std::string plain_text(std::string_view encoded) {
  std::string spaced(encoded);
  std::ranges::replace(spaced, '+', ' ');
  return uri_decode(spaced).value_or(spaced);
}

Result<void> read_query(const Facts& facts, const ShapeFacts& shape, std::string_view query,
                        JsonObject& document) {
  for (const std::string_view pair : split(query, '&')) {
    if (pair.empty()) continue;
    const std::size_t equals = std::min(pair.find('='), pair.size());
    const std::string name = plain_text(pair.substr(0, equals));
    const std::string text = equals < pair.size() ? plain_text(pair.substr(equals + 1)) : "";
    for (const MemberFacts& member : shape.members) {
      if (member.location != "querystring") continue;
      const ShapeFacts& type = shape_of(facts, member.shape);
      if (type.kind == FactKind::kMap) {
        if (!document.contains(member.name)) document[member.name] = JsonObject{};
        document[member.name].get_object()[name] = text;
      } else if (member.wire_name == name && type.kind == FactKind::kList) {
        TRY(Json item, read_scalar(member, shape_of(facts, type.element), text));
        if (!document.contains(member.name)) document[member.name] = JsonArray{};
        document[member.name].get_array().push_back(std::move(item));
      } else if (member.wire_name == name) {
        TRY(document[member.name], read_scalar(member, type, text));
      }
    }
  }
  return {};
}

// ---- What a request and an answer have in common: headers and the body ----

void write_headers(const Facts& facts, const ShapeFacts& shape, const Json& document,
                   HttpHeaders& headers) {
  for (const MemberFacts& member : shape.members) {
    const Json* value = member.location == "header" ? find(document, member.name) : nullptr;
    if (value != nullptr)
      headers.emplace_back(member.wire_name,
                           scalar_text(shape_of(facts, member.shape), *value, member.location));
  }
}

Result<void> read_headers(const Facts& facts, const ShapeFacts& shape, const HttpHeaders& headers,
                          JsonObject& document) {
  for (const MemberFacts& member : shape.members) {
    if (member.location != "header") continue;
    const std::string_view text = find_header(headers, member.wire_name);
    if (text.empty()) continue;
    TRY(document[member.name], read_scalar(member, shape_of(facts, member.shape), text));
  }
  return {};
}

// Empty when no member of the shape belongs there. `root` and its namespace are those of XML.
std::string write_body(const Facts& facts, const ShapeFacts& shape, const Json& document, Side side,
                       std::string_view root, std::string_view xml_namespace) {
  if (speaks_xml(facts)) {
    if (!has_body(shape)) return {};
    std::string xml = fmt::format("<{} xmlns=\"{}\">", root, xml_namespace);
    append_xml(facts, shape, document, side, xml);
    return xml + fmt::format("</{}>", root);
  }
  if (!shape.payload.empty()) {
    const Json* payload = find(document, shape.payload);
    return payload == nullptr ? std::string() : to_text(*payload);
  }
  if (!has_body(shape)) return {};
  JsonObject body;
  for (const auto& entry : document.as_object()) {
    const MemberFacts* member = shape.find(entry.key());
    // What AWS has learned since the models were written goes where most members go.
    if (member == nullptr || is_in_body(*member)) body[entry.key()] = entry.value();
  }
  return to_text(body);
}

Result<void> read_body(const Facts& facts, const ShapeFacts& shape, std::string_view text,
                       std::string_view root, JsonObject& document) {
  if (trim(text).empty()) return {};
  if (speaks_xml(facts)) {
    TRY(JsonObject members, read_xml(facts, shape.name, text, root));
    for (auto& member : members) document[member.key()] = std::move(member.value());
    return {};
  }
  TRY(Json body, parse_json(text));
  if (!shape.payload.empty()) {
    document[shape.payload] = std::move(body);
    return {};
  }
  if (!body.is_object())
    return Error{ErrorKind::kUnavailable, "call.bad-answer",
                 fmt::format("expected an object, found {}", describe(body))};
  for (auto& entry : body.get_object()) document[entry.key()] = std::move(entry.value());
  return {};
}

const OperationFacts& known_operation(const Facts& facts, std::string_view name) {
  static const OperationFacts unknown;
  const OperationFacts* operation = facts.operation(name);
  return operation == nullptr ? unknown : *operation;
}

}  // namespace

Result<RestRequest> encode_rest(const Facts& facts, std::string_view operation, ConstRef request) {
  const OperationFacts& known = known_operation(facts, operation);
  const ShapeFacts& shape = shape_of(facts, known.input);
  TRY(const Json document, parse_json(encode_json(request, Side::kRequest)));

  RestRequest encoded{.method = known.http_method,
                      .body = write_body(facts, shape, document, Side::kRequest, known.root_name,
                                         known.xml_namespace)};
  TRY(encoded.target, fill_path(facts, known.http_uri, shape, document));
  QueryWriter query(query_of(known.http_uri));
  for (const MemberFacts& member : shape.members)
    if (const Json* value =
            member.location == "querystring" ? find(document, member.name) : nullptr)
      query.member(facts, member, *value);
  if (const std::string text = std::move(query).take(); !text.empty()) encoded.target += "?" + text;
  if (!encoded.body.empty())
    encoded.headers.emplace_back("Content-Type", speaks_xml(facts) ? kXmlType : kJsonType);
  write_headers(facts, shape, document, encoded.headers);
  return encoded;
}

std::string_view find_rest_operation(const Facts& facts, std::string_view method,
                                     std::string_view path) {
  for (const std::string_view name : facts.operation_names()) {
    const OperationFacts& operation = *facts.operation(name);
    if (operation.http_method == method && match_path(operation.http_uri, path)) return name;
  }
  return {};
}

Result<Json> decode_rest(const Facts& facts, std::string_view operation,
                         const RestRequest& request) {
  const OperationFacts& known = known_operation(facts, operation);
  const ShapeFacts& shape = shape_of(facts, known.input);
  JsonObject document;
  TRY_VOID(read_body(facts, shape, request.body, known.root_name, document));
  TRY_VOID(read_headers(facts, shape, request.headers, document));
  TRY_VOID(read_query(facts, shape, query_of(request.target), document));
  const auto labels = match_path(known.http_uri, path_of(request.target));
  if (labels) {
    for (const auto& [name, value] : *labels)
      for (const MemberFacts& member : shape.members)
        if (member.location == "uri" && member.wire_name == name) document[member.name] = value;
  }
  return Json(std::move(document));
}

HttpResponse encode_rest_answer(const ServiceFacts& service, const Facts& facts,
                                std::string_view operation, const Json& answer) {
  const OperationFacts& known = known_operation(facts, operation);
  const ShapeFacts& shape = shape_of(facts, known.output);
  HttpResponse response{
      .status = known.http_status,
      .body = write_body(facts, shape, answer, Side::kAnswer, shape.name, service.xml_namespace)};
  if (speaks_xml(facts)) {
    response.headers.emplace_back("Content-Type", "text/xml");
  } else {
    if (response.body.empty()) response.body = "{}";
    response.headers.emplace_back("Content-Type", kJsonType);
  }
  write_headers(facts, shape, answer, response.headers);
  for (const MemberFacts& member : shape.members)
    if (member.location == "statusCode")
      response.status = static_cast<int>(find_int(answer, member.name).value_or(response.status));
  return response;
}

Result<void> decode_rest_answer(const Facts& facts, std::string_view operation,
                                const HttpResponse& response, Ref answer) {
  const ShapeFacts& shape = shape_of(facts, known_operation(facts, operation).output);
  JsonObject document;
  // An answer without the body it should have is torn, and parsing it says so.
  if (trim(response.body).empty() && has_body(shape)) {
    if (speaks_xml(facts)) TRY_VOID(read_xml(facts, shape.name, response.body, shape.name));
    TRY_VOID(parse_json(response.body));
  }
  TRY_VOID(read_body(facts, shape, response.body, shape.name, document));
  TRY_VOID(read_headers(facts, shape, response.headers, document));
  for (const MemberFacts& member : shape.members)
    if (member.location == "statusCode") document[member.name] = response.status;
  return decode_document(Json(std::move(document)), answer);
}

}  // namespace slipway::aws
