// What the DynamoDB table canary_release remembers of one service: which load balancer and stack
// its last release is on, in the attributes that the Python tool reads and writes too. The same
// item is the lock. It names its owner and when it runs out, is renewed while the run lasts, and a
// run that finds it taken by another knows that it must not touch anything any more.
//
// Everything is written by PutItem under a condition, so no more permissions are needed than the
// Python tool has.
#pragma once

#include "aws/dynamodb.h"
#include "base/gate.h"
#include "base/result.h"
#include "execute/context.h"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace slipway {

struct CrdStateTimings {
  Duration lease = std::chrono::seconds(120);  // how long a lock outlives its owner
  Duration renewal = std::chrono::seconds(30);
  Duration poll = std::chrono::seconds(5);      // of a table that is made, of a lock that is held
  Duration table = std::chrono::minutes(5);     // the longest wait for ACTIVE
  Duration patience = std::chrono::minutes(1);  // with trouble that passes
};

// Attributes that are no text are carried along as they are.
class CrdStateItem {
 public:
  using Attributes = aws::dynamodb::Item;

  CrdStateItem() = default;
  explicit CrdStateItem(Attributes attributes) : attributes_(std::move(attributes)) {}

  std::string get(const std::string& name) const;  // empty: there is none
  void set(const std::string& name, const std::string& text);
  void remove(const std::string& name) { attributes_.erase(name); }
  const Attributes& attributes() const { return attributes_; }

  // Whether it remembers a release, and is not only a lock.
  bool has_release() const { return !get("stack_name").empty(); }
  std::vector<std::string> fqdns() const;

 private:
  Attributes attributes_;
};

class CrdState {
 public:
  static constexpr const char* kTable = "canary_release";

  // Borrows the context. `key` is the item's id.
  CrdState(Context& context, std::string key, CrdStateTimings timings = {});
  ~CrdState();

  Result<bool> has_table();
  // Returns when it is ACTIVE.
  Result<void> create_table();
  // nullopt: there is none, or no table. Consistent.
  Result<std::optional<CrdStateItem>> read();

  // kConflict "lock.held" names the owner and when it runs out. `wait` is how long to try;
  // `held` hears of each try that found it taken.
  Result<void> lock(const std::string& owner, Duration wait,
                    const std::function<void(const Error&)>& held);
  bool is_locked() const { return is_locked_; }
  // Renews it from now on until `unlock`, as a fiber of the one that calls this. `lost` hears,
  // once, that it was taken over; nothing more is written then.
  void keep_renewed(std::function<void()> lost);
  // kConflict "lock.lost" when somebody else has it. Before whatever must not be done by two.
  Result<void> assert_locked();

  // The item as it is while it is locked; a change is written at once, its lock renewed with it.
  const CrdStateItem& item() const { return item_; }
  Result<void> write(const std::function<void(CrdStateItem&)>& change);

  // Gives the lock back: an item that remembers no release goes. Without a lock nothing is done.
  Result<void> unlock();
  // For undeploy: item and lock go.
  Result<void> erase();

 private:
  Result<void> put(const CrdStateItem& item, std::string condition,
                   CrdStateItem::Attributes values);
  Result<void> take(const std::string& owner);
  Error lost_error() const;
  std::string lease_end() const;

  Context& context_;
  std::string key_;
  CrdStateTimings timings_;
  std::string owner_;
  CrdStateItem item_;
  bool is_locked_ = false;
  bool is_lost_ = false;
  Gate writing_;  // one write at a time, or an older one could come last
  std::unique_ptr<Group> renewing_;
};

}  // namespace slipway
