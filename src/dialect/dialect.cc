#include "dialect/dialect.h"

#include "base/text.h"
#include "dialect/dialects.h"
#include "dialect/task_class.h"

#include <algorithm>
#include <array>
#include <set>

namespace slipway {
namespace {

constexpr std::array<Dialect, 3> kDialects = {{
    {"slipway", "a `slipway: 1` file", looks_like_native, read_native},
    {"ecs-task", "a file of task classes (`kind: task-classes`)", looks_like_task_classes,
     read_ecs_task},
    {"ecs-toolkit", "an ecs-toolkit application file (`version: v1`)", looks_like_ecs_toolkit,
     read_ecs_toolkit},
}};

constexpr std::array<std::string_view, 11> kFileNames = {
    "slipway.yml",      "slipway.yaml",      "slipway.json",      "slipway.jsonnet",
    ".ecs-toolkit.yml", ".ecs-toolkit.yaml", ".ecs-toolkit.json", "ecs-task.yml",
    "ecs-task.yaml",    "ecs-task.json",     "ecs-task.jsonnet"};

template <class Item>
void keep(std::vector<Item>& items, const std::set<std::string>& wanted) {
  std::erase_if(items, [&](const Item& item) { return !wanted.contains(item.name); });
}

}  // namespace

std::span<const Dialect> dialects() { return kDialects; }

const Dialect* find_dialect(std::string_view name) {
  const auto found = std::ranges::find(kDialects, name, &Dialect::name);
  return found == kDialects.end() ? nullptr : &*found;
}

const Dialect* recognise(const Node& document, Diagnostics& diagnostics) {
  for (const Dialect& dialect : kDialects)
    if (dialect.looks_like(document)) return &dialect;
  std::string known;
  for (const Dialect& dialect : kDialects)
    known += (known.empty() ? "" : " or ") + std::string(dialect.about);
  SourceSpan span = document.span;
  span.length = 1;
  diagnostics.error(span, "config.unknown-dialect", "", "cannot tell what kind of file this is",
                    "it should be " + known);
  return nullptr;
}

std::span<const std::string_view> file_names() { return kFileNames; }

Release only(Release release, const std::vector<std::string>& names, Diagnostics& diagnostics) {
  if (names.empty()) return release;
  std::vector<std::string> known;
  for (const TaskRun& run : release.tasks_before) known.push_back(run.name);
  for (const ServiceRelease& service : release.services) known.push_back(service.name);
  for (const ScheduleRelease& schedule : release.schedules) known.push_back(schedule.name);
  for (const TaskRun& run : release.tasks_after) known.push_back(run.name);
  for (const std::string& name : names) {
    if (std::ranges::find(known, name) != known.end()) continue;
    const std::optional<std::string> near = nearest(name, known);
    diagnostics.error({.source = std::make_shared<SourceText>(SourceText{"--only", ""})},
                      "flags.unknown-item", "",
                      "the file has no service, task or schedule named \"" + name + "\"",
                      near ? "did you mean " + *near + "?" : "it has " + join(known, ", "));
  }
  const std::set<std::string> wanted(names.begin(), names.end());
  keep(release.tasks_before, wanted);
  keep(release.services, wanted);
  keep(release.schedules, wanted);
  keep(release.tasks_after, wanted);
  for (ServiceRelease& service : release.services)
    std::erase_if(service.after, [&](const std::string& name) { return !wanted.contains(name); });
  return release;
}

TextFormat format_of(const std::filesystem::path& file) {
  return to_lower(file.extension().string()) == ".json" ? TextFormat::kJson : TextFormat::kYaml;
}

}  // namespace slipway
