// The command line of ecs-deploy, as its users' pipelines type it: its flags, its lines and its
// exit statuses. Everything behind it is slipway's.
#include "aws/shorthand.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/ecs_deploy_flags.h"
#include "cli/exit_status.h"
#include "cli/files.h"
#include "cli/reporting.h"
#include "cli/running.h"
#include "cli/session.h"
#include "cli/showing.h"
#include "execute/single_service.h"
#include "view/ecs_deploy_lines.h"

#include <fmt/format.h>

#include <chrono>
#include <memory>

namespace slipway::cli {
namespace {

int fail(Process& process, const std::string& message) {
  process.err("error: " + message + "\n");
  return kEcsDeployFailed;
}

// The new revision's content; false when the file is of no use, which has been told.
bool read_definition(Process& process, EcsDeployFlags& flags) {
  if (flags.task_definition_file.empty() || flags.wanted.force_only) return true;
  const std::string& name = flags.task_definition_file;
  const auto refuse = [&](const std::string& why) {
    fail(process, fmt::format("--task-definition-file {}: {}", name, why));
    return false;
  };
  const Result<std::string> text = read_file(process.directory / name);
  if (!text) return refuse(text.error().message);
  Result<Json> json = parse_json(*text);
  if (!json) return refuse(json.error().message);
  Result<SavedDefinition> saved = unwrap_definition(std::move(*json));
  if (!saved) return refuse(saved.error().message);
  flags.wanted.file = std::move(saved->document);
  flags.wanted.file_tags = std::move(saved->tags);
  flags.wanted.file_name = name;
  return true;
}

bool read_network(Process& process, EcsDeployFlags& flags) {
  if (flags.network_configuration.empty()) return true;
  Diagnostics diagnostics;
  std::optional<Json> network = aws::read_structure(
      {"--network-configuration", flags.network_configuration}, aws::Facts::of(aws::kEcs),
      "NetworkConfiguration",
      [&](const std::string& path) { return read_file(process.directory / path); }, diagnostics);
  show(process, diagnostics, use_color(process, ColorWhen::kAuto, process.err_is_terminal));
  if (network) flags.wanted.run->networkConfiguration = std::move(*network);
  return network.has_value();
}

// Keys of the command line; what one of the two leaves out is looked for where the original looks.
// nullopt when a key has no secret, which has been told.
std::optional<aws::GivenIdentity> identity_of(Process& process, const EcsDeployFlags& flags) {
  aws::GivenIdentity identity{.role_to_assume = flags.assume_role,
                              .only_machine_role = flags.only_machine_role};
  if (flags.access_key.empty() && flags.secret_key.empty()) return identity;
  const auto given_or_of = [&](const std::string& given, const char* variable) {
    return given.empty() ? process.environment.get(variable).value_or("") : given;
  };
  identity.access_key_id = given_or_of(flags.access_key, "AWS_ACCESS_KEY_ID");
  identity.secret_access_key = Secret(given_or_of(flags.secret_key, "AWS_SECRET_ACCESS_KEY"));
  for (const auto& [is_missing, other, what] :
       {std::tuple{identity.access_key_id.empty(), "--aws-secret-key",
                   "--aws-access-key (or AWS_ACCESS_KEY_ID)"},
        std::tuple{identity.secret_access_key.empty(), "--aws-access-key",
                   "--aws-secret-key (or AWS_SECRET_ACCESS_KEY)"}}) {
    if (!is_missing) continue;
    fail(process, fmt::format("{} is given without {}", other, what));
    return std::nullopt;
  }
  return identity;
}

// What a simulated world may have to be completed for.
Release release_for_simulation(const SingleService& wanted) {
  Release release{.cluster = wanted.cluster};
  const std::string family(family_of(last_segment(wanted.task_definition)));
  TaskDefinitionSource running;
  if (!wanted.has_service()) running = TaskDefinitionReference{family};
  // What nobody has described runs an image of the repository given.
  if (const auto* wanted_image = std::get_if<ImageOfRepository>(&wanted.images)) {
    const Json container = JsonObject{{"name", "app"}, {"image", to_string(wanted_image->image)}};
    running = TaskDefinitionDocument{
        .document = JsonObject{{"family", family},
                               {"requiresCompatibilities", JsonArray{Json("FARGATE")}},
                               {"containerDefinitions", JsonArray{container}}},
        .origin = "--image"};
  }
  if (wanted.has_service())
    release.services.push_back({.name = wanted.service, .task_definition = std::move(running)});
  else
    release.tasks_before.push_back({.task_definition = std::move(running)});
  return release;
}

// What would be sent, as far as it is known before.
Verdict tell_what_would_be_sent(Process& process, Context& context, const SingleService& wanted) {
  if (wanted.force_only) {
    process.out(fmt::format("Would force a new deployment of service {}\n", wanted.service));
    return {.outcome = Outcome::kSkipped};
  }
  const Result<PreparedSingleService> prepared = prepare(context, wanted);
  if (!prepared) return verdict_of(prepared.error(), Outcome::kFailedToStart);
  process.out("Would register:\n" + to_pretty_text(prepared->revision.action.document));
  return {.outcome = Outcome::kSkipped};
}

WorkReport rehearse(Process& process, Context& context, const SingleService& wanted) {
  const TimePoint began = context.clock().now();
  ItemReport report{.subject = subject_of(wanted)};
  report.verdict = tell_what_would_be_sent(process, context, wanted);
  report.elapsed = context.clock().now() - began;
  context.events.say(report.subject, ended(report));
  return {.items = {std::move(report)}, .ending = Ending{}};
}

std::string journal_name(const SingleService& wanted) {
  const std::string place = last_segment(wanted.cluster);
  const std::string what = subject_of(wanted).item;
  return place.empty() ? what : place + "-" + what;
}

int deploy(Process& process, EcsDeployFlags& flags) {
  SingleService& wanted = flags.wanted;
  for (const std::string& warning : flags.warnings) process.err("warning: " + warning + "\n");
  if (!read_definition(process, flags) || !read_network(process, flags)) return kEcsDeployFailed;
  const std::optional<aws::GivenIdentity> identity = identity_of(process, flags);
  if (!identity) return kEcsDeployFailed;
  if (!can_report(process, flags.report)) return kEcsDeployUsage;

  Arguments arguments{.command = "deploy"};
  arguments.region = flags.region;
  arguments.profile = flags.profile;
  arguments.sim = flags.sim;
  arguments.speed = flags.speed;
  const Release release = release_for_simulation(wanted);
  const std::unique_ptr<Session> session = Session::open(
      process, arguments, &release, "ecs-deploy",
      {.identity = *identity,
       .call_parameters = flags.verbose ? CallParameters::kMasked : CallParameters::kLeftOut});
  if (session == nullptr) return kEcsDeployFailed;

  if (!flags.image_line.empty()) process.out(flags.image_line + "\n");
  const std::unique_ptr<View> view = with_report(
      process, flags.report,
      std::make_unique<EcsDeployLines>(
          EcsDeployLinesSettings{
              .waits_for_old_deployment = wanted.waits_for_old_deployment,
              .waits_for_task = wanted.run && wanted.run->waits,
              .verbose = flags.verbose,
              .timeout = fmt::format(
                  "{} s",
                  std::chrono::duration_cast<std::chrono::seconds>(wanted.timeout).count())},
          process.out, process.err));
  int status = kEcsDeployFailed;
  const auto deploy_it = [&] {
    RunOptions options = run_options(process, *session, "ecs-deploy", journal_name(wanted));
    if (flags.dry_run) options.journal_directory.reset();
    options.dialect = "ecs-deploy";
    options.journal_use = JournalUse::kIfPossible;
    options.reattach = "slipway wait --cluster " + wanted.cluster + options.where;
    const auto work = [&](Context& context, RunState& state) {
      return flags.dry_run ? rehearse(process, context, wanted)
                           : run_single_service(context, state, wanted);
    };
    const RunReport report =
        with_engine(process, *session, *view, std::move(options),
                    [&](Engine& engine) { return engine.work(wanted.cluster, work); });
    status = exit_status_of(report);
    if (report.signal.empty() && status != kDone) status = kEcsDeployFailed;
  };
  session->run_connected(*view, deploy_it,
                         [&](const Error& error) { fail(process, to_string(error)); });
  return status;
}

}  // namespace

int run_ecs_deploy(Process& process, const std::vector<std::string>& arguments) {
  std::variant<EcsDeployFlags, Exit> parsed = parse_ecs_deploy(arguments, process.environment);
  if (const auto* exit = std::get_if<Exit>(&parsed)) {
    process.out(exit->out);
    process.err(exit->err);
    return exit->status;
  }
  return deploy(process, std::get<EcsDeployFlags>(parsed));
}

}  // namespace slipway::cli
