#include "cli/showing.h"

#include "view/json_lines.h"
#include "view/live.h"
#include "view/log.h"

namespace slipway::cli {
namespace {

// UTF-8 by the usual variables, in their order.
bool has_unicode(const Environment& environment) {
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    const std::optional<std::string> value = environment.get_non_empty(name);
    if (value)
      return value->find("UTF-8") != std::string::npos || value->find("utf8") != std::string::npos;
  }
  return false;
}

LogLevel level_of(const Arguments& arguments) {
  if (arguments.log_level) return *arguments.log_level;
  if (arguments.quiet) return LogLevel::kError;
  return arguments.verbose ? LogLevel::kDebug : LogLevel::kInfo;
}

}  // namespace

bool is_live(const Process& process, const Arguments& arguments) {
  if (arguments.output == OutputKind::kLive) return true;
  if (arguments.output != OutputKind::kAuto || arguments.quiet || arguments.verbose ||
      arguments.log_format || arguments.log_level)
    return false;
  const bool something_to_watch = !arguments.sim || arguments.speed > 0;
  const bool dumb = process.environment.get("TERM") == "dumb";
  return process.err_is_terminal && something_to_watch && !dumb &&
         !process.environment.get_non_empty("CI");
}

bool use_color(const Process& process, ColorWhen when, bool is_terminal) {
  if (when != ColorWhen::kAuto) return when == ColorWhen::kAlways;
  return is_terminal && !process.environment.get_non_empty("NO_COLOR") &&
         !process.environment.get_non_empty("CI") && process.environment.get("TERM") != "dumb";
}

std::unique_ptr<View> make_view(const Process& process, const Arguments& arguments,
                                const std::string& cluster, TimePoint start) {
  if (arguments.output == OutputKind::kJson) return std::make_unique<JsonLinesView>(process.out);
  const bool color = use_color(process, arguments.color, process.err_is_terminal);
  if (is_live(process, arguments)) {
    return std::make_unique<LiveView>(LiveSettings{.color = color,
                                                   .unicode = has_unicode(process.environment),
                                                   .level = level_of(arguments),
                                                   .start = start,
                                                   .size = process.terminal_size},
                                      process.err);
  }
  const LogFormat format = arguments.log_format.value_or(
      process.err_is_terminal ? LogFormat::kText : LogFormat::kLogfmt);
  return std::make_unique<LogView>(LogSettings{.format = format,
                                               .level = level_of(arguments),
                                               .color = color,
                                               .start = start,
                                               .cluster = cluster},
                                   process.err);
}

void complain(Process& process, const Error& error, bool color) {
  process.err(std::string(color ? "\x1b[31merror:\x1b[0m " : "error: ") + to_string(error) + "\n");
}

}  // namespace slipway::cli
