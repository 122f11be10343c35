#include "aws/credentials_cache.h"

#include "aws/exchange.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace slipway::aws {
namespace {

constexpr Duration kAdvisory = std::chrono::minutes(15);
constexpr Duration kMandatory = std::chrono::minutes(10);
constexpr Duration kBetweenAttempts = std::chrono::minutes(1);
// Fibers that were refused together with the one that renewed the credentials report within this.
constexpr Duration kEchoOfARefusal = std::chrono::seconds(1);

}  // namespace

CachedProvider::CachedProvider(Fibers& fibers, Fetch fetch, Warn warn)
    : fibers_(fibers), fetch_(std::move(fetch)), warn_(std::move(warn)), refreshed_(fibers) {}

CachedProvider::Need CachedProvider::need() const {
  if (!current_) return Need::kNow;
  if (!current_->expiration) return Need::kNone;
  const Duration lifetime = *current_->expiration - fetched_at_;
  const Duration left = *current_->expiration - fibers_.now();
  if (left <= std::min(kMandatory, lifetime / 3)) return Need::kNow;
  return left <= std::min(kAdvisory, lifetime / 2) ? Need::kSoon : Need::kNone;
}

Result<Credentials> CachedProvider::get() {
  while (true) {
    const Need needed = need();
    if (needed == Need::kNone) return *current_;
    if (needed == Need::kSoon && (is_refreshing_ || fibers_.now() < not_before_)) return *current_;

    if (is_refreshing_) {
      TRY_VOID(refreshed_.wait());
      // Whoever was called off says nothing about the source: the next in line asks again.
      if (failure_ && !is_called_off(*failure_)) return *failure_;
      continue;
    }

    auto refreshed = refresh();
    if (refreshed) return *current_;
    if (needed == Need::kNow || is_called_off(refreshed.error()))
      return std::move(refreshed).error();
    not_before_ = fibers_.now() + kBetweenAttempts;
    if (warn_)
      warn_(fmt::format(
          "renewing the credentials from {} failed, those at hand are good until {}: "
          "{}",
          current_->source, to_iso8601(*current_->expiration), refreshed.error().message));
    return *current_;
  }
}

Result<void> CachedProvider::refresh() {
  is_refreshing_ = true;
  auto fetched = fetch_();
  is_refreshing_ = false;
  failure_.reset();

  const TimePoint now = fibers_.now();
  if (!fetched) {
    failure_ = fetched.error();
  } else if (fetched->expiration && *fetched->expiration <= now) {
    failure_ =
        Error{ErrorKind::kDenied, "credentials.expired",
              fmt::format("the credentials from {} expired at {}; it is {} now", fetched->source,
                          to_iso8601(*fetched->expiration), to_iso8601(now))};
  } else {
    was_renewed_ = current_.has_value() || was_renewed_;
    current_ = std::move(*fetched);
    fetched_at_ = now;
  }
  refreshed_.ring();
  if (failure_) return *failure_;
  return {};
}

void CachedProvider::invalidate() {
  if (is_refreshing_) return;
  if (current_ && was_renewed_ && fibers_.now() - fetched_at_ < kEchoOfARefusal) return;
  was_renewed_ = was_renewed_ || current_.has_value();
  current_.reset();
}

}  // namespace slipway::aws
