// Weights in the forward action of one rule, or of a listener's default actions. ModifyRule and
// ModifyListener replace the whole list of actions, so what is there is read, two numbers in it are
// changed, and all of it is put back: other actions, stickiness and conditions stay as they are.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_ModifyRule.html
#include "aws/elbv2.h"
#include "base/text.h"
#include "execute/changes.h"
#include "execute/requests.h"
#include "execute/watch.h"
#include "execute/weights.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace slipway {

namespace elbv2 = aws::elbv2;
using namespace std::chrono_literals;

namespace {

// A change takes effect within seconds.
constexpr Duration kApply = 1s;
constexpr Duration kVerifyFor = 30s;
constexpr Duration kRestoring = 5min;
constexpr Duration kLongestPause = 15s;

std::string name_of_group(std::string_view arn) {
  const std::vector<std::string_view> parts = split(arn, '/');
  return std::string(parts.size() < 2 ? arn : parts[parts.size() - 2]);
}

using Actions = std::vector<Json>;

JsonObject* find_forward(Actions& actions) {
  const auto found = std::ranges::find_if(
      actions, [](const Json& action) { return string_or_empty(action, "Type") == "forward"; });
  return found == actions.end() ? nullptr : found->if_object();
}

struct WeightedGroup {
  std::string arn;
  int weight = 1;
};

// With one group Describe answers in two spellings at once; a missing weight is 1.
std::vector<WeightedGroup> groups_of(const JsonObject& forward) {
  std::vector<WeightedGroup> groups;
  const Json* const config = forward.if_contains("ForwardConfig");
  const Json* const list = config == nullptr ? nullptr : find(*config, "TargetGroups");
  if (list != nullptr && list->is_array())
    for (const Json& group : list->get_array())
      groups.push_back({.arn = std::string(string_or_empty(group, "TargetGroupArn")),
                        .weight = static_cast<int>(find_int(group, "Weight").value_or(1))});
  const Json* const single = forward.if_contains("TargetGroupArn");
  if (groups.empty() && single != nullptr && single->is_string())
    groups.push_back({.arn = std::string(single->get_string())});
  return groups;
}

class AlbWeights final : public Weights {
 public:
  AlbWeights(Context& context, Subject subject, const AlbMover& mover, TrafficDirection direction)
      : context_(context),
        subject_(std::move(subject)),
        mover_(mover),
        old_group_(std::move(direction.old_side.target_group)),
        new_group_(std::move(direction.new_side.target_group)) {}

  Result<Split> read() override {
    TRY(Actions actions, read_actions());
    return split_of(actions);
  }

  Result<void> set(int new_weight, bool is_undo) override {
    const TimePoint until = context_.clock().now() + (is_undo ? kRestoring : Duration{0});
    for (Duration pause = 1s;; pause = std::min(pause * 2, kLongestPause)) {
      Result<void> done = set_once(new_weight, is_undo);
      // Somebody else's rule and a person's signal are not waited away.
      if (done || called_off(done.error()) || done.error().kind == ErrorKind::kInvalid ||
          done.error().kind == ErrorKind::kConflict || context_.clock().now() + pause >= until)
        return done;
      context_.events.say(subject_, Note{NoteLevel::kWarning,
                                         fmt::format("the weights could not be set, trying again "
                                                     "in {}: {}",
                                                     to_string(pause), done.error().message)});
      TRY_VOID(context_.clock().sleep_for(pause));
    }
  }

  // Connections that are open stay where they are; new requests go by the new weights.
  Duration lag() const override { return Duration{0}; }

  std::vector<std::string> by_hand(int new_weight) const override {
    Actions actions = last_read_;
    if (JsonObject* forward = find_forward(actions)) put_weights(*forward, new_weight);
    const std::string text = to_text(Json(JsonArray(actions.begin(), actions.end())));
    if (mover_.rule.empty())
      return {fmt::format("aws elbv2 modify-listener --listener-arn {} --default-actions '{}'",
                          mover_.listener, text)};
    return {fmt::format("aws elbv2 modify-rule --rule-arn {} --actions '{}'", mover_.rule, text)};
  }

 private:
  std::string what() const {
    return mover_.rule.empty() ? "listener " + short_name(mover_.listener)
                               : "rule " + short_name(mover_.rule);
  }
  // What follows the kind in the ARN, without the load balancer's own id: "app/shop/…/3f2a".
  static std::string short_name(const std::string& arn) {
    const std::vector<std::string_view> parts = split(arn, '/');
    if (parts.size() < 4) return arn;
    return fmt::format("{}/{}/{}", parts[1], parts[2], parts.back());
  }

  Result<Actions> read_actions() {
    if (!mover_.rule.empty()) {
      TRY(auto reply, context_.clients.call(elbv2::DescribeRules, {.RuleArns = {mover_.rule}})
                          .context("reading the weights of " + what()));
      if (reply.Rules.empty())
        return Error{ErrorKind::kNotFound, "weights.missing", what() + " does not exist"};
      if (reply.Rules.front().IsDefault)
        return Error{ErrorKind::kInvalid, "weights.default-rule",
                     what() +
                         " is the default rule, which cannot be modified: name its `listener` "
                         "instead"};
      last_read_ = std::move(reply.Rules.front().Actions);
    } else {
      TRY(auto reply,
          context_.clients.call(elbv2::DescribeListeners, {.ListenerArns = {mover_.listener}})
              .context("reading the weights of " + what()));
      if (reply.Listeners.empty())
        return Error{ErrorKind::kNotFound, "weights.missing", what() + " does not exist"};
      last_read_ = std::move(reply.Listeners.front().DefaultActions);
    }
    return last_read_;
  }

