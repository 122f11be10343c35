#include "aws/xml_document.h"

#include "aws/codec.h"
#include "aws/form.h"
#include "base/text.h"

#include <fmt/format.h>
#include <pugixml.hpp>

namespace slipway::aws {
namespace {

// A namespace prefix says nothing we need to know.
std::string_view local_name(const pugi::xml_node& node) {
  const std::string_view name = node.name();
  return name.substr(name.find(':') + 1);  // npos + 1 is 0
}

bool is_element(const pugi::xml_node& node) { return node.type() == pugi::node_element; }

pugi::xml_node child(const pugi::xml_node& node, std::string_view name) {
  for (const pugi::xml_node candidate : node.children())
    if (is_element(candidate) && local_name(candidate) == name) return candidate;
  return {};
}

// Text and CDATA sections, however many there are.
std::string text_of(const pugi::xml_node& node) {
  std::string text;
  for (const pugi::xml_node part : node.children())
    if (part.type() == pugi::node_pcdata || part.type() == pugi::node_cdata) text += part.value();
  return text;
}

std::string trimmed_text(const pugi::xml_node& node) { return std::string(trim(text_of(node))); }

Error not_xml(std::string_view problem) {
  return Error{ErrorKind::kInvalid, "xml.syntax", fmt::format("not valid XML{}", problem)};
}

// We read elements inside elements by recursion, on the small stack of a fiber. No model of AWS has
// half as many levels. Measured without recursion, because the text may come from anybody.
constexpr int kDeepest = 64;

bool is_too_deep(const pugi::xml_node& root) {
  pugi::xml_node node = root;
  int depth = 1;
  while (depth <= kDeepest) {
    if (const pugi::xml_node inside = node.first_child()) {
      node = inside;
      ++depth;
      continue;
    }
    while (node != root && !node.next_sibling()) {
      node = node.parent();
      --depth;
    }
    if (node == root) return false;
    node = node.next_sibling();
  }
  return true;
}

// The root element; pugixml itself is content with several roots and with none.
Result<pugi::xml_node> root_of(pugi::xml_document& document, std::string_view text) {
  const pugi::xml_parse_result parsed =
      document.load_buffer(text.data(), text.size(),
                           pugi::parse_default | pugi::parse_ws_pcdata_single, pugi::encoding_utf8);
  if (!parsed) return not_xml(fmt::format(" at byte {}: {}", parsed.offset, parsed.description()));
  pugi::xml_node root;
  for (const pugi::xml_node node : document.children()) {
    if (!is_element(node)) continue;
    if (root) return not_xml(": more than one root element");
    root = node;
  }
  if (!root) return not_xml(": no root element");
  if (is_too_deep(root)) return not_xml(fmt::format(": nested deeper than {} levels", kDeepest));
  return root;
}

class Reader {
 public:
  explicit Reader(const Facts& facts) : facts_(facts) {}

  JsonObject members(const pugi::xml_node& node, const ShapeFacts* shape) const {
    JsonObject object;
    for (const pugi::xml_node element : node.children()) {
      if (!is_element(element)) continue;
      const std::string_view name = local_name(element);
      const MemberFacts* member = shape == nullptr ? nullptr : member_called(*shape, name);
      object[member == nullptr ? name : std::string_view(member->name)] =
          member == nullptr ? unknown(element) : value(element, facts_.shape(member->shape));
    }
    return object;
  }

 private:
  static const MemberFacts* member_called(const ShapeFacts& shape, std::string_view wire_name) {
    for (const MemberFacts& member : shape.members)
      if (member.wire_name == wire_name) return &member;
    return nullptr;
  }

  Json value(const pugi::xml_node& node, const ShapeFacts* shape) const {
    if (shape == nullptr) return unknown(node);
    switch (shape->kind) {
      case FactKind::kStructure:
        return members(node, shape);
      case FactKind::kList: {
        JsonArray items;
        for (const pugi::xml_node item : node.children())
          if (is_element(item) && local_name(item) == shape->item_name)
            items.push_back(value(item, facts_.shape(shape->element)));
        return items;
      }
      case FactKind::kMap: {
        JsonObject entries;
        for (const pugi::xml_node entry : node.children())
          if (is_element(entry) && local_name(entry) == "entry")
            entries[text_of(child(entry, shape->key_name))] =
                value(child(entry, shape->value_name), facts_.shape(shape->element));
        return entries;
      }
      default:
        return scalar_of(shape, text_of(node));
    }
  }

