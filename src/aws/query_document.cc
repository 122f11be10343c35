#include "aws/query_document.h"

#include "aws/form.h"
#include "aws/sigv4.h"
#include "aws/xml_document.h"
#include "base/text.h"

#include <fmt/format.h>

#include <optional>

namespace slipway::aws {
namespace {

std::string joined(std::string_view prefix, std::string_view name) {
  return prefix.empty() ? std::string(name) : fmt::format("{}.{}", prefix, name);
}

// What the two protocols call things in a form.
class Names {
 public:
  explicit Names(Protocol protocol) : is_ec2_(protocol == Protocol::kEc2) {}

  std::string member(const MemberFacts& member) const {
    if (!is_ec2_) return member.wire_name;
    if (!member.query_name.empty()) return member.query_name;
    std::string name = member.wire_name;
    if (!name.empty() && name[0] >= 'a' && name[0] <= 'z')
      name[0] = static_cast<char>(name[0] - 'a' + 'A');
    return name;
  }
  std::string item(std::string_view list, const ShapeFacts* shape, std::size_t number) const {
    if (is_ec2_) return fmt::format("{}.{}", list, number);
    return fmt::format("{}.{}.{}", list,
                       shape == nullptr ? "member" : std::string_view(shape->item_name), number);
  }
  // An empty list is a name without a value, or nothing at all.
  bool says_empty_lists() const { return !is_ec2_; }

 private:
  bool is_ec2_;
};

class FormWriter {
 public:
  FormWriter(const Facts& facts, Names names) : facts_(facts), names_(names) {}

  void pair(std::string_view name, std::string_view value) {
    if (!out_.empty()) out_ += '&';
    out_.append(uri_encode(name)).append("=").append(uri_encode(value));
  }

  // In the order of the document.
  void members(const std::string& name, const ShapeFacts* shape, const JsonObject& object) {
    for (const auto& entry : object) {
      const MemberFacts* member = shape == nullptr ? nullptr : shape->find(entry.key());
      value(joined(name, member == nullptr ? std::string(entry.key()) : names_.member(*member)),
            member == nullptr ? nullptr : facts_.shape(member->shape), entry.value());
    }
  }

  std::string take() && { return std::move(out_); }

 private:
  void value(const std::string& name, const ShapeFacts* shape, const Json& json) {
    const ShapeFacts* inside = shape == nullptr ? nullptr : facts_.shape(shape->element);
    if (const JsonArray* items = json.if_array()) {
      if (items->empty() && names_.says_empty_lists()) pair(name, "");
      for (std::size_t i = 0; i < items->size(); ++i)
        value(names_.item(name, shape, i + 1), inside, (*items)[i]);
    } else if (const JsonObject* object = json.if_object()) {
      if (shape != nullptr && shape->kind == FactKind::kMap)
        entries(name, *shape, inside, *object);
      else
        members(name, shape, *object);
    } else {
      pair(name, scalar_text(shape, json));
    }
  }

  void entries(const std::string& name, const ShapeFacts& shape, const ShapeFacts* inside,
               const JsonObject& map) {
    int number = 0;
    for (const auto& entry : map) {
      const std::string prefix = fmt::format("{}.entry.{}", name, ++number);
      pair(joined(prefix, shape.key_name), entry.key());
      value(joined(prefix, shape.value_name), inside, entry.value());
    }
  }

  const Facts& facts_;
  Names names_;
  std::string out_;
};

class FormReader {
 public:
  FormReader(const Facts& facts, Names names, const Form& form)
      : facts_(facts), names_(names), form_(form) {}

  Result<JsonObject> members(const std::string& name, const ShapeFacts& shape) {
    JsonObject object;
    for (const MemberFacts& member : shape.members) {
      const std::string below = joined(name, names_.member(member));
      const ShapeFacts* inside = facts_.shape(member.shape);
      if (inside == nullptr || !is_in_form(form_, below)) continue;
      TRY(object[member.name], value(below, *inside));
    }
    return object;
  }

 private:
  Result<Json> value(const std::string& name, const ShapeFacts& shape) {
    switch (shape.kind) {
      case FactKind::kStructure: {
        TRY(JsonObject object, members(name, shape));
        return Json(std::move(object));
      }
      case FactKind::kList:
        return list(name, shape);
      case FactKind::kMap:
        return map(name, shape);
      default:
        return scalar(name, shape);
    }
  }

