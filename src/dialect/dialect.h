// The kinds of file slipway reads. A dialect says whether a file looks like its own and turns it
// into a `Release`; everything after that is the same for all of them.
#pragma once

#include "base/diagnostic.h"
#include "base/jsonnet.h"
#include "base/node.h"
#include "base/result.h"
#include "base/runtime.h"
#include "model/release.h"

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace slipway {

using FileReader = std::function<Result<std::string>(const std::filesystem::path&)>;

// What flags say about a file's meaning.
struct ReleaseFlags {
  std::string tag;  // --tag; empty: not given
  // --image NAME=REF: a container, or ITEM/CONTAINER of one service or task.
  std::vector<std::pair<std::string, std::string>> images;
  // Whether a file that needs a tag must be given one; not so for commands that only look.
  bool tag_required = true;
  bool strict = false;                      // unknown keys are errors where the dialect only warns
  JsonnetVariables jsonnet;                 // --ext-str and its like
  std::map<std::string, std::string> vars;  // --var NAME=VALUE, of task classes
};

struct DialectInput {
  const Node& document;
  std::filesystem::path directory;  // of the file: relative paths in it start here
  ReleaseFlags flags;
  FileReader read_file;
  Environment environment = {};
};

struct Dialect {
  std::string_view name;   // "slipway", "ecs-toolkit"
  std::string_view about;  // how a person knows it: "a `slipway: 1` file"
  bool (*looks_like)(const Node& document);
  // nullopt when `diagnostics` has errors.
  std::optional<Release> (*read)(const DialectInput& input, Diagnostics& diagnostics);
};

std::span<const Dialect> dialects();
const Dialect* find_dialect(std::string_view name);
// The dialect a document is written in; an error diagnostic and nullptr when it is none of them.
const Dialect* recognise(const Node& document, Diagnostics& diagnostics);

// Names under which a file is found without -f, in order.
std::span<const std::string_view> file_names();

// Only the items of these names, in which * and ? stand for any text and any character, in the
// file's order. A name or pattern of none is an error diagnostic.
Release only(Release release, const std::vector<std::string>& names, Diagnostics& diagnostics);

// YAML unless the name ends in ".json".
TextFormat format_of(const std::filesystem::path& file);

}  // namespace slipway
