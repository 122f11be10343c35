// Files that say what to release, in every dialect, up to the `Release` they mean.
#include "dialect/dialect.h"
#include "dialect/ecs_crd.h"
#include "dialect/task_class.h"

#include "check_reader.h"

#include <cstddef>
#include <cstdint>

namespace slipway::fuzz {
namespace {

std::shared_ptr<const SourceText> source_of(std::string_view text) {
  return std::make_shared<SourceText>(SourceText{"deploy.yml", std::string(text)});
}

void show(const Diagnostics& diagnostics) {
  for (const Diagnostic& diagnostic : diagnostics.all())
    must(!to_string(diagnostic, true).empty(), "every problem can be shown");
}

// A file beside this one is a task definition.
Result<std::string> read_beside(const std::filesystem::path&) {
  return std::string(R"({"family": "web", "containerDefinitions": [{"name": "a", "image": "b"}]})");
}

void read_with_dialects(std::string_view text) {
  Diagnostics diagnostics;
  const std::optional<Node> document =
      read_document(source_of(text), TextFormat::kYaml, diagnostics, kLimits);
  show(diagnostics);
  if (!document) return;
  for (const Dialect& dialect : dialects()) {
    static_cast<void>(dialect.looks_like(*document));
    Diagnostics problems;
    const std::optional<Release> release = dialect.read({.document = *document,
                                                         .directory = "/app",
                                                         .flags = {.tag = "v2"},
                                                         .read_file = read_beside},
                                                        problems);
    must(release.has_value() != problems.has_errors(), "a release, or why there is none");
    show(problems);
  }
}

void read_as_ecs_crd(std::string_view text) {
  CrdFindings findings;
  const std::optional<Node> document = parse_ecs_crd(source_of(text), findings);
  must(document.has_value() || findings.has_errors(), "a document, or why there is none");
  if (!document) return;
  static_cast<void>(mentions_external_ip(*document));
  for (const bool strict : {false, true}) {
    CrdFindings of_values;
    static_cast<void>(read_ecs_crd(*document,
                                   {.variables = {.environment = "prod",
                                                  .region = "eu-west-1",
                                                  .account_id = "111111111111",
                                                  .external_ip = std::nullopt},
                                    .strict = strict},
                                   of_values));
    static_cast<void>(of_values.in_order());
  }
}

void read_as_task_classes(std::string_view text) {
  Diagnostics diagnostics;
  const std::vector<Node> documents = read_task_class_documents(source_of(text), diagnostics);
  if (diagnostics.has_errors()) return show(diagnostics);
  const Environment environment;
  for (const TaskClassUse use :
       {TaskClassUse::kDebug, TaskClassUse::kRollback, TaskClassUse::kDeploy}) {
    Diagnostics problems;
    const auto classes = read_task_classes(
        {.documents = documents, .environment = environment, .vars = {}, .use = use}, problems);
    must(classes.has_value() != problems.has_errors(), "classes, or why there are none");
    show(problems);
  }
}

}  // namespace
}  // namespace slipway::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace slipway::fuzz;
  const std::string text = text_of(bytes, size);
  read_with_dialects(text);
  read_as_ecs_crd(text);
  read_as_task_classes(text);
  return 0;
}
