// One ecs-crd command from its beginning to its end: journal, preparation, lock, the work itself,
// the message to those who are told, the summary, the exit status. Whatever happens on the way, it
// ends in the message and the summary, and gives the lock back last.
#pragma once

#include "aws/clients.h"
#include "base/runtime.h"
#include "execute/call_log.h"
#include "execute/ecs_crd_prepare.h"
#include "execute/ecs_crd_work.h"
#include "execute/event_stream.h"
#include "execute/journal.h"
#include "execute/optional_calls.h"

#include <optional>
#include <string>

namespace slipway {

class CrdRun {
 public:
  // Borrows all but the options. `calls` observes `clients`, and `ecs` is one of them.
  CrdRun(Runtime& runtime, aws::Clients& clients, aws::Client& ecs, Sink& views,
         const CallLog& calls, CrdOptions options);
  ~CrdRun();

  // The exit status.
  int run();

  // For signals, between two fibers: what is under way is called off, and what was begun is undone.
  void interrupt(const std::string& signal);
  const std::string& signal() const { return signal_; }  // empty: none came

 private:
  void begin();
  void work();
  void deploy(CrdPreparation& preparation);
  void undeploy(CrdPreparation& preparation);
  bool confirmed();
  bool prepared_for_deploy(CrdPreparation& preparation);
  bool settle(CrdPreparation& preparation);
  bool lock();
  void keep_lock();
  bool make_table(CrdPreparation& preparation);
  bool save_plan();
  void fail(int status, const std::string& step, const Error& error);
  void publish();
  int finish();
  std::string owner() const;
  std::string what_now() const;

  Runtime& runtime_;
  aws::Clients& clients_;
  aws::Client& ecs_;
  Sink& views_;
  const CallLog& calls_;
  CrdOptions options_;

  // Made by begin(), in this order.
  TimePoint began_;
  std::optional<Journal> journal_;
  std::optional<EventStream> events_;
  std::optional<OptionalCalls> optional_;
  std::optional<Context> context_;
  std::optional<CrdSay> say_;
  std::optional<Stacks> stacks_;

  CrdScope scope_;
  CrdFailures failures_;
  CrdKnown known_;
  CrdRunFacts told_;
  std::optional<CrdState> state_;
  std::string signal_;
  bool has_begun_ = false;  // to change anything but the lock
  std::optional<CrdWork> work_;
};

}  // namespace slipway
