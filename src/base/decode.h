// Reading a mapping a person wrote: ask for each key by name and type. Nothing stops at the first
// mistake; every value that is missing, of the wrong type or out of range, and every key that
// nobody asked for, becomes a diagnostic with its place and path, and reading goes on.
//
//   Fields file(document, diagnostics);
//   release.cluster = file.required_text("cluster");
//   for (Fields& entry : file.mappings("services")) {
//     Service service;
//     service.name = entry.required_text("name");
//     service.containers = entry.required_texts("containers", {.at_least = 1});
//     service.max_wait = entry.duration("max_wait").value_or(15min);
//     ...
//   }
//   // At the end of its scope each `Fields` has reported the keys nobody asked for:
//   //   deploy.yml:9:5: error: services[1].maxwait: unknown key
//   //       = did you mean max_wait?
//
// A key without a value (`services:`) is as absent as a key that is not there.
#pragma once

#include "base/diagnostic.h"
#include "base/json.h"
#include "base/node.h"
#include "base/time.h"

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace slipway {

struct DecodeOptions {
  bool ignore_key_case = false;  // of two keys that differ in case only the first counts
  // A quoted "6" or "true" is taken for what it says, and a scalar where a list of texts is wanted
  // is split on commas.
  bool lenient_scalars = false;
  Severity unknown_keys = Severity::kError;
};

struct TextRules {
  bool may_be_empty = false;
};
struct IntegerRange {
  std::int64_t at_least = std::numeric_limits<std::int64_t>::min();
  std::int64_t at_most = std::numeric_limits<std::int64_t>::max();
};
struct NumberRange {
  double at_least = std::numeric_limits<double>::lowest();
  double at_most = std::numeric_limits<double>::max();
};
struct DurationRange {
  Duration at_least = Duration::zero();
  Duration at_most = Duration::max();
};
struct EntryCount {
  std::size_t at_least = 0;
  std::size_t at_most = std::numeric_limits<std::size_t>::max();
};

// Borrows the node, which must live longer. A node that is no mapping is reported once, and then
// has no keys and misses none.
class Fields {
 public:
  // `path` is where the mapping stands in its file; empty for the document itself.
  Fields(const Node& node, Diagnostics& diagnostics, DecodeOptions options = {},
         std::string path = {});
  ~Fields();  // reports the unknown keys
  Fields(Fields&& other) noexcept;
  Fields& operator=(Fields&&) = delete;

  // Whether there is a value; does not count as asking for the key.
  bool has(std::string_view key) const;
  // The same, but a missing value is an error.
  bool require(std::string_view key);

  // Each answers nullopt when there is no value or it is wrong, which has then been reported. Plain
  // numbers and booleans are text, too, where text is wanted: a tag may look like 1.10.
  std::optional<std::string> text(std::string_view key, TextRules rules = {});
  std::optional<std::int64_t> integer(std::string_view key, IntegerRange range = {});
  std::optional<double> number(std::string_view key, NumberRange range = {});
  std::optional<bool> boolean(std::string_view key);
  std::optional<Duration> duration(std::string_view key, DurationRange range = {});
  template <class T>
  std::optional<T> choice(std::string_view key,
                          std::initializer_list<std::pair<std::string_view, T>> choices);
  std::optional<Json> json(std::string_view key);  // whatever is there, with all it contains
  std::optional<Fields> mapping(std::string_view key);

  // Empty when there is no value or it is wrong. Entries that are wrong are reported and left out.
  std::vector<std::string> texts(std::string_view key, EntryCount count = {}, TextRules rules = {});
  std::vector<Fields> mappings(std::string_view key, EntryCount count = {});
  // Keys the user chose, in file order; a name without a value is an empty mapping.
  std::vector<std::pair<std::string, std::string>> texts_by_name(std::string_view key,
                                                                 TextRules rules = {});
  std::vector<std::pair<std::string, Fields>> mappings_by_name(std::string_view key);

  // require(key), then the value, or an empty one to go on with.
  std::string required_text(std::string_view key, TextRules rules = {});
  std::int64_t required_integer(std::string_view key, IntegerRange range = {});
  std::vector<std::string> required_texts(std::string_view key, EntryCount count = {});

  // The value as it was read, for what the functions above cannot say. nullptr when there is none.
  const Node* node(std::string_view key);

  // The key is known but not used: nothing happens, or a warning says `why`.
  void ignore(std::string_view key, std::string why = {});
  // The key is known but an error when it is there.
  void refuse(std::string_view key, std::string message, std::string suggestion = {});

  // More to say about the value of a key, or about the mapping when there is none.
  void error(std::string_view key, std::string message, std::string suggestion = {});
  void warning(std::string_view key, std::string message, std::string suggestion = {});
  // The same about one entry of a list.
  void error(std::string_view key, std::size_t entry, std::string message,
             std::string suggestion = {});

  const std::string& path() const { return path_; }
  const SourceSpan& span() const { return span_; }
  std::string path_of(std::string_view key) const;
  std::string path_of(std::string_view key, std::size_t entry) const;

 private:
  Fields(const Node& node, SourceSpan span, Diagnostics& diagnostics, DecodeOptions options,
         std::string path);

  const Node::Member* find(std::string_view key) const;
  const Node::Member* ask(std::string_view key);
  SourceSpan span_of(std::string_view key) const;
  std::optional<std::size_t> choice_index(std::string_view key,
                                          std::span<const std::string_view> names);
  std::optional<std::string> read_text(const Node& node, const std::string& path, TextRules rules);
  void check_count(const Node& list, const std::string& path, std::size_t found, EntryCount count);
  void report(const Node& node, const std::string& path, std::string_view expected,
              std::string suggestion = {});
  void report_duplicates_by_case();
  void report_unknown_keys();

  const Node* node_;
  SourceSpan span_;           // what stands for the mapping when something about it is wrong
  Diagnostics* diagnostics_;  // null when moved from
  DecodeOptions options_;
  std::string path_;
  std::vector<bool> asked_;          // of the node's members, by index
  std::vector<std::string> absent_;  // keys that were asked for and not there
};

template <class T>
std::optional<T> Fields::choice(std::string_view key,
                                std::initializer_list<std::pair<std::string_view, T>> choices) {
  std::vector<std::string_view> names;
  for (const auto& [name, value] : choices) names.push_back(name);
  const std::optional<std::size_t> index = choice_index(key, names);
  if (!index) return std::nullopt;
  return choices.begin()[*index].second;
}

}  // namespace slipway
