// The query protocol: a request is a form, an answer is XML.
// https://smithy.io/2.0/aws/protocols/aws-query-protocol.html
#include "aws/codec.h"
#include "aws/form.h"
#include "aws/sigv4.h"
#include "base/text.h"

#include <fmt/format.h>
#include <pugixml.hpp>

#include <array>
#include <charconv>

namespace slipway::aws {
namespace {

Error bad(std::string_view path, std::string_view problem) {
  return Error{ErrorKind::kUnavailable, "call.bad-answer",
               path.empty() ? std::string(problem) : fmt::format("{}: {}", path, problem)};
}

std::string joined(std::string_view prefix, std::string_view name) {
  return prefix.empty() ? std::string(name) : fmt::format("{}.{}", prefix, name);
}

bool is_scalar(const Type& type) {
  switch (type.kind) {
    case Kind::kString:
    case Kind::kInt:
    case Kind::kLong:
    case Kind::kDouble:
    case Kind::kBool:
    case Kind::kTime:
    case Kind::kDocument:
      return true;
    case Kind::kOptional:
    case Kind::kList:
    case Kind::kMap:
    case Kind::kShape:
      return false;
  }
  return false;
}

// Scalars have the same text in a form and in XML.
std::string scalar_text(const Type& type, const void* address) {
  switch (type.kind) {
    case Kind::kString:
      return *static_cast<const std::string*>(address);
    case Kind::kInt:
      return std::to_string(*static_cast<const int*>(address));
    case Kind::kLong:
      return std::to_string(*static_cast<const std::int64_t*>(address));
    case Kind::kDouble:
      return fmt::format("{}", *static_cast<const double*>(address));
    case Kind::kBool:
      return *static_cast<const bool*>(address) ? "true" : "false";
    case Kind::kTime: {
      const TimePoint time = *static_cast<const TimePoint*>(address);
      return to_iso8601(time, time != std::chrono::floor<std::chrono::seconds>(time));
    }
    case Kind::kDocument:
      return to_text(*static_cast<const Json*>(address));
    case Kind::kOptional:
    case Kind::kList:
    case Kind::kMap:
    case Kind::kShape:
      return {};
  }
  return {};
}

template <class Number>
bool read_number(std::string_view text, Number& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size();
}

Result<void> read_scalar(std::string_view text, const Type& type, void* address,
                         std::string_view path) {
  const auto wrong = [&](std::string_view expected) {
    constexpr std::size_t kMostShown = 40;
    return bad(path,
               fmt::format("expected {}, found \"{}{}\"", expected, text.substr(0, kMostShown),
                           text.size() > kMostShown ? "..." : ""));
  };
  switch (type.kind) {
    case Kind::kString:
      static_cast<std::string*>(address)->assign(text);
      return {};
    case Kind::kInt:
      if (!read_number(trim(text), *static_cast<int*>(address))) return wrong("a whole number");
      return {};
    case Kind::kLong:
      if (!read_number(trim(text), *static_cast<std::int64_t*>(address)))
        return wrong("a whole number");
      return {};
    case Kind::kDouble:
      if (!read_number(trim(text), *static_cast<double*>(address))) return wrong("a number");
      return {};
    case Kind::kBool:
      if (trim(text) != "true" && trim(text) != "false") return wrong("true or false");
      *static_cast<bool*>(address) = trim(text) == "true";
      return {};
    case Kind::kTime: {
      const auto time = parse_iso8601(trim(text));
      if (!time) return wrong("a time like 2026-01-01T00:00:00Z");
      *static_cast<TimePoint*>(address) = *time;
      return {};
    }
    case Kind::kDocument: {
      Result<Json> document = parse_json(text);
      if (!document) return wrong("a JSON document");
      *static_cast<Json*>(address) = std::move(*document);
      return {};
    }
    case Kind::kOptional:
    case Kind::kList:
    case Kind::kMap:
    case Kind::kShape:
      break;
  }
  return wrong("a scalar");
}

// ---- The form ----

class FormWriter {
 public:
  void pair(std::string_view name, std::string_view value) {
    if (!out_.empty()) out_ += '&';
    out_.append(uri_encode(name)).append("=").append(uri_encode(value));
  }

  void value(const std::string& name, const Type& type, const void* address) {
    if (is_scalar(type)) return pair(name, scalar_text(type, address));
    if (type.kind == Kind::kOptional) return value(name, *type.element, type.value(address));
    if (type.kind == Kind::kShape) return members(name, type, address);
    if (type.kind == Kind::kMap) return map(name, type, address);
    const std::size_t size = type.size(address);
    if (size == 0) pair(name, "");
    for (std::size_t i = 0; i < size; ++i)
      value(fmt::format("{}.member.{}", name, i + 1), *type.element, type.at(address, i));
  }

