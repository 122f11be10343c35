#include "sim/scenario_hooks.h"

#include "base/text.h"
#include "sim/lifecycle.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

namespace slipway::sim {
namespace {

constexpr std::array<std::string_view, 4> kAnswers = {"SUCCEEDED", "FAILED", "IN_PROGRESS",
                                                      "NOTHING"};

HookBehaviour read_behaviour(Fields& fields) {
  HookBehaviour behaviour;
  behaviour.target = fields.text("target").value_or("*");
  if (auto stage = fields.text("stage")) {
    if (!lifecycle_stage(*stage)) fields.error("stage", "there is no such lifecycle stage");
    behaviour.stage = std::move(*stage);
  }
  if (fields.has("answers")) {
    behaviour.answers = fields.texts("answers");
    for (std::size_t i = 0; i < behaviour.answers.size(); ++i)
      if (std::find(kAnswers.begin(), kAnswers.end(), behaviour.answers[i]) == kAnswers.end())
        fields.error("answers", i, "expected SUCCEEDED, FAILED, IN_PROGRESS or NOTHING");
  }
  if (const auto delay = fields.duration("callBackDelay")) behaviour.callBackDelay = *delay;
  behaviour.not_invoked_because = fields.text("not_invoked_because").value_or("");
  behaviour.no_role = fields.boolean("no_role").value_or(false);
  return behaviour;
}

}  // namespace

SetHooks read_hook_behaviours(Fields& fields, std::string_view key) {
  SetHooks hooks;
  for (Fields& each : fields.mappings(key)) hooks.behaviours.push_back(read_behaviour(each));
  return hooks;
}

}  // namespace slipway::sim
