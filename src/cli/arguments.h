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

// `run`: what differs from the task's definition, and how it is watched.
struct RunArguments {
  std::string task;  // of the file
  std::vector<std::string> command;
  std::vector<std::pair<std::string, std::string>> environment;
  std::string cpu, memory;
  std::optional<int> count;
  std::string launch_type, capacity_provider, platform_version, group;
  std::string network_configuration;  // shorthand, JSON or file://
  std::vector<std::string> subnets, security_groups;
  std::optional<bool> assign_public_ip;
  bool logs = true;
  bool forward_exit_code = false;
  bool stop_on_interrupt = false;
  std::vector<std::string> attach;  // ids of tasks that run already
};

// `prune`
struct PruneArguments {
  std::vector<std::string> families;
  std::vector<std::string> clusters;
  std::optional<std::size_t> keep;
  std::optional<std::size_t> rollback_window;
  std::vector<std::string> event_buses;
  bool rules = true;
  bool schedules = true;
  bool deletes = false;
};

// `stop` and `continue`
struct DeploymentArguments {
  std::string id;
  std::string hook;
  bool aborts = false;
  bool goes_back = false;
};

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
      images;  // container (or service/container, or nothing), image
  std::vector<std::string> only;
  std::vector<std::string> to;  // rollback: "family:revision"
  // Without a file, or over what it says.
  std::string task_definition;
  std::vector<std::string> containers;  // that get the tag
  bool force_new_deployment = false;
  std::optional<Duration> max_wait;
  bool skip_tasks_before = false;
  bool skip_tasks_after = false;
  bool wait = true;
  bool dry_run = false;
  bool exit_code = false;
  std::optional<Duration> timeout;
  std::optional<std::size_t> max_parallel;

  std::optional<std::size_t> limit;  // history

  // ---- Single commands ----
  RunArguments run;
  PruneArguments prune;
  DeploymentArguments deployment;

  // ---- Showing ----
  OutputKind output = OutputKind::kAuto;
  std::optional<LogFormat> log_format;
  std::optional<LogLevel> log_level;
  ColorWhen color = ColorWhen::kAuto;
  bool quiet = false;
  bool verbose = false;
  std::string report;  // file of the page about the run; empty: none
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
