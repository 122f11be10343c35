#include "model/task_class.h"

#include "base/text.h"

#include <fmt/format.h>

namespace slipway {
namespace {

Error bad_placeholder(std::string message) {
  return Error{ErrorKind::kInvalid, "image.placeholder", std::move(message)};
}

}  // namespace

Result<std::string> with_image_tag(std::string_view image, std::string_view tag) {
  std::string out;
  for (std::size_t at = 0; at < image.size(); ++at) {
    const char c = image[at];
    if (c != '{' && c != '}') {
      out += c;
      continue;
    }
    if (at + 1 < image.size() && image[at + 1] == c) {
      out += c;
      ++at;
      continue;
    }
    if (c == '}') return bad_placeholder("a \"}\" without its \"{\"; write }} for the character");
    const std::size_t close = image.find('}', at);
    if (close == std::string_view::npos)
      return bad_placeholder("a \"{\" without its \"}\"; write {{ for the character");
    const std::string_view name = image.substr(at + 1, close - at - 1);
    if (name != "image_tag")
      return bad_placeholder(fmt::format("unknown placeholder {{{}}} in {}", name, quote(image)));
    out += tag;
    at = close;
  }
  return out;
}

}  // namespace slipway
