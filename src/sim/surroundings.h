// What stands around a release in the simulated account and is mostly read: networks (EC2),
// certificates (ACM), repositories (ECR), secrets, parameters (SSM) and keys (KMS). Each is kept as
// the document AWS describes it with.
#pragma once

#include "base/json.h"

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace slipway::sim {

struct Operation;  // sim/calls.h
struct Region;

struct Surroundings {
  std::vector<JsonObject> vpcs;          // Vpc, in the order they were made
  std::vector<JsonObject> certificates;  // CertificateDetail

  struct Repository {
    JsonObject description;
    std::vector<JsonObject> images;  // ImageDetail, oldest first
  };
  std::map<std::string, Repository, std::less<>> repositories;  // by name

  struct StoredSecret {
    JsonObject description;  // DescribeSecretResponse
    std::string SecretString;
  };
  std::map<std::string, StoredSecret, std::less<>> secrets;  // by name

  std::map<std::string, std::vector<JsonObject>, std::less<>> parameters;  // versions by name

  std::map<std::string, JsonObject, std::less<>> keys;      // KeyMetadata by id
  std::map<std::string, std::string, std::less<>> aliases;  // "alias/shop" to the key's id
};

// "arn:P:SERVICE:R:A:resource"
std::string arn_in(const Region& region, std::string_view service, std::string_view resource);

std::span<const Operation> ec2_operations();
std::span<const Operation> acm_operations();
std::span<const Operation> kms_operations();
std::span<const Operation> ecr_operations();
std::span<const Operation> secretsmanager_operations();
std::span<const Operation> ssm_operations();

}  // namespace slipway::sim
