// YAML into the located tree, from libyaml's events. libyaml leaves to us what a document means:
// scalars, aliases, merge keys, tags, duplicate keys, and every limit. It counts characters where
// we count bytes, and its messages are about its own states, so both are translated here.
#include "base/node_reader.h"
#include "base/text.h"
#include "base/utf8.h"

#include <fmt/format.h>
#include <yaml.h>

#include <algorithm>
#include <cstdlib>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <utility>

namespace slipway {
namespace {

// A person who wrote more anchors than this was a program, and would wait for the comparisons.
constexpr std::size_t kMostSuggestions = 100;

constexpr std::size_t kMostDirectives = 1'000;

constexpr std::string_view kCoreTag = "tag:yaml.org,2002:";

std::string_view view(const yaml_char_t* text) {
  return text == nullptr ? std::string_view() : reinterpret_cast<const char*>(text);
}

struct Event {
  yaml_event_t raw{};

  Event() = default;
  ~Event() { yaml_event_delete(&raw); }
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;

  yaml_event_type_t type() const { return raw.type; }
  std::string_view anchor() const {
    switch (raw.type) {
      case YAML_SCALAR_EVENT:
        return view(raw.data.scalar.anchor);
      case YAML_SEQUENCE_START_EVENT:
        return view(raw.data.sequence_start.anchor);
      case YAML_MAPPING_START_EVENT:
        return view(raw.data.mapping_start.anchor);
      case YAML_ALIAS_EVENT:
        return view(raw.data.alias.anchor);
      default:
        return {};
    }
  }
  std::string_view tag() const {
    switch (raw.type) {
      case YAML_SCALAR_EVENT:
        return view(raw.data.scalar.tag);
      case YAML_SEQUENCE_START_EVENT:
        return view(raw.data.sequence_start.tag);
      case YAML_MAPPING_START_EVENT:
        return view(raw.data.mapping_start.tag);
      default:
        return {};
    }
  }
  std::string_view scalar() const {
    return {reinterpret_cast<const char*>(raw.data.scalar.value), raw.data.scalar.length};
  }
  bool is_plain() const {
    return raw.type == YAML_SCALAR_EVENT && raw.data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
  }
};

// libyaml's marks count characters. For each 64th character this keeps the byte it begins at; text
// without multi-byte characters needs no table.
class ByteOffsets {
 public:
  explicit ByteOffsets(std::string_view text) : text_(text) {
    if (std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; }))
      return;
    std::size_t count = 0;
    for (std::size_t at = 0; at < text.size(); ++at) {
      if (is_continuation(text[at])) continue;
      if (count++ % kStep == 0) checkpoints_.push_back(at);
    }
  }

  std::size_t of(std::size_t character) const {
    if (checkpoints_.empty()) return std::min(character, text_.size());
    if (character / kStep >= checkpoints_.size()) return text_.size();
    std::size_t at = checkpoints_[character / kStep];
    for (std::size_t left = character % kStep; left > 0 && at < text_.size(); --left) {
      do ++at;
      while (at < text_.size() && is_continuation(text_[at]));
    }
    return at;
  }

 private:
  static constexpr std::size_t kStep = 64;
  static bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }

  std::string_view text_;
  std::vector<std::size_t> checkpoints_;
};

