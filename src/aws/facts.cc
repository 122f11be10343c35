#include "aws/facts.h"

#include "aws/codec.h"
#include "aws/embedded_models.h"
#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <limits>

namespace slipway::aws {
namespace {

[[noreturn]] void models_are_broken(std::string_view what) {
  const std::string text(what);
  std::fprintf(stderr, "slipway: internal error: models/: %s\n", text.c_str());
  std::abort();
}

Json parse_line(std::string_view line) {
  Result<Json> json = parse_json(line);
  if (!json) models_are_broken(json.error().message);
  return std::move(*json);
}

// `"Name":{...},` into name and value.
std::pair<std::string_view, std::string_view> split_line(std::string_view line) {
  const std::size_t end = line.find('"', 1);
  if (!line.starts_with('"') || end == std::string_view::npos ||
      !line.substr(end).starts_with("\":"))
    models_are_broken(fmt::format("a line is not one entry: {}", line.substr(0, 60)));
  std::string_view value = line.substr(end + 2);
  if (value.ends_with(',')) value.remove_suffix(1);
  return {line.substr(1, end - 1), value};
}

FactKind kind_of(std::string_view type) {
  struct Row {
    std::string_view name;
    FactKind kind;
  };
  constexpr Row kRows[] = {
      {"structure", FactKind::kStructure},
      {"list", FactKind::kList},
      {"map", FactKind::kMap},
      {"string", FactKind::kString},
      {"integer", FactKind::kInteger},
      {"long", FactKind::kLong},
      {"float", FactKind::kFloat},
      {"double", FactKind::kDouble},
      {"boolean", FactKind::kBoolean},
      {"timestamp", FactKind::kTimestamp},
      {"blob", FactKind::kBlob},
  };
  for (const Row& row : kRows)
    if (row.name == type) return row.kind;
  models_are_broken(fmt::format("unknown type {}", type));
}

ShapeFacts read_shape(std::string_view name, std::string_view line) {
  const Json json = parse_line(line);
  ShapeFacts shape;
  shape.name = name;
  shape.kind = kind_of(string_or_empty(json, "type"));
  if (const JsonObject* members = find_object(json, "members")) {
    for (const auto& member : *members) {
      const Json& reference = member.value();
      shape.members.push_back(
          {.name = std::string(member.key()),
           .shape = std::string(string_or_empty(reference, "shape")),
           .is_idempotency_token = find_bool(reference, "idempotencyToken").value_or(false),
           .location = std::string(string_or_empty(reference, "location")),
           .wire_name = std::string(
               find_string(reference, "locationName").value_or(std::string_view(member.key()))),
           .query_name = std::string(string_or_empty(reference, "queryName"))});
    }
  }
  if (const JsonArray* required = find_array(json, "required")) {
    for (MemberFacts& member : shape.members)
      member.is_required = std::ranges::find(*required, Json(member.name)) != required->end();
  }
  for (const std::string_view inside : {"member", "value"})
    if (const Json* reference = find(json, inside))
      shape.element = string_or_empty(*reference, "shape");
  if (const Json* item = find(json, "member"))
    shape.item_name = find_string(*item, "locationName").value_or("member");
  if (const Json* key = find(json, "key"))
    shape.key_name = find_string(*key, "locationName").value_or("key");
  if (const Json* value = find(json, "value"))
    shape.value_name = find_string(*value, "locationName").value_or("value");
  if (const JsonArray* values = find_array(json, "enum"))
    for (const Json& value : *values) shape.values.emplace_back(value.get_string());
  shape.min = find_double(json, "min");
  shape.max = find_double(json, "max");
  shape.is_document = find_bool(json, "document").value_or(false);
  shape.payload = string_or_empty(json, "payload");
  if (const Json* exception = find(json, "exception")) {
    shape.error_code = string_or_empty(*exception, "code");
    shape.error_status = static_cast<int>(find_int(*exception, "status").value_or(0));
  }
  return shape;
}

OperationFacts read_operation(std::string_view name, std::string_view line) {
  const Json json = parse_line(line);
  OperationFacts operation{.name = std::string(name),
                           .input = std::string(string_or_empty(json, "input")),
                           .output = std::string(string_or_empty(json, "output")),
                           .is_signed = string_or_empty(json, "authtype") != "none"};
  if (const JsonArray* errors = find_array(json, "errors"))
    for (const Json& error : *errors) operation.errors.emplace_back(error.get_string());
  if (const Json* http = find(json, "http")) {
    operation.http_method = string_or_empty(*http, "method");
    operation.http_uri = string_or_empty(*http, "requestUri");
    operation.http_status = static_cast<int>(find_int(*http, "responseCode").value_or(200));
  }
  operation.root_name = string_or_empty(json, "locationName");
  if (const Json* xml_namespace = find(json, "xmlNamespace"))
    operation.xml_namespace = string_or_empty(*xml_namespace, "uri");
  return operation;
}

// The entry of `lines`, read once and kept in `known`.
template <class T, class Read>
const T* look_up(std::string_view name, const std::map<std::string_view, std::string_view>& lines,
                 std::map<std::string_view, std::unique_ptr<T>>& known, Read read) {
  const auto line = lines.find(name);
  if (line == lines.end()) return nullptr;
  std::unique_ptr<T>& place = known[line->first];
  if (place == nullptr) place = std::make_unique<T>(read(line->first, line->second));
  return place.get();
}

std::vector<std::string_view> keys(const std::map<std::string_view, std::string_view>& lines) {
  std::vector<std::string_view> names;
  for (const auto& [name, line] : lines) names.push_back(name);
  return names;
}

std::size_t characters(std::string_view utf8) {
  return static_cast<std::size_t>(
      std::ranges::count_if(utf8, [](char c) { return (c & 0xc0) != 0x80; }));
}

// ---- Json and Node, as far as a check cares ----

struct JsonView {
  const Json& json;

