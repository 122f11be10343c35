// The view for later: a page that shows the whole run (docs/manual/report.md), written when it
// ends, however it ends.
#pragma once

#include "view/report_data.h"
#include "view/view.h"

#include <memory>
#include <string>

namespace slipway {

// Passes everything on to the view that somebody looks at. The page is handed over when the run
// says its last word, or when the view goes.
class ReportView final : public View {
 public:
  ReportView(std::unique_ptr<View> shown, Writer save)
      : shown_(std::move(shown)), save_(std::move(save)) {}
  ~ReportView() override { save(); }
  ReportView(const ReportView&) = delete;
  ReportView& operator=(const ReportView&) = delete;

  void on(const Event& event) override;
  void tick(TimePoint now) override { shown_->tick(now); }
  Duration tick_interval() const override { return shown_->tick_interval(); }
  void finish(TimePoint now) override;
  void could_not_begin(TimePoint now, const Error& error) override;

 private:
  void save();

  std::unique_ptr<View> shown_;
  Writer save_;
  report::Collector collector_;
  bool has_news_ = true;  // that are not saved
};

// The page of a run that is over, out of its journal.
std::string report_of(const std::vector<Event>& events);

}  // namespace slipway
