// Jsonnet files as the JSON they evaluate to.
//
// A program in a file may loop for ever or eat all memory, and nothing but the end of its process
// stops it. So it is evaluated by a worker, which is this program started again with
// kJsonnetWorker as its first word, within limits. Only the worker loads the library.
//
// Imports are found beside the importing file, then in the folders of `jpath`; what lies outside
// the file's own folder and those folders is refused. `import 'slipway.libsonnet'` gives
// env(name, default='') and must_env(name); they are native functions, too.
#pragma once

#include "base/diagnostic.h"
#include "base/node.h"
#include "base/result.h"
#include "base/time.h"

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace slipway {

inline constexpr std::string_view kJsonnetWorker = "--internal-jsonnet-worker";

// What a Jsonnet program is told, by the names of the flags.
struct JsonnetVariables {
  enum class Kind { kExtStr, kExtCode, kTlaStr, kTlaCode };
  struct Variable {
    Kind kind;
    std::string name;
    std::optional<std::string> value;  // nullopt: that of the environment variable of this name
    bool operator==(const Variable&) const = default;
  };
  std::vector<Variable> variables;
  std::vector<std::string> jpath;

  // "ext-str" and "NAME=VALUE" or "NAME", as the flags of the jsonnet program take them. False for
  // a text without a name.
  bool add(std::string_view flag, std::string_view text);
  bool operator==(const JsonnetVariables&) const = default;
};

struct JsonnetLimits {
  Duration timeout = std::chrono::seconds(10);
  std::size_t max_memory_bytes = 1u << 30;
  std::size_t max_output_bytes = 8u << 20;
};

// By its name: .jsonnet or .libsonnet.
bool is_jsonnet(const std::filesystem::path& file);

struct JsonnetInput {
  std::filesystem::path worker;     // the program that can be the worker
  std::filesystem::path directory;  // `file` and jpath are relative to it
  std::string file;
  JsonnetVariables variables;
  const std::map<std::string, std::string>& environment;
};

// The value as a tree without places: diagnostics about it name the file and a path. An error of
// the program is a diagnostic with its place and Jsonnet's own trace.
std::optional<Node> evaluate_jsonnet(const JsonnetInput& input, Diagnostics& diagnostics,
                                     const JsonnetLimits& limits = {});

// The worker: `words` are those after kJsonnetWorker. Returns the exit status.
int run_jsonnet_worker(const std::vector<std::string>& words,
                       const std::function<void(std::string_view)>& out,
                       const std::function<void(std::string_view)>& err);

}  // namespace slipway
