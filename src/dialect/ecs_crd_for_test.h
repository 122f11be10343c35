// A small deployment file that is right, to be changed in one place, and what is said about it.
#pragma once

#include "dialect/ecs_crd.h"

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace slipway {

// Keys with their values in YAML's flow style; a value of nothing at all leaves the key out.
using CrdSection = std::map<std::string, std::string>;

struct CrdTextForTest {
  CrdSection canary = {{"group", "public"}, {"releases", "{blue: '1', green: '2'}"}};
  CrdSection service = {{"project", "shop"}, {"name", "web"}, {"fqdn", "www.shop.test"}};
  CrdSection container = {
      {"name", "web"}, {"image", "nginx"}, {"port_mappings", "[{container_port: 80}]"}};
  CrdSection target_group = {{"container", "{name: web, port: 80}"}, {"health_check", "{}"}};
  CrdSection listener = {{"port", "80"}, {"target_group", "{container: {name: web, port: 80}}"}};
  std::string more_containers;  // ", {name: ...}"
  std::string more_groups;
  std::string more_listeners;

  static std::string flow(const CrdSection& section) {
    std::string text;
    for (const auto& [key, value] : section)
      if (!value.empty()) text += (text.empty() ? "" : ", ") + key + ": " + value;
    return "{" + text + "}";
  }

  std::string yaml() const {
    CrdSection whole = service;
    whole.try_emplace("containers", "[" + flow(container) + more_containers + "]");
    return "canary: " + flow(canary) + "\nservice: " + flow(whole) + "\ntarget_groups: [" +
           flow(target_group) + more_groups + "]\nlisteners: [" + flow(listener) + more_listeners +
           "]\n";
  }
};

struct CrdRead {
  CrdFile file;
  CrdFindings findings;
  std::vector<std::string> messages;  // "4 path: message (suggestion)", "warning: path: ..."
};

inline std::vector<std::string> told(const CrdFindings& findings) {
  std::vector<std::string> all;
  for (const auto& [step, what] : findings.in_order()) {
    std::string text = what.severity == Severity::kWarning
                           ? "warning: "
                           : std::to_string(exit_status_of(step)) + " ";
    if (!what.path.empty()) text += what.path + ": ";
    text += what.message;
    if (!what.suggestion.empty()) text += " (" + what.suggestion + ")";
    all.push_back(std::move(text));
  }
  return all;
}

inline CrdReading reading_for_test() {
  return {.variables = {.environment = "stage",
                        .region = "eu-west-3",
                        .account_id = "111111111111",
                        .external_ip = std::nullopt}};
}

inline CrdRead read_crd(const std::string& yaml, const CrdReading& reading = reading_for_test()) {
  CrdRead read;
  const auto source = std::make_shared<SourceText>(SourceText{"stage.deploy.yml", yaml});
  if (const std::optional<Node> document = parse_ecs_crd(source, read.findings))
    read.file = read_ecs_crd(*document, reading, read.findings);
  read.messages = told(read.findings);
  return read;
}

// The file with one key of one section changed, and what is said about it.
struct CrdCase {
  CrdSection CrdTextForTest::* section;
  std::string key;
  std::string value;
  std::vector<std::string> wanted;
};
inline constexpr auto kCrdCanary = &CrdTextForTest::canary;
inline constexpr auto kCrdService = &CrdTextForTest::service;
inline constexpr auto kCrdContainer = &CrdTextForTest::container;
inline constexpr auto kCrdGroup = &CrdTextForTest::target_group;
inline constexpr auto kCrdListener = &CrdTextForTest::listener;

inline void expect_messages(const std::vector<CrdCase>& cases, const CrdTextForTest& base = {},
                            const CrdReading& reading = reading_for_test()) {
  for (const auto& [section, key, value, wanted] : cases) {
    SCOPED_TRACE(key + ": " + value);
    CrdTextForTest text = base;
    (text.*section)[key] = value;
    EXPECT_EQ(read_crd(text.yaml(), reading).messages, wanted);
  }
}

inline CrdFile read_well(const CrdTextForTest& text) {
  const CrdRead read = read_crd(text.yaml());
  EXPECT_EQ(read.messages, std::vector<std::string>{});
  return read.file;
}

}  // namespace slipway