  void members(const std::string& name, const Type& type, const void* address) {
    for (const Member& member : type.members) {
      const void* inside = member.in(address);
      if (is_sent(*member.type, inside, Side::kRequest))
        value(joined(name, member.name), *member.type, inside);
    }
  }

  std::string take() && { return std::move(out_); }

 private:
  void map(const std::string& name, const Type& type, const void* address) {
    struct Context {
      FormWriter& writer;
      const std::string& name;
      const Type& element;
      int count;
    } context{*this, name, *type.element, 0};
    type.for_each(address, &context, [](void* opaque, const std::string& key, const void* entry) {
      auto& [writer, map_name, element, count] = *static_cast<Context*>(opaque);
      const std::string prefix = fmt::format("{}.entry.{}", map_name, ++count);
      writer.pair(prefix + ".key", key);
      writer.value(prefix + ".value", element, entry);
    });
  }

  std::string out_;
};

class FormReader {
 public:
  explicit FormReader(const Form& form) : form_(form) {}

  Result<void> value(const std::string& name, const Type& type, void* address) {
    if (!is_in_form(form_, name)) return {};
    if (is_scalar(type)) {
      const auto found = form_.find(name);
      if (found == form_.end()) return bad(name, "expected a value, found a structure");
      return read_scalar(found->second, type, address, name);
    }
    switch (type.kind) {
      case Kind::kOptional:
        return value(name, *type.element, type.emplace(address));
      case Kind::kShape:
        return members(name, type, address);
      case Kind::kMap:
        for (int i = 1;; ++i) {
          const auto key = form_.find(fmt::format("{}.entry.{}.key", name, i));
          if (key == form_.end()) return {};
          TRY_VOID(value(fmt::format("{}.entry.{}.value", name, i), *type.element,
                         type.entry(address, key->second)));
        }
      default:
        for (int i = 1;; ++i) {
          const std::string item = fmt::format("{}.member.{}", name, i);
          if (!is_in_form(form_, item)) return {};
          TRY_VOID(value(item, *type.element, type.append(address)));
        }
    }
  }

  Result<void> members(const std::string& name, const Type& type, void* address) {
    for (const Member& member : type.members)
      TRY_VOID(value(joined(name, member.name), *member.type, member.address(address)));
    return {};
  }

 private:
  const Form& form_;
};

// ---- XML ----

class XmlWriter {
 public:
  explicit XmlWriter(std::string& out) : out_(out) {}

  void members(const Type& type, const void* address) {
    for (const Member& member : type.members) {
      const void* inside = member.in(address);
      if (is_sent(*member.type, inside, Side::kAnswer)) element(member.name, *member.type, inside);
    }
  }

 private:
  void element(std::string_view name, const Type& type, const void* address) {
    if (type.kind == Kind::kOptional) return element(name, *type.element, type.value(address));
    out_.append("<").append(name).append(">");
    if (is_scalar(type)) append_xml_escaped(out_, scalar_text(type, address));
    if (type.kind == Kind::kShape) members(type, address);
    if (type.kind == Kind::kList) {
      for (std::size_t i = 0; i < type.size(address); ++i)
        element("member", *type.element, type.at(address, i));
    }
    if (type.kind == Kind::kMap) map(type, address);
    out_.append("</").append(name).append(">");
  }

  void map(const Type& type, const void* address) {
    struct Context {
      XmlWriter& writer;
      const Type& element;
    } context{*this, *type.element};
    type.for_each(address, &context, [](void* opaque, const std::string& key, const void* entry) {
      auto& [writer, value_type] = *static_cast<Context*>(opaque);
      writer.out_ += "<entry><key>";
      append_xml_escaped(writer.out_, key);
      writer.out_ += "</key>";
      writer.element("value", value_type, entry);
      writer.out_ += "</entry>";
    });
  }

