#include "dialect/dialect.h"

#include "base/some_of.h"
#include "base/text.h"
#include "base/wildcard.h"
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

std::vector<std::string> names_in(const Release& release) {
  std::vector<std::string> names;
  for (const TaskRun& run : release.tasks_before) names.push_back(run.name);
  for (const ServiceRelease& service : release.services) names.push_back(service.name);
  for (const ScheduleRelease& schedule : release.schedules) names.push_back(schedule.name);
  for (const TaskRun& run : release.tasks_after) names.push_back(run.name);
  return names;
}

void complain_of_unknown(const std::string& name, const std::vector<std::string>& known,
                         Diagnostics& diagnostics) {
  constexpr std::size_t kNamed = 20;
  const std::optional<std::string> near = nearest(name, known);
  const bool is_pattern = name.find_first_of("*?") != std::string::npos;
  diagnostics.error(
      {.source = std::make_shared<SourceText>(SourceText{"--only", ""})}, "flags.unknown-item", "",
      std::string("the file has no service, task or schedule ") +
          (is_pattern ? "that matches " : "named ") + quote(name),
      near ? "did you mean " + *near + "?" : "it has " + some_of(known, kNamed, "name"));
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
  const std::vector<std::string> known = names_in(release);
  std::set<std::string> wanted;
  for (const std::string& name : names) {
    bool found = false;
    for (const std::string& one : known)
      if (matches_wildcard(name, one)) {
        wanted.insert(one);
        found = true;
      }
    if (!found) complain_of_unknown(name, known, diagnostics);
  }
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