  bool is_null() const { return json.is_null(); }
  bool is_mapping() const { return json.is_object(); }
  bool is_sequence() const { return json.is_array(); }
  std::optional<std::string_view> text() const {
    if (!json.is_string()) return std::nullopt;
    return std::string_view(json.get_string());
  }
  std::optional<double> number() const {
    if (!json.is_number()) return std::nullopt;
    return json.to_number<double>();
  }
  std::optional<bool> boolean() const {
    if (!json.is_bool()) return std::nullopt;
    return json.get_bool();
  }
  // What to write instead, if a text was wanted and this is something that only needs quotes.
  std::string quoted() const {
    return json.is_number() || json.is_bool() ? fmt::format("\"{}\"", to_text(json)) : "";
  }
  std::string describe() const { return aws::describe(json); }
  SourceSpan span() const { return {}; }

  template <class Visit>  // visit(key, span of the key, value)
  void for_each_member(Visit visit) const {
    for (const auto& member : json.get_object())
      visit(std::string_view(member.key()), SourceSpan{}, JsonView{member.value()});
  }
  template <class Visit>
  void for_each_item(Visit visit) const {
    for (const Json& item : json.get_array()) visit(JsonView{item});
  }
};

struct NodeView {
  const Node& node;

  bool is_null() const { return node.is_null(); }
  bool is_mapping() const { return node.is_mapping(); }
  bool is_sequence() const { return node.is_sequence(); }
  std::optional<std::string_view> text() const {
    if (!node.is_scalar()) return std::nullopt;
    if (!node.quoted && (node.as_double() || node.as_bool())) return std::nullopt;
    return node.text;
  }
  std::optional<double> number() const {
    if (!node.is_scalar() || node.quoted) return std::nullopt;
    return node.as_double();
  }
  std::optional<bool> boolean() const {
    if (!node.is_scalar() || node.quoted) return std::nullopt;
    return node.as_bool();
  }
  std::string quoted() const {
    return node.is_scalar() && !node.quoted ? fmt::format("\"{}\"", node.text) : "";
  }
  std::string describe() const { return slipway::describe(node); }
  SourceSpan span() const { return node.span; }

  template <class Visit>
  void for_each_member(Visit visit) const {
    for (const Node::Member& member : node.members)
      visit(std::string_view(member.key), member.key_span, NodeView{member.value});
  }
  template <class Visit>
  void for_each_item(Visit visit) const {
    for (const Node& item : node.items) visit(NodeView{item});
  }
};

// ---- The check ----

class Checker {
 public:
  explicit Checker(const Facts& facts) : facts_(facts) {}

