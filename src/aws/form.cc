#include "aws/form.h"

#include "aws/facts.h"
#include "aws/sigv4.h"
#include "base/text.h"
#include "base/time.h"

#include <algorithm>
#include <cmath>

namespace slipway::aws {
namespace {

// Forms write a space as '+' or %20.
std::string form_text(std::string_view text) {
  std::string spaced(text);
  for (char& c : spaced)
    if (c == '+') c = ' ';
  return uri_decode(spaced).value_or(spaced);
}

}  // namespace

Form read_form(std::string_view text) {
  Form form;
  for (const std::string_view pair : split(text, '&')) {
    if (pair.empty()) continue;
    const std::size_t equals = std::min(pair.find('='), pair.size());
    form[form_text(pair.substr(0, equals))] =
        equals < pair.size() ? form_text(pair.substr(equals + 1)) : std::string();
  }
  return form;
}

bool is_in_form(const Form& form, const std::string& name) {
  if (form.contains(name)) return true;
  const auto below = form.lower_bound(name + ".");
  return below != form.end() && below->first.starts_with(name + ".");
}

std::string scalar_text(const ShapeFacts* shape, const Json& value) {
  if (value.is_string()) return std::string(value.get_string());
  if (shape == nullptr || shape->kind != FactKind::kTimestamp || !value.is_number())
    return to_text(value);
  const TimePoint time{Duration(std::llround(value.to_number<double>() * 1e6))};
  return to_iso8601(time, time != std::chrono::floor<std::chrono::seconds>(time));
}

Json scalar_of(const ShapeFacts* shape, std::string_view text) {
  if (shape == nullptr) return Json(text);
  switch (shape->kind) {
    case FactKind::kBoolean:
      if (trim(text) == "true" || trim(text) == "false") return Json(trim(text) == "true");
      break;
    case FactKind::kInteger:
    case FactKind::kLong:
    case FactKind::kFloat:
    case FactKind::kDouble:
      if (Result<Json> number = parse_json(trim(text)); number && number->is_number())
        return *std::move(number);
      break;
    case FactKind::kStructure:
    case FactKind::kList:
    case FactKind::kMap:
    case FactKind::kString:
    case FactKind::kTimestamp:
    case FactKind::kBlob:
      break;
  }
  return Json(text);
}

void append_xml_escaped(std::string& out, std::string_view text) {
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '\r':  // a parser would turn it into a line feed
        out += "&#13;";
        break;
      default:
        out += c;
    }
  }
}

}  // namespace slipway::aws
