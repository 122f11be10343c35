// The API budget: AWS allows so many calls of each kind per second, and a deployment of fifty
// services wants more. Everything in the process that calls AWS takes a place here first, so that
// we queue at home instead of being refused, in the order we asked.
//
// AWS counts per account and region in token buckets, one per category of operations. Here is one
// bucket of the same size for each region and category, with one token kept back: a call that
// travels a little faster than the one before must not arrive before its token does. Others use the
// same account, so a refusal teaches: the bucket is emptied, the rate falls, and comes back with
// each call that passes.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/request-throttling.html
#pragma once

#include "base/result.h"
#include "base/time.h"

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace slipway::aws {

// A documented category: the bucket's size and how fast it fills.
struct BudgetCategory {
  std::string_view name;
  double burst;       // tokens
  double per_second;  // tokens
};

// The category of "ecs", "UpdateService". Operations without a documented limit share a generous
// one.
const BudgetCategory& budget_category(std::string_view service, std::string_view operation);

class Budget {
 public:
  explicit Budget(Clock& clock);
  ~Budget();
  Budget(const Budget&) = delete;
  Budget& operator=(const Budget&) = delete;

  // A place for one call, in the order of asking. Waits as long as needed; kCancelled and kTimeout
  // as from Clock, and then no place is used up.
  struct Place {
    TimePoint since;  // when it was given
    Duration waited{};
  };
  Result<Place> take(std::string_view region, const BudgetCategory& category);

  // What became of the call: AWS let it pass, or refused it as one too many.
  void passed(std::string_view region, const BudgetCategory& category);
  void throttled(std::string_view region, const BudgetCategory& category, const Place& place);

  struct Count {
    std::string region;
    std::string_view category;
    int calls = 0;
    int throttled = 0;
    Duration waited{};  // by all calls together
  };
  // Categories that were used, by region and name.
  std::vector<Count> counts() const;

 private:
  struct Bucket;
  Bucket& bucket(std::string_view region, const BudgetCategory& category);

  Clock& clock_;
  std::map<std::pair<std::string, std::string_view>, std::unique_ptr<Bucket>> buckets_;
};

}  // namespace slipway::aws