  template <class View>
  void check(const View& view, std::string_view shape_name, const std::string& path) {
    const ShapeFacts* shape = facts_.shape(shape_name);
    if (shape == nullptr) models_are_broken(fmt::format("no shape {}", shape_name));
    if (shape->is_document) return;
    switch (shape->kind) {
      case FactKind::kStructure:
        return structure(view, *shape, path);
      case FactKind::kList:
        return list(view, *shape, path);
      case FactKind::kMap:
        return map(view, *shape, path);
      case FactKind::kString:
      case FactKind::kBlob:
        return text(view, *shape, path);
      case FactKind::kInteger:
        return whole_number(view, *shape, path, std::numeric_limits<std::int32_t>::max());
      case FactKind::kLong:
        return whole_number(view, *shape, path,
                            static_cast<double>(std::numeric_limits<std::int64_t>::max()));
      case FactKind::kFloat:
      case FactKind::kDouble:
        if (!view.number()) return wrong_type(view, path, "a number");
        return range(view, *shape, path, *view.number(), "");
      case FactKind::kBoolean:
        if (!view.boolean()) wrong_type(view, path, "true or false");
        return;
      case FactKind::kTimestamp:
        if (!view.number() && !(view.text() && parse_iso8601(*view.text())))
          wrong_type(view, path, "a time");
        return;
    }
  }

  std::vector<Violation> take() && { return std::move(found_); }

 private:
  template <class View>
  void structure(const View& view, const ShapeFacts& shape, const std::string& path) {
    if (!view.is_mapping()) return wrong_type(view, path, "a mapping");
    std::vector<const MemberFacts*> missing;
    for (const MemberFacts& member : shape.members)
      if (member.is_required) missing.push_back(&member);
    view.for_each_member([&](std::string_view key, SourceSpan key_span, const View& value) {
      const std::string below = path.empty() ? std::string(key) : fmt::format("{}.{}", path, key);
      const MemberFacts* member = shape.find(key);
      if (member == nullptr) return unknown(shape, key, std::move(key_span), below);
      if (value.is_null()) return;
      std::erase(missing, member);
      check(value, member->shape, below);
    });
    for (const MemberFacts* member : missing)
      found_.push_back({.kind = Violation::Kind::kMissingMember,
                        .path = path,
                        .message = fmt::format("{} is missing", member->name),
                        .span = view.span()});
  }

  template <class View>
  void list(const View& view, const ShapeFacts& shape, const std::string& path) {
    if (!view.is_sequence()) return wrong_type(view, path, "a list");
    std::size_t count = 0;
    view.for_each_item([&](const View& item) {
      check(item, shape.element, fmt::format("{}[{}]", path, count++));
    });
    range(view, shape, path, static_cast<double>(count), "items");
  }

  template <class View>
  void map(const View& view, const ShapeFacts& shape, const std::string& path) {
    if (!view.is_mapping()) return wrong_type(view, path, "a mapping");
    std::size_t count = 0;
    view.for_each_member([&](std::string_view key, const SourceSpan&, const View& value) {
      ++count;
      if (!value.is_null()) check(value, shape.element, fmt::format("{}.{}", path, key));
    });
    range(view, shape, path, static_cast<double>(count), "entries");
  }

  template <class View>
  void text(const View& view, const ShapeFacts& shape, const std::string& path) {
    const std::optional<std::string_view> text = view.text();
    if (!text) {
      const std::string quoted = view.quoted();
      return wrong_type(view, path, "text", quoted.empty() ? "" : "write " + quoted);
    }
    if (!shape.values.empty() && std::ranges::find(shape.values, *text) == shape.values.end()) {
      const auto near = nearest(*text, shape.values);
      found_.push_back(
          {.kind = Violation::Kind::kUnknownValue,
           .path = path,
           .message = fmt::format("\"{}\" is not one of {}", *text, join(shape.values, ", ")),
           .suggestion = near ? fmt::format("did you mean {}?", *near) : "",
           .span = view.span()});
      return;
    }
    range(view, shape, path, static_cast<double>(characters(*text)), "characters");
  }

  template <class View>
  void whole_number(const View& view, const ShapeFacts& shape, const std::string& path,
                    double largest) {
    const std::optional<double> number = view.number();
    if (!number || std::trunc(*number) != *number || std::abs(*number) > largest)
      return wrong_type(view, path, "a whole number");
    range(view, shape, path, *number, "");
  }

  // `unit` is empty for the number itself, else what is counted.
  template <class View>
  void range(const View& view, const ShapeFacts& shape, const std::string& path, double size,
             std::string_view unit) {
    const bool too_small = shape.min && size < *shape.min;
    const bool too_large = shape.max && size > *shape.max;
    if (!too_small && !too_large) return;
    const std::string_view space = unit.empty() ? "" : " ";
    found_.push_back(
        {.kind = Violation::Kind::kOutOfRange,
         .path = path,
         .message = fmt::format("expected at {} {}{}{}, found {}", too_small ? "least" : "most",
                                too_small ? *shape.min : *shape.max, space, unit, size),
         .span = view.span()});
  }

