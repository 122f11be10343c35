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

// ---- Reading without a tree ----

// Hears what a text or a document says, in its order. Each function answers whether to go on.
class JsonListener {
 public:
  virtual bool on_null() = 0;
  virtual bool on_bool(bool value) = 0;
  virtual bool on_int(std::int64_t value) = 0;
  virtual bool on_uint(std::uint64_t value) = 0;  // too large for on_int
  virtual bool on_double(double value) = 0;
  virtual bool on_string(std::string_view text) = 0;
  virtual bool on_object_begin() = 0;
  virtual bool on_key(std::string_view key) = 0;
  virtual bool on_object_end(std::size_t members) = 0;
  virtual bool on_array_begin() = 0;
  virtual bool on_array_end(std::size_t items) = 0;

 protected:
  ~JsonListener() = default;
};

// As parse_json. True when it was read to its end, false when the listener wanted no more of it.
Result<bool> read_json(std::string_view text, JsonListener& listener);
bool read_document(const Json& document, JsonListener& listener);

// Builds the tree of what it hears.
class JsonBuilder final : public JsonListener {
 public:
  bool on_null() override { return stack_.push_null(), true; }
  bool on_bool(bool value) override { return stack_.push_bool(value), true; }
  bool on_int(std::int64_t value) override { return stack_.push_int64(value), true; }
  bool on_uint(std::uint64_t value) override { return stack_.push_uint64(value), true; }
  bool on_double(double value) override { return stack_.push_double(value), true; }
  bool on_string(std::string_view text) override { return stack_.push_string(text), true; }
  bool on_object_begin() override { return true; }
  bool on_key(std::string_view key) override { return stack_.push_key(key), true; }
  bool on_object_end(std::size_t members) override { return stack_.push_object(members), true; }
  bool on_array_begin() override { return true; }
  bool on_array_end(std::size_t items) override { return stack_.push_array(items), true; }

  void start() { stack_.reset(); }
  // After the last of a document's parts.
  Json finish() { return stack_.release(); }

 private:
  boost::json::value_stack stack_;
};

// ---- Writing ----

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
