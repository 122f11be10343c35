#include "plan/ecs_crd_facts.h"

#include "base/text.h"
#include "model/image.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>
#include <utility>

namespace slipway {
namespace {

constexpr std::string_view kGroupTag = "CanaryGroup";
constexpr std::string_view kReleaseTag = "CanaryRelease";

std::string tag_of(const CrdLoadBalancer& load_balancer, std::string_view tag) {
  const auto found = load_balancer.tags.find(std::string(tag));
  return found == load_balancer.tags.end() ? "" : found->second;
}

std::string names_of(const std::vector<const CrdLoadBalancer*>& load_balancers) {
  std::vector<std::string> names;
  for (const CrdLoadBalancer* each : load_balancers)
    names.push_back(fmt::format("{} ({})", each->name, tag_of(*each, kReleaseTag)));
  return join(names, ", ");
}

// Names in DNS are the same whatever their case and with or without the final dot.
std::string dns_key(std::string_view name) {
  if (name.ends_with('.')) name.remove_suffix(1);
  return to_lower(name);
}

bool lies_in(std::string_view name, std::string_view zone) {
  return name == zone || (name.size() > zone.size() && name.ends_with(zone) &&
                          name[name.size() - zone.size() - 1] == '.');
}

std::string to_text(const CrdZone& zone) {
  return fmt::format("{} ({}, {})", zone.id, dns_key(zone.name),
                     zone.is_private ? "private" : "public");
}

std::string to_text(const std::vector<const CrdZone*>& zones) {
  std::vector<std::string> texts;
  for (const CrdZone* zone : zones) texts.push_back(to_text(*zone));
  return join(texts, ", ");
}

// "*.shop.test" covers "www.shop.test" but not "a.b.shop.test".
bool covers(std::string_view certificate_name, std::string_view domain) {
  if (!certificate_name.starts_with("*.")) return false;
  const std::size_t dot = domain.find('.');
  return dot != std::string_view::npos && dot > 0 &&
         equals_ignoring_case(domain.substr(dot), certificate_name.substr(1));
}

// 2 the very name, 1 a wildcard over it, 0 none of them.
int match(const CrdCertificate& certificate, std::string_view domain) {
  int best = 0;
  const auto look_at = [&](std::string_view name) {
    if (equals_ignoring_case(name, domain)) best = 2;
    if (best == 0 && covers(name, domain)) best = 1;
  };
  look_at(certificate.domain);
  for (const std::string& name : certificate.other_names) look_at(name);
  return best;
}

template <class T>
void add_once(std::vector<T>& all, T value) {
  if (std::ranges::find(all, value) == all.end()) all.push_back(std::move(value));
}

}  // namespace

// ---- VPC ----------------------------------------------------------------------------------------

std::optional<std::string> choose_vpc(const CrdFile& file, std::string_view environment,
                                      const std::vector<CrdVpc>& vpcs, CrdFindings& findings) {
  if (const std::optional<CrdText>& wanted = file.service.vpc_id) {
    if (std::ranges::find(vpcs, wanted->text, &CrdVpc::id) != vpcs.end()) return wanted->text;
    findings.error(CrdStep::kGlobals, wanted->place,
                   fmt::format("there is no VPC {} in this region", wanted->text));
    return std::nullopt;
  }
  std::vector<std::string> ids;
  for (const CrdVpc& vpc : vpcs)
    if (vpc.environment == environment) ids.push_back(vpc.id);
  if (ids.size() == 1) return ids.front();
  findings.error(
      CrdStep::kGlobals, {},
      ids.empty() ? fmt::format("no VPC has the tag Environment={}", environment)
                  : fmt::format("{} have the tag Environment={}: {}", counted(ids.size(), "VPC"),
                                environment, join(ids, ", ")),
      ids.empty() ? "tag it, or name it: service.vpc_id" : "say which one it is: service.vpc_id");
  return std::nullopt;
}

// ---- Load balancers -----------------------------------------------------------------------------

const CrdOpenListener* CrdLoadBalancer::listening_on(int port) const {
  const auto found = std::ranges::find(listeners, port, &CrdOpenListener::port);
  return found == listeners.end() ? nullptr : &*found;
}

std::vector<CrdOpenListener> without(std::vector<CrdOpenListener> listeners,
                                     const std::set<std::string>& going) {
  std::erase_if(listeners,
                [&](const CrdOpenListener& listener) { return going.contains(listener.arn); });
  for (CrdOpenListener& listener : listeners)
    std::erase_if(listener.rules, [&](const auto& rule) { return going.contains(rule.second); });
  return listeners;
}

const CrdSide& CrdPair::of(CrdLabel label) const {
  return sides[0].label == label ? sides[0] : sides[1];
}

const CrdSide* CrdPair::with_arn(std::string_view load_balancer_arn) const {
  for (const CrdSide& side : sides)
    if (side.load_balancer.arn == load_balancer_arn) return &side;
  return nullptr;
}

const CrdSide* CrdPair::with_dns_name(std::string_view target) const {
  constexpr std::string_view kDualStack = "dualstack.";
  const auto key = [&](std::string_view name) {
    std::string text = dns_key(name);
    return text.starts_with(kDualStack) ? text.substr(kDualStack.size()) : text;
  };
  for (const CrdSide& side : sides)
    if (key(side.load_balancer.dns_name) == key(target)) return &side;
  return nullptr;
}

std::optional<CrdPair> choose_pair(const CrdFile& file, std::string_view vpc_id,
                                   const std::vector<CrdLoadBalancer>& load_balancers,
                                   CrdFindings& findings) {
  const CrdText& group = file.canary.group;
  std::vector<const CrdLoadBalancer*> candidates;
  for (const CrdLoadBalancer& each : load_balancers)
    if (each.type == "application" && each.vpc_id == vpc_id &&
        tag_of(each, kGroupTag) == group.text && each.tags.contains(std::string(kReleaseTag)))
      candidates.push_back(&each);

  const auto refuse = [&](const CrdPlace& place, std::string message, std::string suggestion) {
    findings.error(CrdStep::kLoadBalancers, place, std::move(message), std::move(suggestion));
    return std::nullopt;
  };
  if (candidates.empty())
    return refuse(group.place,
                  fmt::format("no application load balancer in {} has the tags CanaryGroup={} and "
                              "CanaryRelease",
                              vpc_id, group.text),
                  "a canary release needs two, tagged alike but for CanaryRelease");
  if (candidates.size() != 2)
    return refuse(group.place,
                  fmt::format("expected two load balancers tagged CanaryGroup={} in {}, found {}: "
                              "{}",
                              group.text, vpc_id, candidates.size(), names_of(candidates)),
                  candidates.size() == 1 ? "tag the other one of the pair"
                                         : "remove the tag CanaryRelease from those that are not "
                                           "of the pair");
  if (tag_of(*candidates[0], kReleaseTag) == tag_of(*candidates[1], kReleaseTag))
    return refuse(group.place,
                  fmt::format("both load balancers of the pair have the tag CanaryRelease={}: {}",
                              tag_of(*candidates[0], kReleaseTag), names_of(candidates)),
                  "give them two values");

  if (candidates[0]->scheme != candidates[1]->scheme)
    return refuse(
        group.place,
        fmt::format("the two load balancers are not alike: {} is {}, {} is {}", candidates[0]->name,
                    candidates[0]->scheme, candidates[1]->name, candidates[1]->scheme),
        "a pair faces the same clients");

  CrdPair pair;
  for (std::size_t i = 0; i < 2; ++i) {
    CrdSide& side = pair.sides.at(i);
    side.load_balancer = *candidates[i];
    side.label_value = tag_of(*candidates[i], kReleaseTag);
    if (side.label_value == file.canary.release_blue.text)
      side.label = CrdLabel::kBlue;
    else if (side.label_value == file.canary.release_green.text)
      side.label = CrdLabel::kGreen;
    else
      return refuse(file.canary.release_blue.place,
                    fmt::format("canary.releases names {} and {}, but the load balancers of the "
                                "pair are tagged {}",
                                file.canary.release_blue.text, file.canary.release_green.text,
                                names_of(candidates)),
                    "the two values are those of the tag CanaryRelease");
  }
  return pair;
}

// ---- Zones --------------------------------------------------------------------------------------

std::optional<CrdZone> choose_zone(const CrdFile& file, const CrdText& fqdn, bool is_internal,
                                   std::string_view vpc_id, const std::vector<CrdZone>& zones,
                                   CrdFindings& findings) {
  if (fqdn.text.find("{{") != std::string::npos) return std::nullopt;  // the reader has said so
  const std::string name = dns_key(fqdn.text);
  const auto refuse = [&](const CrdPlace& place, std::string message, std::string suggestion = {}) {
    findings.error(CrdStep::kGlobals, place, std::move(message), std::move(suggestion));
    return std::nullopt;
  };
  std::vector<const CrdZone*> usable;
  if (const std::optional<CrdText>& wanted = file.service.hosted_zone_id) {
    const auto found = std::ranges::find(zones, wanted->text, &CrdZone::id);
    if (found == zones.end())
      return refuse(wanted->place, fmt::format("there is no hosted zone {}", wanted->text));
    if (!lies_in(name, dns_key(found->name)))
      return refuse(wanted->place,
                    fmt::format("{} does not lie in the zone {}", fqdn.text, to_text(*found)));
    usable.push_back(&*found);
  } else {
    for (const CrdZone& zone : zones) {
      const bool is_reachable =
          !zone.is_private ||
          (is_internal && std::ranges::find(zone.vpc_ids, vpc_id) != zone.vpc_ids.end());
      if (is_reachable && lies_in(name, dns_key(zone.name))) usable.push_back(&zone);
    }
  }
  if (usable.empty())
    return refuse(fqdn.place, fmt::format("no hosted zone is there for {}", fqdn.text),
                  is_internal ? "private zones count when they are associated with the VPC"
                              : "private zones do not count: the load balancers face the internet");

  // A private zone hides the public one of the same name from the VPC it is for.
  const auto rank = [](const CrdZone* zone) {
    return std::pair(dns_key(zone->name).size(), zone->is_private);
  };
  const auto best = rank(*std::ranges::max_element(usable, {}, rank));
  std::erase_if(usable, [&](const CrdZone* zone) { return rank(zone) != best; });
  if (usable.size() > 1)
    return refuse(fqdn.place,
                  fmt::format("{} lies in {} of the same name: {}", fqdn.text,
                              counted(usable.size(), "zone"), to_text(usable)),
                  "say which one it is: service.hosted_zone_id");
  if (dns_key(usable.front()->name) == name)
    return refuse(fqdn.place,
                  fmt::format("{} is the zone itself, which can have no CNAME record", fqdn.text),
                  "take a name below it, such as www." + name);
  return *usable.front();
}

// ---- Certificates -------------------------------------------------------------------------------

const CrdCertificate* choose_certificate(const CrdText& domain,
                                         const std::vector<CrdCertificate>& certificates,
                                         CrdFindings& findings) {
  const auto rank = [&](const CrdCertificate* each) {
    return std::tuple(match(*each, domain.text), each->not_after.value_or(TimePoint::min()));
  };
  const CrdCertificate* best = nullptr;
  std::vector<std::string> unusable;
  for (const CrdCertificate& each : certificates) {
    if (match(each, domain.text) == 0) continue;
    if (each.status != "ISSUED") {
      unusable.push_back(fmt::format("{} is {}", each.arn, each.status));
    } else if (best == nullptr || rank(&each) > rank(best) ||
               (rank(&each) == rank(best) && each.arn < best->arn)) {
      best = &each;
    }
  }
  if (best == nullptr)
    findings.error(CrdStep::kListeners, domain.place,
                   fmt::format("no issued certificate is there for {}", domain.text),
                   join(unusable, ", "));
  return best;
}

// ---- Images -------------------------------------------------------------------------------------

std::optional<CrdEcrImage> image_to_look_up(std::string_view image, std::string_view account_id,
                                            std::string_view region) {
  const Result<ImageReference> parsed = parse_image(image);
  if (!parsed) return std::nullopt;
  const std::string own = fmt::format("{}.dkr.ecr.{}.amazonaws.com", account_id, region);
  if (parsed->registry != own && parsed->registry != own + ".cn") return std::nullopt;
  CrdEcrImage wanted{.repository = parsed->path, .tag = {}, .digest = parsed->digest};
  if (wanted.digest.empty()) wanted.tag = parsed->version();
  return wanted;
}

// ---- Secrets ------------------------------------------------------------------------------------

CrdSecretReference parse_secret(std::string_view value_from) {
  using Service = CrdSecretReference::Service;
  constexpr std::string_view kParameter = "ssm:";
  if (value_from.starts_with(kParameter))
    return {Service::kParameterStore, std::string(value_from.substr(kParameter.size())), ""};
  const std::vector<std::string_view> parts = split(value_from, ':');
  const bool is_arn = parts.size() >= 6 && parts[0] == "arn";
  if (is_arn && parts[2] == "ssm") return {Service::kParameterStore, std::string(value_from), ""};
  // arn:aws:secretsmanager:REGION:ACCOUNT:secret:NAME, then what is meant of it.
  const std::size_t parts_of_id = is_arn ? 7 : 1;
  std::size_t length = 0;
  for (std::size_t i = 0; i < std::min(parts_of_id, parts.size()); ++i)
    length += parts[i].size() + (i == 0 ? 0 : 1);
  std::string suffix(value_from.substr(length));
  // ECS wants all three parts, be they empty.
  // https://docs.aws.amazon.com/AmazonECS/latest/developerguide/secrets-envvar-secrets-manager.html
  if (!suffix.empty())
    while (std::ranges::count(suffix, ':') < 3) suffix += ':';
  return {Service::kSecretsManager, std::string(value_from.substr(0, length)), std::move(suffix)};
}

CrdQuestions questions_of(const CrdFile& file, std::string_view account_id,
                          std::string_view region) {
  CrdQuestions questions;
  const auto ask_for = [&](const CrdSecret& secret) {
    CrdSecretReference reference = parse_secret(secret.value_from);
    const bool is_parameter = reference.service == CrdSecretReference::Service::kParameterStore;
    add_once(is_parameter ? questions.parameters : questions.secrets, std::move(reference.id));
  };
  for (const CrdContainer& container : file.service.containers) {
    if (auto image = image_to_look_up(container.image.text, account_id, region))
      add_once(questions.images, std::move(*image));
    for (const CrdSecret& secret : container.secrets) ask_for(secret);
    if (container.log_configuration)
      for (const CrdSecret& secret : container.log_configuration->secret_options) ask_for(secret);
  }
  questions.needs_certificates = std::ranges::any_of(
      file.listeners, [](const CrdListener& each) { return !each.certificates.empty(); });
  return questions;
}

}  // namespace slipway
