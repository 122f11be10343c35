// What the calls of the simulated Route 53 have in common, and the handlers, in the files named in
// the comments. A scenario says with the member Id of CreateHostedZone what AWS would have chosen.
#pragma once

#include "sim/calls.h"
#include "sim/hosted_zones.h"

#include <string>
#include <string_view>
#include <vector>

namespace slipway::sim::route53 {

ServiceError refused(std::string_view code, std::string message);
ServiceError invalid(std::string message);  // InvalidInput
// The member that names a zone, with or without "/hostedzone/".
Answer<HostedZone*> the_zone(const Call& call, std::string_view member = "HostedZoneId");
// "Z..." or "C...": 20 characters.
std::string new_id(Region& region, char kind);
// MaxItems, which is a text on the wire.
std::size_t max_items(const Json& input, std::size_t most);
// A change that was made now and is on its way to the name servers.
JsonObject submit(Region& region, HostedZone& zone, std::string_view comment,
                  std::vector<RecordKey> changed);
// The name as answers write it.
std::string shown_name(std::string_view name);
JsonObject shown(const ZoneChange& change);

// route53.cc
Reply AssociateVPCWithHostedZone(const Call&);
Reply CreateHealthCheck(const Call&);
Reply CreateHostedZone(const Call&);
Reply DeleteHostedZone(const Call&);
Reply GetChange(const Call&);
Reply GetHealthCheck(const Call&);
Reply GetHealthCheckStatus(const Call&);
Reply GetHostedZone(const Call&);
Reply ListHostedZones(const Call&);
Reply ListHostedZonesByName(const Call&);
Reply ListHostedZonesByVPC(const Call&);
Reply ListTagsForResource(const Call&);

// route53_records.cc
Reply ChangeResourceRecordSets(const Call&);
Reply ListResourceRecordSets(const Call&);
Reply TestDNSAnswer(const Call&);

}  // namespace slipway::sim::route53
