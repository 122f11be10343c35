// Repositories with images, secrets, and parameters.
#include "aws/sigv4.h"
#include "base/text.h"
#include "sim/calls.h"
#include "sim/surroundings.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace slipway::sim {
namespace {

// ---- ECR ----

ServiceError no_repository(const Region& region, std::string_view name) {
  return {400,
          "RepositoryNotFoundException",
          fmt::format("The repository with name '{}' does not exist in the registry with id '{}'",
                      name, region.account),
          {}};
}

Answer<Surroundings::Repository*> find_repository(const Call& call, std::string_view name) {
  auto& repositories = call.region.surroundings->repositories;
  const auto found = repositories.find(name);
  if (found == repositories.end()) return no_repository(call.region, name);
  return &found->second;
}

Answer<Surroundings::Repository*> find_repository(const Call& call) {
  return find_repository(call, string_or_empty(call.input, "repositoryName"));
}

std::string digest_of(std::string_view text) { return "sha256:" + aws::sha256_hex(text); }

// A tag moves from the image that had it.
void put_image(const Region& region, Surroundings::Repository& repository, std::string digest,
               std::string_view tag) {
  for (JsonObject& image : repository.images) {
    JsonArray& tags = image["imageTags"].as_array();
    tags.erase(std::remove(tags.begin(), tags.end(), Json(tag)), tags.end());
  }
  auto found = std::find_if(
      repository.images.begin(), repository.images.end(),
      [&](const JsonObject& image) { return image.at("imageDigest") == Json(digest); });
  if (found == repository.images.end()) {
    constexpr std::int64_t kBytes = 52'428'800;
    repository.images.push_back(
        {{"registryId", region.account},
         {"repositoryName", repository.description.at("repositoryName")},
         {"imageDigest", std::move(digest)},
         {"imageTags", JsonArray{}},
         {"imageSizeInBytes", kBytes},
         {"imagePushedAt", seconds_of(region.now)},
         {"imageManifestMediaType", "application/vnd.docker.distribution.manifest.v2+json"}});
    found = std::prev(repository.images.end());
  }
  if (!tag.empty()) (*found)["imageTags"].as_array().emplace_back(tag);
}

Reply CreateRepository(const Call& call) {
  const std::string name(string_or_empty(call.input, "repositoryName"));
  auto& repositories = call.region.surroundings->repositories;
  if (repositories.contains(name))
    return ServiceError{
        400,
        "RepositoryAlreadyExistsException",
        fmt::format("The repository with name '{}' already exists in the registry with id '{}'",
                    name, call.region.account),
        {}};
  const std::string_view mutability = string_or_empty(call.input, "imageTagMutability");
  Surroundings::Repository repository;
  repository.description = {
      {"repositoryArn", arn_in(call.region, "ecr", "repository/" + name)},
      {"registryId", call.region.account},
      {"repositoryName", name},
      {"repositoryUri",
       fmt::format("{}.dkr.ecr.{}.amazonaws.com/{}", call.region.account, call.region.name, name)},
      {"createdAt", seconds_of(call.region.now)},
      {"imageTagMutability", mutability.empty() ? "MUTABLE" : mutability}};
  // A scenario says which tags there are, with or without their digests.
  if (const JsonArray* images = find_array(call.input, "images"))
    for (const Json& image : *images) {
      const std::string tag(image.is_string() ? std::string_view(image.get_string())
                                              : string_or_empty(image, "imageTag"));
      const auto digest = find_string(image, "imageDigest");
      put_image(call.region, repository,
                digest ? std::string(*digest) : digest_of(fmt::format("{}:{}", name, tag)), tag);
    }
  JsonObject description = repository.description;
  repositories.emplace(name, std::move(repository));
  return answer_with({{"repository", std::move(description)}});
}

ServiceError bad_ecr_token() {
  return {400,
          "InvalidParameterException",
          "Invalid parameter at 'nextToken' failed to satisfy constraint: 'Invalid token'",
          {}};
}

Reply DescribeRepositories(const Call& call) {
  std::vector<PageItem> items;
  const std::vector<std::string> wanted = strings(call.input, "repositoryNames");
  for (const std::string& name : wanted) {
    TRY(const Surroundings::Repository* repository, find_repository(call, name));
    items.push_back({name, repository->description});
  }
  if (wanted.empty())
    for (const auto& [name, repository] : call.region.surroundings->repositories)
      items.push_back({name, repository.description});
  return answer_with_page(call.input, items,
                          {.member = "repositories",
                           .token = "nextToken",
                           .limit = "maxResults",
                           .bad_token = bad_ecr_token()});
}

Reply PutImage(const Call& call) {
  TRY(Surroundings::Repository * repository, find_repository(call));
  const std::string digest = digest_of(string_or_empty(call.input, "imageManifest"));
  const std::string tag(string_or_empty(call.input, "imageTag"));
  put_image(call.region, *repository, digest, tag);
  JsonObject id{{"imageDigest", digest}};
  if (!tag.empty()) id["imageTag"] = tag;
  return answer_with(
      {{"image", JsonObject{{"registryId", call.region.account},
                            {"repositoryName", string_or_empty(call.input, "repositoryName")},
                            {"imageId", std::move(id)}}}});
}

// nullptr when there is none.
const JsonObject* find_image(const Surroundings::Repository& repository, const Json& id) {
  const auto digest = find_string(id, "imageDigest");
  const auto tag = find_string(id, "imageTag");
  for (const JsonObject& image : repository.images) {
    const JsonArray& tags = image.at("imageTags").as_array();
    const bool has_digest = !digest || image.at("imageDigest") == Json(*digest);
    const bool has_tag = !tag || std::find(tags.begin(), tags.end(), Json(*tag)) != tags.end();
    if ((digest || tag) && has_digest && has_tag) return &image;
  }
  return nullptr;
}

std::string quoted_or_null(const Json& id, std::string_view member) {
  return fmt::format("'{}'", find_string(id, member).value_or("null"));
}

Reply DescribeImages(const Call& call) {
  TRY(const Surroundings::Repository* repository, find_repository(call));
  std::vector<PageItem> items;
  if (const JsonArray* ids = find_array(call.input, "imageIds")) {
    for (const Json& id : *ids) {
      const JsonObject* image = find_image(*repository, id);
      if (image == nullptr)
        return ServiceError{
            400,
            "ImageNotFoundException",
            fmt::format("The image with imageId {{imageDigest:{}, imageTag:{}}} does not exist "
                        "within the repository with name '{}' in the registry with id '{}'",
                        quoted_or_null(id, "imageDigest"), quoted_or_null(id, "imageTag"),
                        string_or_empty(call.input, "repositoryName"), call.region.account),
            {}};
      items.push_back({serial_key(items.size()), *image});
    }
  } else {
    for (const JsonObject& image : repository->images)
      items.push_back({serial_key(items.size()), image});
  }
  // An image without tags has no such member.
  for (PageItem& item : items)
    if (item.shown.at("imageTags").as_array().empty())
      remove_member(item.shown.as_object(), "imageTags");
  return answer_with_page(call.input, items,
                          {.member = "imageDetails",
                           .token = "nextToken",
                           .limit = "maxResults",
                           .bad_token = bad_ecr_token()});
}

Reply BatchGetImage(const Call& call) {
  TRY(const Surroundings::Repository* repository, find_repository(call));
  JsonArray images;
  JsonArray failures;
  for (const Json& id : call.input.at("imageIds").as_array()) {
    const JsonObject* image = find_image(*repository, id);
    if (image == nullptr) {
      failures.push_back(JsonObject{{"imageId", id},
                                    {"failureCode", "ImageNotFound"},
                                    {"failureReason", "Requested image not found"}});
      continue;
    }
    JsonObject found{{"imageDigest", image->at("imageDigest")}};
    if (const auto tag = find_string(id, "imageTag")) found["imageTag"] = *tag;
    images.push_back(JsonObject{{"registryId", call.region.account},
                                {"repositoryName", string_or_empty(call.input, "repositoryName")},
                                {"imageId", std::move(found)},
                                {"imageManifest", R"({"schemaVersion":2})"},
                                {"imageManifestMediaType", image->at("imageManifestMediaType")}});
  }
  return answer_with({{"images", std::move(images)}, {"failures", std::move(failures)}});
}

// ---- Secrets Manager ----

ServiceError no_secret() {
  return {400, "ResourceNotFoundException", "Secrets Manager can't find the specified secret.", {}};
}

// By name, by ARN, or by ARN without its six random characters.
Answer<Surroundings::StoredSecret*> find_secret(const Call& call) {
  auto& secrets = call.region.surroundings->secrets;
  const std::string_view id = string_or_empty(call.input, "SecretId");
  for (auto& [name, secret] : secrets) {
    const std::string_view arn = secret.description.at("ARN").as_string();
    if (id == name || id == arn || id == arn.substr(0, arn.rfind('-'))) return &secret;
  }
  return no_secret();
}

Reply CreateSecret(const Call& call) {
  auto& secrets = call.region.surroundings->secrets;
  const std::string name(string_or_empty(call.input, "Name"));
  const std::string version(string_or_empty(call.input, "ClientRequestToken"));
  if (const auto known = secrets.find(name); known != secrets.end()) {
    const bool is_repeated =
        !version.empty() &&
        known->second.description.at("VersionIdsToStages").as_object().contains(version);
    if (!is_repeated)
      return ServiceError{
          400,
          "ResourceExistsException",
          fmt::format("The operation failed because the secret {} already exists.", name),
          {}};
    return answer_with(
        {{"ARN", known->second.description.at("ARN")}, {"Name", name}, {"VersionId", version}});
  }
  const std::string digits = call.region.hex_id();
  const std::string arn =
      arn_in(call.region, "secretsmanager", fmt::format("secret:{}-{}", name, digits.substr(0, 6)));
  const std::string id = version.empty() ? digits : version;
  Surroundings::StoredSecret secret;
  secret.SecretString = string_or_empty(call.input, "SecretString");
  const double now = seconds_of(call.region.now);
  secret.description = {{"ARN", arn},
                        {"Name", name},
                        {"LastChangedDate", now},
                        {"CreatedDate", now},
                        {"VersionIdsToStages", JsonObject{{id, JsonArray{Json("AWSCURRENT")}}}}};
  for (const char* member : {"Description", "KmsKeyId", "Tags"})
    if (const Json* value = find(call.input, member)) secret.description[member] = *value;
  secrets.emplace(name, std::move(secret));
  return answer_with({{"ARN", arn}, {"Name", name}, {"VersionId", id}});
}

Reply DescribeSecret(const Call& call) {
  TRY(const Surroundings::StoredSecret* secret, find_secret(call));
  return answer_with(secret->description);
}

Reply GetSecretValue(const Call& call) {
  TRY(const Surroundings::StoredSecret* secret, find_secret(call));
  const std::string_view stage = string_or_empty(call.input, "VersionStage");
  if (!stage.empty() && stage != "AWSCURRENT")
    return ServiceError{400,
                        "ResourceNotFoundException",
                        fmt::format("Secrets Manager can't find the specified secret value for "
                                    "staging label: {}",
                                    stage),
                        {}};
  const auto& versions = secret->description.at("VersionIdsToStages").as_object();
  const std::string_view current = versions.begin()->key();
  const std::string_view wanted = string_or_empty(call.input, "VersionId");
  if (!wanted.empty() && wanted != current)
    return ServiceError{
        400,
        "ResourceNotFoundException",
        fmt::format("Secrets Manager can't find the specified secret value for VersionId: {}",
                    wanted),
        {}};
  return answer_with({{"ARN", secret->description.at("ARN")},
                      {"Name", secret->description.at("Name")},
                      {"VersionId", current},
                      {"SecretString", secret->SecretString},
                      {"VersionStages", JsonArray{Json("AWSCURRENT")}},
                      {"CreatedDate", secret->description.at("CreatedDate")}});
}

Reply ListSecrets(const Call& call) {
  std::vector<PageItem> items;
  for (const auto& [name, secret] : call.region.surroundings->secrets) {
    bool is_wanted = true;
    if (const JsonArray* filters = find_array(call.input, "Filters"))
      for (const Json& filter : *filters) {
        if (string_or_empty(filter, "Key") != "name") continue;
        const std::vector<std::string> beginnings = strings(filter, "Values");
        const std::string& secret_name = name;
        is_wanted &= std::any_of(
            beginnings.begin(), beginnings.end(),
            [&](const std::string& beginning) { return secret_name.starts_with(beginning); });
      }
    if (!is_wanted) continue;
    JsonObject entry = secret.description;
    entry["SecretVersionsToStages"] = entry.at("VersionIdsToStages");
    remove_member(entry, "VersionIdsToStages");
    items.push_back({name, std::move(entry)});
  }
  return answer_with_page(
      call.input, items,
      {.member = "SecretList",
       .limit = "MaxResults",
       .bad_token = {400, "InvalidNextTokenException", "Invalid nextToken", {}}});
}

// ---- SSM ----

Reply PutParameter(const Call& call) {
  const std::string name(string_or_empty(call.input, "Name"));
  auto& parameters = call.region.surroundings->parameters;
  const auto known = parameters.find(name);
  if (known != parameters.end() && !find_bool(call.input, "Overwrite").value_or(false))
    return ServiceError{
        400,
        "ParameterAlreadyExists",
        "The parameter already exists. To overwrite this value, set the overwrite option in the "
        "request to true.",
        {}};
  std::string type(string_or_empty(call.input, "Type"));
  if (type.empty() && known != parameters.end())
    type = std::string(known->second.back().at("Type").as_string());
  if (type.empty())
    return ServiceError{400,
                        "ValidationException",
                        "A parameter type is required when you create a parameter.",
                        {}};
  std::vector<JsonObject>& versions = parameters[name];
  const std::size_t version = versions.size() + 1;
  versions.push_back(
      {{"Name", name},
       {"Type", type},
       {"Value", string_or_empty(call.input, "Value")},
       {"Version", version},
       {"LastModifiedDate", seconds_of(call.region.now)},
       {"ARN", arn_in(call.region, "ssm",
                      fmt::format("parameter{}{}", name.starts_with('/') ? "" : "/", name))},
       {"DataType", "text"}});
  return answer_with({{"Version", version}, {"Tier", "Standard"}});
}

// "/shop/url", "/shop/url:3" or an ARN.
Answer<JsonObject> find_parameter(const Call& call, std::string_view asked) {
  const auto& parameters = call.region.surroundings->parameters;
  std::string_view name = asked;
  constexpr std::string_view kKind = ":parameter";
  if (name.starts_with("arn:"))
    name = name.substr(std::min(name.size(), name.find(kKind) + kKind.size()));
  const std::size_t colon = name.rfind(':');
  const std::string_view version =
      colon == std::string_view::npos ? std::string_view() : name.substr(colon + 1);
  name = name.substr(0, colon);
  auto found = parameters.find(name);
  if (found == parameters.end() && asked.starts_with("arn:") && name.starts_with('/'))
    found = parameters.find(name.substr(1));
  if (found == parameters.end()) return ServiceError{400, "ParameterNotFound", "", {}};
  std::size_t number = found->second.size();
  if (!version.empty()) {
    const auto [end, error] =
        std::from_chars(version.data(), version.data() + version.size(), number);
    if (error != std::errc() || end != version.data() + version.size() || number == 0 ||
        number > found->second.size())
      return ServiceError{400,
                          "ParameterVersionNotFound",
                          fmt::format("Systems Manager could not find version {} of {}. Verify "
                                      "the version and try again.",
                                      version, name),
                          {}};
  }
  JsonObject parameter = found->second[number - 1];
  if (!version.empty()) parameter["Selector"] = fmt::format(":{}", version);
  const bool is_secret = parameter.at("Type").as_string() == "SecureString";
  if (is_secret && !find_bool(call.input, "WithDecryption").value_or(false))
    parameter["Value"] = "AQICAHsimulatedCiphertext==";
  return parameter;
}

Reply GetParameter(const Call& call) {
  TRY(JsonObject parameter, find_parameter(call, string_or_empty(call.input, "Name")));
  return answer_with({{"Parameter", std::move(parameter)}});
}

Reply GetParameters(const Call& call) {
  JsonArray parameters;
  JsonArray invalid;
  for (const std::string& name : strings(call.input, "Names")) {
    Answer<JsonObject> parameter = find_parameter(call, name);
    if (parameter)
      parameters.push_back(std::move(parameter).value());
    else
      invalid.emplace_back(name);
  }
  return answer_with(
      {{"Parameters", std::move(parameters)}, {"InvalidParameters", std::move(invalid)}});
}

constexpr bool kReads = true;

}  // namespace

std::span<const Operation> ecr_operations() {
  static constexpr std::array kOperations = {
      Operation{"BatchGetImage", BatchGetImage, kReads},
      Operation{"CreateRepository", CreateRepository},
      Operation{"DescribeImages", DescribeImages, kReads},
      Operation{"DescribeRepositories", DescribeRepositories, kReads},
      Operation{"PutImage", PutImage},
  };
  return kOperations;
}

std::span<const Operation> secretsmanager_operations() {
  static constexpr std::array kOperations = {
      Operation{"CreateSecret", CreateSecret},
      Operation{"DescribeSecret", DescribeSecret, kReads},
      Operation{"GetSecretValue", GetSecretValue, kReads},
      Operation{"ListSecrets", ListSecrets, kReads},
  };
  return kOperations;
}

std::span<const Operation> ssm_operations() {
  static constexpr std::array kOperations = {
      Operation{"GetParameter", GetParameter, kReads},
      Operation{"GetParameters", GetParameters, kReads},
      Operation{"PutParameter", PutParameter},
  };
  return kOperations;
}

}  // namespace slipway::sim
