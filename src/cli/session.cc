#include "cli/session.h"

#include "aws/budget.h"
#include "aws/config_file.h"
#include "aws/credentials_chain.h"
#include "aws/endpoint.h"
#include "aws/region.h"
#include "aws/service.h"
#include "aws/settings.h"
#include "aws/sts.h"
#include "base/curl_loop.h"
#include "base/fiber.h"
#include "base/text.h"
#include "cli/files.h"
#include "cli/showing.h"
#include "cli/version.h"
#include "plan/canary_pair.h"
#include "sim/scenario.h"
#include "sim/sim_transport.h"

#include <fmt/format.h>

#include <optional>
#include <random>

namespace slipway::cli {
namespace {

// The embedded simulator knows every key; this one is AWS's documentation example. Keys given on
// the command line are used as they are, so that they can be seen to be.
class SimulatedCredentials final : public aws::CredentialsProvider {
 public:
  explicit SimulatedCredentials(const aws::GivenIdentity& given = {}) {
    if (given.access_key_id.empty()) return;
    credentials_.access_key_id = given.access_key_id;
    credentials_.secret_access_key = given.secret_access_key;
  }
  Result<aws::Credentials> get() override { return credentials_; }
  void invalidate() override {}

 private:
  aws::Credentials credentials_{
      .access_key_id = "AKIAIOSFODNN7EXAMPLE",
      .secret_access_key = Secret("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
      .source = "simulator"};
};

std::uint64_t seed_from_system() {
  std::random_device device;
  return (static_cast<std::uint64_t>(device()) << 32) ^ device();
}

std::vector<std::string> containers_of(const std::vector<ImageChange>& images) {
  std::vector<std::string> names;
  for (const ImageChange& image : images)
    if (!image.container.empty()) names.push_back(image.container);
  return names;
}

// Lets a test listen to what is sent, and answer it.
class ListenedTransport final : public Transport {
 public:
  ListenedTransport(std::unique_ptr<Transport> inner, const Process& process)
      : inner_(std::move(inner)), process_(process) {}
  Result<HttpResponse> send(const HttpRequest& request) override {
    if (process_.on_request) process_.on_request(request);
    if (process_.answer_request) return process_.answer_request(request);
    if (process_.intercept_request)
      if (std::optional<Result<HttpResponse>> answer = process_.intercept_request(request))
        return std::move(*answer);
    return inner_->send(request);
  }

 private:
  std::unique_ptr<Transport> inner_;
  const Process& process_;
};

// The family that a service or task of the release runs, as far as the file tells.
std::string family_of_item(const Release& release, const std::string& name, bool is_task) {
  if (is_task) {
    for (const TaskRun& run : release.tasks_before)
      if (run.name == name)
        if (const auto* given = std::get_if<TaskDefinitionReference>(&run.task_definition))
          return family_of(given->reference);
    return name;
  }
  for (const ServiceRelease& service : release.services) {
    if (service.name != name) continue;
    if (const auto* given = std::get_if<TaskDefinitionReference>(&service.task_definition))
      return family_of(given->reference);
    if (const auto* whole = std::get_if<TaskDefinitionDocument>(&service.task_definition))
      return std::string(string_or_empty(whole->document, "family"));
  }
  return last_segment(name);
}

// The service that a schedule follows: the first one, unless it says which. Empty: none.
std::string service_of_schedule(const Release& release, const ScheduleRelease& schedule) {
  if (const auto* follow = std::get_if<FollowItem>(&schedule.task_definition))
    return follow->is_task ? std::string() : last_segment(follow->name);
  if (std::holds_alternative<FollowRelease>(schedule.task_definition) && !release.services.empty())
    return last_segment(release.services.front().name);
  return {};
}

// What its targets run before the release.
std::string family_of_schedule(const Release& release, const ScheduleRelease& schedule) {
  if (const auto* follow = std::get_if<FollowItem>(&schedule.task_definition))
    return family_of_item(release, follow->name, follow->is_task);
  if (const auto* given = std::get_if<TaskDefinitionReference>(&schedule.task_definition))
    return family_of(given->reference);
  if (const auto* whole = std::get_if<TaskDefinitionDocument>(&schedule.task_definition))
    return std::string(string_or_empty(whole->document, "family"));
  if (std::holds_alternative<FollowRelease>(schedule.task_definition)) {
    if (!release.services.empty())
      return family_of_item(release, release.services.front().name, false);
    if (!release.tasks_before.empty())
      return family_of_item(release, release.tasks_before.front().name, true);
  }
  return schedule.name;
}

// What a task definition's source says of itself.
struct Named {
  std::string family;  // empty: the source does not say
  std::vector<std::string> containers;
  Json definition = {};  // where the source has the whole of it
};
Named named_by(const TaskDefinitionSource& source, const std::vector<ImageChange>& images) {
  Named named{.family = {}, .containers = containers_of(images)};
  if (const auto* given = std::get_if<TaskDefinitionReference>(&source)) {
    named.family = family_of(given->reference);
  } else if (const auto* whole = std::get_if<TaskDefinitionDocument>(&source)) {
    named.family = string_or_empty(whole->document, "family");
    named.definition = whole->document;
    if (const JsonArray* containers = find_array(whole->document, "containerDefinitions"))
      for (const Json& container : *containers)
        named.containers.emplace_back(string_or_empty(container, "name"));
  }
  return named;
}

// What a release names, for a simulated world that has to have it.
sim::Expectations expectations_of(const Release& release) {
  sim::Expectations expected{.cluster = release.cluster};
  for (const ServiceRelease& service : release.services) {
    const Named named = named_by(service.task_definition, service.images);
    for (const std::string& name : ecs_services_of(service))
      expected.services.push_back({.name = last_segment(name),
                                   .family = named.family,
                                   .containers = named.containers,
                                   .definition = named.definition});
  }
  for (const auto* runs : {&release.tasks_before, &release.tasks_after}) {
    for (const TaskRun& run : *runs)
      if (const Named named = named_by(run.task_definition, run.images); !named.family.empty())
        expected.tasks.push_back({.family = named.family,
                                  .containers = named.containers,
                                  .definition = named.definition});
  }
  for (const ScheduleRelease& schedule : release.schedules) {
    const std::string family = family_of_schedule(release, schedule);
    if (!schedule.images.empty())
      expected.tasks.push_back({.family = family, .containers = containers_of(schedule.images)});
    const bool is_rule = schedule.trigger.is_rule();
    (is_rule ? expected.rules : expected.schedules)
        .push_back(
            {.name = is_rule ? schedule.trigger.rule : schedule.trigger.schedule,
             .group = is_rule ? last_segment(schedule.trigger.event_bus) : schedule.trigger.group,
             .family = family,
             .service = service_of_schedule(release, schedule)});
  }
  if (release.notify) expected.topics.push_back(release.notify->topic_arn);
  return expected;
}

}  // namespace

struct Session::Parts {
  Process& process;
  const Arguments arguments;
  const SessionSettings given;
  Signals signals;
  Environment environment;  // the process's, or a simulated one