  std::string& out_;
};

// A namespace prefix says nothing we need to know.
std::string_view local_name(const pugi::xml_node& node) {
  const std::string_view name = node.name();
  return name.substr(name.find(':') + 1);  // npos + 1 is 0
}

pugi::xml_node child(const pugi::xml_node& node, std::string_view name) {
  for (const pugi::xml_node candidate : node.children())
    if (candidate.type() == pugi::node_element && local_name(candidate) == name) return candidate;
  return {};
}

// Text and CDATA sections, however many there are.
std::string text_of(const pugi::xml_node& node) {
  std::string text;
  for (const pugi::xml_node part : node.children())
    if (part.type() == pugi::node_pcdata || part.type() == pugi::node_cdata) text += part.value();
  return text;
}

Result<void> read_element(const pugi::xml_node& node, const Type& type, void* address,
                          const std::string& path) {
  switch (type.kind) {
    case Kind::kOptional:
      return read_element(node, *type.element, type.emplace(address), path);
    case Kind::kShape:
      for (const Member& member : type.members) {
        if (const pugi::xml_node inside = child(node, member.name))
          TRY_VOID(read_element(inside, *member.type, member.address(address),
                                joined(path, member.name)));
      }
      return {};
    case Kind::kList: {
      std::size_t index = 0;
      for (const pugi::xml_node item : node.children()) {
        if (item.type() != pugi::node_element || local_name(item) != "member") continue;
        TRY_VOID(read_element(item, *type.element, type.append(address),
                              fmt::format("{}[{}]", path, index++)));
      }
      return {};
    }
    case Kind::kMap:
      for (const pugi::xml_node entry : node.children()) {
        if (entry.type() != pugi::node_element || local_name(entry) != "entry") continue;
        const std::string key = text_of(child(entry, "key"));
        TRY_VOID(read_element(child(entry, "value"), *type.element, type.entry(address, key),
                              joined(path, key)));
      }
      return {};
    default:
      return read_scalar(text_of(node), type, address, path);
  }
}

Error not_xml(std::string_view problem) {
  return Error{ErrorKind::kInvalid, "xml.syntax", fmt::format("not valid XML{}", problem)};
}

// The root element; pugixml itself is content with several roots and with none.
Result<pugi::xml_node> root_of(pugi::xml_document& document, std::string_view text) {
  const pugi::xml_parse_result parsed =
      document.load_buffer(text.data(), text.size(),
                           pugi::parse_default | pugi::parse_ws_pcdata_single, pugi::encoding_utf8);
  if (!parsed) return not_xml(fmt::format(" at byte {}: {}", parsed.offset, parsed.description()));
  pugi::xml_node root;
  for (const pugi::xml_node node : document.children()) {
    if (node.type() != pugi::node_element) continue;
    if (root) return not_xml(": more than one root element");
    root = node;
  }
  if (!root) return not_xml(": no root element");
  return root;
}

}  // namespace

std::string encode_query(const ServiceFacts& service, std::string_view operation,
                         ConstRef request) {
  FormWriter writer;
  writer.pair("Action", operation);
  writer.pair("Version", service.api_version);
  writer.members("", request.type, request.address);
  return std::move(writer).take();
}

Result<void> decode_query(std::string_view form, Ref request) {
  const Form pairs = read_form(form);
  return FormReader(pairs).members("", request.type, request.address);
}

std::string encode_xml(const ServiceFacts& service, std::string_view operation, ConstRef answer,
                       std::string_view request_id) {
  std::string out =
      fmt::format("<{0}Response xmlns=\"{1}\"><{0}Result>", operation, service.xml_namespace);
  XmlWriter(out).members(answer.type, answer.address);
  out += fmt::format(
      "</{0}Result><ResponseMetadata><RequestId>{1}</RequestId></ResponseMetadata></{0}Response>",
      operation, request_id);
  return out;
}

Result<void> decode_xml(std::string_view text, std::string_view operation, Ref answer) {
  pugi::xml_document document;
  TRY(const pugi::xml_node root, root_of(document, text));
  if (local_name(root) != fmt::format("{}Response", operation))
    return bad("", fmt::format("expected <{}Response>, found <{}>", operation, local_name(root)));
  // Operations without output have no result element.
  const pugi::xml_node result = child(root, fmt::format("{}Result", operation));
  if (!result) return {};
  return read_element(result, answer.type, answer.address, "");
}

std::optional<WireError> decode_xml_error(std::string_view body) {
  pugi::xml_document document;
  const Result<pugi::xml_node> root = root_of(document, body);
  if (!root || local_name(*root) != "ErrorResponse") return std::nullopt;
  const pugi::xml_node error = child(*root, "Error");
  return WireError{.code = std::string(trim(text_of(child(error, "Code")))),
                   .message = text_of(child(error, "Message")),
                   .request_id = std::string(trim(text_of(child(*root, "RequestId"))))};
}

}  // namespace slipway::aws
