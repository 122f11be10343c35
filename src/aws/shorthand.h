// Structures as people write them on a command line for the AWS CLI: in its shorthand, as JSON, or
// as file://PATH with either of them in it.
//
//   awsvpcConfiguration={subnets=[subnet-1,subnet-2],securityGroups=[sg-1],assignPublicIp=ENABLED}
//
// https://docs.aws.amazon.com/cli/latest/userguide/cli-usage-shorthand.html
#pragma once

#include "aws/facts.h"
#include "base/diagnostic.h"
#include "base/json.h"
#include "base/result.h"

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace slipway::aws {

// Shorthand alone. It knows nothing but texts, lists and structures, so "weight=1" is a text here.
// nullopt when it cannot be read: the diagnostic points at the place.
std::optional<Json> parse_shorthand(const SourceText& text, Diagnostics& diagnostics);

// What a text of a document means where AWS's model wants a number or a boolean, and a list where
// it wants one and a single value is there. Everything else stays.
Json as_shape(const Facts& facts, std::string_view shape, const Json& document);

using ReadFile = std::function<Result<std::string>(const std::string& path)>;

// `given.name` is the flag, `given.text` its value. Whatever AWS's model of `shape` refuses is an
// error, and so is an unknown member, as it is for the AWS CLI. nullopt when there is an error.
std::optional<Json> read_structure(const SourceText& given, const Facts& facts,
                                   std::string_view shape, const ReadFile& read_file,
                                   Diagnostics& diagnostics);

}  // namespace slipway::aws
