#include "cli/files.h"

#include "base/runtime.h"
#include "dialect/task_class.h"

namespace slipway::cli {
namespace {

FileReader file_reader() {
  return [](const std::filesystem::path& path) { return read_file(path); };
}

void complain(Diagnostics& diagnostics, const std::string& file, std::string code,
              std::string message, std::string suggestion = {}) {
  diagnostics.error({.source = std::make_shared<SourceText>(SourceText{file, ""})}, std::move(code),
                    "", std::move(message), std::move(suggestion));
}

std::optional<std::string> find_file(const Process& process) {
  for (const std::string_view name : file_names()) {
    std::error_code ignored;
    if (std::filesystem::exists(process.directory / name, ignored)) return std::string(name);
  }
  return std::nullopt;
}

std::optional<Node> evaluate(const Process& process, const std::string& file,
                             const JsonnetVariables& variables, Diagnostics& diagnostics) {
  return evaluate_jsonnet({.worker = process.program,
                           .directory = process.directory,
                           .file = file,
                           .variables = variables,
                           .environment = process.environment.all()},
                          diagnostics);
}

// The document of the file, or nullopt with diagnostics.
std::optional<Node> read_tree(const Process& process, const std::string& file,
                              const JsonnetVariables& jsonnet, Diagnostics& diagnostics) {
  if (is_jsonnet(file)) return evaluate(process, file, jsonnet, diagnostics);
  const std::filesystem::path path = process.directory / file;
  Result<std::string> text = read_file(path);
  if (!text) {
    complain(diagnostics, file, "file.unreadable", text.error().message);
    return std::nullopt;
  }
  return read_document(std::make_shared<SourceText>(SourceText{file, std::move(*text)}),
                       format_of(path), diagnostics);
}

std::optional<Release> read_with(const Dialect& dialect, const Node& document,
                                 const Process& process, const std::string& file,
                                 const ReleaseFlags& flags, Diagnostics& diagnostics) {
  return dialect.read({.document = document,
                       .directory = (process.directory / file).parent_path(),
                       .flags = flags,
                       .read_file = file_reader(),
                       .environment = process.environment},
                      diagnostics);
}

}  // namespace

std::optional<std::vector<Node>> read_task_class_file(const Process& process,
                                                      const std::string& file,
                                                      const JsonnetVariables& jsonnet,
                                                      Diagnostics& diagnostics) {
  if (is_jsonnet(file)) {
    std::optional<Node> value = evaluate(process, file, jsonnet, diagnostics);
    if (!value) return std::nullopt;
    if (value->is_sequence() && !value->items.empty()) return std::move(value->items);
    return std::vector<Node>{std::move(*value)};
  }
  Result<std::string> text = read_file(process.directory / file);
  if (!text) {
    complain(diagnostics, file, "file.unreadable", text.error().message);
    return std::nullopt;
  }
  std::vector<Node> documents = read_task_class_documents(
      std::make_shared<SourceText>(SourceText{file, std::move(*text)}), diagnostics);
  if (diagnostics.has_errors()) return std::nullopt;
  return documents;
}

bool show(Process& process, const Diagnostics& diagnostics, bool color) {
  for (const Diagnostic& diagnostic : diagnostics.all())
    process.err(to_string(diagnostic, color) + "\n");
  return diagnostics.has_errors();
}

std::optional<ReleaseFile> read_release(Process& process, const std::string& file,
                                        const ReleaseFlags& flags,
                                        const std::vector<std::string>& only_these, bool color) {
  Diagnostics diagnostics;
  std::optional<ReleaseFile> result;
  const std::optional<std::string> name = file.empty() ? find_file(process) : file;
  if (!name) {
    std::string names;
    for (const std::string_view known : file_names())
      names += (names.empty() ? "" : ", ") + std::string(known);
    process.err("error: there is no application file in " + process.directory.string() +
                "\n  looked for " + names + "\n  Name one with -f FILE.\n");
    return std::nullopt;
  }
  if (const std::optional<Node> document = read_tree(process, *name, flags.jsonnet, diagnostics)) {
    if (const Dialect* dialect = recognise(*document, diagnostics)) {
      std::optional<Release> release =
          read_with(*dialect, *document, process, *name, flags, diagnostics);
      if (release)
        result = ReleaseFile{.name = *name,
                             .dialect = std::string(dialect->name),
                             .release = only(std::move(*release), only_these, diagnostics)};
    }
  }
  if (show(process, diagnostics, color)) {
    process.err("Nothing was changed.\n");
    return std::nullopt;
  }
  return result;
}

std::optional<ReleaseFile> read_release_as(const std::string& dialect_name, Process& process,
                                           const std::string& file, const ReleaseFlags& flags,
                                           Diagnostics& diagnostics) {
  const Dialect* dialect = find_dialect(dialect_name);
  const std::optional<Node> document = read_tree(process, file, flags.jsonnet, diagnostics);
  if (!document) return std::nullopt;
  std::optional<Release> release =
      read_with(*dialect, *document, process, file, flags, diagnostics);
  if (!release) return std::nullopt;
  return ReleaseFile{.name = file, .dialect = dialect_name, .release = std::move(*release)};
}

}  // namespace slipway::cli
