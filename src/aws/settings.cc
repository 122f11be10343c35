#include "aws/settings.h"

#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <memory>
#include <span>
#include <system_error>
#include <utility>
#include <vector>

namespace slipway::aws {
namespace {

constexpr std::string_view kRetryModes[] = {"standard", "adaptive", "legacy"};

// A value and the place that says it.
struct Said {
  std::string name;  // "AWS_MAX_ATTEMPTS" or "max_attempts"
  std::string text;
  SourceSpan span;
};

SourceSpan whole(std::string name, std::string_view text) {
  auto source = std::make_shared<const SourceText>(SourceText{std::move(name), std::string(text)});
  return {std::move(source), 1, 1, static_cast<int>(std::max<std::size_t>(text.size(), 1))};
}

class Reader {
 public:
  Reader(const Environment& environment, const Profile& profile, Diagnostics& diagnostics)
      : environment_(environment), profile_(profile), diagnostics_(diagnostics) {}

  // The variable counts before the profile's key; either name may be empty. Set but empty is unset.
  std::optional<Said> find(std::string_view variable, std::string_view key) const {
    if (!variable.empty())
      if (auto text = environment_.get_non_empty(variable))
        return Said{std::string(variable), *text, whole(std::string(variable), *text)};
    if (!key.empty())
      if (const ConfigEntry* entry = profile_.find(key); entry != nullptr && entry->block.empty())
        return Said{std::string(key), entry->value, entry->span};
    return std::nullopt;
  }

  bool flag(std::string_view variable, std::string_view key) const {
    const auto said = find(variable, key);
    if (!said || equals_ignoring_case(said->text, "false")) return false;
    if (equals_ignoring_case(said->text, "true")) return true;
    expected("true or false", *said);
    return false;
  }

  std::optional<int> number(std::string_view variable, std::string_view key, int least,
                            int most) const {
    const auto said = find(variable, key);
    if (!said) return std::nullopt;
    int value = 0;
    const char* const end = said->text.data() + said->text.size();
    const auto [stopped, failed] = std::from_chars(said->text.data(), end, value);
    if (failed == std::errc() && stopped == end && value >= least && value <= most) return value;
    expected(fmt::format("a whole number from {} to {}", least, most), *said);
    return std::nullopt;
  }

  // The index of what was said among `words`; case is ignored.
  std::optional<std::size_t> choice(std::string_view variable, std::string_view key,
                                    std::span<const std::string_view> words) const {
    const auto said = find(variable, key);
    if (!said) return std::nullopt;
    for (std::size_t i = 0; i < words.size(); ++i)
      if (equals_ignoring_case(said->text, words[i])) return i;
    expected(join_with_or(words), *said);
    return std::nullopt;
  }

  void expected(std::string_view what, const Said& said) const {
    diagnostics_.error(said.span, "settings.value", said.name,
                       fmt::format("expected {}, found {}", what, quote(said.text)));
  }

  Diagnostics& diagnostics() const { return diagnostics_; }
  const Profile& profile() const { return profile_; }

