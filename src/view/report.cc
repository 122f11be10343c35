#include "view/report.h"

#include "view/report_page.h"

namespace slipway {

void ReportView::on(const Event& event) {
  collector_.on(event);
  has_news_ = true;
  shown_->on(event);
}

void ReportView::finish(TimePoint now) {
  shown_->finish(now);
  save();
}

void ReportView::could_not_begin(TimePoint now, const Error& error) {
  collector_.on(
      {now, {}, RunEnded{.outcome = Outcome::kFailedToStart, .reason = to_string(error)}});
  has_news_ = true;
  shown_->could_not_begin(now, error);
}

void ReportView::save() {
  if (!has_news_) return;
  has_news_ = false;
  save_(report::page_of(collector_.run()));
}

std::string report_of(const std::vector<Event>& events) {
  report::Collector collector;
  for (const Event& event : events) collector.on(event);
  return report::page_of(collector.run());
}

}  // namespace slipway
