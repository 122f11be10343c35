// What the protocols that are not JSON share: forms as they come in, and scalars as text.
#pragma once

#include "base/json.h"

#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace slipway::aws {

struct ShapeFacts;

// Decoded names to decoded values.
using Form = std::map<std::string, std::string, std::less<>>;

Form read_form(std::string_view text);
// Whether the form has `name` itself or anything below it.
bool is_in_form(const Form& form, const std::string& name);

// A scalar in a form, a path or XML. `shape` may be nullptr; a time in seconds since 1970 becomes
// 2026-01-02T03:04:05Z where the shape says it is one.
std::string scalar_text(const ShapeFacts* shape, const Json& value);
// The other way: numbers and booleans by the shape, and the text itself when it is none.
Json scalar_of(const ShapeFacts* shape, std::string_view text);

void append_xml_escaped(std::string& out, std::string_view text);

}  // namespace slipway::aws
