// What the query protocol's two codecs share: forms as they come in, text as it goes into XML.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace slipway::aws {

// Decoded names to decoded values.
using Form = std::map<std::string, std::string, std::less<>>;

Form read_form(std::string_view text);
// Whether the form has `name` itself or anything below it.
bool is_in_form(const Form& form, const std::string& name);

void append_xml_escaped(std::string& out, std::string_view text);

}  // namespace slipway::aws
