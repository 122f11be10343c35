#include "model/image.h"

#include <algorithm>

namespace slipway {
namespace {

bool is_alnum(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool is_hex(std::string_view text) {
  return std::ranges::all_of(
      text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

bool is_path_component(std::string_view text) {
  return !text.empty() && is_alnum(text.front()) && is_alnum(text.back()) &&
         std::ranges::all_of(
             text, [](char c) { return is_alnum(c) || c == '.' || c == '_' || c == '-'; });
}

bool is_registry(std::string_view component) {
  return component.find_first_of(".:") != std::string_view::npos || component == "localhost";
}

bool is_host_and_port(std::string_view text) {
  const std::size_t colon = text.find(':');
  const std::string_view host = text.substr(0, colon);
  const bool host_ok = !host.empty() && std::ranges::all_of(host, [](char c) {
    return is_alnum(c) || c == '.' || c == '-';
  });
  if (colon == std::string_view::npos) return host_ok;
  const std::string_view port = text.substr(colon + 1);
  return host_ok && !port.empty() && port.size() <= 5 &&
         std::ranges::all_of(port, [](char c) { return c >= '0' && c <= '9'; });
}

// "app:" is "app" where that is allowed; any other text stays.
std::string_view without_empty_part(std::string_view text, const ImageRules& rules) {
  if (rules.takes_empty_parts && text.ends_with(':')) text.remove_suffix(1);
  return text;
}

// Registry and path with Docker Hub's defaults said out loud.
// https://docs.docker.com/reference/cli/docker/image/tag/
std::string full_repository(const ImageReference& image) {
  constexpr std::string_view kHub = "docker.io";
  const bool is_hub = image.registry.empty() || image.registry == kHub ||
                      image.registry == "index.docker.io" ||
                      image.registry == "registry-1.docker.io";
  if (!is_hub) return image.registry + "/" + image.path;
  const bool is_official = image.path.find('/') == std::string::npos;
  return std::string(kHub) + (is_official ? "/library/" : "/") + image.path;
}

}  // namespace

std::string_view ImageReference::version() const {
  if (!digest.empty()) return digest;
  return tag.empty() ? std::string_view("latest") : std::string_view(tag);
}

std::string ImageReference::repository() const {
  return registry.empty() ? scheme + path : scheme + registry + "/" + path;
}

bool is_digest(std::string_view text) {
  constexpr std::string_view kAlgorithm = "sha256:";
  return text.starts_with(kAlgorithm) && text.size() == kAlgorithm.size() + 64 &&
         is_hex(text.substr(kAlgorithm.size()));
}

bool is_tag(std::string_view text) {
  return !text.empty() && text.size() <= 128 && text.front() != '.' && text.front() != '-' &&
         std::ranges::all_of(
             text, [](char c) { return is_alnum(c) || c == '_' || c == '.' || c == '-'; });
}

Result<ImageReference> parse_image(std::string_view image, const ImageRules& rules) {
  const auto refuse = [&](std::string_view why) {
    return Error{
        .kind = ErrorKind::kInvalid,
        .code = "image.unparsable",
        .message = "cannot read the image \"" + std::string(image) + "\": " + std::string(why)};
  };
  ImageReference result;
  std::string_view rest = image;
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (!rest.starts_with(scheme)) continue;
    if (!rules.takes_scheme) return refuse("an image has no " + std::string(scheme));
    result.scheme = scheme;
    rest.remove_prefix(scheme.size());
  }
  if (rest.empty()) return refuse("it is empty");

  if (const std::size_t at = rest.find('@'); at != std::string_view::npos) {
    result.digest = rest.substr(at + 1);
    rest = rest.substr(0, at);
    const std::size_t colon = result.digest.find(':');
    if (colon == std::string::npos || colon == 0 || colon + 1 == result.digest.size() ||
        !is_hex(std::string_view(result.digest).substr(colon + 1)))
      return refuse("what follows '@' is not a digest such as sha256:...");
    if (!rules.takes_any_algorithm && !result.digest.starts_with("sha256:"))
      return refuse("its digest is none of sha256");
  }
  if (const std::size_t slash = rest.find('/'); slash != std::string_view::npos) {
    const std::string_view first = without_empty_part(rest.substr(0, slash), rules);
    if (is_registry(first)) {
      if (!is_host_and_port(first))
        return refuse("its registry is not a host name with an optional port");
      result.registry = first;
      rest.remove_prefix(slash + 1);
    }
  }
  rest = without_empty_part(rest, rules);
  const std::size_t slash = rest.rfind('/');
  const std::size_t colon = rest.find(':', slash == std::string_view::npos ? 0 : slash);
  if (colon != std::string_view::npos) {
    result.tag = rest.substr(colon + 1);
    rest = rest.substr(0, colon);
    if (!is_tag(result.tag)) return refuse("its tag is not one a registry accepts");
  }
  result.path = rest;
  while (true) {
    const std::size_t end = rest.find('/');
    if (!is_path_component(rest.substr(0, end)))
      return refuse("its repository name is not made of letters, digits, '.', '_' and '-'");
    if (end == std::string_view::npos) break;
    rest.remove_prefix(end + 1);
  }
  return result;
}

std::string to_string(const ImageReference& image) {
  std::string text = image.repository();
  if (!image.tag.empty()) text += ":" + image.tag;
  if (!image.digest.empty()) text += "@" + image.digest;
  return text;
}

ImageReference with_default_tag(ImageReference image) {
  if (image.tag.empty() && image.digest.empty()) image.tag = "latest";
  return image;
}

bool same_repository(const ImageReference& a, const ImageReference& b) {
  return full_repository(a) == full_repository(b);
}

std::optional<ImageReference> with_tag(const ImageReference& image, std::string_view tag) {
  ImageReference changed = image;
  changed.tag.clear();
  changed.digest.clear();
  if (is_digest(tag)) {
    changed.digest = tag;
    if (image.digest == tag && image.tag.empty()) return std::nullopt;
    return changed;
  }
  if (image.digest.empty() && image.version() == tag) return std::nullopt;
  changed.tag = tag;
  return changed;
}

}  // namespace slipway
