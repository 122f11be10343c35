// Traffic split by Route 53: for each DNS name two weighted records, one for each side, in
// whichever zones the names are in. The weights of a pair are percentages and add up to 100.
//
// What was set is in force when Route 53's own servers have it (INSYNC); resolvers and clients go
// on with what they have for one TTL, and some for longer.
// https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/routing-policy-weighted.html
#pragma once

#include "aws/route53.h"
#include "base/result.h"
#include "base/time.h"
#include "execute/context.h"

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace slipway {

struct DnsName {
  std::string name;     // in any case, with or without its final dot
  std::string zone_id;  // "Z0123", or "/hostedzone/Z0123" as Route 53 answers it
  bool operator==(const DnsName&) const = default;
};

struct DnsSide {
  std::string set_identifier;
  std::string target;      // the load balancer's DNS name
  std::string alias_zone;  // its CanonicalHostedZoneId: an alias A record. Empty: CNAME with a TTL
  bool operator==(const DnsSide&) const = default;
};

// The old side serves before the release, the new one after it.
struct DnsPair {
  std::vector<DnsName> names;
  DnsSide old_side;
  DnsSide new_side;
  std::chrono::seconds ttl{60};
};

struct DnsTimings {
  Duration poll = std::chrono::seconds(3);            // between two looks at a change
  Duration in_sync = std::chrono::seconds(180);       // the longest wait for INSYNC
  Duration unwatched = std::chrono::seconds(60);      // slept where GetChange is not allowed
  Duration patience = std::chrono::seconds(90);       // with trouble that passes, going forward
  Duration restoring = std::chrono::minutes(5);       // with any trouble, going back
  Duration first_back_off = std::chrono::seconds(1);  // doubles up to the next
  Duration longest_back_off = std::chrono::seconds(15);
};

// All that Route 53 has under one name.
struct DnsRecords {
  DnsName name;
  std::vector<aws::route53::ResourceRecordSet> records;
};

// What part of the traffic of one name goes to the new side.
struct DnsSplit {
  std::string name;
  std::optional<int> old_weight;  // nullopt: there is no such record
  std::optional<int> new_weight;
  bool operator==(const DnsSplit&) const = default;
};

// ---- Pure ----

// As Route 53 answers names: lower case, one final dot, "\052" for '*'.
std::string normal_dns_name(std::string_view name);

DnsSplit split_of(const DnsRecords& records, const DnsPair& pair);

// Why the weights of these names are not ours to change, one sentence each: a record of another
// type, an unweighted one, a weighted one of a third SetIdentifier.
std::vector<std::string> objections(std::span<const DnsRecords> records, const DnsPair& pair);

// Whether this is a weighted record of the pair: one of the two identifiers, and it points at one
// of the two load balancers.
bool is_of_pair(const aws::route53::ResourceRecordSet& record, const DnsPair& pair);

// The AWS CLI's commands that set the weights by hand, one for each zone.
std::vector<std::string> commands_that_set(const DnsPair& pair, int new_weight);
// The same for taking away those of these records that are the pair's.
std::vector<std::string> commands_that_remove(std::span<const DnsRecords> records,
                                              const DnsPair& pair);

// ---- Doing ----

class DnsWeights {
 public:
  // Borrows the context. The changes are announced as the subject's.
  DnsWeights(Context& context, Subject subject, DnsPair pair, DnsTimings timings = {});

  // An entry for each name, in their order. Nothing is known of zones beyond these names.
  Result<std::vector<DnsRecords>> read();

  // kConflict "dns.not-ours" with all objections.
  Result<void> may_set();

  // Both records of every name, one batch for each zone; returns when every change is INSYNC and
  // was read back. After an error some zones may have changed: `restore` brings all to one state.
  // kConflict "dns.changed-meanwhile" when something else is there although the change is in force.
  Result<void> set(int new_weight);

  // The same for the way back: zones that already are as they should be are left alone, no zone
  // waits for another's trouble, and each is tried for at least `timings.restoring`.
  Result<void> restore(int new_weight);

  // Takes away the records of the pair, and only those. Names without any are left alone.
  Result<void> remove();

  const DnsPair& pair() const { return pair_; }

 private:
  struct ZoneChange {
    std::string zone_id;
    aws::route53::ChangeBatch batch;
  };
  enum class Trouble { kPasses, kAny };  // what is tried again
  std::vector<ZoneChange> changes_to(int new_weight) const;
  std::vector<ZoneChange> deletions(const std::vector<DnsRecords>& all) const;
  Result<void> apply(std::vector<ZoneChange> changes, Trouble tried_again, Duration patience);
  Result<std::string> send(const ZoneChange& change, Trouble tried_again, TimePoint until);
  Result<void> wait_for(const std::string& change, const std::string& zone_id);
  Result<DnsRecords> read(const DnsName& name);
  Result<void> verify(int new_weight);
  Result<void> wait_for_the_rest();

  Context& context_;
  Subject subject_;
  DnsPair pair_;
  DnsTimings timings_;
  bool is_unwatched_ = false;                       // GetChange is not allowed
  std::map<std::string, std::string> not_in_sync_;  // by zone: its newest change
};

}  // namespace slipway
