#include "base/diagnostic.h"

#include "base/utf8.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <tuple>
#include <utility>

namespace slipway {
namespace {

// A line that takes more terminal columns than this is shown in part: so much before the span, and
// up to so much in all.
constexpr std::size_t kLongestLine = 120;
constexpr std::size_t kColumnsBefore = 30;
constexpr std::size_t kMostBytesOfACharacter = 4;
constexpr std::string_view kCut = "...";

struct Palette {
  std::string_view strong, error, warning, end;
};
constexpr Palette kColors = {"\x1b[1m", "\x1b[1;31m", "\x1b[1;35m", "\x1b[0m"};
constexpr Palette kNoColors = {};

// nullopt when the text has no such line.
std::optional<std::string_view> line_of(const SourceText& source, int number) {
  std::string_view rest = source.text;
  if (rest.starts_with("\xef\xbb\xbf")) rest.remove_prefix(3);
  for (int line = 1; line < number; ++line) {
    const std::size_t end = rest.find('\n');
    if (end == std::string_view::npos) return std::nullopt;
    rest.remove_prefix(end + 1);
  }
  rest = rest.substr(0, rest.find('\n'));
  if (rest.ends_with('\r')) rest.remove_suffix(1);
  return rest;
}

struct Quoted {
  std::string line, carets;
};

std::size_t columns_of(char32_t code) {
  return code == '\t' ? 8 : static_cast<std::size_t>(display_width(code));
}

// Draws text[from, to) and, below it, carets under [begin, end). Both strings advance by the same
// number of columns for each character; a tab is a tab in both, wherever it leads.
Quoted draw(std::string_view text, std::size_t from, std::size_t to, std::size_t begin,
            std::size_t end) {
  Quoted quoted;
  if (from > 0) {
    quoted.line = kCut;
    quoted.carets.append(kCut.size(), ' ');
  }
  for (std::size_t at = from; at < to;) {
    const Character character = first_character(text.substr(at));
    const bool is_marked = at + character.size > begin && at < end;
    const bool is_control =
        character.code != '\t' && (character.code < 0x20 || character.code == 0x7f ||
                                   (character.code >= 0x80 && character.code < 0xa0));
    if (is_control) {
      quoted.line += "\xef\xbf\xbd";
      quoted.carets += is_marked ? '^' : ' ';
    } else {
      append_utf8(quoted.line, character.code);
      if (character.code == '\t' && !is_marked) {
        quoted.carets += '\t';
      } else {
        const auto width = static_cast<std::size_t>(display_width(character.code));
        quoted.carets.append(character.code == '\t' ? 1 : width, is_marked ? '^' : ' ');
      }
    }
    at += character.size;
  }
  if (to < text.size()) quoted.line += kCut;
  // A place just after the text: something is missing there.
  if (begin >= to) quoted.carets += '^';
  quoted.carets.erase(quoted.carets.find_last_not_of(" \t") + 1);
  return quoted;
}

Quoted quote_line(std::string_view text, int column, int length) {
  const std::size_t begin =
      std::min(static_cast<std::size_t>(std::max(column, 1)) - 1, text.size());
  const std::size_t end = begin + static_cast<std::size_t>(std::max(length, 1));
  // A file may be one line of megabytes, which nobody wants measured for each of its mistakes.
  const bool may_fit = text.size() <= kMostBytesOfACharacter * kLongestLine;
  if (may_fit && display_width(text) <= kLongestLine) return draw(text, 0, text.size(), begin, end);

  // Back from the span until enough is shown before it, then on until the line is full. Stepping
  // back one character means stepping over its continuation bytes.
  std::size_t from = begin;
  for (std::size_t shown = 0; from > 0 && shown < kColumnsBefore;) {
    do --from;
    while (from > 0 && (static_cast<unsigned char>(text[from]) & 0xc0) == 0x80);
    shown += columns_of(first_character(text.substr(from)).code);
  }
  std::size_t to = from;
  for (std::size_t shown = 0; to < text.size() && shown < kLongestLine;) {
    const Character character = first_character(text.substr(to));
    shown += columns_of(character.code);
    to += character.size;
  }
  return draw(text, from, to, begin, end);
}

}  // namespace

void Diagnostics::add(Diagnostic diagnostic) {
  if (diagnostic.severity == Severity::kError) ++error_count_;
  if (all_.size() < kMost) {
    all_.push_back(std::move(diagnostic));
  } else {
    ++left_out_;
  }
}

void Diagnostics::error(SourceSpan span, std::string code, std::string path, std::string message,
                        std::string suggestion) {
  add({Severity::kError, std::move(code), std::move(path), std::move(message),
       std::move(suggestion), std::move(span)});
}

void Diagnostics::warning(SourceSpan span, std::string code, std::string path, std::string message,
                          std::string suggestion) {
  add({Severity::kWarning, std::move(code), std::move(path), std::move(message),
       std::move(suggestion), std::move(span)});
}

void Diagnostics::sort() {
  std::vector<const SourceText*> sources;
  for (const Diagnostic& diagnostic : all_) {
    const SourceText* source = diagnostic.span.source.get();
    if (std::ranges::find(sources, source) == sources.end()) sources.push_back(source);
  }
  auto place = [&sources](const Diagnostic& diagnostic) {
    const SourceSpan& span = diagnostic.span;
    return std::tuple(std::ranges::find(sources, span.source.get()), span.line, span.column);
  };
  std::ranges::stable_sort(all_, {}, place);
}

std::string to_string(const Diagnostic& diagnostic, bool color) {
  const Palette& palette = color ? kColors : kNoColors;
  const bool is_error = diagnostic.severity == Severity::kError;
  const std::string_view severity_color = is_error ? palette.error : palette.warning;
  const SourceSpan& span = diagnostic.span;
  const bool has_place = span.source != nullptr && span.line > 0;

  std::string place;
  if (span.source != nullptr) place = span.source->name + ":";
  if (has_place) place += fmt::format("{}:{}:", span.line, span.column);
  if (!place.empty()) place = fmt::format("{}{}{} ", palette.strong, place, palette.end);

  std::string text =
      fmt::format("{}{}{}:{} ", place, severity_color, is_error ? "error" : "warning", palette.end);
  if (!diagnostic.path.empty()) text += diagnostic.path + ": ";
  text += diagnostic.message;

  if (has_place) {
    if (const auto line = line_of(*span.source, span.line)) {
      const auto [shown, carets] = quote_line(*line, span.column, span.length);
      text += fmt::format("\n{:5} | {}\n{:5} | {}{}{}", span.line, shown, "", severity_color,
                          carets, palette.end);
    }
  }
  if (!diagnostic.suggestion.empty()) text += fmt::format("\n{:5} = {}", "", diagnostic.suggestion);
  return text;
}

}  // namespace slipway
