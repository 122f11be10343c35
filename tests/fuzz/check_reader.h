// What must hold for whatever bytes a reader is given.
#pragma once

#include "base/decode.h"
#include "base/json.h"
#include "base/node.h"

#include "check.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace slipway::fuzz {

// Small, so that the fuzzer meets the limits too and stays quick.
inline constexpr ReadLimits kLimits = {.max_bytes = 1 << 16, .max_depth = 30, .max_nodes = 5'000};

struct Outcome {
  std::vector<Node> documents;
  Diagnostics diagnostics;
};

inline void check_span(const SourceSpan& span) {
  must(span.source != nullptr, "a span knows its source");
  must(span.line >= 1 && span.column >= 1 && span.length >= 1, "a span is somewhere");
  // The caret is drawn from the same numbers; drawing must work wherever they point.
}

inline void check_node(const Node& node) {
  check_span(node.span);
  for (const Node& item : node.items) check_node(item);
  for (const Node::Member& member : node.members) {
    check_span(member.key_span);
    check_node(member.value);
  }
  must(node.is_sequence() || node.items.empty(), "only a sequence has items");
  must(node.is_mapping() || node.members.empty(), "only a mapping has members");
}

inline Outcome read(std::string text, TextFormat format) {
  Outcome outcome;
  auto source = std::make_shared<SourceText>(SourceText{"fuzz", std::move(text)});
  outcome.documents = read_documents(source, format, outcome.diagnostics, kLimits);
  for (const Node& document : outcome.documents) {
    check_node(document);
    // What was read can be written, and read again as the same.
    const std::string written = to_text(to_json(document));
    const Result<Json> again = parse_json(written);
    must(again.has_value() && to_text(*again) == written, "a document survives as JSON");
    static_cast<void>(describe(document));
    // Asking a document for keys it hardly has.
    Diagnostics complaints;
    {
      Fields fields(document, complaints, {.ignore_key_case = true, .lenient_scalars = true});
      fields.required_text("cluster");
      fields.texts("a", {.at_most = 2});
      fields.duration("b");
      for (Fields& entry : fields.mappings("c")) entry.required_integer("d", {0, 9});
    }
    complaints.sort();
    for (const Diagnostic& complaint : complaints.all()) static_cast<void>(to_string(complaint));
  }
  for (const Diagnostic& diagnostic : outcome.diagnostics.all())
    must(!to_string(diagnostic, true).empty(), "every problem can be shown");
  return outcome;
}

inline bool has_problem(const Outcome& outcome, std::string_view code) {
  for (const Diagnostic& diagnostic : outcome.diagnostics.all())
    if (diagnostic.code == code) return true;
  return false;
}

}  // namespace slipway::fuzz
