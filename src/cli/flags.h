// Flags in the manner of the older tools: `--flag value`, `--flag=value`, `-f value`, `-fvalue`,
// `-f=value`; a boolean takes `=false`; the last occurrence wins; flags and words mix. A
// personality lists its flags as data.
#pragma once

#include "base/result.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace slipway::cli {

enum class FlagValue {
  kBoolean,       // none, or =true, =false
  kText,          // the rest of the argument, or the next one whatever it looks like
  kOptionalText,  // only with '='
};

struct Flag {
  std::string_view name;  // without dashes
  char letter = 0;        // 0: no short form
  FlagValue takes = FlagValue::kText;
};

class ParsedFlags {
 public:
  ParsedFlags(const std::vector<std::string>& arguments, const std::vector<Flag>& flags);

  // What the first mistake is, one line; empty when all is well.
  const std::string& error() const { return error_; }
  // What is no flag and no flag's value, in order.
  const std::vector<std::string>& words() const { return words_; }

  bool has(std::string_view name) const { return values_.contains(std::string(name)); }
  std::optional<std::string> text(std::string_view name) const;  // nullopt: not given
  std::vector<std::string> texts(std::string_view name) const;   // of all occurrences, in order
  bool boolean(std::string_view name) const;                     // false: not given
  // `otherwise` when not given, nullopt when it is no whole number of at least 0.
  std::optional<std::int64_t> integer(std::string_view name, std::int64_t otherwise) const;
  std::optional<double> number(std::string_view name, double otherwise) const;

 private:
  std::map<std::string, std::vector<std::string>> values_;  // by name, one of each occurrence
  std::vector<std::string> words_;
  std::string error_;
};

// The first word of ParsedFlags::words, even when a flag is unknown; kNotFound without one.
Result<std::string> first_word(const std::vector<std::string>& arguments,
                               const std::vector<Flag>& flags);

}  // namespace slipway::cli
