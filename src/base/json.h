// The door to JSON documents: Boost.JSON values, which keep member order and unknown members.
// Task definitions, services and every AWS answer that we carry without interpreting are `Json`.
// Files a person wrote are read into a `Node` tree (base/node.h), which knows line and column.
#pragma once

#include "base/result.h"

#include <boost/json.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace slipway {

using Json = boost::json::value;
using JsonObject = boost::json::object;
using JsonArray = boost::json::array;

// kInvalid "json.syntax", the message with line and column. Nesting is limited to 200 levels.
Result<Json> parse_json(std::string_view text);

// Compact, or indented by two spaces with a newline at the end. Whole doubles print as "1.0",
// others as the shortest text that reads back.
std::string to_text(const Json& json);
void append_text(std::string& out, const Json& json);
void append_json_string(std::string& out, std::string_view text);  // with quotes and escapes
std::string to_pretty_text(const Json& json);

// Lookups that answer "not there" for a missing member, a null, a wrong type or a non-object, so
// that a document can be searched without asking what it is at each level.
const Json* find(const Json& json, std::string_view member);
std::optional<std::string_view> find_string(const Json& json, std::string_view member);
std::optional<std::int64_t> find_int(const Json& json, std::string_view member);
std::optional<double> find_double(const Json& json, std::string_view member);
std::optional<bool> find_bool(const Json& json, std::string_view member);
const JsonArray* find_array(const Json& json, std::string_view member);
const JsonObject* find_object(const Json& json, std::string_view member);
// find_string or "".
std::string_view string_or_empty(const Json& json, std::string_view member);

// Removes the member and keeps the order of the others (Boost's erase moves the last one).
void remove_member(JsonObject& object, std::string_view member);

}  // namespace slipway
