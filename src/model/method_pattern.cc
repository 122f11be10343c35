#include "model/method_pattern.h"

#include "base/text.h"

#include <re2/re2.h>

#include <utility>

namespace slipway {
namespace {

// What RE2 takes, too, but for something else than Python does.
constexpr std::pair<std::string_view, std::string_view> kReadDifferently[] = {
    {"{,", "{,N} is a repetition in Python only; write {0,N}"},
    {"[[:", "[[:name:]] is a class of characters in RE2 only; write the characters"},
    {"\\Q", "\\Q begins a quotation in RE2 only; write a backslash before each special character"},
    {"\\C", "\\C is a byte in RE2 only; write ."},
    {"\\p", "\\p is a class of characters in RE2 only; write the characters"},
    {"\\P", "\\P is a class of characters in RE2 only; write the characters"},
    {"\\z", "\\z is the end of the text in RE2 only; write $"},
};

Error unusable(std::string why) {
  return Error{ErrorKind::kInvalid, "regex.unusable", std::move(why)};
}

// Whether the characters stand there for themselves, after an escaped backslash: "\\p" is one.
bool is_escaped(std::string_view pattern, std::size_t at) {
  std::size_t backslashes = 0;
  while (backslashes < at && pattern[at - backslashes - 1] == '\\') ++backslashes;
  return backslashes % 2 == 1;
}

bool has_construct(std::string_view pattern, std::string_view construct) {
  for (std::size_t at = pattern.find(construct); at != std::string_view::npos;
       at = pattern.find(construct, at + 1))
    if (!is_escaped(pattern, at)) return true;
  return false;
}

}  // namespace

Result<MethodPattern> MethodPattern::parse(std::string_view pattern) {
  for (const auto& [construct, why] : kReadDifferently)
    if (has_construct(pattern, construct)) return unusable(std::string(why));
  re2::RE2::Options options;
  options.set_log_errors(false);
  auto parsed =
      std::make_shared<const re2::RE2>(re2::StringPiece(pattern.data(), pattern.size()), options);
  if (!parsed->ok()) return unusable(parsed->error());
  return MethodPattern(std::move(parsed));
}

bool MethodPattern::matches(std::string_view method) const {
  const re2::StringPiece text(method.data(), method.size());
  return pattern_->Match(text, 0, text.size(), re2::RE2::ANCHOR_START, nullptr, 0);
}

}  // namespace slipway