  Result<Json> list(const std::string& name, const ShapeFacts& shape) {
    JsonArray items;
    for (std::size_t i = 1;; ++i) {
      const std::string item = names_.item(name, &shape, i);
      if (!is_in_form(form_, item)) return Json(std::move(items));
      TRY(Json element, value(item, *facts_.shape(shape.element)));
      items.push_back(std::move(element));
    }
  }

  Result<Json> map(const std::string& name, const ShapeFacts& shape) {
    JsonObject entries;
    for (int i = 1;; ++i) {
      const std::string entry = fmt::format("{}.entry.{}", name, i);
      const auto key = form_.find(joined(entry, shape.key_name));
      if (key == form_.end()) return Json(std::move(entries));
      TRY(entries[key->second],
          value(joined(entry, shape.value_name), *facts_.shape(shape.element)));
    }
  }

  Result<Json> scalar(const std::string& name, const ShapeFacts& shape) {
    const auto found = form_.find(name);
    if (found == form_.end()) return bad(name, "a value", "a structure");
    Json json = scalar_of(&shape, found->second);
    if (shape.kind == FactKind::kBoolean && !json.is_bool())
      return bad(name, "true or false", quote(found->second));
    const bool is_number = shape.kind == FactKind::kInteger || shape.kind == FactKind::kLong ||
                           shape.kind == FactKind::kFloat || shape.kind == FactKind::kDouble;
    if (is_number && !json.is_number()) return bad(name, "a number", quote(found->second));
    return json;
  }

  static Error bad(std::string_view name, std::string_view expected, std::string_view found) {
    return Error{ErrorKind::kInvalid, "call.bad-request",
                 fmt::format("{}: expected {}, found {}", name, expected, found)};
  }

  const Facts& facts_;
  Names names_;
  const Form& form_;
};

}  // namespace

std::string encode_query_document(const ServiceFacts& service, const Facts& facts,
                                  std::string_view operation, const Json& request) {
  const OperationFacts* known = facts.operation(operation);
  FormWriter writer(facts, Names(service.protocol));
  writer.pair("Action", operation);
  writer.pair("Version", service.api_version);
  writer.members("", known == nullptr ? nullptr : facts.shape(known->input), request.as_object());
  return std::move(writer).take();
}

Result<Json> decode_query_document(const ServiceFacts& service, const Facts& facts,
                                   std::string_view operation, std::string_view form) {
  const OperationFacts* known = facts.operation(operation);
  const ShapeFacts* input = known == nullptr ? nullptr : facts.shape(known->input);
  if (input == nullptr) return Json(JsonObject{});
  const Form pairs = read_form(form);
  TRY(JsonObject members, FormReader(facts, Names(service.protocol), pairs).members("", *input));
  return Json(std::move(members));
}

std::string encode_xml_document(const ServiceFacts& service, const Facts& facts,
                                std::string_view operation, const Json& answer,
                                std::string_view request_id) {
  const OperationFacts* known = facts.operation(operation);
  const ShapeFacts* output = known == nullptr ? nullptr : facts.shape(known->output);
  std::string out = fmt::format("<{}Response xmlns=\"{}\">", operation, service.xml_namespace);
  const bool is_ec2 = service.protocol == Protocol::kEc2;
  if (is_ec2) out += fmt::format("<requestId>{}</requestId>", request_id);
  if (output != nullptr) {
    if (!is_ec2) out += fmt::format("<{}Result>", operation);
    append_xml(facts, *output, answer, Side::kAnswer, out);
    if (!is_ec2) out += fmt::format("</{}Result>", operation);
  }
  if (!is_ec2)
    out +=
        fmt::format("<ResponseMetadata><RequestId>{}</RequestId></ResponseMetadata>", request_id);
  out += fmt::format("</{}Response>", operation);
  return out;
}

Result<Json> decode_xml_document(const ServiceFacts& service, const Facts& facts,
                                 std::string_view operation, std::string_view text) {
  const OperationFacts* known = facts.operation(operation);
  const std::string root = fmt::format("{}Response", operation);
  // Operations without output have no result element.
  const std::string inside =
      service.protocol == Protocol::kEc2 ? std::string() : fmt::format("{}Result", operation);
  TRY(JsonObject members,
      read_xml(facts, known == nullptr ? "" : std::string_view(known->output), text, root, inside));
  return Json(std::move(members));
}

}  // namespace slipway::aws
