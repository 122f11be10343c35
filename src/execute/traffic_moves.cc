#include "execute/traffic_moves.h"

#include "execute/traffic_look.h"
#include "plan/canary_pair.h"

#include <utility>

namespace slipway {

PlanStage plan_traffic_moves(Context& context, const Release& release, MoveTraffic where,
                             bool may_be_over) {
  PlanStage stage{.kind = StageKind::kServices};
  for (const ServiceRelease& wanted : release.services) {
    if (!is_pair(wanted)) continue;
    PlanItem item{
        .subject = {.stage = stage.kind, .kind = ItemKind::kService, .item = wanted.name}};
    Step step{.action = Refuse{}};
    const Result<TrafficSnapshot> traffic =
        look_at_traffic(context, item.subject, std::get<Canary>(wanted.strategy));
    if (!traffic) {
      step.action = Refuse{traffic.error()};
    } else if (where == MoveTraffic::kGoOn) {
      Result<ShiftTraffic> shift = plan_taking_over(release, wanted, *traffic);
      if (shift) {
        step.undo = {RestoreTraffic{.cluster = release.cluster,
                                    .canary = shift->canary,
                                    .back_to = shift->from,
                                    .away_from = shift->to,
                                    .max_wait = wanted.max_wait}};
        step.action = std::move(*shift);
      } else {
        step.action = Refuse{shift.error()};
      }
    } else {
      Result<RestoreTraffic> back = plan_going_back(release, wanted, *traffic, may_be_over);
      step.action = back ? Action(std::move(*back)) : Action(Refuse{back.error()});
    }
    item.steps = {stage.steps.size()};
    stage.steps.push_back(std::move(step));
    stage.items.push_back(std::move(item));
  }
  return stage;
}

}  // namespace slipway
