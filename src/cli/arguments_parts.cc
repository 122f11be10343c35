#include "cli/arguments_parts.h"

#include "cli/jsonnet_flags.h"

namespace slipway::cli {
namespace {

std::optional<LogFormat> log_format(std::string_view text) {
  if (text == "text") return LogFormat::kText;
  if (text == "logfmt") return LogFormat::kLogfmt;
  if (text == "json") return LogFormat::kJson;
  return std::nullopt;
}

// NAME=VALUE or, for Jsonnet, NAME: then the value is that of the environment variable.
void add_variables(CLI::App& app, Arguments& arguments) {
  const auto add = [&](const std::string& flag, const std::string& about, auto take) {
    app.add_option_function<std::vector<std::string>>(
           "--" + flag,
           [flag, take](const std::vector<std::string>& texts) {
             for (const std::string& text : texts)
               if (!take(text))
                 throw CLI::ValidationError("--" + flag,
                                            fmt::format("expected NAME=VALUE, found \"{}\"", text));
           },
           about)
        ->type_name("NAME=VALUE")
        ->allow_extra_args(false);
  };
  for (const std::string_view flag : kJsonnetFlags)
    add(std::string(flag),
        flag.starts_with("ext") ? "std.extVar of a Jsonnet file; may be repeated"
                                : "argument of a Jsonnet file that is a function; may be repeated",
        [flag, &arguments](const std::string& text) { return arguments.jsonnet.add(flag, text); });
  app.add_option("-J,--jpath", arguments.jsonnet.jpath,
                 "folder that a Jsonnet file may import from; may be repeated")
      ->type_name("DIR")
      ->allow_extra_args(false);
  add("var", "value of ${var:NAME} in a file of task classes; may be repeated",
      [&arguments](const std::string& text) {
        const std::size_t equals = text.find('=');
        if (equals == std::string::npos || equals == 0) return false;
        arguments.vars.insert_or_assign(text.substr(0, equals), text.substr(equals + 1));
        return true;
      });
}

void add_aws(CLI::App& app, Arguments& arguments) {
  app.add_option("--region", arguments.region, "AWS region [AWS_REGION, the profile's]")
      ->type_name("REGION");
  app.add_option("--profile", arguments.profile, "named profile [AWS_PROFILE]")->type_name("NAME");
  app.add_option("--endpoint-url", arguments.endpoint_url,
                 "send every call there instead of to AWS")
      ->type_name("URL");
  app.add_option_function<std::vector<std::string>>(
         "--sim",
         [&arguments](const std::vector<std::string>& text) {
           arguments.sim = text.empty() ? std::string() : text.front();
         },
         "use the embedded simulator of AWS; a scenario's name or file [shop]")
      ->type_name("[SCENARIO]")
      ->expected(0, 1);
  app.add_option("--speed", arguments.speed,
                 "with --sim: simulated seconds per second, 0: no waiting [0]")
      ->type_name("X")
      ->check(unnamed(CLI::NonNegativeNumber));
}

void add_output(CLI::App& app, Arguments& arguments) {
  add_choice<OutputKind>(app, "--output", arguments.output,
                         {{"auto", OutputKind::kAuto},
                          {"live", OutputKind::kLive},
                          {"plain", OutputKind::kPlain},
                          {"json", OutputKind::kJson}},
                         "live on a terminal, plain elsewhere; json: events on stdout [auto]",
                         "auto|live|plain|json");
  add_converted(app, "--log-format", arguments.log_format, &log_format,
                "lines of the plain output [text on a terminal, else logfmt]", "text|logfmt|json",
                "text, logfmt or json");
  add_converted(app, "--log-level", arguments.log_level, &parse_log_level,
                "least important line to show [info]", "LEVEL",
                "trace, debug, info, warn, error, fatal or panic");
  add_choice<ColorWhen>(
      app, "--color", arguments.color,
      {{"auto", ColorWhen::kAuto}, {"always", ColorWhen::kAlways}, {"never", ColorWhen::kNever}},
      "colours; auto: on a terminal, unless NO_COLOR or CI is set [auto]", "auto|always|never");
  app.add_flag("-q,--quiet", arguments.quiet, "errors only");
  app.add_flag("-v,--verbose", arguments.verbose, "every API call with its duration and result");
}

}  // namespace

CLI::App& add_command(Commands& commands, CLI::App& parent, const std::string& name,
                      const std::string& about,
                      std::function<void(CLI::App&, Arguments&)> add_options) {
  CLI::App& made = *parent.add_subcommand(name, about);
  const auto add = [&made, &arguments = commands.arguments, add_options = std::move(add_options)] {
    made.set_help_flag("-h,--help", "this page");
    if (add_options) add_options(made, arguments);
  };
  made.preparse_callback([add](std::size_t) { add(); });
  commands.waiting.emplace_back(add);
  return made;
}

std::optional<Duration> positive_duration(std::string_view text) {
  const std::optional<Duration> duration = parse_duration(text);
  return duration && *duration > Duration::zero() ? duration : std::nullopt;
}

void set_footer(CLI::App& app, std::string_view examples) {
  app.footer("Examples:\n" + std::string(examples) + std::string(kFilesFooter) +
             std::string(kStatusFooter));
}

void add_where(CLI::App& app, Arguments& arguments) {
  app.add_option("-f,--file", arguments.file, "the application's file [see below]")
      ->type_name("FILE");
  under_heading(app, "AWS, or the simulator", [&] { add_aws(app, arguments); });
  under_heading(app, "Files that are computed", [&] { add_variables(app, arguments); });
}

void add_showing(CLI::App& app, Arguments& arguments) {
  under_heading(app, "Output", [&] { add_output(app, arguments); });
}

void add_report(CLI::App& app, Arguments& arguments) {
  app.add_option("--report", arguments.report,
                 "write a page (HTML) of the whole run when it ends, however it ends")
      ->type_name("FILE");
}

void add_images(CLI::App& app, Arguments& arguments) {
  app.add_option("-t,--tag", arguments.tag, "image tag (or sha256:... digest) to release")
      ->type_name("TAG");
  app.add_option_function<std::vector<std::string>>(
         "--image",
         [&arguments](const std::vector<std::string>& texts) {
           for (const std::string& text : texts) {
             const std::size_t equals = text.find('=');
             if (equals == 0 || equals + 1 == text.size())
               throw CLI::ValidationError("--image",
                                          fmt::format("expected NAME=REF, found \"{}\"", text));
             if (equals == std::string::npos)
               arguments.images.emplace_back("", text);
             else
               arguments.images.emplace_back(text.substr(0, equals), text.substr(equals + 1));
           }
         },
         "run REF in the container NAME (or SERVICE/NAME); may be repeated.\n"
         "Without a file and a NAME: in the containers that use its\n"
         "repository, or the only one there is")
      ->type_name("[NAME=]REF")
      ->allow_extra_args(false);
}

void add_timeout(CLI::App& app, Arguments& arguments, const std::string& about) {
  add_converted(app, "--timeout", arguments.timeout, &positive_duration, about, "DURATION",
                "a duration such as 90s, 15m or 1h30m");
}

CLI::Option* add_repeated(CLI::App& app, const std::string& names, std::vector<std::string>& into,
                          const std::string& about, const std::string& type_name) {
  return app.add_option(names, into, about)->type_name(type_name)->allow_extra_args(false);
}

}  // namespace slipway::cli