// What libyaml says, and what a person can do about it. The first row that fits counts; an empty
// context fits every context.
struct Explanation {
  std::string_view context, problem;
  enum Place { kAtProblem, kAtContext } place;
  std::string_view message, suggestion;
};
constexpr Explanation kExplanations[] = {
    {"", "found a tab character", Explanation::kAtProblem, "a tab cannot indent YAML",
     "use spaces"},
    {"", "block sequence entries are not allowed", Explanation::kAtProblem,
     "a list item cannot begin here", "put \"- \" on a line of its own, below its key"},
    {"", "mapping keys are not allowed", Explanation::kAtProblem, "a key cannot begin here", ""},
    {"", "could not find expected ':'", Explanation::kAtContext, "this key has no colon after it",
     "write \"key: value\""},
    {"block mapping", "did not find expected key", Explanation::kAtProblem,
     "expected a key here, indented like the keys above", ""},
    {"block collection", "did not find expected '-'", Explanation::kAtProblem,
     "expected a list item (\"- \") here, indented like those above", ""},
    {"flow sequence", "did not find expected ',' or ']'", Explanation::kAtProblem,
     "expected \",\" or \"]\" in this list", ""},
    {"flow mapping", "did not find expected ',' or '}'", Explanation::kAtProblem,
     "expected \",\" or \"}\" in this mapping", ""},
    {"", "did not find expected node content", Explanation::kAtProblem, "expected a value here",
     ""},
    {"quoted scalar", "found unexpected end of stream", Explanation::kAtContext,
     "this quote is not closed", ""},
    {"quoted scalar", "found unexpected document indicator", Explanation::kAtContext,
     "this quote is not closed before the document ends", ""},
    {"quoted scalar", "found unknown escape character", Explanation::kAtProblem,
     "in double quotes a backslash begins an escape, and this is none",
     "use single quotes, or write \\\\ for a backslash"},
    {"quoted scalar", "did not find expected hexdecimal number", Explanation::kAtProblem,
     "this escape wants hexadecimal digits", ""},
    {"quoted scalar", "found invalid Unicode character", Explanation::kAtProblem,
     "this escape is no character", "above U+FFFF write \\U and eight digits, or the character"},
    {"an alias", "did not find expected alphabetic", Explanation::kAtContext,
     "a value that begins with * is an alias, and this is no name for one",
     "put the value in quotes if it is text"},
    {"an anchor", "did not find expected alphabetic", Explanation::kAtContext,
     "a value that begins with & is an anchor, and this is no name for one",
     "put the value in quotes if it is text"},
    {"", "found undefined tag handle", Explanation::kAtProblem,
     "a value that begins with ! is a tag, and this one is not declared",
     "put the value in quotes if it is text"},
    {"a tag", "did not find", Explanation::kAtContext,
     "a value that begins with ! is a tag, and this one is not complete",
     "put the value in quotes if it is text"},
    {"block scalar", "did not find expected comment or line break", Explanation::kAtProblem,
     "after | or > the text begins on the next line",
     "put the value in quotes if it begins with | or >"},
    {"", "found an indentation indicator equal to 0", Explanation::kAtProblem,
     "after | or > the indentation is 1 to 9", ""},
    {"", "did not find expected <document start>", Explanation::kAtProblem,
     "there is more text after the end of the document",
     "check its indentation; another document begins with ---"},
    {"", "found incompatible YAML document", Explanation::kAtProblem,
     "only YAML 1.1 and 1.2 can be read", ""},
    {"", "found duplicate %", Explanation::kAtProblem, "this directive is already given", ""},
    {"directive", "", Explanation::kAtProblem,
     "a line that begins with % is a directive, and this is no sound one", ""},
};

class YamlReader {
 public:
  YamlReader(const Lines& lines, Diagnostics& diagnostics, const ReadLimits& limits)
      : lines_(lines), offsets_(lines.text()), diagnostics_(diagnostics), limits_(limits) {
    // Only lack of memory can fail here.
    if (yaml_parser_initialize(&parser_) == 0) std::abort();
    // Said, not guessed: the text was checked to be UTF-8.
    yaml_parser_set_encoding(&parser_, YAML_UTF8_ENCODING);
    const std::string_view text = lines.text();
    yaml_parser_set_input_string(&parser_, reinterpret_cast<const yaml_char_t*>(text.data()),
                                 text.size());
  }
  ~YamlReader() { yaml_parser_delete(&parser_); }
  YamlReader(const YamlReader&) = delete;
  YamlReader& operator=(const YamlReader&) = delete;

  bool read(std::vector<Node>& documents) {
    if (!check_directives()) return false;
    while (true) {
      Event event;
      if (!next(event)) return false;
      if (event.type() == YAML_STREAM_END_EVENT) return true;
      if (event.type() != YAML_DOCUMENT_START_EVENT) continue;
      anchors_.clear();
      Event root;
      Node document;
      Event end;
      if (!next(root) || !read_node(root, 0, document) || !next(end)) return false;
      documents.push_back(std::move(document));
    }
  }

 private:
  struct Anchored {
    Node node;
    std::size_t cost = 0;
    int levels = 0;  // of nesting inside it
  };
  enum class KeyKind { kOrdinary, kMerge, kRefused };

