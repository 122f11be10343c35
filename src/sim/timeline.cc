#include "sim/timeline.h"

#include <utility>

namespace slipway::sim {

std::optional<TimePoint> Timeline::next() const {
  if (pending_.empty()) return std::nullopt;
  return pending_.begin()->first.at;
}

bool Timeline::step(TimePoint until, TimePoint& now) {
  const auto first = pending_.begin();
  if (first == pending_.end() || first->first.at > until) return false;
  // Something arranged for the past happens late, not before its cause.
  now = std::max(now, first->first.at);
  Due due = std::move(first->second);
  pending_.erase(first);
  if (due.owner != nullptr) due.owner->key_.reset();
  due.act();
  return true;
}

void Timeline::at(TimePoint when, std::function<void()> act) {
  pending_.emplace(Key{when, Rank::kOrdinary, ++arranged_}, Due{nullptr, std::move(act)});
}

void Timer::set(Timeline& timeline, TimePoint when, std::function<void()> act, Rank rank) {
  cancel();
  timeline_ = &timeline;
  key_ = Timeline::Key{when, rank, ++timeline.arranged_};
  timeline.pending_.emplace(*key_, Timeline::Due{this, std::move(act)});
}

void Timer::cancel() {
  if (!key_) return;
  timeline_->pending_.erase(*key_);
  key_.reset();
}

std::optional<TimePoint> Timer::due() const {
  if (!key_) return std::nullopt;
  return key_->at;
}

}  // namespace slipway::sim
