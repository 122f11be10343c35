// What CloudFormation's registry says about the resource types that are simulated: their
// properties, which of them are required, read-only, or cannot be changed in place. The facts are
// those of models/resource-types.json.
#pragma once

#include "base/json.h"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace slipway::sim {

struct PropertyFacts {
  enum class Kind { kObject, kArray, kMap, kString, kInteger, kNumber, kBoolean, kAny };
  std::string name;  // of a property
  Kind kind = Kind::kAny;
  std::vector<PropertyFacts> properties;  // kObject
  std::vector<std::string> required;      // kObject
  std::vector<PropertyFacts> items;       // kArray, kMap: one, of each item
  std::vector<std::string> values;        // kString: all there are, or none

  const PropertyFacts* find(std::string_view property) const;
};

struct ResourceTypeFacts {
  PropertyFacts root;
  std::vector<std::string> read_only;    // what Fn::GetAtt answers
  std::vector<std::string> create_only;  // a change of these makes a replacement

  bool has_attribute(std::string_view name) const;
};

// nullptr for a type that is not simulated.
const ResourceTypeFacts* find_resource_type(std::string_view type);

// Turns scalars into what the type wants (a template's parameters are texts) and answers with what
// is wrong, in CloudFormation's words: "#: extraneous key [Foo] is not permitted".
std::vector<std::string> conform(const ResourceTypeFacts& type, Json& properties);

}  // namespace slipway::sim
