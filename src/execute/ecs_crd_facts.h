// Reads what an ecs-crd release depends on, and changes nothing: what the choices of
// plan/ecs_crd_facts.h are made from, and the four witnesses. What is not allowed although the
// Python tool needed no permission for it is done without, and said.
#pragma once

#include "base/result.h"
#include "execute/context.h"
#include "execute/dns_weights.h"
#include "execute/ecs_crd_state.h"
#include "execute/stacks.h"
#include "plan/ecs_crd_facts.h"
#include "plan/ecs_crd_names.h"
#include "plan/ecs_crd_witnesses.h"

#include <optional>
#include <string>
#include <vector>

namespace slipway {

struct CrdIdentity {
  std::string account_id;
  std::string partition;
};

struct CrdCluster {
  std::string arn;
  std::optional<int> container_instances;
};

struct CrdRecords {
  std::vector<CrdRecordFact> weighted;
  std::vector<std::string> objections;  // to weighted records at these names
};

class CrdReader {
 public:
  // Borrows both.
  CrdReader(Context& context, Stacks& stacks) : context_(context), stacks_(stacks) {}

  Result<CrdIdentity> identity();
  // The caller's public address, from https://api.ipify.org; kUnavailable within five seconds.
  Result<std::string> external_ip();

  Result<std::vector<CrdVpc>> vpcs();
  // ACTIVE, by its exact name; nullopt: there is none.
  Result<std::optional<CrdCluster>> cluster(const std::string& name);
  // Of the VPC, with tags, without listeners.
  Result<std::vector<CrdLoadBalancer>> load_balancers(const std::string& vpc_id);
  // With the rules and certificates of those on `ports`.
  Result<std::vector<CrdOpenListener>> listeners(const std::string& load_balancer,
                                                 const std::vector<int>& ports);
  Result<std::vector<CrdZone>> zones(const std::string& vpc_id, bool is_internal);
  Result<std::vector<CrdCertificate>> certificates();
  CrdImageFact image(const std::string& account_id, const CrdEcrImage& image);
  CrdSecretFact secret(const std::string& id);
  std::map<std::string, CrdSecretFact> parameters(const std::vector<std::string>& names);
  bool has_log_group(const std::string& name);

  // Stacks by their names, by what the item names, and by their tags.
  Result<std::vector<CrdStackFact>> stacks(const CrdNames& names, const CrdPair& pair,
                                           const std::string& stack_of_item);
  Result<CrdRecords> records(const DnsPair& pair);
  // Those of the two names that there are; nullopt where it is not allowed to look.
  Result<std::optional<std::vector<CrdServiceFact>>> services(const std::string& cluster,
                                                              const CrdNames& names,
                                                              const CrdPair& pair);

 private:
  template <class Req, class Resp>
  Result<Resp> ask(const aws::Operation<Req, Resp>& operation,
                   const std::type_identity_t<Req>& request);

  Context& context_;
  Stacks& stacks_;
};

std::optional<CrdItem> witness_of(const std::optional<CrdStateItem>& item);

// Everything that a file asks AWS about, at most a few at a time.
void look_up(Fibers& fibers, CrdReader& reader, const CrdQuestions& questions, CrdFacts& facts);

}  // namespace slipway