  void unknown(const ShapeFacts& shape, std::string_view key, SourceSpan span, std::string path) {
    std::vector<std::string> names;
    for (const MemberFacts& member : shape.members) names.push_back(member.name);
    const auto near = nearest(key, names);
    found_.push_back({.kind = Violation::Kind::kUnknownMember,
                      .path = std::move(path),
                      .message = "unknown key",
                      .suggestion = near ? fmt::format("did you mean {}?", *near) : "",
                      .span = std::move(span)});
  }

  template <class View>
  void wrong_type(const View& view, const std::string& path, std::string_view expected,
                  const std::string& suggestion = {}) {
    found_.push_back({.kind = Violation::Kind::kWrongType,
                      .path = path,
                      .message = fmt::format("expected {}, found {}", expected, view.describe()),
                      .suggestion = suggestion,
                      .span = view.span()});
  }

  const Facts& facts_;
  std::vector<Violation> found_;
};

template <class View>
std::vector<Violation> violations(const Facts& facts, std::string_view shape, const View& view) {
  Checker checker(facts);
  checker.check(view, shape, "");
  return std::move(checker).take();
}

struct ReportRow {
  Severity severity;
  std::string_view code;
};

ReportRow report_row(Violation::Kind kind) {
  switch (kind) {
    case Violation::Kind::kWrongType:
      return {Severity::kError, "document.wrong-type"};
    case Violation::Kind::kMissingMember:
      return {Severity::kError, "document.missing-key"};
    case Violation::Kind::kUnknownMember:
      return {Severity::kWarning, "document.unknown-key"};
    case Violation::Kind::kUnknownValue:
      return {Severity::kWarning, "document.unknown-value"};
    case Violation::Kind::kOutOfRange:
      return {Severity::kWarning, "document.out-of-range"};
  }
  return {Severity::kError, "document.wrong"};
}

}  // namespace

const MemberFacts* ShapeFacts::find(std::string_view member) const {
  const auto found = std::ranges::find(members, member, &MemberFacts::name);
  return found == members.end() ? nullptr : &*found;
}

const Facts& Facts::of(const ServiceFacts& service) {
  static std::map<std::string_view, Facts> read;
  const auto known = read.find(service.id);
  if (known != read.end()) return known->second;
  for (const EmbeddedModel& model : embedded_models())
    if (model.name == service.id) return read.try_emplace(service.id, model.text).first->second;
  models_are_broken(fmt::format("no {}.json", service.id));
}

Facts::Facts(std::string_view text) {
  Lines* section = nullptr;
  for (std::string_view line : split(text, '\n')) {
    if (line.starts_with("{\"metadata\":")) {
      metadata_ = parse_line(split_line(line.substr(1)).second);
    } else if (line == "\"operations\":{") {
      section = &operation_lines_;
    } else if (line == "\"shapes\":{") {
      section = &shape_lines_;
    } else if (line == "\"paginators\":{") {
      section = &paginator_lines_;
    } else if (line.starts_with("}") || line.ends_with(":{") || line.ends_with("{},")) {
      section = nullptr;
    } else if (section != nullptr) {
      section->insert(split_line(line));
    }
  }
}

const ShapeFacts* Facts::shape(std::string_view name) const {
  return look_up(name, shape_lines_, shapes_, read_shape);
}

const OperationFacts* Facts::operation(std::string_view name) const {
  return look_up(name, operation_lines_, operations_, read_operation);
}

const Json* Facts::paginator(std::string_view operation) const {
  return look_up(operation, paginator_lines_, paginators_,
                 [](std::string_view, std::string_view line) { return parse_line(line); });
}

std::vector<std::string_view> Facts::shape_names() const { return keys(shape_lines_); }
std::vector<std::string_view> Facts::operation_names() const { return keys(operation_lines_); }

std::vector<Violation> check_document(const Facts& facts, std::string_view shape,
                                      const Json& document) {
  return violations(facts, shape, JsonView{document});
}

std::vector<Violation> check_document(const Facts& facts, std::string_view shape,
                                      const Node& document) {
  return violations(facts, shape, NodeView{document});
}

void report(const std::vector<Violation>& violations, std::string_view prefix,
            Diagnostics& diagnostics) {
  for (const Violation& violation : violations) {
    const ReportRow row = report_row(violation.kind);
    const std::string_view dot = prefix.empty() || violation.path.empty() ? "" : ".";
    diagnostics.add({.severity = row.severity,
                     .code = std::string(row.code),
                     .path = fmt::format("{}{}{}", prefix, dot, violation.path),
                     .message = violation.message,
                     .suggestion = violation.suggestion,
                     .span = violation.span});
  }
}

}  // namespace slipway::aws
