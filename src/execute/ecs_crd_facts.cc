#include "execute/ecs_crd_facts.h"

#include "aws/acm.h"
#include "aws/ec2.h"
#include "aws/ecr.h"
#include "aws/ecs.h"
#include "aws/elbv2.h"
#include "aws/kms.h"
#include "aws/logs.h"
#include "aws/pages.h"
#include "aws/secretsmanager.h"
#include "aws/ssm.h"
#include "aws/sts.h"
#include "base/json.h"
#include "base/text.h"
#include "execute/ask_if_allowed.h"
#include "execute/patience.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <set>

namespace slipway {
namespace {

namespace elbv2 = aws::elbv2;

constexpr Duration kPatience = std::chrono::minutes(1);
constexpr std::size_t kTagsPerCall = 20;
constexpr const char* kIpService = "https://api.ipify.org?format=json";

// "aws-cn" of "arn:aws-cn:sts::123456789012:assumed-role/x/y".
std::string partition_of(std::string_view arn) {
  const std::vector<std::string_view> parts = split(arn, ':');
  return parts.size() > 2 && !parts[1].empty() ? std::string(parts[1]) : "aws";
}

std::string bare_zone(std::string_view id) {
  const std::size_t slash = id.rfind('/');
  return std::string(slash == std::string_view::npos ? id : id.substr(slash + 1));
}

CrdLookUp look_up_of(const Error& error) {
  if (aws::is_access_denied(error) || error.kind == ErrorKind::kDenied) return CrdLookUp::kDenied;
  if (error.kind == ErrorKind::kNotFound || error.code.find("NotFound") != std::string::npos)
    return CrdLookUp::kMissing;
  return CrdLookUp::kFailed;
}

std::string words_of(const Error& error) {
  return error.code.empty() ? error.message : error.code + ": " + error.message;
}

}  // namespace

template <class Req, class Resp>
Result<Resp> CrdReader::ask(const aws::Operation<Req, Resp>& operation,
                            const std::type_identity_t<Req>& request) {
  const Patience patience{
      .until = context_.clock().now() + kPatience, .meanwhile = [&](const Error& trouble) {
        context_.events.say({},
                            Note{NoteLevel::kWarning,
                                 fmt::format("{}: {}; trying again for up to {}", operation.name,
                                             words_of(trouble), to_string(kPatience))});
      }};
  return patiently(context_.clock(), patience,
                   [&] { return context_.clients.call(operation, request); });
}

// ---- P1 ----------------------------------------------------------------------------------------

Result<CrdIdentity> CrdReader::identity() {
  TRY(const aws::GetCallerIdentityResponse caller,
      ask(aws::GetCallerIdentity, {}).context("asking who we are"));
  return CrdIdentity{.account_id = caller.Account, .partition = partition_of(caller.Arn)};
}

Result<std::string> CrdReader::external_ip() {
  const HttpRequest request{.method = "GET",
                            .url = kIpService,
                            .headers = {},
                            .body = {},
                            .connect_timeout = std::chrono::seconds(5),
                            .total_timeout = std::chrono::seconds(5)};
  const Deadline patience(context_.runtime.fibers,
                          context_.clock().now() + std::chrono::seconds(5));
  TRY(const HttpResponse answer,
      context_.runtime.transport.send(request).context("asking api.ipify.org for our address"));
  const Result<Json> body = parse_json(answer.body);
  const std::string ip(body ? string_or_empty(*body, "ip") : "");
  if (answer.status == 200 && !ip.empty()) return ip;
  return Error{.kind = ErrorKind::kUnavailable,
               .code = "crd.no-address",
               .message = fmt::format("api.ipify.org answered {} and no address", answer.status)};
}

Result<std::vector<CrdVpc>> CrdReader::vpcs() {
  std::vector<CrdVpc> all;
  aws::ec2::DescribeVpcsRequest request;
  do {
    TRY(const aws::ec2::DescribeVpcsResult page,
        ask(aws::ec2::DescribeVpcs, request).context("looking for the VPC"));
    for (const aws::ec2::Vpc& vpc : page.Vpcs) {
      CrdVpc& found = all.emplace_back();
      found.id = vpc.VpcId;
      for (const aws::ec2::Tag& tag : vpc.Tags)
        if (tag.Key == "Environment") found.environment = tag.Value;
    }
    request.NextToken = page.NextToken;
  } while (!request.NextToken.empty());
  return all;
}

// A name that only ends like the wanted one is another cluster.
Result<std::optional<CrdCluster>> CrdReader::cluster(const std::string& name) {
  const auto described = context_.optional.call(
      aws::DescribeClusters, {.clusters = {name}},
      "the cluster is looked for in the list of all, and its instances are not counted");
  if (described) {
    for (const aws::Cluster& found : described->clusters)
      if (found.clusterName == name && found.status == "ACTIVE")
        return std::optional<CrdCluster>(
            {.arn = found.clusterArn,
             .container_instances = found.registeredContainerInstancesCount});
    return std::optional<CrdCluster>();
  }
  aws::ListClustersRequest request;
  do {
    TRY(const aws::ListClustersResponse page,
        ask(aws::ListClusters, request).context("looking for cluster " + name));
    for (const std::string& arn : page.clusterArns)
      if (arn.substr(arn.rfind('/') + 1) == name)
        return std::optional<CrdCluster>({.arn = arn, .container_instances = {}});
    request.nextToken = page.nextToken;
  } while (!request.nextToken.empty());
  return std::optional<CrdCluster>();
}

Result<std::vector<CrdZone>> CrdReader::zones(const std::string& vpc_id, bool is_internal) {
  namespace route53 = aws::route53;
  std::vector<CrdZone> all;
  route53::ListHostedZonesRequest request;
  while (true) {
    TRY(const route53::ListHostedZonesResponse page,
        ask(route53::ListHostedZones, request).context("looking for hosted zones"));
    for (const route53::HostedZone& zone : page.HostedZones)
      all.push_back({.id = bare_zone(zone.Id),
                     .name = zone.Name,
                     .is_private = zone.Config.PrivateZone.value_or(false),
                     .vpc_ids = {}});
    if (!page.IsTruncated || page.NextMarker.empty()) break;
    request.Marker = page.NextMarker;
  }
  const bool any_private = std::ranges::any_of(all, &CrdZone::is_private);
  if (!is_internal || !any_private) return all;
  route53::ListHostedZonesByVPCRequest of_vpc;
  of_vpc.VPCId = vpc_id;
  of_vpc.VPCRegion = context_.clients.region();
  do {
    TRY(const auto page, ask_if_allowed(context_, route53::ListHostedZonesByVPC, of_vpc,
                                        "only public hosted zones are used"));
    if (!page) break;
    for (const route53::HostedZoneSummary& zone : page->HostedZoneSummaries)
      for (CrdZone& known : all)
        if (known.id == bare_zone(zone.HostedZoneId)) known.vpc_ids.push_back(vpc_id);
    of_vpc.NextToken = page->NextToken;
  } while (!of_vpc.NextToken.empty());
  return all;
}

// ---- P2 ----------------------------------------------------------------------------------------

Result<std::vector<CrdLoadBalancer>> CrdReader::load_balancers(const std::string& vpc_id) {
  std::vector<CrdLoadBalancer> all;
  elbv2::DescribeLoadBalancersInput request;
  do {
    TRY(const elbv2::DescribeLoadBalancersOutput page,
        ask(elbv2::DescribeLoadBalancers, request).context("looking for load balancers"));
    for (const elbv2::LoadBalancer& one : page.LoadBalancers) {
      if (one.VpcId != vpc_id) continue;
      CrdLoadBalancer& found = all.emplace_back();
      found.arn = one.LoadBalancerArn;
      found.name = one.LoadBalancerName;
      found.dns_name = one.DNSName;
      found.type = one.Type;
      found.scheme = one.Scheme;
      found.vpc_id = one.VpcId;
    }
    request.Marker = page.NextMarker;
  } while (!request.Marker.empty());
  for (std::size_t from = 0; from < all.size(); from += kTagsPerCall) {
    elbv2::DescribeTagsInput some;
    for (std::size_t i = from; i < std::min(all.size(), from + kTagsPerCall); ++i)
      some.ResourceArns.push_back(all[i].arn);
    TRY(const elbv2::DescribeTagsOutput tags,
        ask(elbv2::DescribeTags, some).context("reading the tags of the load balancers"));
    for (const elbv2::TagDescription& of_one : tags.TagDescriptions)
      for (CrdLoadBalancer& known : all)
        if (known.arn == of_one.ResourceArn)
          for (const elbv2::Tag& tag : of_one.Tags) known.tags[tag.Key] = tag.Value;
  }
  return all;
}

Result<std::vector<CrdOpenListener>> CrdReader::listeners(const std::string& load_balancer,
                                                          const std::vector<int>& ports) {
  std::vector<CrdOpenListener> all;
  elbv2::DescribeListenersInput request;
  request.LoadBalancerArn = load_balancer;
  do {
    TRY(const elbv2::DescribeListenersOutput page,
        ask(elbv2::DescribeListeners, request).context("reading listeners"));
    for (const elbv2::Listener& one : page.Listeners) {
      CrdOpenListener& found = all.emplace_back();
      found.port = one.Port;
      found.arn = one.ListenerArn;
      found.protocol = one.Protocol;
      for (const elbv2::Certificate& certificate : one.Certificates)
        found.certificate_arns.push_back(certificate.CertificateArn);
    }
    request.Marker = page.NextMarker;
  } while (!request.Marker.empty());
  for (CrdOpenListener& listener : all) {
    if (std::ranges::find(ports, listener.port) == ports.end()) continue;
    elbv2::DescribeRulesInput rules;
    rules.ListenerArn = listener.arn;
    do {
      TRY(const elbv2::DescribeRulesOutput page,
          ask(elbv2::DescribeRules, rules).context("reading the rules of a listener"));
      for (const elbv2::Rule& rule : page.Rules) {
        int priority = 0;
        const char* const end = rule.Priority.data() + rule.Priority.size();
        if (std::from_chars(rule.Priority.data(), end, priority).ptr == end && priority > 0)
          listener.rules[priority] = rule.RuleArn;
      }
      rules.Marker = page.NextMarker;
    } while (!rules.Marker.empty());
    if (listener.protocol != "HTTPS") continue;
    elbv2::DescribeListenerCertificatesInput of_listener;
    of_listener.ListenerArn = listener.arn;
    do {
      const auto page = context_.optional.call(
          elbv2::DescribeListenerCertificates, of_listener,
          "a certificate that a listener has already may be added to it once more");
      if (!page) break;
      for (const elbv2::Certificate& certificate : page->Certificates)
        if (std::ranges::find(listener.certificate_arns, certificate.CertificateArn) ==
            listener.certificate_arns.end())
          listener.certificate_arns.push_back(certificate.CertificateArn);
      of_listener.Marker = page->NextMarker;
    } while (!of_listener.Marker.empty());
  }
  return all;
}

// ---- P4, P8 ------------------------------------------------------------------------------------

// Without Includes ACM lists RSA keys of 1,024 and 2,048 bits only.
// https://docs.aws.amazon.com/acm/latest/APIReference/API_Filters.html
Result<std::vector<CrdCertificate>> CrdReader::certificates() {
  std::vector<CrdCertificate> all;
  aws::acm::ListCertificatesRequest request;
  request.CertificateStatuses = {"ISSUED"};
  request.Includes.emplace();
  request.Includes->keyTypes = {"RSA_1024",      "RSA_2048",     "RSA_3072",    "RSA_4096",
                                "EC_prime256v1", "EC_secp384r1", "EC_secp521r1"};
  do {
    TRY(const aws::acm::ListCertificatesResponse page,
        ask(aws::acm::ListCertificates, request).context("looking for certificates"));
    for (const aws::acm::CertificateSummary& one : page.CertificateSummaryList)
      all.push_back(
          {.arn = one.CertificateArn,
           .domain = one.DomainName,
           .other_names = one.SubjectAlternativeNameSummaries,
           .status = one.Status,
           .not_after = one.NotAfter == TimePoint{} ? std::optional<TimePoint>() : one.NotAfter});
    request.NextToken = page.NextToken;
  } while (!request.NextToken.empty());
  return all;
}

CrdImageFact CrdReader::image(const std::string& account_id, const CrdEcrImage& image) {
  aws::ecr::DescribeImagesRequest request;
  request.registryId = account_id;
  request.repositoryName = image.repository;
  aws::ecr::ImageIdentifier& id = request.imageIds.emplace_back();
  if (image.digest.empty())
    id.imageTag = image.tag;
  else
    id.imageDigest = image.digest;
  const auto answer = ask(aws::ecr::DescribeImages, request);
  if (answer)
    return {.state = answer->imageDetails.empty() ? CrdLookUp::kMissing : CrdLookUp::kFound,
            .is_repository_missing = false,
            .message = {}};
  return {.state = look_up_of(answer.error()),
          .is_repository_missing = answer.error().code == "RepositoryNotFoundException",
          .message = words_of(answer.error())};
}

CrdSecretFact CrdReader::secret(const std::string& id) {
  const auto answer = ask(aws::secretsmanager::DescribeSecret, {.SecretId = id});
  if (!answer) {
    CrdSecretFact failed;
    failed.state = look_up_of(answer.error());
    failed.message = words_of(answer.error());
    return failed;
  }
  CrdSecretFact fact{
      .state = CrdLookUp::kFound, .arn = answer->ARN, .kms_key_arn = {}, .message = {}};
  if (answer->KmsKeyId.empty()) return fact;  // AWS's own key, which needs no permission
  const auto key = ask(aws::kms::DescribeKey, {.KeyId = answer->KmsKeyId});
  if (!key) {
    fact.state = look_up_of(key.error());
    fact.message = fmt::format("key {}: {}", answer->KmsKeyId, words_of(key.error()));
  } else if (key->KeyMetadata.KeyManager != "AWS") {
    fact.kms_key_arn = key->KeyMetadata.Arn;
  }
  return fact;
}

std::map<std::string, CrdSecretFact> CrdReader::parameters(const std::vector<std::string>& names) {
  std::map<std::string, CrdSecretFact> facts;
  constexpr std::size_t kMost = 10;  // of one call
  for (std::size_t from = 0; from < names.size(); from += kMost) {
    aws::ssm::GetParametersRequest request;
    request.Names.assign(
        names.begin() + static_cast<std::ptrdiff_t>(from),
        names.begin() + static_cast<std::ptrdiff_t>(std::min(names.size(), from + kMost)));
    const auto answer = context_.optional.call(aws::ssm::GetParameters, request,
                                               "whether the parameters are there is not looked up");
    if (!answer) return facts;
    for (const std::string& name : request.Names) facts[name].state = CrdLookUp::kMissing;
    for (const aws::ssm::Parameter& found : answer->Parameters)
      for (const std::string& name : request.Names)
        if (name == found.Name || name == found.ARN)
          facts[name] = {
              .state = CrdLookUp::kFound, .arn = found.ARN, .kms_key_arn = {}, .message = {}};
  }
  return facts;
}

bool CrdReader::has_log_group(const std::string& name) {
  const auto answer =
      context_.optional.call(aws::DescribeLogGroups, {.logGroupNamePrefix = name},
                             "a log group that is there already would stop the Init stack");
  if (!answer) return false;
  return std::ranges::any_of(answer->logGroups,
                             [&](const auto& group) { return group.logGroupName == name; });
}

void look_up(Fibers& fibers, CrdReader& reader, const CrdQuestions& questions, CrdFacts& facts) {
  Group asking(fibers, 4);
  for (const CrdEcrImage& image : questions.images)
    asking.spawn("image",
                 [&, image] { facts.images[image] = reader.image(facts.account_id, image); });
  for (const std::string& id : questions.secrets)
    asking.spawn("secret", [&, id] { facts.secrets[id] = reader.secret(id); });
  asking.spawn("parameters", [&] { facts.parameters = reader.parameters(questions.parameters); });
  asking.join();
}

// ---- Witnesses ---------------------------------------------------------------------------------

std::optional<CrdItem> witness_of(const std::optional<CrdStateItem>& item) {
  if (!item || !item->has_release()) return std::nullopt;
  return CrdItem{.alb_arn = item->get("alb_arn"),
                 .stack_name = item->get("stack_name"),
                 .canary_release = item->get("canary_release"),
                 .service_version = item->get("service_version")};
}

Result<std::vector<CrdStackFact>> CrdReader::stacks(const CrdNames& names, const CrdPair& pair,
                                                    const std::string& stack_of_item) {
  std::set<std::string> ours = {names.init_stack(), stack_of_item};
  for (const CrdSide& side : pair.sides) {
    ours.insert(names.stack(side.label_value));
    ours.insert(names.python_stack(side.label_value));
  }
  std::vector<CrdStackFact> facts;
  TRY(const std::vector<LiveStack> all, stacks_.all());
  for (const LiveStack& stack : all) {
    CrdStackFact fact{.name = stack.StackName,
                      .id = stack.StackId,
                      .status = stack.StackStatus,
                      .project = tag_of(stack, "Project"),
                      .service = tag_of(stack, "Service"),
                      .environment = tag_of(stack, "Environment"),
                      .load_balancer_arn = {}};
    for (const auto& parameter : stack.Parameters)
      if (parameter.ParameterKey == "LoadBalancer")
        fact.load_balancer_arn = parameter.ParameterValue;
    const bool is_tagged = fact.service == names.service && fact.environment == names.environment;
    if (ours.contains(fact.name) || is_tagged) facts.push_back(std::move(fact));
  }
  return facts;
}

Result<CrdRecords> CrdReader::records(const DnsPair& pair) {
  CrdRecords facts;
  DnsWeights weights(context_, {}, pair);
  TRY(const std::vector<DnsRecords> all, weights.read());
  facts.objections = objections(all, pair);
  for (const DnsRecords& of_name : all) {
    for (const aws::route53::ResourceRecordSet& record : of_name.records) {
      if (!record.Weight) continue;
      CrdRecordFact& fact = facts.weighted.emplace_back();
      fact.fqdn = of_name.name.name;
      fact.set_identifier = record.SetIdentifier;
      fact.weight = static_cast<int>(*record.Weight);
      if (!record.ResourceRecords.empty()) fact.target = record.ResourceRecords.front().Value;
      if (record.AliasTarget) fact.target = record.AliasTarget->DNSName;
    }
  }
  return facts;
}

Result<std::optional<std::vector<CrdServiceFact>>> CrdReader::services(const std::string& cluster,
                                                                       const CrdNames& names,
                                                                       const CrdPair& pair) {
  aws::DescribeServicesRequest request{.cluster = cluster, .services = {}, .include = {}};
  for (const CrdSide& side : pair.sides)
    request.services.push_back(names.ecs_service(side.label_value));
  TRY(const auto answer,
      ask_if_allowed(
          context_, aws::DescribeServices, request,
          "ECS is no witness to which release is live, and says nothing about its health"));
  if (!answer) return std::optional<std::vector<CrdServiceFact>>();
  std::vector<CrdServiceFact> facts;
  for (const aws::Service& service : answer->services)
    if (service.status != "INACTIVE")
      facts.push_back({.name = service.serviceName, .running = service.runningCount});
  return std::optional(std::move(facts));
}

}  // namespace slipway
