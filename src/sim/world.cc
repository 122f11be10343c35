#include "sim/world.h"

#include "sim/calls.h"
#include "sim/happenings.h"
#include "sim/region.h"
#include "sim/traffic.h"
#include "sim/visits.h"

#include <cstdio>
#include <cstdlib>
#include <deque>
#include <functional>
#include <utility>

namespace slipway::sim {
namespace {

void run_until(Region& region, TimePoint now) {
  while (region.timeline.step(now, region.now)) {
  }
  region.now = std::max(region.now, now);
}

}  // namespace

// What was done to the present is done to the past when its time has come there.
struct World::Past {
  struct Deed {
    TimePoint at;
    std::function<void(Region&)> act;
  };
  Region region;
  std::deque<Deed> to_do;

  void advance(TimePoint to) {
    while (!to_do.empty() && to_do.front().at <= to) {
      run_until(region, to_do.front().at);
      to_do.front().act(region);
      to_do.pop_front();
    }
    run_until(region, to);
  }
};

World::World(WorldSettings settings)
    : settings_(std::move(settings)), present_(std::make_unique<Region>(settings_)) {
  if (settings_.knobs.consistency_lag > Duration{0}) past_.reset(new Past{Region(settings_), {}});
}

World::~World() = default;

void World::advance(TimePoint now) {
  run_until(*present_, now);
  if (past_) past_->advance(present_->now - settings_.knobs.consistency_lag);
}

TimePoint World::now() const { return present_->now; }

std::optional<TimePoint> World::next_happening() const { return present_->timeline.next(); }

bool World::knows(std::string_view service, std::string_view operation) {
  return find_operation(service, operation) != nullptr;
}

Reply World::call(const CallContext& context, std::string_view service, std::string_view operation,
                  const Json& input) {
  const Operation* found = find_operation(service, operation);
  if (found == nullptr) return ServiceError{400, "UnknownOperationException", "", {}};
  // What the call before this one arranged for this very instant comes first, here as in the past.
  run_until(*present_, present_->now);
  // A reader may insist on the present, of DynamoDB.
  const bool reads_the_past = found->reads && !find_bool(input, "ConsistentRead").value_or(false);
  if (past_ && reads_the_past) return found->answer(Call{past_->region, context, input});
  if (past_)
    past_->to_do.push_back({present_->now, [found, context, input](Region& region) {
                              (void)found->answer(Call{region, context, input});
                            }});
  return found->answer(Call{*present_, context, input});
}

JsonArray World::messages() const {
  JsonArray all;
  for (const PublishedMessage& message : present_->messages) all.push_back(to_json(message));
  return all;
}

void World::forget_messages() { present_->messages.clear(); }

JsonObject World::traffic() { return shown_traffic(*present_); }

void World::forget_traffic() { sim::forget_traffic(*present_); }

std::optional<HttpResponse> World::visit(const HttpRequest& request) {
  run_until(*present_, present_->now);
  return sim::visit(*present_, request);
}

void World::arrange(Happening happening, When when) {
  sim::arrange(*present_, happening, when);
  if (!past_) return;
  past_->to_do.push_back(
      {present_->now, [happening = std::move(happening), when = std::move(when)](Region& region) {
         sim::arrange(region, happening, when);
       }});
}

void World::set_guard(const Guard& guard) {
  present_->guard = guard;
  if (past_) past_->region.guard = guard;
}

Json JsonText::parse() const {
  Result<Json> json = parse_json(text);
  if (!json) {
    std::fprintf(stderr, "slipway: internal error: the simulator wrote bad JSON: %s\n",
                 json.error().message.c_str());
    std::abort();
  }
  return *std::move(json);
}

}  // namespace slipway::sim