 private:
  const Environment& environment_;
  const Profile& profile_;
  Diagnostics& diagnostics_;
};

std::string choose_profile(const GivenSettings& given, const Environment& environment,
                           const SharedConfig& config, Diagnostics& diagnostics) {
  Said chosen{"--profile", given.profile, {}};
  for (std::string_view variable : {"AWS_PROFILE", "AWS_DEFAULT_PROFILE"})
    if (chosen.text.empty())
      chosen = {std::string(variable), environment.get(variable).value_or(""), {}};
  if (chosen.text.empty()) return "default";
  if (chosen.text != "default" && !config.profile(chosen.text).exists()) {
    const Error missing = config.no_such_profile(chosen.text);
    diagnostics.error(whole(chosen.name, chosen.text), missing.code, "", missing.message);
  }
  return chosen.text;
}

std::optional<Region> choose_region(const GivenSettings& given, const Reader& reader) {
  std::optional<Said> said;
  if (!given.region.empty()) said = Said{"--region", given.region, whole("--region", given.region)};
  if (!said) said = reader.find("AWS_REGION", "");
  if (!said) said = reader.find("AWS_DEFAULT_REGION", "region");
  if (!said) return std::nullopt;
  const bool is_from_profile = said->name == "region";
  Region region{.name = said->text, .source = is_from_profile ? place_of(said->span) : said->name};
  if (!is_region_name(region.name)) {
    reader.expected("the name of an AWS region", *said);
    return std::nullopt;
  }
  return region;
}

// The four configured sources, in the order of their rank; the flag outranks them.
EndpointSettings choose_endpoints(const GivenSettings& given, const Reader& reader,
                                  const SharedConfig& config) {
  EndpointSettings endpoints{
      .use_fips = reader.flag("AWS_USE_FIPS_ENDPOINT", "use_fips_endpoint"),
      .use_dual_stack = reader.flag("AWS_USE_DUALSTACK_ENDPOINT", "use_dualstack_endpoint")};
  constexpr std::string_view kStsEndpoints[] = {"regional", "legacy"};
  endpoints.sts_is_global =
      reader.choice("AWS_STS_REGIONAL_ENDPOINTS", "sts_regional_endpoints", kStsEndpoints) == 1;

  const bool is_ignoring =
      reader.flag("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "ignore_configured_endpoint_urls");
  const ConfigSection* services = nullptr;
  if (auto name = reader.find("", "services"); name && !is_ignoring) {
    services = config.services(name->text);
    if (services == nullptr)
      reader.diagnostics().error(name->span, "settings.services", "services",
                                 fmt::format("there is no [services {}] in {}", name->text,
                                             config.config_path().string()));
  }

  for (const ServiceName& service : services_with_endpoints()) {
    // Signing in is not what an endpoint on the command line is about: it would be handed the
    // refresh token of whoever types it.
    const bool is_sign_in = service.signing_name.empty();
    if (!given.endpoint_url.empty() && !is_sign_in) {
      endpoints.configured.emplace(service.key,
                                   ConfiguredUrl{given.endpoint_url, "--endpoint-url"});
      continue;
    }
    if (is_ignoring) continue;
    auto said = reader.find(fmt::format("AWS_ENDPOINT_URL_{}", to_upper(service.key)), "");
    if (!said) said = reader.find("AWS_ENDPOINT_URL", "");
    if (!said && services != nullptr)
      if (const ConfigEntry* of_service = services->find(service.key))
        for (const ConfigEntry& entry : of_service->block)
          if (entry.key == "endpoint_url" && !entry.value.empty())
            said = Said{entry.key, entry.value, entry.span};
    if (!said) said = reader.find("", "endpoint_url");
    if (!said) continue;
    const bool is_variable = said->name.starts_with("AWS_");
    endpoints.configured.emplace(
        service.key, ConfiguredUrl{said->text, is_variable ? said->name : place_of(said->span)});
  }
  return endpoints;
}

ImdsSettings choose_imds(const Reader& reader) {
  ImdsSettings imds;
  imds.is_disabled = reader.flag("AWS_EC2_METADATA_DISABLED", "");
  imds.is_v1_disabled = reader.flag("AWS_EC2_METADATA_V1_DISABLED", "ec2_metadata_v1_disabled");
  if (auto seconds =
          reader.number("AWS_METADATA_SERVICE_TIMEOUT", "metadata_service_timeout", 1, 60))
    imds.timeout = std::chrono::seconds(*seconds);
  if (auto attempts = reader.number("AWS_METADATA_SERVICE_NUM_ATTEMPTS",
                                    "metadata_service_num_attempts", 1, 10))
    imds.attempts = *attempts;
  constexpr std::string_view kModes[] = {"IPv4", "IPv6"};
  if (reader.choice("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", "ec2_metadata_service_endpoint_mode",
                    kModes) == 1)
    imds.endpoint = "http://[fd00:ec2::254]";
  if (auto said =
          reader.find("AWS_EC2_METADATA_SERVICE_ENDPOINT", "ec2_metadata_service_endpoint")) {
    if (auto url = checked_url({said->text, said->name})) {
      imds.endpoint = *url;
    } else {
      reader.expected("an http:// or https:// URL", *said);
    }
  }
  return imds;
}

std::string choose_ca_bundle(const Reader& reader, const Environment& environment) {
  const auto said = reader.find("AWS_CA_BUNDLE", "ca_bundle");
  if (!said) return "";
  const std::filesystem::path path = expand_home(said->text, environment);
  std::error_code failed;
  if (std::filesystem::exists(path, failed)) return path.string();
  reader.diagnostics().error(said->span, "settings.ca-bundle", said->name,
                             fmt::format("{} does not exist", path.string()));
  return "";
}

Duration choose_connect_timeout(const Reader& reader) {
  // https://docs.aws.amazon.com/sdkref/latest/guide/feature-smart-config-defaults.html
  constexpr std::string_view kModes[] = {"legacy",       "standard", "in-region",
                                         "cross-region", "mobile",   "auto"};
  const auto mode = reader.choice("AWS_DEFAULTS_MODE", "defaults_mode", kModes);
  if (mode && kModes[*mode] == "in-region") return std::chrono::milliseconds(1100);
  if (mode && kModes[*mode] == "mobile") return std::chrono::seconds(30);
  return std::chrono::milliseconds(3100);
}

// "slipway/0.1.0 app/ID"; what may not stand in a header's token becomes a dash, as in the SDKs.
std::string user_agent(const GivenSettings& given, const Reader& reader) {
  const auto id = reader.find("AWS_SDK_UA_APP_ID", "sdk_ua_app_id");
  if (!id) return given.product;
  std::string token = id->text.substr(0, 50);
  for (char& c : token) {
    const bool is_fine = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
                         (c >= 'A' && c <= 'Z') ||
                         std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
    if (!is_fine) c = '-';
  }
  return fmt::format("{} app/{}", given.product, token);
}

}  // namespace

ResolvedSettings load_settings(const GivenSettings& given, const Environment& environment,
                               const SharedConfig& config, Diagnostics& diagnostics) {
  ResolvedSettings settings;
  settings.profile = choose_profile(given, environment, config, diagnostics);
  settings.is_profile_given = !given.profile.empty();
  settings.identity = given.identity;
  const Profile profile = config.profile(settings.profile);
  profile.check_keys(diagnostics);

  const Reader reader(environment, profile, diagnostics);
  settings.region = choose_region(given, reader);
  settings.endpoints = choose_endpoints(given, reader, config);
  if (auto mode = reader.choice("AWS_RETRY_MODE", "retry_mode", kRetryModes))
    settings.retry_mode = static_cast<RetryMode>(*mode);
  settings.max_attempts = reader.number("AWS_MAX_ATTEMPTS", "max_attempts", 1, 100);
  settings.ca_bundle = choose_ca_bundle(reader, environment);
  settings.connect_timeout = choose_connect_timeout(reader);
  settings.imds = choose_imds(reader);
  settings.user_agent = user_agent(given, reader);

  // A region that AWS does not have would only show as a host name that does not resolve.
  if (settings.region && !looks_like_region(settings.region->name) &&
      settings.endpoints.configured.empty())
    diagnostics.warning({}, "settings.region", "",
                        fmt::format("the region {}, from {}, does not look like one of AWS's",
                                    quote(settings.region->name), settings.region->source));
  return settings;
}

}  // namespace slipway::aws