  Json unknown(const pugi::xml_node& node) const {
    bool has_elements = false;
    bool is_list = true;
    for (const pugi::xml_node element : node.children()) {
      if (!is_element(element)) continue;
      has_elements = true;
      is_list &= local_name(element) == "member" || local_name(element) == "item";
    }
    if (!has_elements) return Json(text_of(node));
    if (!is_list) return members(node, nullptr);
    JsonArray items;
    for (const pugi::xml_node element : node.children())
      if (is_element(element)) items.push_back(unknown(element));
    return items;
  }

  const Facts& facts_;
};

class Writer {
 public:
  Writer(const Facts& facts, Side side, std::string& out) : facts_(facts), side_(side), out_(out) {}

  void members(const ShapeFacts& shape, const Json& document) {
    for (const MemberFacts& member : shape.members)
      if (const Json* value = member.location.empty() ? find(document, member.name) : nullptr)
        element(member.wire_name, facts_.shape(member.shape), *value);
    if (side_ == Side::kAnswer) return;
    for (const auto& member : document.as_object())
      if (shape.find(member.key()) == nullptr) element(member.key(), nullptr, member.value());
  }

 private:
  void element(std::string_view name, const ShapeFacts* shape, const Json& value) {
    out_.append("<").append(name).append(">");
    const ShapeFacts* inside = shape == nullptr ? nullptr : facts_.shape(shape->element);
    if (const JsonArray* items = value.if_array()) {
      for (const Json& item : *items)
        element(shape == nullptr ? "member" : std::string_view(shape->item_name), inside, item);
    } else if (const JsonObject* object = value.if_object()) {
      if (shape != nullptr && shape->kind == FactKind::kMap)
        entries(*shape, inside, *object);
      else
        members(shape == nullptr ? nothing_known() : *shape, value);
    } else {
      append_xml_escaped(out_, scalar_text(shape, value));
    }
    out_.append("</").append(name).append(">");
  }

  void entries(const ShapeFacts& shape, const ShapeFacts* inside, const JsonObject& map) {
    for (const auto& entry : map) {
      out_.append("<entry><").append(shape.key_name).append(">");
      append_xml_escaped(out_, entry.key());
      out_.append("</").append(shape.key_name).append(">");
      element(shape.value_name, inside, entry.value());
      out_ += "</entry>";
    }
  }

  static const ShapeFacts& nothing_known() {
    static const ShapeFacts shape;
    return shape;
  }

  const Facts& facts_;
  Side side_;
  std::string& out_;
};

}  // namespace

Result<JsonObject> read_xml(const Facts& facts, std::string_view shape, std::string_view text,
                            std::string_view root, std::string_view inside) {
  pugi::xml_document document;
  TRY(pugi::xml_node node, root_of(document, text));
  if (local_name(node) != root)
    return Error{ErrorKind::kUnavailable, "call.bad-answer",
                 fmt::format("expected <{}>, found <{}>", root, local_name(node))};
  if (!inside.empty()) node = child(node, inside);
  return Reader(facts).members(node, facts.shape(shape));
}

void append_xml(const Facts& facts, const ShapeFacts& shape, const Json& document, Side side,
                std::string& out) {
  Writer(facts, side, out).members(shape, document);
}

// query and rest-xml: <ErrorResponse><Error>; ec2: <Response><Errors><Error>; Route 53 has one
// error with a root of its own.
std::optional<WireError> decode_xml_error(std::string_view body) {
  pugi::xml_document document;
  const Result<pugi::xml_node> root = root_of(document, body);
  if (!root) return std::nullopt;
  const std::string_view name = local_name(*root);
  if (name == "InvalidChangeBatch") {
    std::string messages;
    for (const pugi::xml_node message : child(*root, "Messages").children())
      if (is_element(message))
        messages += fmt::format("{}{}", messages.empty() ? "" : ", ", text_of(message));
    return WireError{.code = std::string(name),
                     .message = std::move(messages),
                     .request_id = trimmed_text(child(*root, "RequestId"))};
  }
  const bool is_ec2 = name == "Response";
  if (!is_ec2 && name != "ErrorResponse") return std::nullopt;
  const pugi::xml_node error = child(is_ec2 ? child(*root, "Errors") : *root, "Error");
  return WireError{.code = trimmed_text(child(error, "Code")),
                   .message = text_of(child(error, "Message")),
                   .request_id = trimmed_text(child(*root, is_ec2 ? "RequestID" : "RequestId"))};
}

}  // namespace slipway::aws