  // libyaml compares each %TAG directive with all before it.
  bool check_directives() {
    const std::string_view text = lines_.text();
    std::size_t count = 0;
    for (std::size_t at = text.find("\n%"); at != std::string_view::npos;
         at = text.find("\n%", at + 1)) {
      if (++count <= kMostDirectives) continue;
      error(lines_.span(at + 1, at + 2), "config.too-large",
            fmt::format("more than {} lines begin with %", kMostDirectives));
      return false;
    }
    return true;
  }

  bool next(Event& event) {
    if (yaml_parser_parse(&parser_, &event.raw) != 0) return true;
    report_syntax_error();
    return false;
  }

  // What read_node and read_mapping call is kept out of their frames: those are on the stack once
  // for each level of nesting, and this may run on a fiber's small stack.
  //
  // Every read_ function answers false when reading cannot go on; why is in the diagnostics.
  bool read_node(const Event& event, int depth, Node& node) {
    const std::string anchor(event.anchor());
    if (event.type() == YAML_ALIAS_EVENT) return expand_alias(event, anchor, depth, node);

    const std::size_t spent_before = spent_;
    const int deepest_before = std::exchange(deepest_, depth);
    if (!anchor.empty()) unfinished_anchors_.insert(anchor);
    if (!spend(event, event.type() == YAML_SCALAR_EVENT ? cost_of(event.scalar()) : 1))
      return false;
    node.span = span_of(event);
    switch (event.type()) {
      case YAML_SCALAR_EVENT:
        read_scalar(event, node);
        break;
      case YAML_SEQUENCE_START_EVENT:
        if (!read_sequence(event, depth + 1, node)) return false;
        break;
      case YAML_MAPPING_START_EVENT:
        if (!read_mapping(event, depth + 1, node)) return false;
        break;
      default:
        break;  // libyaml begins a node with nothing else
    }
    if (has_own_tag(event)) apply_own_tag(event, node);
    const int levels = deepest_ - depth;
    deepest_ = std::max(deepest_, deepest_before);
    if (anchor.empty()) return true;
    // The copy kept for the aliases is as large as the node.
    const std::size_t cost = spent_ - spent_before;
    if (!spend(event, cost)) return false;
    unfinished_anchors_.erase(anchor);
    anchors_.insert_or_assign(anchor, Anchored{node, cost, levels});
    return true;
  }

  [[gnu::noinline]] void read_scalar(const Event& event, Node& node) {
    node.kind = Node::Kind::kScalar;
    node.text = event.scalar();
    node.quoted = !event.is_plain();
    apply_tag(event, node);
    const std::string_view text = node.text;
    const bool is_null_word =
        text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL";
    if (!node.quoted && is_null_word) node.kind = Node::Kind::kNull;
  }

  bool read_sequence(const Event& start, int depth, Node& node) {
    node.kind = Node::Kind::kSequence;
    if (!enter(start, depth)) return false;
    check_collection_tag(start, "seq", "a list");
    const bool is_flow = start.raw.data.sequence_start.style == YAML_FLOW_SEQUENCE_STYLE;
    if (is_flow) open_brackets_.push_back(start_of(start));
    while (true) {
      Event event;
      if (!next(event)) return false;
      if (event.type() == YAML_SEQUENCE_END_EVENT) {
        // A list in brackets is marked whole, one of "- " lines by its first dash.
        if (is_flow) {
          node.span = span_between(start, event);
          open_brackets_.pop_back();
        }
        return true;
      }
      node.items.emplace_back();
      if (!read_node(event, depth, node.items.back())) return false;
    }
  }

  bool read_mapping(const Event& start, int depth, Node& node) {
    node.kind = Node::Kind::kMapping;
    if (!enter(start, depth)) return false;
    check_collection_tag(start, "map", "a mapping");
    const bool is_flow = start.raw.data.mapping_start.style == YAML_FLOW_MAPPING_STYLE;
    if (is_flow) open_brackets_.push_back(start_of(start));
    Keys keys;
    std::optional<Node> merged;
    std::size_t merge_at = 0;  // before which of our own members the merged ones go
    while (true) {
      Event event;
      if (!next(event)) return false;
      if (event.type() == YAML_MAPPING_END_EVENT) {
        if (is_flow) {
          node.span = span_between(start, event);
          open_brackets_.pop_back();
        } else if (!node.members.empty()) {
          node.span = node.members.front().key_span;
        }
        if (merged) merge(*merged, merge_at, node);
        return true;
      }

      Node::Member member;
      KeyKind kind = KeyKind::kOrdinary;
      if (!read_key(event, depth, member, kind)) return false;
      Event value;
      if (!next(value) || !read_node(value, depth, member.value)) return false;
      // An absent value has no place of its own.
      if (member.value.is_null() && member.value.text.empty()) member.value.span = member.key_span;

      if (kind == KeyKind::kRefused || !keys.add(member.key, member.key_span, diagnostics_))
        continue;
      if (kind == KeyKind::kMerge) {
        merged = std::move(member.value);
        merge_at = node.members.size();
      } else {
        node.members.push_back(std::move(member));
      }
    }
  }