  // One of the two worlds.
  std::unique_ptr<CurlLoop> curl_loop;
  std::unique_ptr<VirtualDriver> virtual_driver;
  std::unique_ptr<Fibers> fibers;
  std::shared_ptr<sim::SimulatedAws> simulated_aws;
  std::unique_ptr<Transport> transport;
  std::optional<Random> random;
  std::optional<Runtime> runtime;

  aws::SharedConfig config;
  aws::ResolvedSettings settings;
  std::unique_ptr<aws::CredentialsProvider> base_credentials;  // that assume the role given
  std::unique_ptr<aws::CredentialsProvider> credentials;
  std::unique_ptr<aws::CredentialsProvider> nobody;  // signs nothing: web identity needs no keys
  std::optional<aws::Budget> budget;
  std::optional<CallLog> calls;
  std::optional<aws::Clients> clients;
  aws::Client* ecs = nullptr;  // of `clients`
  std::string region;

  Parts(Process& the_process, Arguments the_arguments, SessionSettings the_settings)
      : process(the_process), arguments(std::move(the_arguments)), given(std::move(the_settings)) {}

  bool open_production(Diagnostics& diagnostics, const std::string& product);
  aws::StsCaller sts_caller();
  aws::ClientSettings client_settings(const aws::ServiceFacts& service,
                                      const aws::Endpoint& endpoint) const;
  bool open_simulation(Diagnostics& diagnostics, const sim::Expectations* expected);
};

bool Session::Parts::open_production(Diagnostics& diagnostics, const std::string& product) {
  environment = process.environment;
  config = aws::SharedConfig::load(environment, diagnostics);
  settings = aws::load_settings({.profile = arguments.profile,
                                 .region = arguments.region,
                                 .endpoint_url = arguments.endpoint_url,
                                 .product = product + "/" + version_number(),
                                 .identity = given.identity},
                                environment, config, diagnostics);
  if (diagnostics.has_errors()) return false;
  curl_loop = std::make_unique<CurlLoop>(&signals);
  fibers = std::make_unique<Fibers>(*curl_loop);
  transport = std::make_unique<CurlTransport>(
      *curl_loop, *fibers, NetworkSettings::from(environment, settings.ca_bundle));
  random.emplace(seed_from_system());
  return true;
}

aws::ClientSettings Session::Parts::client_settings(const aws::ServiceFacts& service,
                                                    const aws::Endpoint& endpoint) const {
  return {.service = service,
          .endpoint = endpoint.url,
          .region = endpoint.signing_region,
          .max_attempts = settings.max_attempts,
          .user_agent = settings.user_agent,
          .connect_timeout = settings.connect_timeout,
          .read_timeout = settings.read_timeout};
}

// One identity becomes another by a call to STS that the first one signs. The region is known by
// the time anybody asks for credentials.
aws::StsCaller Session::Parts::sts_caller() {
  const auto endpoint = [this] {
    return aws::resolve_endpoint(aws::kSts.config_key, region, settings.endpoints);
  };
  return {.assume_role = [this, endpoint](
                             const aws::AssumeRoleRequest& request,
                             aws::CredentialsProvider& signer) -> Result<aws::AssumeRoleResponse> {
            TRY(const aws::Endpoint sts, endpoint());
            aws::Client client(*runtime, client_settings(aws::kSts, sts), signer, *budget);
            return client.call(aws::AssumeRole, request);
          },
          .assume_role_with_web_identity =
              [this, endpoint](const aws::AssumeRoleWithWebIdentityRequest& request)
              -> Result<aws::AssumeRoleWithWebIdentityResponse> {
            TRY(const aws::Endpoint sts, endpoint());
            aws::Client client(*runtime, client_settings(aws::kSts, sts), *nobody, *budget);
            return client.call(aws::AssumeRoleWithWebIdentity, request);
          }};
}

// What to write instead of a scenario that is neither built in nor a file.
std::string other_scenarios(const std::string& wanted) {
  std::vector<std::string> names;
  for (const sim::NamedScenario& scenario : sim::built_in_scenarios())
    names.emplace_back(scenario.name);
  if (const std::optional<std::string> near = nearest(wanted, names))
    return fmt::format("did you mean {}?", *near);
  return fmt::format(
      "the word after --sim is the scenario: a file, or {}; other words go before it",
      join(names, ", "));
}

bool Session::Parts::open_simulation(Diagnostics& diagnostics, const sim::Expectations* expected) {
  std::string name = arguments.sim->empty() ? std::string("shop") : *arguments.sim;
  if (sim::built_in_scenario_text(name).empty()) name = (process.directory / name).string();
  Result<std::optional<sim::Scenario>> found = sim::find_scenario(name, diagnostics);
  if (!found) {
    diagnostics.error({.source = std::make_shared<SourceText>(SourceText{"--sim", ""})},
                      "flags.scenario", "", found.error().message, other_scenarios(*arguments.sim));
    return false;
  }
  if (!*found) return false;
  sim::Scenario scenario = std::move(**found);
  if (scenario.auto_create && expected != nullptr) sim::add_missing(scenario, *expected);
  TimePoint start = scenario.start.value_or(sim::kUsualStart);
  std::uint64_t seed = scenario.world.seed;
  if (process.simulated_aws != nullptr && *process.simulated_aws != nullptr) {
    simulated_aws = *process.simulated_aws;
    start = simulated_aws->world().now();
    // Another run draws other ids.
    seed += static_cast<std::uint64_t>(start.time_since_epoch().count());
  } else {
    simulated_aws = sim::make_aws(scenario, start, diagnostics);
  }
  if (simulated_aws == nullptr) return false;
  if (process.simulated_aws != nullptr) *process.simulated_aws = simulated_aws;
  virtual_driver = std::make_unique<VirtualDriver>(start, &signals);
  if (arguments.speed > 0) virtual_driver->set_speed(arguments.speed);
  fibers = std::make_unique<Fibers>(*virtual_driver);
  transport = std::make_unique<sim::SimTransport>(
      *fibers, *simulated_aws, sim::SimTransportSettings{.latency = scenario.latency});
  random.emplace(seed);
  // Nothing of the machine's own AWS settings reaches a simulation.
  settings.region = aws::Region{.name = scenario.world.region, .source = "the scenario"};
  credentials = std::make_unique<SimulatedCredentials>(given.identity);
  return true;
}

Session::Session() = default;
Session::~Session() = default;

std::unique_ptr<Session> Session::open(Process& process, const Arguments& arguments,
                                       const Release* release, const std::string& product,
                                       const SessionSettings& settings) {
  if (release == nullptr) return open_expecting(process, arguments, nullptr, product, settings);
  const sim::Expectations expected = expectations_of(*release);
  return open_expecting(process, arguments, &expected, product, settings);
}

std::unique_ptr<Session> Session::open_expecting(Process& process, const Arguments& arguments,
                                                 const sim::Expectations* expected,
                                                 const std::string& product,
                                                 const SessionSettings& settings) {
  std::unique_ptr<Session> session(new Session());
  session->parts_ = std::make_unique<Parts>(process, arguments, settings);
  Parts& parts = *session->parts_;
  Diagnostics diagnostics;
  const bool opened = arguments.sim ? parts.open_simulation(diagnostics, expected)
                                    : parts.open_production(diagnostics, product);
  show(process, diagnostics, use_color(process, arguments.color, process.err_is_terminal));
  if (!opened) return nullptr;
  if (process.on_request || process.answer_request || process.intercept_request)
    parts.transport = std::make_unique<ListenedTransport>(std::move(parts.transport), process);
  parts.runtime.emplace(Runtime{.fibers = *parts.fibers,
                                .transport = *parts.transport,
                                .random = *parts.random,
                                .environment = parts.environment});
  parts.budget.emplace(*parts.fibers);
  return session;
}

bool Session::is_simulated() const { return parts_->simulated_aws != nullptr; }
std::string Session::where_given() const {
  std::string text;
  if (is_simulated()) return text;
  const Arguments& given = parts_->arguments;
  for (const auto& [option, value] :
       {std::pair("--region", &given.region), std::pair("--profile", &given.profile),
        std::pair("--endpoint-url", &given.endpoint_url)})
    if (!value->empty()) text += fmt::format(" {} {}", option, *value);
  return text;
}
TimePoint Session::now() const { return parts_->fibers->now(); }
Signals& Session::signals() { return parts_->signals; }
Runtime& Session::runtime() { return *parts_->runtime; }
aws::Client& Session::ecs() { return *parts_->ecs; }
aws::Clients& Session::clients() { return *parts_->clients; }
CallLog& Session::calls() { return *parts_->calls; }
const std::string& Session::region() const { return parts_->region; }

void Session::run(View& view, const std::function<void()>& body) {
  Fibers& fibers = *parts_->fibers;
  // Where nobody watches, time passes for the heartbeat only.
  if (parts_->process.on_session) parts_->process.on_session(*this);
  const bool watched = !is_simulated() || parts_->arguments.speed > 0;
  const Duration tick = watched ? view.tick_interval() : Duration(std::chrono::seconds(5));
  fibers.run([&] {
    Group ticking(fibers);
    ticking.spawn("view", [&] {
      while (fibers.sleep_for(tick)) view.tick(fibers.now());
    });
    body();
    ticking.cancel();
    ticking.join();
  });
  if (is_simulated()) {
    for (const std::string& sentence : parts_->simulated_aws->unmet_expectations()) {
      parts_->process.err("error: " + sentence + "\n");
      parts_->process.expectations_unmet = true;
    }
  }
  if (is_simulated() && parts_->process.on_world_left)
    parts_->process.on_world_left(parts_->simulated_aws->world());
}

void Session::run_connected(View& view, const std::function<void()>& body,
                            const std::function<void(const Error&)>& failed) {
  run(view, [&] {
    if (const Result<void> connected = connect(view); !connected) {
      view.could_not_begin(now(), connected.error());
      return failed(connected.error());
    }
    body();
  });
}

std::optional<TimePoint> Session::credentials_end() {
  const Result<aws::Credentials> credentials = parts_->credentials->get();
  return credentials ? credentials->renewable_until : std::nullopt;
}

Result<void> Session::connect(View& views) {
  Parts& parts = *parts_;
  TRY(const aws::Region region, aws::resolve_region(*parts.runtime, parts.settings));
  parts.region = region.name;
  Process& process = parts.process;
  const aws::CredentialWorld world{
      .runtime = *parts.runtime,
      .config = parts.config,
      .settings = parts.settings,
      .sts = parts.sts_caller(),
      .ask = process.ask,
      .warn =
          [&process](const std::string& sentence) { process.err("warning: " + sentence + "\n"); },
      .run = {}};
  if (parts.credentials == nullptr) {
    parts.nobody = std::make_unique<SimulatedCredentials>();
    parts.credentials = std::make_unique<aws::CredentialChain>(world);
  }
  if (const std::string& role = parts.given.identity.role_to_assume; !role.empty()) {
    parts.base_credentials = std::move(parts.credentials);
    parts.credentials = aws::assume_role(role, world, *parts.base_credentials);
  }
  parts.calls.emplace(*parts.fibers, views, parts.given.call_parameters);
  parts.clients.emplace(
      *parts.runtime, region.name,
      [&parts](const aws::ServiceFacts& service,
               const std::string& where) -> Result<aws::ClientSettings> {
        TRY(const aws::Endpoint endpoint,
            aws::resolve_endpoint(service.config_key, where, parts.settings.endpoints));
        return parts.client_settings(service, endpoint);
      },
      *parts.credentials, *parts.budget, &*parts.calls);
  TRY(parts.ecs, parts.clients->of(aws::kEcs));
  return {};
}

}  // namespace slipway::cli
