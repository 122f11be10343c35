// Completion scripts, made from the tree of commands and options.
#pragma once

#include <string>

namespace CLI {
class App;
}

namespace slipway::cli {

// For "bash", "zsh" or "fish".
std::string completion_script(const CLI::App& app, const std::string& shell);

}  // namespace slipway::cli