  [[gnu::noinline]] bool read_key(const Event& event, int depth, Node::Member& member,
                                  KeyKind& kind) {
    member.key_span = span_of(event);
    if (event.type() == YAML_SEQUENCE_START_EVENT || event.type() == YAML_MAPPING_START_EVENT) {
      kind = KeyKind::kRefused;
      return refuse_collection_as_key(event);
    }
    Node key;
    if (!read_node(event, depth, key)) return false;
    if (key.is_scalar() || (key.is_null() && !key.text.empty())) {
      if (event.is_plain() && key.text == "<<") kind = KeyKind::kMerge;
      member.key = std::move(key.text);
      return true;
    }
    kind = KeyKind::kRefused;
    error(member.key_span, "config.key",
          key.is_null() ? "there is no key before this colon"
                        : fmt::format("a key must be a word or text, found {}", describe(key)));
    return true;
  }

  bool refuse_collection_as_key(const Event& start) {
    // Templates for other tools are full of {{ name }}, which is a mapping inside a mapping.
    const std::size_t offset = start_of(start);
    const bool is_template = offset > 0 && lines_.text().substr(offset - 1).starts_with("{{");
    error(span_of(start), "config.key",
          fmt::format("a key must be a word or text, found {}",
                      start.type() == YAML_MAPPING_START_EVENT ? "a mapping" : "a list"),
          is_template ? "put {{ ... }} in quotes" : "");
    for (int open = 1; open > 0;) {
      Event event;
      if (!next(event)) return false;
      const bool opens =
          event.type() == YAML_SEQUENCE_START_EVENT || event.type() == YAML_MAPPING_START_EVENT;
      const bool closes =
          event.type() == YAML_SEQUENCE_END_EVENT || event.type() == YAML_MAPPING_END_EVENT;
      open += opens ? 1 : closes ? -1 : 0;
    }
    return true;
  }

  // The members of each source that nobody before it has: our own keys win over all sources, and an
  // earlier source over a later one.
  [[gnu::noinline]] void merge(const Node& merged, std::size_t at, Node& node) {
    std::vector<const Node*> sources;
    if (merged.is_mapping()) sources.push_back(&merged);
    for (const Node& item : merged.items) sources.push_back(&item);
    for (const Node* source : sources) {
      if (source->is_mapping()) continue;
      error(source->span, "config.merge",
            fmt::format("<< wants a mapping or a list of mappings, found {}", describe(*source)));
      return;
    }
    if (sources.empty() && !merged.is_sequence()) {
      error(merged.span, "config.merge",
            fmt::format("<< wants a mapping or a list of mappings, found {}", describe(merged)));
      return;
    }
    std::set<std::string_view> taken;
    for (const Node::Member& member : node.members) taken.insert(member.key);
    std::vector<Node::Member> added;
    for (const Node* source : sources) {
      for (const Node::Member& member : source->members) {
        if (taken.insert(member.key).second) added.push_back(member);
      }
    }
    node.members.insert(node.members.begin() + static_cast<std::ptrdiff_t>(at),
                        std::make_move_iterator(added.begin()),
                        std::make_move_iterator(added.end()));
  }

  [[gnu::noinline]] bool expand_alias(const Event& event, const std::string& name, int depth,
                                      Node& node) {
    // What an alias without a meaning leaves: something is there, so nobody reports it missing too.
    node.kind = Node::Kind::kScalar;
    node.quoted = true;
    node.text = "*" + name;
    node.span = span_of(event);
    if (unfinished_anchors_.contains(name)) {
      error(node.span, "config.alias", fmt::format("*{0} is inside what &{0} marks", name));
      return true;
    }
    const auto found = anchors_.find(name);
    if (found == anchors_.end()) {
      std::vector<std::string> names;
      for (auto known = anchors_.begin();
           known != anchors_.end() && names.size() < kMostSuggestions; ++known)
        names.push_back(known->first);
      const auto meant = nearest(name, names);
      error(node.span, "config.alias", fmt::format("nothing above is marked &{}", name),
            meant ? fmt::format("did you mean *{}?", *meant)
                  : "put the value in quotes if it is text");
      return true;
    }
    has_expanded_ = true;
    const auto& [anchored, cost, levels] = found->second;
    if (!enter(event, depth + levels) || !spend(event, cost)) return false;
    node = anchored;
    return true;
  }

