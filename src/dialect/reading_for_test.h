// A file as text, read the way the program reads it.
#pragma once

#include "dialect/dialect.h"

#include <map>
#include <memory>
#include <string>

namespace slipway {

struct Read {
  std::optional<Release> release;
  std::vector<std::string> messages;  // "path: message (suggestion)", warnings with "warning: "
  std::string dialect;
};

inline Read read_text(const std::string& text, ReleaseFlags flags = {},
                      std::map<std::string, std::string> files = {}) {
  Read read;
  Diagnostics diagnostics;
  const auto source = std::make_shared<SourceText>(SourceText{"app.yml", text});
  if (const std::optional<Node> node = read_document(source, TextFormat::kYaml, diagnostics)) {
    if (const Dialect* dialect = recognise(*node, diagnostics)) {
      read.dialect = dialect->name;
      const FileReader reader = [&files](const std::filesystem::path& path) -> Result<std::string> {
        const auto found = files.find(path.generic_string());
        if (found == files.end())
          return Error{.kind = ErrorKind::kNotFound, .message = path.string() + ": no such file"};
        return found->second;
      };
      read.release = dialect->read(
          {.document = *node, .directory = "dir", .flags = std::move(flags), .read_file = reader},
          diagnostics);
    }
  }
  for (const Diagnostic& diagnostic : diagnostics.all()) {
    std::string message = diagnostic.severity == Severity::kWarning ? "warning: " : "";
    if (!diagnostic.path.empty()) message += diagnostic.path + ": ";
    message += diagnostic.message;
    if (!diagnostic.suggestion.empty()) message += " (" + diagnostic.suggestion + ")";
    read.messages.push_back(std::move(message));
  }
  return read;
}

}  // namespace slipway
