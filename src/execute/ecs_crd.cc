#include "execute/ecs_crd.h"

#include "aws/sns.h"
#include "base/signals.h"
#include "base/text.h"
#include "execute/ecs_crd_message.h"
#include "execute/ecs_crd_release.h"
#include "execute/ecs_crd_telling.h"
#include "execute/ecs_crd_undeploy.h"
#include "execute/requests.h"

#include <fmt/format.h>

namespace slipway {
namespace {

// "eu-west-3" of "arn:aws:sns:eu-west-3:123456789012:ok": a topic may be in another region.
std::string region_of_topic(std::string_view arn) {
  const std::vector<std::string_view> parts = split(arn, ':');
  return parts.size() > 3 ? std::string(parts[3]) : std::string();
}

}  // namespace

CrdRun::CrdRun(Runtime& runtime, aws::Clients& clients, aws::Client& ecs, Sink& views,
               const CallLog& calls, CrdOptions options)
    : runtime_(runtime),
      clients_(clients),
      ecs_(ecs),
      views_(views),
      calls_(calls),
      options_(std::move(options)),
      scope_(runtime.fibers) {}

CrdRun::~CrdRun() = default;

void CrdRun::begin() {
  RunRecord record = begin_record(runtime_, options_.journal_directory, options_.journal_owner);
  began_ = record.began;
  journal_ = std::move(record.journal);
  events_.emplace(runtime_.clock(), views_, journal_ ? &*journal_ : nullptr,
                  JournalUse::kIfPossible);
  events_->say({}, RunStarted{.run_id = record.run_id,
                              .command = "ecs-crd " + std::string(to_string(options_.action)),
                              .application = {},
                              .cluster = {},
                              .file = options_.file_name,
                              .dialect = "ecs-crd",
                              .region = options_.region,
                              .simulated = options_.simulated,
                              .by = options_.by});
  if (record.no_journal) events_->say({}, going_on_without(*record.no_journal));
  optional_.emplace(runtime_.fibers, clients_, *events_);
  context_.emplace(Context{runtime_, clients_, ecs_, *events_, *optional_, ""});
  say_.emplace(*events_);
  stacks_.emplace(
      *context_, [this](const StackProgress& progress) { say_->progress(progress); },
      options_.timings.stacks);
  told_.action = to_string(options_.action);
  told_.region = options_.region;
  told_.environment = options_.environment;
  work_.emplace(CrdWork{*context_, *say_, *stacks_, options_, scope_, failures_, known_, told_,
                        state_, signal_});
}

void CrdRun::fail(int status, const std::string& step, const Error& error) {
  if (error.kind == ErrorKind::kCancelled) return;
  failures_.add(status, step, error);
  say_->error(to_string(error));
}

int CrdRun::run() {
  begin();
  work();
  return finish();
}

void CrdRun::work() {
  CrdPreparation preparation(*work_);
  const Result<void> begun = scope_.run([&] { return preparation.begin(); });
  if (!begun) {
    // Whatever the file has to say about it comes first.
    const bool is_undeploy = options_.action == CrdCommand::kUndeploy;
    if (known_.findings.has_errors())
      (void)tell_preparation(*work_, is_undeploy ? CrdStep::kWitnesses : CrdStep::kGreenStack);
    if (failures_.empty())
      fail(exit_status_of(CrdStep::kGlobals), "global parameters", begun.error());
    return;
  }
  if (options_.action == CrdCommand::kUndeploy)
    undeploy(preparation);
  else
    deploy(preparation);
}

// ---- The lock ----------------------------------------------------------------------------------

std::string CrdRun::owner() const {
  return fmt::format("{} (pid {}, deployment {})", options_.by.empty() ? "somebody" : options_.by,
                     options_.journal_owner.pid, known_.deployment_id);
}

bool CrdRun::lock() {
  const Result<void> locked = scope_.run([&] {
    return state_->lock(owner(), options_.wait_lock,
                        [&](const Error& held) { say_->line(held.message + "; waiting for it"); });
  });
  if (!locked)
    fail(locked.error().code == "lock.held" ? kCrdLocked : kCrdStateItem, "lock", locked.error());
  else
    say_->debug("lock : item " + known_.item_key + " is held by " + owner());
  return locked.has_value();
}

void CrdRun::keep_lock() {
  state_->keep_renewed([this] {
    say_->error("another run has taken the lock of this service: stopping");
    scope_.call_off();
  });
}

// ---- deploy, dry-run ---------------------------------------------------------------------------

bool CrdRun::save_plan() {
  if (!options_.save_plan) return true;
  const Result<void> saved = options_.save_plan(plan_text(*work_));
  if (!saved) fail(kCrdUsage, "save the plan", saved.error());
  return saved.has_value();
}

bool CrdRun::prepared_for_deploy(CrdPreparation& preparation) {
  const Result<void> read = scope_.run([&] { return preparation.read_for_deploy(); });
  if (!read || scope_.is_called_off()) return false;
  const bool ok = tell_preparation(*work_);
  if (known_.plan && !save_plan()) return false;
  return ok;
}

// The first run in a region. Nothing kept another first run out until here, so what it may have
// made is looked for again.
bool CrdRun::make_table(CrdPreparation& preparation) {
  say_->banner("Create the table canary_release");
  const Result<void> made = scope_.run([&] { return state_->create_table(); });
  if (!made) fail(kCrdStateItem, "table", made.error());
  say_->step_result(made.has_value());
  if (!made || !lock()) return false;
  keep_lock();
  known_.has_table = true;
  const Result<void> looked = scope_.run([&] { return preparation.look_again(); });
  if (!looked || scope_.is_called_off()) return false;
  return !known_.findings.has_errors() || tell_preparation(*work_);
}

// What CloudFormation is still busy with decides itself before we do.
bool CrdRun::settle(CrdPreparation& preparation) {
  const bool is_busy = known_.decision && !known_.decision->busy.empty();
  if (!is_busy) return true;
  say_->banner("Wait for stacks that are in progress");
  const Result<void> settled = scope_.run([&]() -> Result<void> {
    for (const CrdStackFact& stack : known_.decision->busy) TRY_VOID(stacks_->settle(stack.id));
    return preparation.look_again();
  });
  if (!settled) fail(kCrdGreenStack, "stacks in progress", settled.error());
  say_->step_result(settled.has_value());
  if (!settled || scope_.is_called_off()) return false;
  return !known_.findings.has_errors() || tell_preparation(*work_);
}

void CrdRun::deploy(CrdPreparation& preparation) {
  const bool is_dry = options_.action == CrdCommand::kDryRun;
  if (!is_dry && known_.has_table) {
    if (!lock()) return;
    keep_lock();
  }
  if (!prepared_for_deploy(preparation)) return;
  if (is_dry) {
    if (known_.item && !known_.item->get("lock_owner").empty() &&
        known_.item->get("lock_until") >= to_iso8601(runtime_.clock().now()))
      say_->warning("another run holds the lock now: " + known_.item->get("lock_owner"));
    return;
  }
  has_begun_ = true;
  if (!state_->is_locked() && !make_table(preparation)) return;
  if (!settle(preparation)) return;
  CrdRelease(*work_, preparation).run();
}

// ---- undeploy ----------------------------------------------------------------------------------

bool CrdRun::confirmed() {
  const Result<bool> wanted = options_.confirm(fmt::format(
      "Take away service {} of {} in {}, with its records, stacks and {}? ", known_.names.service,
      options_.environment, options_.region, options_.keep_logs ? "all but its logs" : "logs"));
  if (wanted && *wanted) return true;
  told_.is_told = false;
  // A signal came instead of an answer; it is delivered when the run waits for anything.
  if (!wanted && wanted.error().kind == ErrorKind::kCancelled)
    (void)runtime_.clock().sleep_for(std::chrono::milliseconds(1));
  if (signal_.empty())
    fail(kCrdUsage, "confirmation",
         wanted ? Error{.kind = ErrorKind::kInvalid,
                        .code = "crd.not-confirmed",
                        .message = "nothing was changed: the answer was not yes"}
                : wanted.error());
  return false;
}

void CrdRun::undeploy(CrdPreparation& preparation) {
  const auto read = [&] {
    const Result<void> done = scope_.run([&] { return preparation.read_for_undeploy(); });
    return done && !scope_.is_called_off();
  };
  if (options_.shows_before_asking && (!read() || !tell_preparation(*work_, CrdStep::kWitnesses)))
    return;
  if (!confirmed()) return;
  if (known_.has_table) {
    if (!lock()) return;
    keep_lock();
  }
  // Again where it was shown: meanwhile another run may have ended.
  if (!read()) return;
  const bool was_shown = options_.shows_before_asking && !known_.findings.has_errors();
  if (!was_shown && !tell_preparation(*work_, CrdStep::kWitnesses)) return;
  has_begun_ = true;
  undeploy_ecs_crd(*work_);
}

// ---- The end -----------------------------------------------------------------------------------

void CrdRun::publish() {
  if (options_.action == CrdCommand::kDryRun || !told_.is_told) return;
  const std::optional<CrdText>& topic = failures_.empty() && signal_.empty()
                                            ? known_.file.canary.on_success
                                            : known_.file.canary.on_fail;
  if (!topic || topic->text.empty()) return;
  say_->banner("Notify");
  say_->value("Topic", topic->text);
  const CrdMessage message = message_of(told_);
  aws::PublishInput request;
  request.TopicArn = topic->text;
  request.Subject = message.subject;
  request.Message = message.body;
  const Result<void> sent = [&]() -> Result<void> {
    const Deadline patience(runtime_.fibers,
                            runtime_.clock().now() + options_.timings.message_patience);
    TRY_VOID(events_->announce({}, "sns:Publish", to_json(aws::ref(request))));
    TRY_VOID(clients_.call(aws::Publish, request, region_of_topic(topic->text)));
    return {};
  }();
  if (!sent) {
    say_->warning("the message was not sent: " + to_string(sent.error()));
    if (options_.strict && failures_.empty()) failures_.add(kCrdMessage, "message", sent.error());
  }
  say_->step_result(sent.has_value());
}

int CrdRun::finish() {
  int status = failures_.exit_status();
  const bool was_stopped = scope_.is_called_off() && !signal_.empty();
  if (status == 0 && was_stopped && !told_.finished)
    status = exit_status_of_signal(signal_).value_or(status);
  told_.exit_status = status;
  told_.duration = runtime_.clock().now() - began_;
  if (!failures_.empty()) {
    told_.message = failures_.all().front().message;
    told_.failed_step = failures_.all().front().step;
  } else if (status != 0) {
    told_.message = "stopped by " + signal_;
  }
  publish();
  if (status == 0) status = failures_.exit_status();
  if (state_) {
    const Result<void> unlocked = state_->unlock();
    if (!unlocked) say_->warning("the lock was not given back: " + to_string(unlocked.error()));
  }
  say_->banner("Summary");
  if (!told_.weights.empty()) say_->value("Weights", told_.weights);
  say_->value("Duration", in_crd_time(runtime_.clock().now() - began_));
  say_->value("Result", status == 0 ? "COMPLETED" : "FAILED");
  if (status != 0) say_->value("Exit Code", std::to_string(status));
  for (const CrdFailures::Failure& failure : failures_.all())
    say_->value("Error", fmt::format("{}: {}", failure.step, failure.message));
  if (failures_.empty() && status != 0) say_->value("Error", told_.message);
  RunEnded ended;
  ended.outcome = status == 0             ? Outcome::kSucceeded
                  : status == kCrdRestore ? Outcome::kRollbackFailed
                  : was_stopped           ? Outcome::kStopped
                                          : Outcome::kFailed;
  ended.api_calls = calls_.calls();
  ended.throttled_calls = calls_.throttled();
  ended.elapsed = runtime_.clock().now() - began_;
  ended.reason = told_.message;
  if (!told_.weights.empty()) ended.state.push_back("weights: " + told_.weights);
  events_->say({}, std::move(ended));
  state_.reset();
  return status;
}

void CrdRun::interrupt(const std::string& signal) {
  if (!signal_.empty()) return;
  signal_ = signal;
  if (say_) events_->say({}, Interrupted{.signal = signal, .in_progress = {}, .reattach = {}});
  if (say_) say_->line(what_now());
  scope_.call_off();
}

// What becomes of the run, for whoever has just pressed Ctrl-C.
std::string CrdRun::what_now() const {
  if (!has_begun_) return "Nothing was changed, so it just ends";
  if (told_.finished)
    return "The new release has all traffic: this run goes on to its end (old release, item)";
  if (options_.action == CrdCommand::kUndeploy)
    return "What is gone is gone; nothing more is begun, and undeploy can be run again to finish";
  return "What this run has done is taken back: weights first, then its stack, which takes some "
         "minutes";
}

}  // namespace slipway