  [[gnu::noinline]] void apply_tag(const Event& event, Node& node) {
    const std::string_view tag = event.tag();
    if (tag.empty()) return;
    if (tag == "!" || tag == "tag:yaml.org,2002:str") {
      node.quoted = true;
      return;
    }
    const std::string_view name =
        tag.starts_with(kCoreTag) ? tag.substr(kCoreTag.size()) : std::string_view();
    // With one of these a quoted scalar means what it would without quotes.
    Node plain = node;
    plain.quoted = false;
    if (name == "int" || name == "float" || name == "bool" || name == "null") {
      const bool is_null = node.text.empty() || node.text == "~" || to_lower(node.text) == "null";
      const bool fits = name == "int"     ? plain.as_int().has_value()
                        : name == "float" ? plain.as_double().has_value()
                        : name == "bool"  ? plain.as_bool().has_value()
                                          : is_null;
      if (!fits)
        error(node.span, "config.tag",
              fmt::format("{} is not what the tag !!{} says", quote(node.text), name));
      node.quoted = false;
      return;
    }
    if (name == "merge" && node.text == "<<") return;
    if (!has_own_tag(event)) refuse_tag(tag, node.span);
  }

  // "!Ref": a tag that is none of YAML's, where the caller knows what to do with such.
  bool has_own_tag(const Event& event) const {
    const std::string_view tag = event.tag();
    return limits_.apply_tag != nullptr && tag.size() > 1 && tag.front() == '!';
  }

  [[gnu::noinline]] void apply_own_tag(const Event& event, Node& node) {
    if (!limits_.apply_tag(event.tag(), node)) refuse_tag(event.tag(), node.span);
  }

  [[gnu::noinline]] void check_collection_tag(const Event& event, std::string_view wanted,
                                              std::string_view found) {
    const std::string_view tag = event.tag();
    if (tag.empty() || tag == "!" || has_own_tag(event)) return;
    const std::string_view name =
        tag.starts_with(kCoreTag) ? tag.substr(kCoreTag.size()) : std::string_view();
    if (name == wanted) return;
    if (name == "map" || name == "seq" || name == "str" || name == "int" || name == "float" ||
        name == "bool" || name == "null") {
      error(span_of(event), "config.tag",
            fmt::format("{} is not what the tag !!{} says", found, name));
    } else {
      refuse_tag(tag, span_of(event));
    }
  }

  [[gnu::noinline]] void refuse_tag(std::string_view tag, SourceSpan span) {
    const std::string shown = tag.starts_with(kCoreTag)
                                  ? fmt::format("!!{}", tag.substr(kCoreTag.size()))
                                  : std::string(tag);
    error(std::move(span), "config.tag", fmt::format("the tag {} has no meaning here", shown),
          "write the value without it, or in quotes if it is text");
  }

  bool enter(const Event& event, int depth) {
    deepest_ = std::max(deepest_, depth);
    if (depth <= limits_.max_depth) return true;
    error(span_of(event), "config.too-deep",
          fmt::format("nested deeper than {} levels", limits_.max_depth));
    return false;
  }

  bool spend(const Event& event, std::size_t cost) {
    spent_ += cost;
    if (spent_ <= limits_.max_nodes) return true;
    error(span_of(event), "config.too-large",
          has_expanded_ ? fmt::format("with its aliases expanded, the text has more than {} values",
                                      limits_.max_nodes)
                        : fmt::format("the text has more than {} values", limits_.max_nodes));
    return false;
  }

  std::size_t start_of(const Event& event) const { return offsets_.of(event.raw.start_mark.index); }
  SourceSpan span_between(const Event& first, const Event& last) const {
    return lines_.span(start_of(first), offsets_.of(last.raw.end_mark.index));
  }
  SourceSpan span_of(const Event& event) const { return span_between(event, event); }

