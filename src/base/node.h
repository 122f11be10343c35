// What a person wrote, with the place of every part: YAML and JSON read into one tree. Scalars keep
// their text; what they mean (number, boolean, text) is asked of them by the decoder that knows
// what it wants, so "1.10" stays a version and `no` stays a word until someone wants a boolean.
#pragma once

#include "base/diagnostic.h"
#include "base/json.h"
#include "base/result.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace slipway {

class Node {
 public:
  enum class Kind { kNull, kScalar, kSequence, kMapping };
  struct Member;

  Kind kind = Kind::kNull;
  bool quoted = false;          // kScalar: a quoted or block scalar is text, whatever it looks like
  std::string text;             // kScalar: as written, escapes resolved; kNull: "", "~" or "null"
  std::vector<Node> items;      // kSequence
  std::vector<Member> members;  // kMapping, in file order, keys unique
  SourceSpan span;

  bool is_null() const { return kind == Kind::kNull; }
  bool is_scalar() const { return kind == Kind::kScalar; }
  bool is_sequence() const { return kind == Kind::kSequence; }
  bool is_mapping() const { return kind == Kind::kMapping; }

  // nullptr when this is not a mapping or has no such member.
  const Node* find(std::string_view key) const;

  // What a plain scalar means by the YAML 1.2 core schema; nullopt when it means something else.
  // A whole number beyond 64 bits is no int, a number beyond a double's range no double.
  std::optional<std::int64_t> as_int() const;
  std::optional<double> as_double() const;  // finite; whole numbers too
  std::optional<bool> as_bool() const;      // true/false only: `yes`, `no`, `on`, `off` are words
};

struct Node::Member {
  std::string key;
  SourceSpan key_span;
  Node value;
};

struct ReadLimits {
  std::size_t max_bytes = 8u << 20;
  // After aliases are expanded. Readers and writers of a tree are recursive, and a fiber's stack
  // has 128 KiB.
  int max_depth = 64;
  // After aliases are expanded; what an anchor keeps for its aliases counts, and each 64 bytes of
  // text count as one more.
  std::size_t max_nodes = 1'000'000;
  // YAML: what a tag of somebody's own ("!Ref") makes of the value it stands before; false: it has
  // no meaning here. Null: none has.
  bool (*apply_tag)(std::string_view tag, Node& node) = nullptr;
};

enum class TextFormat { kYaml, kJson };

// Reads every document of the text; JSON text may be several, one after the other. Syntax errors,
// duplicate keys, unknown aliases, custom tags, limits and text that is not UTF-8 become errors in
// `diagnostics`. Documents that are sound in syntax are returned whatever else is wrong with them,
// so that their reader can find more; of a duplicate key the first value stays. Aliases are
// expanded, merge keys (<<) applied; a position inside an alias is that of the anchor.
std::vector<Node> read_documents(std::shared_ptr<const SourceText> source, TextFormat format,
                                 Diagnostics& diagnostics, const ReadLimits& limits = {});

// Exactly one document; broken syntax, none or more than one is an error diagnostic and nullopt.
std::optional<Node> read_document(std::shared_ptr<const SourceText> source, TextFormat format,
                                  Diagnostics& diagnostics, const ReadLimits& limits = {});

// The document as JSON, plain scalars resolved by the YAML 1.2 core schema. Infinity and NaN, which
// JSON cannot say, stay text.
Json to_json(const Node& node);

// For messages of the form "expected A, found B": a list, a mapping, nothing, 12, true, "three",
// and for a quoted "12" that would be a number without its quotes, the text "12".
std::string describe(const Node& node);

}  // namespace slipway