  Error not_a_pair(const std::string& why) const {
    return Error{ErrorKind::kInvalid, "weights.not-a-pair",
                 fmt::format("{} {}; it has to forward to {} and {} and nothing else", what(), why,
                             name_of_group(old_group_), name_of_group(new_group_))};
  }

  Result<Split> split_of(Actions& actions) const {
    const JsonObject* const forward = find_forward(actions);
    if (forward == nullptr) return not_a_pair("forwards nothing");
    Split split{.what = what(), .lines = {}};
    const std::vector<WeightedGroup> groups = groups_of(*forward);
    if (groups.empty()) return not_a_pair("forwards to no target group");
    for (const auto& [arn, weight] : groups) {
      if (arn != old_group_ && arn != new_group_)
        return not_a_pair("forwards to target group " + name_of_group(arn) + ", too");
      (arn == old_group_ ? split.old_weight : split.new_weight) = weight;
    }
    split.lines = {fmt::format("{}: {} {}, {} {}", what(), name_of_group(old_group_),
                               split.old_weight, name_of_group(new_group_), split.new_weight)};
    return split;
  }

  // Each group keeps its place in the list; stickiness stays as it is.
  void put_weights(JsonObject& forward, int new_weight) const {
    std::vector<WeightedGroup> groups = groups_of(forward);
    const auto put = [&](const std::string& arn, int weight) {
      const auto found = std::ranges::find(groups, arn, &WeightedGroup::arn);
      if (found == groups.end())
        groups.push_back({.arn = arn, .weight = weight});
      else
        found->weight = weight;
    };
    put(old_group_, 100 - new_weight);
    put(new_group_, new_weight);
    JsonArray list;
    for (const auto& [arn, weight] : groups)
      list.push_back(JsonObject{{"TargetGroupArn", arn}, {"Weight", weight}});
    remove_member(forward, "TargetGroupArn");
    Json& config = forward["ForwardConfig"];
    if (!config.is_object()) config = JsonObject{};
    config.get_object()["TargetGroups"] = std::move(list);
  }

  Result<void> set_once(int new_weight, bool is_undo) {
    TRY(Actions actions, read_actions());
    TRY(const Split now, split_of(actions));
    if (now.old_weight == 100 - new_weight && now.new_weight == new_weight) return {};
    put_weights(*find_forward(actions), new_weight);
    // Describe leaves the secret of an authentication out; it stays when that is said.
    // https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_AuthenticateOidcActionConfig.html
    for (Json& action : actions)
      if (JsonObject* const object = action.if_object())
        if (Json* const oidc = object->if_contains("AuthenticateOidcConfig");
            oidc != nullptr && oidc->is_object() && !oidc->get_object().contains("ClientSecret"))
          oidc->get_object()["UseExistingClientSecret"] = true;
    Result<void> sent =
        mover_.rule.empty()
            ? send(elbv2::ModifyListener,
                   elbv2::ModifyListenerInput{.ListenerArn = mover_.listener,
                                              .DefaultActions = std::move(actions)},
                   is_undo)
            : send(elbv2::ModifyRule,
                   elbv2::ModifyRuleInput{.RuleArn = mover_.rule, .Actions = std::move(actions)},
                   is_undo);
    if (sent) return verify(new_weight);
    if (!aws::is_reply_lost(sent.error())) return sent;
    // Nobody said whether it worked, but the weights will.
    context_.events.say(subject_, Note{NoteLevel::kWarning,
                                       "no answer to the change of the weights; looking whether "
                                       "they are set"});
    const Result<void> is_set = verify(new_weight);
    return is_set || called_off(is_set.error()) ? is_set : sent;
  }

  template <class Operation, class Request>
  Result<void> send(const Operation& operation, const Request& request, bool is_undo) {
    TRY_VOID(call_announced(context_, {.subject = subject_, .is_undo = is_undo}, operation, request)
                 .context("setting the weights of " + what()));
    return {};
  }

  // Reads may be stale for a while; a third value is somebody else's.
  Result<void> verify(int new_weight) {
    const TimePoint until = context_.clock().now() + kVerifyFor;
    for (;;) {
      TRY_VOID(context_.clock().sleep_for(kApply));
      TRY(const Split now, read());
      if (now.old_weight == 100 - new_weight && now.new_weight == new_weight) return {};
      if (context_.clock().now() < until) continue;
      return Error{ErrorKind::kConflict, "weights.changed-meanwhile",
                   fmt::format("the weights were set to {}/{}, and are now others: {}",
                               100 - new_weight, new_weight, join(now.lines, "; "))};
    }
  }

  Context& context_;
  Subject subject_;
  AlbMover mover_;
  std::string old_group_;
  std::string new_group_;
  Actions last_read_;
};

}  // namespace

std::unique_ptr<Weights> alb_weights(Context& context, Subject subject, const AlbMover& mover,
                                     TrafficDirection direction) {
  return std::make_unique<AlbWeights>(context, std::move(subject), mover, std::move(direction));
}

}  // namespace slipway
