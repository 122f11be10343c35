// AWS's rate limits: token buckets per account and region, one for each group of operations, with
// the rates AWS documents. A call that finds its bucket empty is refused and takes nothing.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/request-throttling.html
#pragma once

#include "base/time.h"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace slipway::sim {

struct BucketRate {
  double burst = 0;       // tokens in a full bucket
  double per_second = 0;  // refill
  bool operator==(const BucketRate&) const = default;
};

struct ThrottleSettings {
  bool enabled = true;
  std::map<std::string, BucketRate> overrides;  // by bucket name
};

// "service-modify", "task-read", ...: the names `overrides` takes, in the documentation's order.
std::vector<std::string> bucket_names();
// The documented rate; burst 0 for a name that is none.
BucketRate documented_rate(std::string_view bucket);
// The bucket a call takes its token from; empty when AWS documents none for it.
std::string_view bucket_of(std::string_view service, std::string_view operation);

class Throttle {
 public:
  explicit Throttle(ThrottleSettings settings) : settings_(std::move(settings)) {}

  // False: refused. `fargate_tasks` is how many tasks a RunTask asks Fargate to launch; those come
  // from a bucket of their own.
  bool admit(std::string_view service, std::string_view operation, int fargate_tasks,
             TimePoint now);

 private:
  struct Bucket {
    BucketRate rate;
    double tokens = 0;
    TimePoint filled_at;
  };
  Bucket& filled(std::string_view name, TimePoint now);

  ThrottleSettings settings_;
  std::map<std::string, Bucket, std::less<>> buckets_;
};

}  // namespace slipway::sim
