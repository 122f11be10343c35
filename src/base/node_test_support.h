// For the tests of the two readers: text in, JSON or problems out.
#pragma once

#include "base/node.h"
#include "base/text.h"

#include <fmt/format.h>

#include <memory>
#include <string>
#include <vector>

namespace slipway {

struct Read {
  std::vector<Node> documents;
  Diagnostics diagnostics;
};

inline Read read_text(std::string text, TextFormat format, const ReadLimits& limits = {}) {
  Read result;
  auto source = std::make_shared<SourceText>(SourceText{"test", std::move(text)});
  result.documents = read_documents(std::move(source), format, result.diagnostics, limits);
  return result;
}

// "line:column message (suggestion)" for each problem.
inline std::vector<std::string> problems_of(const Diagnostics& diagnostics) {
  std::vector<std::string> problems;
  for (const Diagnostic& found : diagnostics.all()) {
    std::string text = fmt::format("{}:{} {}", found.span.line, found.span.column, found.message);
    if (!found.suggestion.empty()) text += " (" + found.suggestion + ")";
    problems.push_back(std::move(text));
  }
  return problems;
}

// The documents as compact JSON, one per line, then the problems, one per line.
inline std::string outcome(std::string text, TextFormat format, const ReadLimits& limits = {}) {
  const Read read = read_text(std::move(text), format, limits);
  std::vector<std::string> lines;
  for (const Node& document : read.documents) lines.push_back(to_text(to_json(document)));
  for (std::string& problem : problems_of(read.diagnostics)) lines.push_back(std::move(problem));
  return join(lines, "\n");
}

// The piece of text a span covers.
inline std::string_view marked(const SourceSpan& span) {
  std::string_view rest = span.source->text;
  if (rest.starts_with("\xef\xbb\xbf")) rest.remove_prefix(3);
  for (int line = 1; line < span.line; ++line) rest.remove_prefix(rest.find('\n') + 1);
  return rest.substr(static_cast<std::size_t>(span.column - 1),
                     static_cast<std::size_t>(span.length));
}

}  // namespace slipway
