// What the YAML and the JSON reader share. Nothing outside base/node*.cc includes this.
#pragma once

#include "base/node.h"

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace slipway {

// Turns offsets into the text, after a byte order mark, into lines and columns.
class Lines {
 public:
  explicit Lines(std::shared_ptr<const SourceText> source);

  // The text without its byte order mark; offsets count from here.
  std::string_view text() const { return text_; }

  // The part of [begin, end) that is on the line of `begin`, at least one byte.
  SourceSpan span(std::size_t begin, std::size_t end) const;
  std::string_view line_at(std::size_t offset) const;
  std::size_t line_start(std::size_t offset) const;

 private:
  std::shared_ptr<const SourceText> source_;
  std::string_view text_;
  std::vector<std::size_t> starts_;
};

// Keys of one mapping. The second place where a key is given is an error.
class Keys {
 public:
  bool add(const std::string& key, const SourceSpan& span, Diagnostics& diagnostics);

 private:
  std::unordered_map<std::string, int> lines_;
};

// What a node costs against ReadLimits::max_nodes.
std::size_t cost_of(std::string_view text);

// Each appends to `documents` what is sound in syntax and answers whether that was everything.
bool read_yaml(const Lines& lines, Diagnostics& diagnostics, const ReadLimits& limits,
               std::vector<Node>& documents);
bool read_json(const Lines& lines, Diagnostics& diagnostics, const ReadLimits& limits,
               std::vector<Node>& documents);

}  // namespace slipway
