// What the parts of one ecs-crd run share: what was asked for, what has gone wrong, who may call
// it off, and everything that was found out before anything is changed.
#pragma once

#include "base/fiber.h"
#include "base/result.h"
#include "execute/context.h"
#include "execute/dns_weights.h"
#include "execute/ecs_crd_health.h"
#include "execute/ecs_crd_message.h"
#include "execute/ecs_crd_say.h"
#include "execute/ecs_crd_state.h"
#include "execute/journal.h"
#include "execute/stacks.h"
#include "plan/ecs_crd_facts.h"
#include "plan/ecs_crd_names.h"
#include "plan/ecs_crd_steps.h"
#include "plan/ecs_crd_template.h"
#include "plan/ecs_crd_witnesses.h"

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace slipway {

enum class CrdCommand { kDeploy, kUndeploy, kDryRun };
std::string_view to_string(CrdCommand action);  // "deploy", ...

// The published exit statuses of what comes after the preparation (its own:
// exit_status_of(CrdStep)).
enum CrdStatus : int {
  kCrdUsage = 2,
  kCrdGreenStack = 12,
  kCrdScaleUp = 13,
  kCrdHealth = 14,
  kCrdRestore = 15,  // manual attention needed
  kCrdWeights = 16,
  kCrdDelete = 17,
  kCrdStateItem = 18,
  kCrdInitStack = 19,
  kCrdLocked = 20,
  kCrdMessage = 100,
};

struct CrdTimings {
  std::chrono::seconds ttl{60};                   // of the records
  std::chrono::seconds shortest_wait{40};         // of a traffic step
  Duration start_up = std::chrono::seconds(300);  // at least so long for the first health
  Duration start_up_after_scale = std::chrono::seconds(45);
  std::chrono::seconds default_deregistration{300};
  Duration quiet_limit = std::chrono::seconds(300);  // to wait until nobody comes to Blue any more
  Duration state_patience = std::chrono::minutes(5);
  Duration message_patience = std::chrono::seconds(10);
  DnsTimings dns;
  StackTimings stacks;
  CrdStateTimings state;
  CrdHealthTimings health;
  // What nobody knows before: for the estimate.
  std::chrono::seconds usual_init_stack{15};
  std::chrono::seconds usual_green_stack{60};
  std::chrono::seconds usual_deletion{60};
  std::chrono::seconds usual_in_sync{30};
};

struct CrdOptions {
  CrdCommand action = CrdCommand::kDryRun;
  std::string environment;
  std::string region;
  std::string file_name;
  bool strict = false;
  bool replace_leftover = false;
  bool keep_logs = false;
  bool verbose_values = false;
  Duration wait_lock{};
  std::string assume_live;  // a label or a label value; empty: what the witnesses say

  std::string by;  // who runs it, for others who find the lock taken
  bool simulated = false;
  std::optional<std::filesystem::path> journal_directory;
  JournalOwner journal_owner;
  CrdTimings timings;

  // The file again, with what is known now in the place of its variables.
  std::function<CrdFile(const std::string& account_id,
                        const std::optional<std::string>& external_ip, CrdFindings& findings)>
      read_file;
  bool mentions_external_ip = false;
  // When the credentials end, where nobody renews them; nullopt: they do not, or nobody knows.
  std::optional<TimePoint> credentials_end;
  // A person is going to be asked before undeploying, and wants to see what there is first.
  bool shows_before_asking = false;
  // Asks whether to go on with undeploying; an error says why nobody could be asked.
  std::function<Result<bool>(const std::string& question)> confirm;
  // Where --save-plan goes; empty function: nowhere.
  std::function<Result<void>(const std::string& text)> save_plan;
};

// What went wrong, in order. The exit status is the first one's, but a dirty state prevails.
class CrdFailures {
 public:
  struct Failure {
    int status = 0;
    std::string step;
    std::string message;
  };
  void add(int status, std::string step, const Error& error);
  bool empty() const { return all_.empty(); }
  const std::vector<Failure>& all() const { return all_; }
  int exit_status() const;

 private:
  std::vector<Failure> all_;
};

// What may be called off, by a signal or because the lock was lost, runs in here.
class CrdScope {
 public:
  explicit CrdScope(Fibers& fibers) : fibers_(fibers) {}

  // kCancelled "run.called-off" when it was, before or meanwhile.
  Result<void> run(const std::function<Result<void>()>& body);
  void call_off();
  bool is_called_off() const { return is_called_off_; }

 private:
  Fibers& fibers_;
  Group* running_ = nullptr;
  bool is_called_off_ = false;
};

// Everything known before the first change.
struct CrdKnown {
  std::string deployment_id;  // 32 hex digits
  CrdFile file;
  CrdFindings findings;
  std::string account_id;
  CrdNames names;
  std::string item_key;
  bool has_table = false;
  std::optional<CrdStateItem> item;
  std::string vpc_id;
  std::optional<CrdPair> pair;
  std::vector<CrdZone> zones;
  std::vector<DnsName> dns_names;  // of the file, with their zones
  CrdFacts facts;
  CrdWitnesses witnesses;
  std::vector<std::string> dns_objections;  // why weighted records cannot be set at the names
  std::optional<CrdDecision> decision;
  std::optional<CrdPlan> plan;
  std::vector<CrdTrafficStep> steps;
  int size = 0;  // tasks of the new release
};

struct CrdWork {
  Context& context;
  CrdSay& say;
  Stacks& stacks;
  const CrdOptions& options;
  CrdScope& scope;
  CrdFailures& failures;
  CrdKnown& known;
  CrdRunFacts& told;  // for the message at the end
  std::optional<CrdState>& state;
  const std::string& signal;  // empty: none came

  Clock& clock() const { return context.clock(); }
};

// The records of the pair; which of its sides is the old one the decision says.
DnsPair dns_pair_of(const CrdKnown& known, const CrdTimings& timings);
// The same where nothing is decided yet.
DnsPair dns_pair_of(const CrdKnown& known, const CrdSide& old_side, const CrdSide& new_side,
                    const CrdTimings& timings);

}  // namespace slipway
