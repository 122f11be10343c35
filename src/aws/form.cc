#include "aws/form.h"

#include "aws/sigv4.h"
#include "base/text.h"

#include <algorithm>

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
