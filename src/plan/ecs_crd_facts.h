// What AWS has that an ecs-crd release depends on, and the choices between what it has: which VPC,
// which pair of load balancers, which zone for a name, which certificate for a domain. All pure;
// execute/ fills the facts in. A choice that cannot be made is a finding of its step.
#pragma once

#include "base/time.h"
#include "model/ecs_crd.h"

#include <array>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace slipway {

struct CrdVpc {
  std::string id;
  std::string environment;  // its tag Environment; empty: none
};

// P1. The one tagged with the environment, or the one the file names.
std::optional<std::string> choose_vpc(const CrdFile& file, std::string_view environment,
                                      const std::vector<CrdVpc>& vpcs, CrdFindings& findings);

// ---- Load balancers -----------------------------------------------------------------------------

struct CrdOpenListener {
  int port = 0;
  std::string arn;
  std::string protocol;
  std::map<int, std::string> rules = {};      // priority to ARN, without the default rule
  std::vector<std::string> certificate_arns;  // all, the default one included
};

// Without the listeners and rules that go with the stacks they belong to, before anything is made.
std::vector<CrdOpenListener> without(std::vector<CrdOpenListener> listeners,
                                     const std::set<std::string>& going);

struct CrdLoadBalancer {
  std::string arn;
  std::string name;
  std::string dns_name;
  std::string type;    // "application"
  std::string scheme;  // "internet-facing" or "internal"
  std::string vpc_id;
  std::map<std::string, std::string> tags;
  std::vector<CrdOpenListener> listeners;

  bool is_internal() const { return scheme == "internal"; }
  const CrdOpenListener* listening_on(int port) const;
};

// One of the two load balancers of a pair.
struct CrdSide {
  CrdLabel label = CrdLabel::kBlue;
  std::string label_value;  // its tag CanaryRelease
  CrdLoadBalancer load_balancer;
};

// In API order.
struct CrdPair {
  std::array<CrdSide, 2> sides;

  const CrdSide& of(CrdLabel label) const;
  const CrdSide* with_arn(std::string_view load_balancer_arn) const;
  // Of a record's target; case, a final dot and "dualstack." do not matter.
  const CrdSide* with_dns_name(std::string_view target) const;
};

// P2. Of all load balancers those of the VPC that are tagged with the group; exactly two, with the
// two label values. Listeners need not be read yet.
std::optional<CrdPair> choose_pair(const CrdFile& file, std::string_view vpc_id,
                                   const std::vector<CrdLoadBalancer>& load_balancers,
                                   CrdFindings& findings);

// ---- DNS ----------------------------------------------------------------------------------------

struct CrdZone {
  std::string id;    // without "/hostedzone/"
  std::string name;  // with or without its final dot
  bool is_private = false;
  std::vector<std::string> vpc_ids;  // a private zone's
};

// P1. The longest zone the name lies in; a private one only for an internal load balancer in one of
// its VPCs, and then before a public one of the same name.
std::optional<CrdZone> choose_zone(const CrdFile& file, const CrdText& fqdn, bool is_internal,
                                   std::string_view vpc_id, const std::vector<CrdZone>& zones,
                                   CrdFindings& findings);

// ---- Certificates -------------------------------------------------------------------------------

struct CrdCertificate {
  std::string arn;
  std::string domain;                    // primary
  std::vector<std::string> other_names;  // subject alternative names
  std::string status;                    // "ISSUED"
  std::optional<TimePoint> not_after;
};

// P8. Issued, for this name or a wildcard over it; exact names first, then the one that is valid
// longest.
const CrdCertificate* choose_certificate(const CrdText& domain,
                                         const std::vector<CrdCertificate>& certificates,
                                         CrdFindings& findings);

// ---- Images and secrets -------------------------------------------------------------------------

// What to ask ECR about an image.
struct CrdEcrImage {
  std::string repository;  // "team/web"
  std::string tag;         // "latest" when the image names neither; empty with a digest
  std::string digest;
  auto operator<=>(const CrdEcrImage&) const = default;
};

// nullopt for an image of another registry, account or region, which is not looked up.
std::optional<CrdEcrImage> image_to_look_up(std::string_view image, std::string_view account_id,
                                            std::string_view region);

// How a look-up ended. Only `kFound` and `kUnknown` let a release go on.
enum class CrdLookUp {
  kFound,
  kMissing,
  kDenied,
  kFailed,   // the network, a throttled call
  kUnknown,  // not asked
};

struct CrdImageFact {
  CrdLookUp state = CrdLookUp::kUnknown;
  bool is_repository_missing = false;  // kMissing
  std::string message;                 // kDenied, kFailed: AWS's words
};

// A value of `secrets` taken apart. `id` is what the service is asked for.
struct CrdSecretReference {
  enum class Service { kSecretsManager, kParameterStore };
  Service service = Service::kSecretsManager;
  std::string id;      // a name or an ARN
  std::string suffix;  // ":json-key:version-stage:version-id" as written; empty: the whole secret
  auto operator<=>(const CrdSecretReference&) const = default;
};

// "db", "db:password::", their ARNs, "ssm:/shop/db" and the ARN of a parameter.
CrdSecretReference parse_secret(std::string_view value_from);

struct CrdSecretFact {
  CrdLookUp state = CrdLookUp::kUnknown;
  std::string arn;          // kFound
  std::string kms_key_arn;  // of a customer's key; empty: AWS's own key
  std::string message;      // kDenied, kFailed: AWS's words
};

// What a file asks of AWS beyond the pair.
struct CrdQuestions {
  std::vector<CrdEcrImage> images;
  std::vector<std::string> secrets;     // ids of Secrets Manager
  std::vector<std::string> parameters;  // ids of the parameter store
  bool needs_certificates = false;
};
CrdQuestions questions_of(const CrdFile& file, std::string_view account_id,
                          std::string_view region);

// -------------------------------------------------------------------------------------------------

struct CrdFacts {
  std::string environment;
  std::string region;
  std::string account_id;
  std::string partition = "aws";
  std::string deployment_id;  // 32 hex digits
  std::string vpc_id;
  std::string cluster_arn;
  std::optional<int> active_container_instances;  // of the cluster
  std::vector<CrdCertificate> certificates;
  std::map<CrdEcrImage, CrdImageFact> images;
  std::map<std::string, CrdSecretFact> secrets;     // by id
  std::map<std::string, CrdSecretFact> parameters;  // by id
  // Whether the log group is there and no Init stack made it. Unknown counts as no.
  bool has_foreign_log_group = false;
};

}  // namespace slipway