  void error(SourceSpan span, std::string code, std::string message, std::string suggestion = {}) {
    diagnostics_.error(std::move(span), std::move(code), "", std::move(message),
                       std::move(suggestion));
  }

  void syntax_error(std::size_t offset, std::string message, std::string suggestion = {}) {
    error(lines_.span(offset, offset + 1), "config.syntax", std::move(message),
          std::move(suggestion));
  }

  void report_syntax_error() {
    const std::string_view text = lines_.text();
    if (parser_.error == YAML_READER_ERROR) {
      // The text is UTF-8, so what libyaml's reader refuses is a character YAML does not allow. The
      // offset is in bytes here.
      syntax_error(parser_.problem_offset,
                   fmt::format("the control character U+{:04X} is not allowed",
                               static_cast<unsigned>(parser_.problem_value)),
                   "in double quotes it can be written as an escape");
      return;
    }
    const std::string_view problem = parser_.problem == nullptr ? "" : parser_.problem;
    const std::string_view context = parser_.context == nullptr ? "" : parser_.context;
    const std::size_t problem_at = offsets_.of(parser_.problem_mark.index);
    const std::size_t context_at =
        context.empty() ? problem_at : offsets_.of(parser_.context_mark.index);

    // Whatever libyaml stumbled over: a tab in the indentation of that line is the likely cause.
    const std::string_view line = lines_.line_at(problem_at);
    const std::string_view indentation = line.substr(0, line.find_first_not_of(" \t"));
    if (const std::size_t tab = indentation.find('\t'); tab != std::string_view::npos)
      return syntax_error(lines_.line_start(problem_at) + tab, "a tab cannot indent YAML",
                          "use spaces");
    if (problem.starts_with("mapping values are not allowed"))
      return report_stray_colon(problem_at, line, indentation.size());
    if (problem.starts_with("found character that cannot start any token"))
      return syntax_error(
          problem_at,
          fmt::format("a value cannot begin with {}", quote(text.substr(problem_at, 1))),
          "put the value in quotes");
    // A bracket that is not closed is noticed at the end of the text, where nothing can be seen, or
    // at some later line that does not go on with the list.
    std::string unclosed;
    if (!open_brackets_.empty()) {
      if (problem_at >= text.size())
        return syntax_error(open_brackets_.back(), "this bracket is not closed");
      const SourceSpan bracket = lines_.span(open_brackets_.back(), 0);
      if (bracket.line < lines_.span(problem_at, 0).line)
        unclosed = fmt::format("is the bracket of line {} closed?", bracket.line);
    }

    for (const Explanation& row : kExplanations) {
      if (context.find(row.context) == std::string_view::npos ||
          problem.find(row.problem) == std::string_view::npos)
        continue;
      return syntax_error(row.place == Explanation::kAtContext ? context_at : problem_at,
                          std::string(row.message),
                          row.suggestion.empty() ? unclosed : std::string(row.suggestion));
    }
    syntax_error(problem_at,
                 context.empty() ? std::string(problem) : fmt::format("{} {}", context, problem));
  }

  // ": " where no key can be: either the second one on a line, or the line was meant as a key but
  // its indentation made it the continuation of the value above.
  void report_stray_colon(std::size_t colon, std::string_view line, std::size_t indentation) {
    const std::size_t start = lines_.line_start(colon);
    const std::string_view before = line.substr(0, colon - start);
    if (before.find(": ") != std::string_view::npos)
      return syntax_error(colon, "a second \": \" in one value", "put the value in quotes");
    error(lines_.span(start + indentation, colon), "config.syntax",
          "this key continues the value above it",
          "check its indentation, and the colon of the line above");
  }

  const Lines& lines_;
  const ByteOffsets offsets_;
  Diagnostics& diagnostics_;
  const ReadLimits& limits_;
  yaml_parser_t parser_{};
  std::map<std::string, Anchored> anchors_;
  std::set<std::string> unfinished_anchors_;
  std::vector<std::size_t> open_brackets_;  // where they are
  std::size_t spent_ = 0;
  int deepest_ = 0;  // level reached since the innermost node that is being read began
  bool has_expanded_ = false;
};

}  // namespace

bool read_yaml(const Lines& lines, Diagnostics& diagnostics, const ReadLimits& limits,
               std::vector<Node>& documents) {
  return YamlReader(lines, diagnostics, limits).read(documents);
}

}  // namespace slipway
