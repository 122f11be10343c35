// The drawings of a report: a lane's series, the axis above them and the strip of calls below, each
// an SVG as wide as the page lets it be. Places in time are percents of that width and everything
// else is in pixels, so that letters, patterns and marks keep their size on any screen.
#pragma once

#include "view/report_data.h"

#include <string>
#include <string_view>
#include <vector>

namespace slipway::report {

// For HTML and SVG, in text and in attributes. Control characters and broken bytes become U+FFFD,
// and so do those that turn the direction of writing.
std::string escaped(std::string_view text);

// Time on the whole width.
struct Scale {
  TimePoint begin;
  TimePoint end;
  double percent(TimePoint at) const;
};

// "90s" as "1m30s", whole units only: what stands at a tick of the axis.
std::string tick_text(Duration since_begin);
// So far apart that at most six stand on the narrowest screen.
std::vector<Duration> ticks_of(Duration whole);

// The patterns and marks that all drawings use; once on a page.
std::string definitions();
// The sample of a layer or a mark, for the legend and the tables.
std::string swatch(LayerKind kind);
std::string swatch(MarkKind kind);
std::string swatch(CheckVerdict verdict);
std::string_view class_of(LayerKind kind);

std::string axis(const Scale& scale);
// Empty when nothing of the lane can be drawn.
std::string drawing_of(const Lane& lane, const std::vector<Slice>& slices, const Scale& scale);
// The new side's share of traffic; empty when none was moved.
std::string weights_of(const Lane& lane, const Scale& scale);
// Each evaluation at its time, with its value where there is room.
std::string evaluations_of(const CheckSeries& check, const Scale& scale);
std::string calls_strip(const Run& run, const Scale& scale);

// What a slice shows, in words: "shop-web:2 3, pending 1".
std::string in_words(const Lane& lane, const Slice& slice);

}  // namespace slipway::report
