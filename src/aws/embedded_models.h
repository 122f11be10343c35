// The files of models/, embedded at build time.
#pragma once

#include <string_view>
#include <vector>

namespace slipway::aws {

struct EmbeddedModel {
  std::string_view name;  // the file's name without ".json": "ecs"
  std::string_view text;
};

std::vector<EmbeddedModel> embedded_models();

}  // namespace slipway::aws
