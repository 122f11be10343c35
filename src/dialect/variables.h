// ${env:NAME}, ${env:NAME:-default}, ${var:NAME}, ${var:NAME:-default} in the texts of a file. Only
// these two prefixes are special, so that `$HOME` and `${PORT}` of a shell command stay; `$${env:`
// and `$${var:` stand for themselves without the first dollar. As in a shell, a default also stands
// in for an empty value.
#pragma once

#include "base/diagnostic.h"
#include "base/json.h"
#include "base/node.h"
#include "base/runtime.h"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace slipway {

class Variables {
 public:
  // Borrows all. `given` (--var) wins over what the file says.
  Variables(const Environment& environment, const std::map<std::string, std::string>& given,
            Diagnostics& diagnostics);

  // The `vars` of a document; a value may refer to the environment and to other variables.
  void read(const Node& vars);

  // The text with its variables in place, nullopt when it has none. What is undefined becomes a
  // diagnostic at the place of the text.
  std::optional<std::string> expanded(const Node& scalar, const std::string& path);

 private:
  struct Reference;
  std::string expand(std::string_view text, const SourceSpan& span, const std::string& path);
  std::string value_of(const Reference& reference, const SourceSpan& span, const std::string& path);
  std::optional<std::string> variable(const std::string& name, const SourceSpan& span,
                                      const std::string& path);

  const Environment& environment_;
  const std::map<std::string, std::string>& given_;
  Diagnostics& diagnostics_;
  std::map<std::string, Node> of_file_;
  std::vector<std::string> expanding_;  // variables, each referred to by the one before
};

// The document whose texts expand to those of this one.
Json with_literal_references(Json document);

}  // namespace slipway
