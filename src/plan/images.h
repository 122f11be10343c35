// Which containers get another image when the user names an image or a tag and no containers: pure,
// from the definition and the wish to a list of changes that `derive` applies.
#pragma once

#include "base/json.h"
#include "base/result.h"
#include "model/image.h"
#include "model/release.h"

#include <string>
#include <string_view>
#include <vector>

namespace slipway {

struct ContainerImage {
  std::string container;
  std::string image;
  bool operator==(const ContainerImage&) const = default;
};

// Of a task definition, in its order.
std::vector<ContainerImage> images_of(const Json& task_definition);
// "app (shop:1), log (fluent:2)", for messages.
std::string to_string(const std::vector<ContainerImage>& images);

struct WhichContainers {
  std::vector<std::string> named = {};  // empty: all
  // An image of another repository is accepted too, where it is clear which container is meant: it
  // is named, or there is only one.
  bool may_change_repository = false;
};

// The containers that use the repository of `image`, whatever their tags. kInvalid
// "image.no-match", with what is there, when no container does; "image.no-container" for a name
// that none has. `where` is the definition, for messages.
Result<std::vector<ImageChange>> change_repository_to(const ImageReference& image,
                                                      const Json& task_definition,
                                                      const WhichContainers& which,
                                                      std::string_view where);

// Every container, or those named. kInvalid "image.no-container" as above.
Result<std::vector<ImageChange>> change_tags_to(std::string_view tag, const Json& task_definition,
                                                const WhichContainers& which,
                                                std::string_view where);

// Every change with the container it is for: those without a name are settled by what the
// definition has. kInvalid "image.which-container" when a tag could be for several containers,
// "image.no-match" as above for an image.
Result<std::vector<ImageChange>> settle_containers(const std::vector<ImageChange>& images,
                                                   const Json& task_definition,
                                                   std::string_view where);

}  // namespace slipway
