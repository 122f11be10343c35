// A release itself, once everything is known and the lock is held: stacks, scale-up, health, the
// weights step by step, the item, the old release's end; and the way back, which restores the
// weights before anything is deleted and deletes nothing that may still be asked.
#pragma once

#include "execute/ecs_crd_prepare.h"
#include "execute/ecs_crd_work.h"

#include <optional>
#include <string>
#include <vector>

namespace slipway {

class CrdRelease {
 public:
  CrdRelease(CrdWork& work, CrdPreparation& preparation) : work_(work), preparation_(preparation) {}

  // All of it; what goes wrong is among the failures, and the world is left as they say.
  void run();

 private:
  // Up to the last check at 100 percent. May be called off.
  Result<void> forward();
  Result<void> clear_the_way();  // left-over stacks, stacks that are busy
  Result<void> create_init();    // C1
  Result<void> create_listeners();
  Result<void> create_green();                            // C2
  Result<void> scale_up();                                // S
  Result<void> first_health();                            // H
  Result<void> move_traffic(const CrdTrafficStep& step);  // W, H
  bool remember();                                        // D
  void delete_blue();                                     // B
  void forget_dropped_names();

  void go_back(const Error& because);  // R, G
  bool restore_weights();
  std::vector<std::string> commands_that_go_back();
  bool delete_green();

  // Ends a step: adds the failure under this status, says how it ended, gives the result back.
  Result<void> fail(int status, const std::string& step, Result<void> result);
  // The same in the middle of a step, which goes on when it worked.
  Result<void> need(int status, const std::string& step, Result<void> result);
  Result<void> phase(const std::string& name);
  Result<void> create(const CrdStackPlan& plan, LiveStack* created);
  std::string weights_in_words(int green_percent) const;

  CrdWork& work_;
  CrdPreparation& preparation_;
  std::optional<DnsWeights> dns_;
  std::optional<CrdHealth> health_;
  bool green_was_begun_ = false;
  bool weights_were_moved_ = false;
  bool is_lost_ = false;  // the lock
  std::string green_id_;
  std::vector<std::string> target_groups_;
  std::string service_arn_;
  TimePoint scaled_at_;
  TimePoint all_moved_at_;  // when 100 percent was in force
  int shown_percent_ = 0;   // of Green, the last that was in force
};

// Why a stack may not be deleted: listeners of it that carry rules of others. Empty: it may.
Result<std::string> foreign_rules_on(CrdWork& work, const std::string& stack);

}  // namespace slipway
