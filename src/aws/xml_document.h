// XML as AWS's services write it, to and from documents (JSON objects): which element holds what is
// a fact of models/. The protocols differ in what stands around the members; that is the caller's.
//
// What models/ does not know is kept when it is read, as text, lists and objects by its looks, so
// that a document goes back to AWS as it came.
#pragma once

#include "aws/facts.h"
#include "aws/shape.h"
#include "base/json.h"
#include "base/result.h"

#include <string>
#include <string_view>

namespace slipway::aws {

// What is inside the root element, which must be called `root`, or inside the element `inside` of
// it. Without that element there are no members. kInvalid "xml.syntax", or kUnavailable
// "call.bad-answer" for another root.
Result<JsonObject> read_xml(const Facts& facts, std::string_view shape, std::string_view text,
                            std::string_view root, std::string_view inside = "");

// The members that go into the body, in the order of the model. After them a request has those that
// are not in the model; an answer leaves them out.
void append_xml(const Facts& facts, const ShapeFacts& shape, const Json& document, Side side,
                std::string& out);

}  // namespace slipway::aws
