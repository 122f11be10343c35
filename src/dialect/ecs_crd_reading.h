// What the parts of the reader of deployment files share. Nothing outside dialect/ecs_crd*.cc
// includes this.
//
// Reading rules (https://yaml.org/type/ for the booleans of YAML 1.1): whole numbers may be written
// as text, but a boolean or a decimal is none; any scalar is taken where text is due, as it is
// written; null is absent.
#pragma once

#include "base/decode.h"
#include "model/ecs_crd.h"

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace slipway::crd {

CrdPlace place_of(Fields& fields, std::string_view key);
CrdPlace place_of(const Fields& fields);  // of the mapping as a whole

CrdText text(Fields& fields, std::string_view key);  // required
std::string text_or(Fields& fields, std::string_view key, std::string otherwise = {});
std::optional<CrdText> optional_text(Fields& fields, std::string_view key);

// A list and nothing else; entries may be empty texts.
std::vector<std::string> texts(Fields& fields, std::string_view key, EntryCount count = {});
std::optional<int> integer(Fields& fields, std::string_view key, IntegerRange range = {});
std::optional<bool> flag(Fields& fields, std::string_view key);

// Exactly one of these texts; with `any_case`, in upper case.
std::string one_of(Fields& fields, std::string_view key,
                   std::initializer_list<std::string_view> choices, std::string otherwise = {});
std::string one_of_in_any_case(Fields& fields, std::string_view key,
                               std::initializer_list<std::string_view> choices,
                               std::string otherwise);

// Names with values: a mapping, a list of mappings of one pair, or of {key:, value:}. A name given
// twice is an error, one without a value is absent.
struct NamedText {
  std::string name;
  std::string value;
  CrdPlace place;
};
std::vector<NamedText> named_texts(Fields& fields, std::string_view key);
CrdPairs pairs(Fields& fields, std::string_view key);

// 1 to 65535, or {blue:, green:}. nullopt when absent or wrong.
struct PortRules {
  std::int64_t at_least = 1;
  bool takes_quoted = true;
};
std::optional<CrdPort> port(Fields& fields, std::string_view key, PortRules rules = {});

// The value of key `container`: {name:, port:}.
CrdContainerPort container_port(Fields& fields);

// A key that people write although it means nothing here: as an unknown key, but with the reason.
void explain(Fields& fields, std::string_view key, const std::string& why,
             const DecodeOptions& options);

// Whether the text is made of letters, digits and these.
bool is_made_of(std::string_view text, std::string_view others);

// ---- The parts ----------------------------------------------------------------------------------

CrdCanary read_canary(Fields& fields, const DecodeOptions& options);
std::vector<CrdContainer> read_containers(Fields& service, const std::string& default_image,
                                          const DecodeOptions& options);
// All of service but its containers.
CrdService read_service(Fields& fields, int desired, const std::string& environment);
std::optional<CrdAutoScaling> read_auto_scaling(Fields& service, const std::string& service_name,
                                                int desired);
std::vector<CrdTargetGroup> read_target_groups(Fields& file);
std::vector<CrdListener> read_listeners(Fields& file);

// What only several parts of the file together can be wrong about.
void check_whole(const CrdFile& file, Diagnostics& diagnostics);

}  // namespace slipway::crd
