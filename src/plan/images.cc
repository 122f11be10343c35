#include "plan/images.h"

#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>

namespace slipway {
namespace {

// The containers that are meant, in the definition's order.
Result<std::vector<ContainerImage>> find_named(const Json& task_definition,
                                               const std::vector<std::string>& named,
                                               std::string_view where) {
  std::vector<ContainerImage> there = images_of(task_definition);
  std::vector<std::string> names;
  for (const ContainerImage& each : there) names.push_back(each.container);
  for (const std::string& name : named) {
    if (std::ranges::find(names, name) != names.end()) continue;
    const std::optional<std::string> near = nearest(name, names);
    return Error{ErrorKind::kInvalid, "image.no-container",
                 fmt::format("{} has no container named {}; it has {}{}", where, name,
                             names.empty() ? "none" : join(names, ", "),
                             near ? ". Did you mean " + *near + "?" : "")};
  }
  if (!named.empty())
    std::erase_if(there, [&](const ContainerImage& each) {
      return std::ranges::find(named, each.container) == named.end();
    });
  return there;
}

// What stands in a definition may be anything; only an image can be of a repository.
bool is_of_repository(const ContainerImage& container, const ImageReference& image) {
  const Result<ImageReference> current = parse_image(container.image);
  return current && same_repository(*current, image);
}

Error no_match(const ImageReference& image, const std::vector<ContainerImage>& there,
               const WhichContainers& which, std::string_view where) {
  std::string message = fmt::format("no container of {} uses the repository {}; there is {}", where,
                                    image.repository(), to_string(there));
  if (which.may_change_repository) message += ". Name the container that is to change";
  return Error{ErrorKind::kInvalid, "image.no-match", std::move(message)};
}

}  // namespace

std::vector<ContainerImage> images_of(const Json& task_definition) {
  std::vector<ContainerImage> images;
  if (const JsonArray* containers = find_array(task_definition, "containerDefinitions"))
    for (const Json& container : *containers)
      images.push_back({std::string(string_or_empty(container, "name")),
                        std::string(string_or_empty(container, "image"))});
  return images;
}

std::string to_string(const std::vector<ContainerImage>& images) {
  std::vector<std::string> texts;
  for (const ContainerImage& each : images)
    texts.push_back(fmt::format("{} ({})", each.container, each.image));
  return texts.empty() ? "no container" : join(texts, ", ");
}

Result<std::vector<ImageChange>> change_repository_to(const ImageReference& image,
                                                      const Json& task_definition,
                                                      const WhichContainers& which,
                                                      std::string_view where) {
  TRY(const std::vector<ContainerImage> containers,
      find_named(task_definition, which.named, where));
  const bool is_clear = !which.named.empty() || containers.size() == 1;
  std::vector<ImageChange> changes;
  for (const ContainerImage& container : containers)
    if ((which.may_change_repository && is_clear) || is_of_repository(container, image))
      changes.push_back({container.container, NewImage{to_string(image)}});
  if (changes.empty()) return no_match(image, containers, which, where);
  return changes;
}

Result<std::vector<ImageChange>> change_tags_to(std::string_view tag, const Json& task_definition,
                                                const WhichContainers& which,
                                                std::string_view where) {
  TRY(const std::vector<ContainerImage> containers,
      find_named(task_definition, which.named, where));
  std::vector<ImageChange> changes;
  for (const ContainerImage& container : containers)
    changes.push_back({container.container, NewTag{std::string(tag)}});
  return changes;
}

Result<std::vector<ImageChange>> settle_containers(const std::vector<ImageChange>& images,
                                                   const Json& task_definition,
                                                   std::string_view where) {
  std::vector<ImageChange> settled;
  for (const ImageChange& change : images) {
    if (!change.container.empty()) {
      settled.push_back(change);
      continue;
    }
    if (const auto* wanted = std::get_if<NewImage>(&change.to)) {
      TRY(const ImageReference image, parse_image(wanted->image));
      TRY(std::vector<ImageChange> meant,
          change_repository_to(image, task_definition, {.may_change_repository = true}, where));
      settled.insert(settled.end(), meant.begin(), meant.end());
      continue;
    }
    const std::vector<ContainerImage> there = images_of(task_definition);
    if (there.size() != 1)
      return Error{ErrorKind::kInvalid, "image.which-container",
                   fmt::format("{} has {}: {}; say with --container which of them get the tag",
                               where, counted(there.size(), "container"), to_string(there))};
    settled.push_back({there.front().container, change.to});
  }
  return settled;
}

}  // namespace slipway
