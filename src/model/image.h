// Container image references, one grammar for every dialect:
//
//   [http[s]://][registry[:port]/]path[:tag][@algorithm:hex]
//
// The first component is a registry if it contains '.' or ':' or is "localhost"; the tag follows
// the last ':' after the last '/' and before any '@'. What a dialect takes beyond that, or does not
// take, is data (`ImageRules`).
#pragma once

#include "base/result.h"

#include <optional>
#include <string>
#include <string_view>

namespace slipway {

struct ImageReference {
  std::string scheme;    // "http://", "https://" or empty; kept, though ECS has no use for it
  std::string registry;  // "reg:5000"; empty means Docker Hub
  std::string path;      // "my/app"
  std::string tag;       // empty: not given
  std::string digest;    // "sha256:<hex>"; empty: not given

  bool operator==(const ImageReference&) const = default;

  // What identifies the content: the digest, else the tag, else "latest".
  std::string_view version() const;
  std::string repository() const;  // scheme, registry and path, as they were written
};

struct ImageRules {
  bool takes_scheme = true;
  bool takes_any_algorithm = true;  // false: "sha256:" is the only digest
  bool takes_empty_parts = false;   // "app:" and "reg.io:/app": an empty tag or port is none
};
// What stands in a task definition, or in a file.
inline constexpr ImageRules kAnyImage{};
// What a person types as the image to deploy (spec of the ecs-deploy dialect).
inline constexpr ImageRules kTypedImage{
    .takes_scheme = false, .takes_any_algorithm = false, .takes_empty_parts = true};

// kInvalid "image.unparsable" with the image's text and what is wrong with it.
Result<ImageReference> parse_image(std::string_view image, const ImageRules& rules = kAnyImage);
std::string to_string(const ImageReference& image);

// The tag that is meant when there is neither tag nor digest is written down: "latest".
ImageReference with_default_tag(ImageReference image);

// Whether both come from one repository: registry, port and path are the same to the letter, once
// the ways to write one of Docker Hub's are mapped to one ("redis", "docker.io/library/redis").
bool same_repository(const ImageReference& a, const ImageReference& b);

// "sha256:<64 hex>".
bool is_digest(std::string_view text);
// What a registry accepts as a tag: up to 128 of [A-Za-z0-9_.-], not starting with '.' or '-'.
bool is_tag(std::string_view text);

// The same image with another tag; a digest given as the tag becomes the digest. nullopt when that
// changes nothing: an absent tag is "latest", and a reference with a digest always changes.
std::optional<ImageReference> with_tag(const ImageReference& image, std::string_view tag);

}  // namespace slipway
