#include "base/node_test_support.h"

#include <gtest/gtest.h>

namespace slipway {
namespace {

std::string yaml(std::string text, const ReadLimits& limits = {}) {
  return outcome(std::move(text), TextFormat::kYaml, limits);
}

struct Case {
  std::string text, wanted;
};

TEST(Yaml, IsReadIntoItsValues) {
  for (const auto& [text, wanted] : {
           Case{"a: b", R"({"a":"b"})"},
           Case{"- 1\n- [2, {x: y}]", R"([1,[2,{"x":"y"}]])"},
           Case{"a: |\n  x\n  y\nb: >-\n  x\n  y\n", R"({"a":"x\ny\n","b":"x y"})"},
           Case{"a: |\n  12\n", R"({"a":"12\n"})"},
           Case{"'1': \"\\u00e9\\t\"", R"({"1":"é\t"})"},
           Case{"1: x\ntrue: y\n~: z\n", R"({"1":"x","true":"y","~":"z"})"},
           Case{"a:\nb: ''\nc: null", R"({"a":null,"b":"","c":null})"},
           Case{"no: off", R"({"no":"off"})"},
           Case{"version: 1.10", R"({"version":1.1})"},
           Case{"a: # comment\n  b # c\n", R"({"a":"b"})"},
           Case{"\"a\": {\"b\": [1,2,]}", R"({"a":{"b":[1,2]}})"},
           Case{"a: 1\n---\nb: 2\n...\n---\n- c\n", "{\"a\":1}\n{\"b\":2}\n[\"c\"]"},
           Case{"a: 1\r\nb:\r\n  - x\r\n", R"({"a":1,"b":["x"]})"},
           Case{"%YAML 1.2\n---\na: 1", R"({"a":1})"},
       }) {
    SCOPED_TRACE(text);
    EXPECT_EQ(yaml(text), wanted);
  }
}

TEST(Yaml, KeepsScalarsAsWritten) {
  const Read lines = read_text("- 1.10\n- '1.10'\n- |-\n  no\n", TextFormat::kYaml);
  ASSERT_EQ(lines.documents.size(), 1u);
  const auto& items = lines.documents[0].items;
  ASSERT_EQ(items.size(), 3u);
  EXPECT_EQ(items[0].text, "1.10");
  EXPECT_FALSE(items[0].quoted);
  EXPECT_EQ(items[1].text, "1.10");
  EXPECT_TRUE(items[1].quoted);
  EXPECT_EQ(items[2].text, "no");
  EXPECT_TRUE(items[2].quoted);
}

TEST(YamlPlaces, AreInBytesWhateverTheTextIsWrittenIn) {
  // Enough multi-byte text to pass several checkpoints of the table from characters to bytes.
  std::string text = "# ";
  for (int i = 0; i < 100; ++i) text += "日本é😀";
  text += "\nкластер: прод\nsérvices:\n  - {näme: \"wéb\", n: 12}   # ü\n  - ' ö ' \n";
  const Read read = read_text(text, TextFormat::kYaml);
  ASSERT_EQ(read.documents.size(), 1u);
  const Node& root = read.documents[0];
  ASSERT_EQ(root.members.size(), 2u);
  EXPECT_EQ(marked(root.span), "кластер");
  EXPECT_EQ(marked(root.members[0].key_span), "кластер");
  EXPECT_EQ(marked(root.members[0].value.span), "прод");
  EXPECT_EQ(root.members[0].value.span.line, 2);
  EXPECT_EQ(root.members[0].value.span.column, 17);
  EXPECT_EQ(root.members[0].value.span.length, 8);
  const Node& services = root.members[1].value;
  EXPECT_EQ(marked(root.members[1].key_span), "sérvices");
  EXPECT_EQ(marked(services.span), "-");
  ASSERT_EQ(services.items.size(), 2u);
  const Node& service = services.items[0];
  EXPECT_EQ(marked(service.span), "{näme: \"wéb\", n: 12}");
  ASSERT_EQ(service.members.size(), 2u);
  EXPECT_EQ(marked(service.members[0].key_span), "näme");
  EXPECT_EQ(marked(service.members[0].value.span), "\"wéb\"");
  EXPECT_EQ(marked(service.members[1].value.span), "12");
  EXPECT_EQ(marked(services.items[1].span), "' ö '");
}

TEST(YamlPlaces, EndWithTheLineTheyBeginOn) {
  const Read lines =
      read_text("a: one\n  two\nb: |\n  text\nc: [1,\n  2]\nd: \"x \n  y\"\ne:\nf: {}\r\ng: 1",
                TextFormat::kYaml);
  ASSERT_EQ(lines.documents.size(), 1u);
  std::vector<std::string_view> pieces;
  for (const Node::Member& member : lines.documents[0].members)
    pieces.push_back(marked(member.value.span));
  // What is absent is marked by its key.
  EXPECT_EQ(pieces, (std::vector<std::string_view>{"one", "|", "[1,", "\"x", "e", "{}", "1"}));
}

TEST(YamlPlaces, CountLinesAsEditorsDo) {
  // To libyaml NEL, LS and PS end a line; in an editor they do not.
  const Read read = read_text("a: \"x\u2028y\u0085z\"\nb: 1\nb: 2", TextFormat::kYaml);
  EXPECT_EQ(problems_of(read.diagnostics),
            (std::vector<std::string>{"3:1 the key \"b\" is already given on line 2"}));
}

TEST(YamlAliases, StandForWhatTheirAnchorMarks) {
  for (const auto& [text, wanted] : {
           Case{"a: &x 1\nb: *x", R"({"a":1,"b":1})"},
           Case{"a: &x {p: [1]}\nb: [*x, *x]", R"({"a":{"p":[1]},"b":[{"p":[1]},{"p":[1]}]})"},
           Case{"a: &x 1\nb: &x 2\nc: *x", R"({"a":1,"b":2,"c":2})"},
           Case{"&k key: 1\nname: *k", R"({"key":1,"name":"key"})"},
           Case{"a: &k key\n*k : 1", R"({"a":"key","key":1})"},
           Case{"a: &x\nb: *x", R"({"a":null,"b":null})"},
           Case{"- &x [&y 1, *y]\n- *x", R"([[1,1],[1,1]])"},
       }) {
    SCOPED_TRACE(text);
    EXPECT_EQ(yaml(text), wanted);
  }
}

TEST(YamlAliases, HaveThePlaceOfTheirAnchor) {
  const Read read = read_text("a: {x: bad}\nb: &m\n  x: worse\nc: *m", TextFormat::kYaml);
  const Node* value = read.documents.at(0).find("c")->find("x");
  ASSERT_NE(value, nullptr);
  EXPECT_EQ(value->span.line, 3);
  EXPECT_EQ(marked(value->span), "worse");
}

TEST(YamlAliases, WithoutAnAnchorAreRefused) {
  for (const auto& [text, wanted] : {
           Case{"a: *x",
                "{\"a\":\"*x\"}\n1:4 nothing above is marked &x (put the value in quotes "
                "if it is text)"},
           Case{"a: &defaults 1\nb: *default",
                "{\"a\":1,\"b\":\"*default\"}\n2:4 nothing above is marked &default (did you mean "
                "*defaults?)"},
           Case{"a: &x [1, *x]", "{\"a\":[1,\"*x\"]}\n1:11 *x is inside what &x marks"},
           Case{
               "&x a: 1\n---\nb: *x",
               "{\"a\":1}\n{\"b\":\"*x\"}\n3:4 nothing above is marked &x (put the value in quotes "
               "if it is text)"},
           Case{"a: *.txt",
                "1:4 a value that begins with * is an alias, and this is no name for one (put the "
                "value in quotes if it is text)"},
           Case{"a: & b",
                "1:4 a value that begins with & is an anchor, and this is no name for one (put the "
                "value in quotes if it is text)"},
       }) {
    SCOPED_TRACE(text);
    EXPECT_EQ(yaml(text), wanted);
  }
}

TEST(YamlAliases, CannotMultiplyBeyondTheLimit) {
  // Nine levels of nine aliases each would be 387 million values.
  std::string laughs = "a: &a [lol, lol, lol, lol, lol, lol, lol, lol, lol]\n";
  for (char level = 'b'; level <= 'i'; ++level) {
    laughs += fmt::format("{0}: &{0} [", level);
    for (int i = 0; i < 9; ++i) laughs += fmt::format("{}*{}", i > 0 ? ", " : "", char(level - 1));
    laughs += "]\n";
  }
  EXPECT_EQ(yaml(laughs), "6:4 with its aliases expanded, the text has more than 1000000 values");

  // One long text used often costs as much as many short ones.
  std::string repeats = "a: &a " + std::string(100'000, 'x') + "\nb:\n";
  for (int i = 0; i < 5'000; ++i) repeats += "- *a\n";
  EXPECT_EQ(yaml(repeats),
            "640:3 with its aliases expanded, the text has more than 1000000 values");

  // Nor can they nest beyond it.
  EXPECT_EQ(yaml("a: &a [[x]]\nb: &b [*a]\nc: [*b]", {.max_depth = 5}),
            R"({"a":[["x"]],"b":[[["x"]]],"c":[[[["x"]]]]})");
  EXPECT_EQ(yaml("a: &a [[x]]\nb: &b [*a]\nc: [*b]", {.max_depth = 4}),
            "3:5 nested deeper than 4 levels");

  // Anchors inside anchors keep a copy each.
  std::string nested;
  for (int i = 0; i < 60; ++i) nested += fmt::format("&a{} [", i);
  nested += "x";
  for (int i = 0; i < 20'000; ++i) nested += ",x";
  nested += std::string(60, ']');
  EXPECT_EQ(yaml(nested), "1:315 the text has more than 1000000 values");
}

TEST(YamlMergeKeys, AddWhatIsNotGiven) {
  for (const auto& [text, wanted] : {
           Case{"a: &a {x: 1, y: 2}\nb:\n  <<: *a\n  y: 3",
                R"({"a":{"x":1,"y":2},"b":{"x":1,"y":3}})"},
           Case{"a: &a {x: 1}\nb:\n  y: 3\n  <<: *a\n  x: 4", R"({"a":{"x":1},"b":{"y":3,"x":4}})"},
           Case{"a: &a {x: 1}\nb: &b {x: 2, z: 3}\nc: {first: 0, <<: [*a, *b], last: 9}",
                R"({"a":{"x":1},"b":{"x":2,"z":3},"c":{"first":0,"x":1,"z":3,"last":9}})"},
           Case{"b: {<<: {x: 1}, y: 2}", R"({"b":{"x":1,"y":2}})"},
           Case{"b: {<<: [], y: 2}", R"({"b":{"y":2}})"},
           Case{"b: {\"<<\": 1}", R"({"b":{"<<":1}})"},
           Case{"a: &a {<<: {x: 1}}\nb: {<<: *a}", R"({"a":{"x":1},"b":{"x":1}})"},
       }) {
    SCOPED_TRACE(text);
    EXPECT_EQ(yaml(text), wanted);
  }
}

TEST(YamlMergeKeys, WantMappings) {
  for (const auto& [text, wanted] : {
           Case{"<<: 1\na: 2", "{\"a\":2}\n1:5 << wants a mapping or a list of mappings, found 1"},
           Case{"<<: [{b: 1}, x]\na: 2",
                "{\"a\":2}\n1:14 << wants a mapping or a list of mappings, found \"x\""},
           Case{"<<:\na: 2",
                "{\"a\":2}\n1:1 << wants a mapping or a list of mappings, found nothing"},
           Case{"<<: {a: 1}\n<<: {b: 2}",
                "{\"a\":1}\n2:1 the key \"<<\" is already given on line 1"},
       }) {
    SCOPED_TRACE(text);
    EXPECT_EQ(yaml(text), wanted);
  }
}

TEST(YamlKeys, AreWordsGivenOnce) {
  for (const auto& [text, wanted] : {
           Case{"a: 1\nb: 2\n'a': 3\na: 4",
                "{\"a\":1,\"b\":2}\n3:1 the key \"a\" is already given on line 1\n"
                "4:1 the key \"a\" is already given on line 1"},
           Case{"{a: {x: 1, x: 2}}",
                "{\"a\":{\"x\":1}}\n1:12 the key \"x\" is already given on line 1"},
           Case{"? [a, b]\n: 1\nc: 2", "{\"c\":2}\n1:3 a key must be a word or text, found a list"},
           Case{"? {a: [1], b: {c: 2}}\n: 1\nc: 2",
                "{\"c\":2}\n1:3 a key must be a word or text, found a mapping"},
           Case{"a: &a [1]\n*a : 2", "{\"a\":[1]}\n2:1 a key must be a word or text, found a list"},
           Case{"image: {{ tag }}",
                "{\"image\":{}}\n1:9 a key must be a word or text, found a mapping (put {{ ... }} "
                "in quotes)"},
           Case{"?\n: 1\nb: 2", "{\"b\":2}\n1:2 there is no key before this colon"},
       }) {
    SCOPED_TRACE(text);
    EXPECT_EQ(yaml(text), wanted);
  }
}

// "!Shout x" is {"Shout": x}.
bool shout(std::string_view tag, Node& node) {
  if (tag != "!Shout") return false;
  Node mapping;
  mapping.kind = Node::Kind::kMapping;
  mapping.span = node.span;
  mapping.members.push_back({"Shout", node.span, std::move(node)});
  node = std::move(mapping);
  return true;
}

TEST(YamlTags, OfSomebodysOwnMeanWhatTheCallerSays) {
  for (const auto& [text, wanted] : {
           Case{"a: !Shout x", R"({"a":{"Shout":"x"}})"},
           Case{"a: !Shout [1, !Shout {b: 2}]", R"({"a":{"Shout":[1,{"Shout":{"b":2}}]}})"},
           Case{"a: &x !Shout x\nb: *x", R"({"a":{"Shout":"x"},"b":{"Shout":"x"}})"},
           Case{"a: !Shout\n  - x", R"({"a":{"Shout":["x"]}})"},
           Case{"a: !Cry x",
                "{\"a\":\"x\"}\n1:4 the tag !Cry has no meaning here (write the value without it, "
                "or in quotes if it is text)"},
       }) {
    SCOPED_TRACE(text);
    EXPECT_EQ(outcome(text, TextFormat::kYaml, {.apply_tag = shout}), wanted);
  }
}

TEST(YamlTags, OfTheCoreSchemaAreHonouredAndOthersRefused) {
  for (const auto& [text, wanted] : {
           Case{"[!!str 12, ! 12, !!int '12', !!float 1, !!bool 'true', !!null '', !!str ~]",
                R"(["12","12",12,1,true,null,"~"])"},
           Case{"a: !!map {x: 1}\nb: !!seq [1]", R"({"a":{"x":1},"b":[1]})"},
           Case{"!!int x", "\"x\"\n1:1 \"x\" is not what the tag !!int says"},
           Case{"!!bool yes", "\"yes\"\n1:1 \"yes\" is not what the tag !!bool says"},
           Case{"a: !!seq {}", "{\"a\":{}}\n1:4 a mapping is not what the tag !!seq says"},
           Case{"a: !Ref Cluster",
                "{\"a\":\"Cluster\"}\n1:4 the tag !Ref has no meaning here (write the value "
                "without it, or in quotes if it is text)"},
           Case{"a: !!binary aGk=",
                "{\"a\":\"aGk=\"}\n1:4 the tag !!binary has no meaning here (write the value "
                "without it, or in quotes if it is text)"},
           Case{"a: !Sub [x]",
                "{\"a\":[\"x\"]}\n1:4 the tag !Sub has no meaning here (write the value without "
                "it, or in quotes if it is text)"},
           Case{"a: !e!x y",
                "1:4 a value that begins with ! is a tag, and this one is not declared (put the "
                "value in quotes if it is text)"},
       }) {
    SCOPED_TRACE(text);
    EXPECT_EQ(yaml(text), wanted);
  }
}

TEST(YamlSyntax, IsExplainedWhereItBreaks) {
  for (const auto& [text, wanted] : {
           Case{"a:\n\tb: 1", "2:1 a tab cannot indent YAML (use spaces)"},
           Case{"a:\n  \tb: 1\n", "2:3 a tab cannot indent YAML (use spaces)"},
           Case{"a: 1\n\tb: 2", "2:1 a tab cannot indent YAML (use spaces)"},
           Case{"a: |\n\tx", "2:1 a tab cannot indent YAML (use spaces)"},
           Case{"a: b: c", "1:5 a second \": \" in one value (put the value in quotes)"},
           Case{"é: ü: c", "1:7 a second \": \" in one value (put the value in quotes)"},
           Case{"a: 1\n  bcd: 2",
                "2:3 this key continues the value above it (check its indentation, and the colon "
                "of the line above)"},
           Case{"cluster\nb: 2",
                "2:1 this key continues the value above it (check its indentation, and the colon "
                "of the line above)"},
           Case{"a: 1\nb\nc: 2", "2:1 this key has no colon after it (write \"key: value\")"},
           Case{"a: [1, 2\nb: 3",
                "2:2 expected \",\" or \"]\" in this list (is the bracket of line 1 closed?)"},
           Case{"a: [1, 2", "1:4 this bracket is not closed"},
           Case{"a: {x: 1", "1:4 this bracket is not closed"},
           Case{"a: [1 2}", "1:8 expected \",\" or \"]\" in this list"},
           Case{"a: {x: 1]", "1:9 expected \",\" or \"}\" in this mapping"},
           Case{"a: \"x\nb: 1\n", "1:4 this quote is not closed"},
           Case{"a: 'x", "1:4 this quote is not closed"},
           Case{"a: \"\\d\"",
                "1:5 in double quotes a backslash begins an escape, and this is none (use single "
                "quotes, or write \\\\ for a backslash)"},
           Case{"a: \"\\xzz\"", "1:7 this escape wants hexadecimal digits"},
           Case{"a: \"\\ud83d\\ude00\"",
                "1:7 this escape is no character (above U+FFFF write \\U and eight digits, or the "
                "character)"},
           Case{"a: @x", "1:4 a value cannot begin with \"@\" (put the value in quotes)"},
           Case{"a: `x`", "1:4 a value cannot begin with \"`\" (put the value in quotes)"},
           Case{"a: %x", "1:4 a value cannot begin with \"%\" (put the value in quotes)"},
           Case{"a: - b",
                "1:4 a list item cannot begin here (put \"- \" on a line of its own, below its "
                "key)"},
           Case{"- a\nb: 1", "2:1 expected a list item (\"- \") here, indented like those above"},
           Case{"a: 1\n}", "2:1 expected a key here, indented like the keys above"},
           Case{"  a: 1\n b: 2",
                "{\"a\":1}\n2:2 there is more text after the end of the document (check its "
                "indentation; another document begins with ---)"},
           Case{"{a: 1}}",
                "{\"a\":1}\n1:7 there is more text after the end of the document (check its "
                "indentation; another document begins with ---)"},
           Case{"a: |x\n  y",
                "1:5 after | or > the text begins on the next line (put the value in quotes if it "
                "begins with | or >)"},
           Case{"a: |0\n  y", "1:5 after | or > the indentation is 1 to 9"},
           Case{"%YAML 2.0\n---\na", "1:1 only YAML 1.1 and 1.2 can be read"},
           Case{"%YAML x\n---\na",
                "1:7 a line that begins with % is a directive, and this is no sound one"},
           Case{"a: x\x01y",
                "1:5 the control character U+0001 is not allowed (in double quotes it can be "
                "written as an escape)"},
           Case{"é: x\x7fy",
                "1:6 the control character U+007F is not allowed (in double quotes it can be "
                "written as an escape)"},
       }) {
    SCOPED_TRACE(text);
    EXPECT_EQ(yaml(text), wanted);
  }
}

TEST(YamlSyntax, LimitsWhatWouldTakeLong) {
  std::string directives = "%YAML 1.2\n";
  for (int i = 0; i < 1'001; ++i) directives += fmt::format("%TAG !a{}! b\n", i);
  EXPECT_EQ(yaml(directives + "---\na"), "1002:1 more than 1000 lines begin with %");
}

TEST(YamlSyntax, KeepsTheDocumentsBeforeTheBreak) {
  EXPECT_EQ(yaml("a: 1\n---\nb: ["), "{\"a\":1}\n3:4 this bracket is not closed");
}

}  // namespace
}  // namespace slipway
