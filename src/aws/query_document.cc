#include "aws/query_document.h"

#include "aws/facts.h"
#include "aws/form.h"
#include "base/text.h"

#include <fmt/format.h>

#include <optional>

namespace slipway::aws {
namespace {

std::string joined(std::string_view prefix, std::string_view name) {
  return prefix.empty() ? std::string(name) : fmt::format("{}.{}", prefix, name);
}

class DocumentReader {
 public:
  DocumentReader(const Facts& facts, const Form& form) : facts_(facts), form_(form) {}

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

  Result<JsonObject> members(const std::string& name, const ShapeFacts& shape) {
    JsonObject object;
    for (const MemberFacts& member : shape.members) {
      const std::string below = joined(name, member.wire_name);
      const ShapeFacts* inside = facts_.shape(member.shape);
      if (inside == nullptr || !is_in_form(form_, below)) continue;
      TRY(object[member.name], value(below, *inside));
    }
    return object;
  }

 private:
  Result<Json> list(const std::string& name, const ShapeFacts& shape) {
    JsonArray items;
    for (int i = 1;; ++i) {
      const std::string item = fmt::format("{}.member.{}", name, i);
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
    const std::string& text = found->second;
    if (shape.kind == FactKind::kBoolean) {
      if (text != "true" && text != "false") return bad(name, "true or false", quote(text));
      return Json(text == "true");
    }
    if (shape.kind == FactKind::kInteger || shape.kind == FactKind::kLong ||
        shape.kind == FactKind::kFloat || shape.kind == FactKind::kDouble) {
      Result<Json> number = parse_json(text);
      if (!number || !number->is_number()) return bad(name, "a number", quote(text));
      return number;
    }
    return Json(text);
  }

  static Error bad(std::string_view name, std::string_view expected, std::string_view found) {
    return Error{ErrorKind::kInvalid, "call.bad-request",
                 fmt::format("{}: expected {}, found {}", name, expected, found)};
  }

  const Facts& facts_;
  const Form& form_;
};

class DocumentWriter {
 public:
  DocumentWriter(const Facts& facts, std::string& out) : facts_(facts), out_(out) {}

  void members(const ShapeFacts& shape, const Json& document) {
    for (const MemberFacts& member : shape.members)
      if (const Json* value = find(document, member.name))
        element(member.wire_name, *facts_.shape(member.shape), *value);
  }

 private:
  void element(std::string_view name, const ShapeFacts& shape, const Json& value) {
    out_.append("<").append(name).append(">");
    if (shape.kind == FactKind::kStructure) {
      members(shape, value);
    } else if (const JsonArray* items = value.if_array()) {
      for (const Json& item : *items) element("member", *facts_.shape(shape.element), item);
    } else if (const JsonObject* entries = value.if_object()) {
      for (const auto& entry : *entries) {
        out_.append("<entry><").append(shape.key_name).append(">");
        append_xml_escaped(out_, entry.key());
        out_.append("</").append(shape.key_name).append(">");
        element(shape.value_name, *facts_.shape(shape.element), entry.value());
        out_ += "</entry>";
      }
    } else {
      append_xml_escaped(out_,
                         value.is_string() ? std::string(value.get_string()) : to_text(value));
    }
    out_.append("</").append(name).append(">");
  }

  const Facts& facts_;
  std::string& out_;
};

}  // namespace

Result<Json> decode_query_document(const ServiceFacts& service, std::string_view operation,
                                   std::string_view form) {
  const Facts& facts = Facts::of(service);
  const OperationFacts* known = facts.operation(operation);
  const ShapeFacts* input =
      known == nullptr || known->input.empty() ? nullptr : facts.shape(known->input);
  if (input == nullptr) return Json(JsonObject{});
  const Form pairs = read_form(form);
  TRY(JsonObject members, DocumentReader(facts, pairs).members("", *input));
  return Json(std::move(members));
}

std::string encode_xml_document(const ServiceFacts& service, std::string_view operation,
                                const Json& answer, std::string_view request_id) {
  const Facts& facts = Facts::of(service);
  const OperationFacts* known = facts.operation(operation);
  std::string out = fmt::format("<{}Response xmlns=\"{}\">", operation, service.xml_namespace);
  if (known != nullptr && !known->output.empty()) {
    out += fmt::format("<{}Result>", operation);
    DocumentWriter(facts, out).members(*facts.shape(known->output), answer);
    out += fmt::format("</{}Result>", operation);
  }
  out += fmt::format("<ResponseMetadata><RequestId>{}</RequestId></ResponseMetadata></{}Response>",
                     request_id, operation);
  return out;
}

}  // namespace slipway::aws
