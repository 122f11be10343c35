// slipway's own command line as a value. Parsing it touches nothing outside.
#pragma once

#include "base/jsonnet.h"
#include "base/time.h"
#include "view/log.h"

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace slipway::cli {

enum class OutputKind { kAuto, kLive, kPlain, kJson };
enum class ColorWhen { kAuto, kAlways, kNever };

struct Arguments {
  std::string command;  // "deploy", "sim serve", ...: the words that chose it

  // ---- Where ----
  std::string file;                         // empty: searched
  JsonnetVariables jsonnet;                 // what a Jsonnet file is told
  std::map<std::string, std::string> vars;  // ${var:NAME} of task classes
  std::string cluster;
  std::vector<std::string> services;  // status, wait, rollback
  std::string region, profile, endpoint_url;
  std::optional<std::string> sim;  // scenario's name or file; empty text: the default one
  double speed = 0;                // virtual seconds per real second; 0: as fast as it goes

  // ---- What ----
  std::string tag;
  std::vector<std::pair<std::string, std::string>>
      images;  // container (or service/container), image
  std::vector<std::string> only;
  std::vector<std::string> to;  // rollback: "family:revision"
  bool skip_tasks_before = false;
  bool skip_tasks_after = false;
  bool wait = true;
  bool dry_run = false;
  bool exit_code = false;
  std::optional<Duration> timeout;
  std::optional<std::size_t> max_parallel;

  // ---- Showing ----
  OutputKind output = OutputKind::kAuto;
  std::optional<LogFormat> log_format;
  std::optional<LogLevel> log_level;
  ColorWhen color = ColorWhen::kAuto;
  bool quiet = false;
  bool verbose = false;
  bool short_version = false;
  std::string shell;  // completion

  // ---- sim serve, sim scenario check ----
  int port = 0;
  std::string listen = "127.0.0.1";
  std::string scenario;
  bool check_signatures = false;
  std::optional<Duration> serve_for;
};

// The program ends here: help and versions on stdout, mistakes on stderr.
struct Exit {
  int status = 0;
  std::string out;
  std::string err;
};

std::variant<Arguments, Exit> parse_arguments(const std::vector<std::string>& arguments);

// A script for "bash", "zsh" or "fish", made from the same tree of commands and options.
std::string completion_script(const std::string& shell);

}  // namespace slipway::cli
