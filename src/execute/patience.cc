#include "execute/patience.h"

#include "aws/client.h"

namespace slipway {

bool passes_by_itself(const Error& error) {
  // Route 53 takes one change of a zone at a time.
  // https://docs.aws.amazon.com/Route53/latest/APIReference/API_ChangeResourceRecordSets.html
  if (error.code == "PriorRequestNotComplete") return true;
  return error.kind == ErrorKind::kThrottled || error.kind == ErrorKind::kUnavailable ||
         error.kind == ErrorKind::kTimeout || aws::is_reply_lost(error);
}

}  // namespace slipway
