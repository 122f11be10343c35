// Networks, certificates and keys.
#include "sim/surroundings.h"

#include "sim/calls.h"
#include "sim/policy.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace slipway::sim {

std::string arn_in(const Region& region, std::string_view service, std::string_view resource) {
  return fmt::format("arn:{}:{}:{}:{}:{}", region.partition, service, region.name, region.account,
                     resource);
}

namespace {

// "0a1b2c3d-....": what ACM and KMS call things.
std::string uuid_like(Region& region) {
  const std::string digits = region.hex_id();
  return fmt::format("{}-{}-{}-{}-{}", digits.substr(0, 8), digits.substr(8, 4),
                     digits.substr(12, 4), digits.substr(16, 4), digits.substr(20));
}

// A scenario may say what AWS would make up.
std::string given_or(const Json& input, std::string_view member, std::string otherwise) {
  const auto given = find_string(input, member);
  return given && !given->empty() ? std::string(*given) : std::move(otherwise);
}

// ---- EC2 ----

Reply CreateVpc(const Call& call) {
  JsonArray tags;
  if (const JsonArray* given = find_array(call.input, "Tags")) tags = *given;
  if (const JsonArray* specifications = find_array(call.input, "TagSpecifications"))
    for (const Json& specification : *specifications)
      if (const JsonArray* more = find_array(specification, "Tags"))
        tags.insert(tags.end(), more->begin(), more->end());
  JsonObject vpc{
      {"OwnerId", call.region.account},
      {"InstanceTenancy", "default"},
      {"IsDefault", find_bool(call.input, "IsDefault").value_or(false)},
      {"Tags", std::move(tags)},
      {"VpcId", given_or(call.input, "VpcId", "vpc-0" + call.region.hex_id().substr(0, 16))},
      {"State", "available"},
      {"CidrBlock", given_or(call.input, "CidrBlock", "10.0.0.0/16")},
      {"DhcpOptionsId", "dopt-0" + call.region.hex_id().substr(0, 16)}};
  call.region.surroundings->vpcs.push_back(vpc);
  return answer_with({{"Vpc", std::move(vpc)}});
}

// The values that a filter looks at; nullopt for a filter EC2 does not have.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeVpcs.html
std::optional<std::vector<std::string>> filtered_values(const JsonObject& vpc,
                                                        std::string_view name) {
  struct Row {
    std::string_view filter;
    std::string_view member;
  };
  constexpr Row kRows[] = {{"vpc-id", "VpcId"},
                           {"cidr", "CidrBlock"},
                           {"cidr-block", "CidrBlock"},
                           {"cidrBlock", "CidrBlock"},
                           {"state", "State"},
                           {"owner-id", "OwnerId"},
                           {"dhcp-options-id", "DhcpOptionsId"}};
  for (const Row& row : kRows)
    if (row.filter == name) return std::vector{std::string(vpc.at(row.member).as_string())};
  if (name == "is-default" || name == "isDefault")
    return std::vector{std::string(vpc.at("IsDefault").as_bool() ? "true" : "false")};
  std::vector<std::string> values;
  for (const Json& tag : vpc.at("Tags").as_array()) {
    if (name == "tag-key") values.emplace_back(string_or_empty(tag, "Key"));
    if (name == fmt::format("tag:{}", string_or_empty(tag, "Key")))
      values.emplace_back(string_or_empty(tag, "Value"));
  }
  if (name == "tag-key" || name.starts_with("tag:")) return values;
  return std::nullopt;
}

Answer<bool> passes(const JsonObject& vpc, const JsonArray& filters) {
  for (const Json& filter : filters) {
    const std::string_view name = string_or_empty(filter, "Name");
    const auto values = filtered_values(vpc, name);
    if (!values)
      return ServiceError{
          400, "InvalidParameterValue", fmt::format("The filter '{}' is invalid", name), {}};
    const std::vector<std::string> patterns = strings(filter, "Values");
    const bool fits = std::any_of(values->begin(), values->end(), [&](const std::string& value) {
      return std::any_of(patterns.begin(), patterns.end(), [&](const std::string& pattern) {
        return matches_wildcard(pattern, value);
      });
    });
    if (!fits) return false;
  }
  return true;
}

Reply DescribeVpcs(const Call& call) {
  const std::vector<JsonObject>& all = call.region.surroundings->vpcs;
  const std::vector<std::string> wanted = strings(call.input, "VpcIds");
  for (const std::string& id : wanted)
    if (std::none_of(all.begin(), all.end(),
                     [&](const JsonObject& vpc) { return vpc.at("VpcId") == Json(id); }))
      return ServiceError{
          400, "InvalidVpcID.NotFound", fmt::format("The vpc ID '{}' does not exist", id), {}};
  const JsonArray* filters = find_array(call.input, "Filters");
  std::vector<PageItem> items;
  for (const JsonObject& vpc : all) {
    const std::string id(vpc.at("VpcId").as_string());
    if (!wanted.empty() && std::find(wanted.begin(), wanted.end(), id) == wanted.end()) continue;
    TRY(const bool is_wanted, passes(vpc, filters == nullptr ? JsonArray{} : *filters));
    if (is_wanted) items.push_back({serial_key(items.size()), vpc});
  }
  return answer_with_page(
      call.input, items,
      {.member = "Vpcs",
       .limit = "MaxResults",
       .most = 1000,
       .bad_token = {400, "InvalidPaginationToken", "The token is invalid.", {}}});
}

// ---- ACM ----

Reply RequestCertificate(const Call& call) {
  const std::string arn =
      given_or(call.input, "CertificateArn",
               arn_in(call.region, "acm", "certificate/" + uuid_like(call.region)));
  const std::string status = given_or(call.input, "Status", "PENDING_VALIDATION");
  const double now = seconds_of(call.region.now);
  JsonArray names{Json(string_or_empty(call.input, "DomainName"))};
  for (const std::string& name : strings(call.input, "SubjectAlternativeNames"))
    if (std::find(names.begin(), names.end(), Json(name)) == names.end()) names.emplace_back(name);
  JsonObject certificate{{"CertificateArn", arn},
                         {"DomainName", string_or_empty(call.input, "DomainName")},
                         {"SubjectAlternativeNames", std::move(names)},
                         {"CreatedAt", now},
                         {"Status", status},
                         {"KeyAlgorithm", given_or(call.input, "KeyAlgorithm", "RSA_2048")},
                         {"InUseBy", JsonArray{}},
                         {"Type", given_or(call.input, "Type", "AMAZON_ISSUED")}};
  if (status == "ISSUED") {
    constexpr double kThirteenMonths = 395 * 86400.0;
    certificate["IssuedAt"] = now;
    certificate["NotBefore"] = now;
    certificate["NotAfter"] = now + kThirteenMonths;
  }
  call.region.surroundings->certificates.push_back(std::move(certificate));
  return answer_with({{"CertificateArn", arn}});
}

Reply DescribeCertificate(const Call& call) {
  const std::string_view arn = string_or_empty(call.input, "CertificateArn");
  for (const JsonObject& certificate : call.region.surroundings->certificates)
    if (certificate.at("CertificateArn") == Json(arn))
      return answer_with({{"Certificate", certificate}});
  return ServiceError{
      400, "ResourceNotFoundException", fmt::format("Could not find certificate {}.", arn), {}};
}

Reply ListCertificates(const Call& call) {
  const std::vector<std::string> statuses = strings(call.input, "CertificateStatuses");
  const Json* includes = find(call.input, "Includes");
  std::vector<std::string> types;
  if (includes != nullptr) types = strings(*includes, "keyTypes");
  if (types.empty()) types = {"RSA_1024", "RSA_2048"};
  const auto has = [](const std::vector<std::string>& list, const Json& value) {
    return std::find(list.begin(), list.end(), std::string_view(value.as_string())) != list.end();
  };
  std::vector<PageItem> items;
  for (const JsonObject& certificate : call.region.surroundings->certificates) {
    if (!statuses.empty() && !has(statuses, certificate.at("Status"))) continue;
    if (!has(types, certificate.at("KeyAlgorithm"))) continue;
    JsonObject summary;
    for (const char* member : {"CertificateArn", "DomainName", "Status", "Type", "KeyAlgorithm",
                               "CreatedAt", "IssuedAt", "NotBefore", "NotAfter"})
      if (const Json* value = certificate.if_contains(member)) summary[member] = *value;
    summary["SubjectAlternativeNameSummaries"] = certificate.at("SubjectAlternativeNames");
    summary["HasAdditionalSubjectAlternativeNames"] = false;
    summary["InUse"] = !certificate.at("InUseBy").as_array().empty();
    items.push_back({serial_key(items.size()), std::move(summary)});
  }
  return answer_with_page(
      call.input, items,
      {.member = "CertificateSummaryList",
       .limit = "MaxItems",
       .bad_token = {400, "ValidationException", "The NextToken is invalid.", {}}});
}

// ---- KMS ----

Reply CreateKey(const Call& call) {
  const std::string id = given_or(call.input, "KeyId", uuid_like(call.region));
  const std::string state = given_or(call.input, "KeyState", "Enabled");
  JsonObject key{{"AWSAccountId", call.region.account},
                 {"KeyId", id},
                 {"Arn", arn_in(call.region, "kms", "key/" + id)},
                 {"CreationDate", seconds_of(call.region.now)},
                 {"Enabled", state == "Enabled"},
                 {"Description", string_or_empty(call.input, "Description")},
                 {"KeyUsage", given_or(call.input, "KeyUsage", "ENCRYPT_DECRYPT")},
                 {"KeyState", state},
                 {"Origin", "AWS_KMS"},
                 {"KeyManager", given_or(call.input, "KeyManager", "CUSTOMER")},
                 {"KeySpec", given_or(call.input, "KeySpec", "SYMMETRIC_DEFAULT")},
                 {"MultiRegion", false}};
  Surroundings& surroundings = *call.region.surroundings;
  for (const std::string& alias : strings(call.input, "aliases"))
    surroundings.aliases[alias.starts_with("alias/") ? alias : "alias/" + alias] = id;
  surroundings.keys[id] = key;
  return answer_with({{"KeyMetadata", std::move(key)}});
}

Reply DescribeKey(const Call& call) {
  Surroundings& surroundings = *call.region.surroundings;
  const std::string_view asked = string_or_empty(call.input, "KeyId");
  std::string_view name = asked;
  if (name.starts_with("arn:")) name = name.substr(name.rfind(':') + 1);
  if (name.starts_with("key/")) name = name.substr(4);
  if (name.starts_with("alias/")) {
    const auto alias = surroundings.aliases.find(name);
    if (alias == surroundings.aliases.end())
      return ServiceError{400,
                          "NotFoundException",
                          fmt::format("Alias {} is not found.", arn_in(call.region, "kms", name)),
                          {}};
    name = alias->second;
  }
  const auto key = surroundings.keys.find(name);
  if (key == surroundings.keys.end())
    return ServiceError{400,
                        "NotFoundException",
                        fmt::format("Key '{}' does not exist",
                                    arn_in(call.region, "kms", fmt::format("key/{}", name))),
                        {}};
  return answer_with({{"KeyMetadata", key->second}});
}

constexpr bool kReads = true;

}  // namespace

std::span<const Operation> ec2_operations() {
  static constexpr std::array kOperations = {Operation{"CreateVpc", CreateVpc},
                                             Operation{"DescribeVpcs", DescribeVpcs, kReads}};
  return kOperations;
}

std::span<const Operation> acm_operations() {
  static constexpr std::array kOperations = {
      Operation{"DescribeCertificate", DescribeCertificate, kReads},
      Operation{"ListCertificates", ListCertificates, kReads},
      Operation{"RequestCertificate", RequestCertificate},
  };
  return kOperations;
}

std::span<const Operation> kms_operations() {
  static constexpr std::array kOperations = {Operation{"CreateKey", CreateKey},
                                             Operation{"DescribeKey", DescribeKey, kReads}};
  return kOperations;
}

}  // namespace slipway::sim
