#include "base/text.h"

#include "base/utf8.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace slipway {
namespace {

// ASCII only: what we compare (keys, header names, AWS enumerators) is ASCII, and the C library's
// functions depend on the locale.
char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
char upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }
bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

// Words longer than this are not typed by hand, and the distance is quadratic in the length.
constexpr std::size_t kLongestGuess = 100;

// Optimal string alignment: insertions, deletions, substitutions and swaps of neighbours, each 1.
std::size_t typing_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before_last(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t substitution = last[j - 1] + (lower(a[i - 1]) == lower(b[j - 1]) ? 0 : 1);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, substitution});
      const bool swapped = i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) &&
                           lower(a[i - 2]) == lower(b[j - 1]);
      if (swapped) row[j] = std::min(row[j], before_last[j - 2] + 1);
    }
    before_last.swap(last);
    last.swap(row);
  }
  return last[b.size()];
}

template <class Candidates>
std::optional<std::string> nearest_of(std::string_view wanted, const Candidates& candidates) {
  if (wanted.empty() || wanted.size() > kLongestGuess) return std::nullopt;
  std::optional<std::string> best;
  std::size_t best_distance = 0;
  for (std::string_view candidate : candidates) {
    if (candidate.size() > kLongestGuess) continue;
    const std::size_t limit = std::max<std::size_t>(1, wanted.size() / 3);
    const std::size_t distance = typing_distance(wanted, candidate);
    // Replacing every letter of a one-letter word is not a typing mistake.
    if (distance > limit || (distance > 0 && distance >= candidate.size())) continue;
    if (!best || distance < best_distance) {
      best = std::string(candidate);
      best_distance = distance;
    }
  }
  return best;
}

}  // namespace

std::string to_lower(std::string_view text) {
  std::string result(text);
  std::ranges::transform(result, result.begin(), lower);
  return result;
}

std::string to_upper(std::string_view text) {
  std::string result(text);
  std::ranges::transform(result, result.begin(), upper);
  return result;
}

bool equals_ignoring_case(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](char x, char y) { return lower(x) == lower(y); });
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (true) {
    const std::size_t end = text.find(separator);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

std::string join(std::span<const std::string> parts, std::string_view separator) {
  return fmt::format("{}", fmt::join(parts, separator));
}

std::string quote(std::string_view text, std::size_t longest) {
  std::string result = "\"";
  std::size_t count = 0;
  for (std::size_t at = 0; at < text.size(); ++count) {
    if (count == longest) return result + "...\"";
    const Character character = first_character(text.substr(at));
    const std::string_view bytes = text.substr(at, character.size);
    at += character.size;
    const bool is_broken = character.code == 0xfffd && character.size == 1;
    if (bytes == "\n") {
      result += "\\n";
    } else if (bytes == "\t") {
      result += "\\t";
    } else if (bytes == "\"" || bytes == "\\") {
      result += fmt::format("\\{}", bytes);
    } else if (is_broken || character.code < 0x20 || character.code == 0x7f) {
      result += fmt::format("\\x{:02x}", static_cast<unsigned char>(bytes.front()));
    } else if (character.code >= 0x80 && character.code < 0xa0) {
      result += fmt::format("\\u{:04x}", static_cast<unsigned>(character.code));
    } else {
      result += bytes;
    }
  }
  return result + "\"";
}

std::string join_with_or(std::span<const std::string_view> parts) {
  if (parts.empty()) return "";
  if (parts.size() == 1) return std::string(parts.front());
  return fmt::format("{} or {}", fmt::join(parts.first(parts.size() - 1), ", "), parts.back());
}

std::string counted(std::size_t count, std::string_view singular) {
  if (count == 1) return fmt::format("1 {}", singular);
  auto ends_in = [singular](std::string_view end) { return singular.ends_with(end); };
  if (ends_in("y") && !ends_in("ay") && !ends_in("ey") && !ends_in("oy"))
    return fmt::format("{} {}ies", count, singular.substr(0, singular.size() - 1));
  if (ends_in("s") || ends_in("x") || ends_in("ch") || ends_in("sh"))
    return fmt::format("{} {}es", count, singular);
  return fmt::format("{} {}s", count, singular);
}

std::optional<std::string> nearest(std::string_view wanted,
                                   std::span<const std::string> candidates) {
  return nearest_of(wanted, candidates);
}

std::optional<std::string> nearest(std::string_view wanted,
                                   std::initializer_list<std::string_view> candidates) {
  return nearest_of(wanted, candidates);
}

std::string to_string(const Secret& secret) { return secret.empty() ? "" : "****"; }

}  // namespace slipway
