// A regular expression over the names of API methods, as Python's re.match applies it: at the
// beginning of the name, and not necessarily to its end. Only what Python and RE2 read alike is
// taken: no look-around, no references back.
#pragma once

#include "base/result.h"

#include <memory>
#include <string_view>

namespace re2 {
class RE2;
}

namespace slipway {

class MethodPattern {
 public:
  // kInvalid "regex.unusable" with what is wrong.
  static Result<MethodPattern> parse(std::string_view pattern);

  bool matches(std::string_view method) const;

 private:
  explicit MethodPattern(std::shared_ptr<const re2::RE2> pattern) : pattern_(std::move(pattern)) {}
  std::shared_ptr<const re2::RE2> pattern_;
};

}  // namespace slipway
