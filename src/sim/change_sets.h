// Change sets: an update, or a creation, that is looked at before it is done. `aws cloudformation
// deploy` works this way.
#pragma once

#include "sim/answer.h"
#include "sim/stacks.h"

namespace slipway::sim {

struct Call;  // sim/calls.h

Reply CreateChangeSet(const Call& call);
Reply DescribeChangeSet(const Call& call);
Reply ExecuteChangeSet(const Call& call);
Reply DeleteChangeSet(const Call& call);
Reply ListChangeSets(const Call& call);

// The one the call names by ChangeSetName, with StackName or as an ARN.
Answer<ChangeSet*> known_change_set(const Call& call);

}  // namespace slipway::sim
