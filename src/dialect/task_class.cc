#include "dialect/task_class.h"

#include "aws/facts.h"
#include "base/decode.h"
#include "base/text.h"
#include "dialect/dialect.h"
#include "dialect/variables.h"
#include "model/method_pattern.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <set>

namespace slipway {
namespace {

// What a class may set, whom its value is sent to, and what its value is.
struct Attribute {
  enum class Form { kDocument, kDocuments, kCount, kSeconds, kFlag, kTopic, kPattern };

  std::string_view name;
  Form form;
  const aws::ServiceFacts* service = nullptr;
  std::string_view shape = {};
};

using Form = Attribute::Form;
constexpr Attribute kAttributes[] = {
    {"task_definition", Form::kDocument, &aws::kEcs, "RegisterTaskDefinitionRequest"},
    {"update_services", Form::kDocuments, &aws::kEcs, "UpdateServiceRequest"},
    {"run_tasks", Form::kDocuments, &aws::kEcs, "RunTaskRequest"},
    {"events__put_targets", Form::kDocuments, &aws::kEvents, "PutTargetsRequest"},
    {"active_task_count", Form::kCount},
    {"sns_notification_topic_arn", Form::kTopic},
    {"notification_method_blacklist_regex", Form::kPattern},
    {"wait_for_tasks", Form::kFlag},
    {"wait_for_services", Form::kFlag},
    {"task_timeout", Form::kSeconds},
    {"service_timeout", Form::kSeconds},
};

const Attribute* find_attribute(std::string_view name) {
  const auto* found = std::ranges::find(kAttributes, name, &Attribute::name);
  return found == std::end(kAttributes) ? nullptr : found;
}

bool is_number(Form form) { return form == Form::kCount || form == Form::kSeconds; }

struct WrittenAttribute {
  const Attribute* attribute;
  const Node* value;
  std::string path;
};

// A class as it stands in the file.
struct WrittenClass {
  std::string name;
  bool is_abstract = false;
  std::vector<std::string> parents;
  std::vector<WrittenAttribute> attributes;
  SourceSpan span;
  SourceSpan extends;
  std::string path;  // "classes[1]", empty in the short form

  const WrittenAttribute* find(std::string_view attribute) const {
    for (const WrittenAttribute& written : attributes)
      if (written.attribute->name == attribute) return &written;
    return nullptr;
  }
};

using Line =
    std::vector<const WrittenClass*>;  // a class, then whom it inherits from, nearest first

bool is_topic_arn(std::string_view text) {
  const std::vector<std::string_view> parts = split(text, ':');
  return parts.size() == 6 && parts[0] == "arn" && !parts[1].empty() && parts[2] == "sns" &&
         !parts[3].empty() && parts[4].size() == 12 &&
         parts[4].find_first_not_of("0123456789") == std::string_view::npos && !parts[5].empty();
}

class TaskClassReader {
 public:
  TaskClassReader(const TaskClassInput& input, Diagnostics& diagnostics)
      : input_(input),
        diagnostics_(diagnostics),
        variables_(input.environment, input.vars, diagnostics),
        documents_(input.documents) {}

  std::vector<TaskClass> read() {
    for (Node& document : documents_) read_document(document);
    name_the_nameless();
    check_names();
    std::vector<TaskClass> classes;
    for (const WrittenClass& written : written_)
      if (!written.is_abstract) classes.push_back(inherit(written));
    if (classes.empty() && !diagnostics_.has_errors())
      error(input_.documents.empty() ? SourceSpan{} : input_.documents.front().span, "",
            "there is no class to do anything with", "all are abstract");
    return classes;
  }

 private:
  void error(const SourceSpan& span, std::string path, std::string message,
             std::string suggestion = {}) {
    diagnostics_.error(span, "task-class.value", std::move(path), std::move(message),
                       std::move(suggestion));
  }

  // ---- Variables, and texts where AWS wants texts ----------------------------------------------

  static const aws::ShapeFacts* shape_of(const aws::Facts* facts, std::string_view name) {
    if (facts == nullptr || name.empty()) return nullptr;
    const aws::ShapeFacts* shape = facts->shape(name);
    return shape != nullptr && shape->is_document ? nullptr : shape;
  }

  // What a variable leaves is a text, unless a number or a truth value is wanted there. A whole
  // number where AWS wants a text (cpu, an environment's value) is that text.
  void fill_in_scalar(Node& node, const aws::ShapeFacts* shape, bool wants_plain,
                      const std::string& path) {
    using aws::FactKind;
    if (std::optional<std::string> text = variables_.expanded(node, path)) {
      node.text = std::move(*text);
      const bool is_text =
          shape == nullptr || shape->kind == FactKind::kString || shape->kind == FactKind::kBlob;
      node.quoted = is_text && !wants_plain;
      return;
    }
    if (input_.use == TaskClassUse::kDebug || shape == nullptr || shape->kind != FactKind::kString)
      return;
    if (const std::optional<std::int64_t> number = node.as_int()) {
      node.text = std::to_string(*number);
      node.quoted = true;
    }
  }

  void fill_in(Node& node, const aws::Facts* facts, const aws::ShapeFacts* shape, bool wants_plain,
               const std::string& path) {
    if (node.is_scalar()) fill_in_scalar(node, shape, wants_plain, path);
    for (std::size_t i = 0; i < node.items.size(); ++i)
      fill_in(node.items[i], facts, shape == nullptr ? nullptr : shape_of(facts, shape->element),
              wants_plain, fmt::format("{}[{}]", path, i));
    for (Node::Member& member : node.members) {
      const aws::ShapeFacts* below = nullptr;
      if (shape != nullptr && shape->kind == aws::FactKind::kMap) {
        below = shape_of(facts, shape->element);
      } else if (shape != nullptr) {
        const aws::MemberFacts* known = shape->find(member.key);
        if (known != nullptr) below = shape_of(facts, known->shape);
      }
      fill_in(member.value, facts, below, wants_plain,
              path.empty() ? member.key : path + "." + member.key);
    }
  }

  void fill_in_class(Node& node, const std::string& path) {
    for (Node::Member& member : node.members) {
      if (member.key == "vars") continue;  // their turn comes when somebody refers to them
      const std::string below = path.empty() ? member.key : path + "." + member.key;
      const Attribute* attribute = find_attribute(member.key);
      const aws::Facts* facts = nullptr;
      if (attribute != nullptr && attribute->service != nullptr)
        facts = &aws::Facts::of(*attribute->service);
      const aws::ShapeFacts* shape =
          attribute == nullptr ? nullptr : shape_of(facts, attribute->shape);
      const bool wants_plain =
          member.key == "abstract" ||
          (attribute != nullptr && (is_number(attribute->form) || attribute->form == Form::kFlag));
      if (attribute != nullptr && attribute->form == Form::kDocuments) {
        for (std::size_t i = 0; i < member.value.items.size(); ++i)
          fill_in(member.value.items[i], facts, shape, false, fmt::format("{}[{}]", below, i));
      } else {
        fill_in(member.value, facts, shape, wants_plain, below);
      }
    }
  }

  // ---- Classes as they are written -------------------------------------------------------------

  void read_document(Node& document) {
    if (document.is_mapping()) {
      variables_.read(Node{.kind = Node::Kind::kMapping, .members = {}});
      if (const Node* vars = document.find("vars"); vars != nullptr && !vars->is_null())
        variables_.read(*vars);
      const auto classes = std::ranges::find(document.members, "classes", &Node::Member::key);
      if (classes == document.members.end()) {
        fill_in_class(document, "");
      } else {
        for (std::size_t i = 0; i < classes->value.items.size(); ++i)
          fill_in_class(classes->value.items[i], fmt::format("classes[{}]", i));
      }
    }
    Fields file(document, diagnostics_);
    file.choice<bool>("version", {{"v1", true}});
    file.choice<bool>("kind", {{"task-classes", true}});
    file.ignore("vars");
    if (!document.is_mapping()) return;
    const Node* list = document.find("classes");
    if (list == nullptr) {
      WrittenClass written;
      written.name = file.text("name").value_or("");
      read_attributes(document, file, written);
      written_.push_back(std::move(written));
      return;
    }
    file.node("classes");
    if (!list->is_sequence() || list->items.empty()) {
      error(list->span, "classes",
            list->is_sequence() ? "there is no class in it"
                                : "expected a list of classes, found " + describe(*list));
      return;
    }
    for (std::size_t i = 0; i < list->items.size(); ++i)
      read_class(list->items[i], fmt::format("classes[{}]", i));
  }

  void read_class(const Node& node, std::string path) {
    Fields fields(node, diagnostics_, {}, path);
    WrittenClass written;
    written.path = std::move(path);
    written.name = fields.required_text("name");
    written.is_abstract = fields.boolean("abstract").value_or(false);
    if (const Node* extends = fields.node("extends")) {
      written.extends = extends->span;
      if (extends->is_scalar())
        written.parents = {extends->text};
      else
        written.parents = fields.texts("extends");
    }
    read_attributes(node, fields, written);
    written_.push_back(std::move(written));
  }

  void read_attributes(const Node& node, Fields& fields, WrittenClass& written) {
    written.span = node.span;
    written.span.length = 1;
    for (const Attribute& attribute : kAttributes) {
      fields.node(attribute.name);
      const Node* value = node.find(attribute.name);
      if (value == nullptr) continue;
      written.attributes.push_back({&attribute, value, fields.path_of(attribute.name)});
      if (check_form(written.attributes.back())) check_setting(fields, attribute);
    }
  }

  // Whether it is what an attribute of its kind is: a mapping, a list of mappings, a scalar.
  bool check_form(const WrittenAttribute& written) {
    const Node& value = *written.value;
    const Form form = written.attribute->form;
    if (value.is_null()) {
      if (form == Form::kTopic) return false;  // none, as in Python
      error(value.span, written.path, "a value is required, found " + describe(value),
            "leave the key out");
      return false;
    }
    if (form == Form::kDocument && !value.is_mapping()) {
      error(value.span, written.path, "expected a mapping, found " + describe(value));
      return false;
    }
    if (form != Form::kDocuments) return true;
    if (!value.is_sequence()) {
      error(value.span, written.path, "expected a list of mappings, found " + describe(value));
      return false;
    }
    for (std::size_t i = 0; i < value.items.size(); ++i) {
      if (value.items[i].is_mapping()) continue;
      error(value.items[i].span, fmt::format("{}[{}]", written.path, i),
            "expected a mapping, found " + describe(value.items[i]));
    }
    return true;
  }

  void check_setting(Fields& fields, const Attribute& attribute) {
    switch (attribute.form) {
      case Form::kDocument:
      case Form::kDocuments:
        return;
      case Form::kCount:
      case Form::kSeconds:
        fields.integer(attribute.name, {.at_least = 1});
        return;
      case Form::kFlag:
        fields.boolean(attribute.name);
        return;
      case Form::kTopic:
        if (const auto arn = fields.text(attribute.name); arn && !is_topic_arn(*arn))
          fields.error(attribute.name, quote(*arn) + " is not the ARN of an SNS topic",
                       "arn:aws:sns:REGION:ACCOUNT:NAME");
        return;
      case Form::kPattern:
        if (const auto text = fields.text(attribute.name, {.may_be_empty = true})) {
          const Result<MethodPattern> pattern = MethodPattern::parse(*text);
          if (!pattern)
            fields.error(attribute.name,
                         "this regular expression cannot be used: " + pattern.error().message);
        }
        return;
    }
  }

  // A class of the short form without a name is called after its family.
  void name_the_nameless() {
    std::set<std::string> taken;
    for (const WrittenClass& written : written_) taken.insert(written.name);
    for (WrittenClass& written : written_) {
      if (!written.name.empty() || !written.path.empty()) continue;
      std::string family = "unnamed";
      if (const WrittenAttribute* definition = written.find("task_definition"))
        if (const Node* node = definition->value->find("family");
            node != nullptr && node->is_scalar())
          family = node->text;
      std::string name = family;
      for (int number = 2; !taken.insert(name).second; ++number)
        name = fmt::format("{}-{}", family, number);
      written.name = std::move(name);
    }
  }

  void check_names() {
    std::map<std::string, const WrittenClass*> seen;
    for (const WrittenClass& written : written_) {
      if (written.name.empty()) continue;
      if (!seen.emplace(written.name, &written).second)
        error(written.span, written.path.empty() ? "name" : written.path + ".name",
              fmt::format("there is a class \"{}\" already", written.name));
    }
  }

  // ---- Inheritance -----------------------------------------------------------------------------

  const WrittenClass* find_class(std::string_view name) const {
    const auto found = std::ranges::find(written_, name, &WrittenClass::name);
    return found == written_.end() ? nullptr : &*found;
  }

  // Python's order of resolution (C3): a class comes before its parents, parents in the order in
  // which they are named, and nobody before whom they should follow. Nothing when there is no such
  // order, which has been reported then.
  // https://docs.python.org/3/howto/mro.html
  std::optional<Line> line_of(const WrittenClass& written) {
    if (std::ranges::find(in_line_, &written) != in_line_.end()) {
      error(written.extends, written.path + ".extends",
            fmt::format("\"{}\" extends itself", written.name));
      return std::nullopt;
    }
    in_line_.push_back(&written);
    std::vector<Line> lines;
    Line parents;
    bool ok = true;
    for (const std::string& name : written.parents) {
      const WrittenClass* parent = find_class(name);
      if (parent == nullptr) {
        std::vector<std::string> names;
        for (const WrittenClass& each : written_) names.push_back(each.name);
        const std::optional<std::string> near = nearest(name, names);
        error(written.extends, written.path + ".extends",
              fmt::format("there is no class \"{}\"", name),
              near ? fmt::format("did you mean {}?", *near) : "");
        ok = false;
        continue;
      }
      parents.push_back(parent);
      std::optional<Line> line = line_of(*parent);
      if (line)
        lines.push_back(std::move(*line));
      else
        ok = false;
    }
    in_line_.pop_back();
    if (!ok) return std::nullopt;
    lines.push_back(parents);
    std::optional<Line> merged = merge(std::move(lines));
    if (!merged) {
      error(written.extends, written.path + ".extends",
            fmt::format("\"{}\" cannot inherit from {} in this order", written.name,
                        join(written.parents, ", ")));
      return std::nullopt;
    }
    merged->insert(merged->begin(), &written);
    return merged;
  }

  static std::optional<Line> merge(std::vector<Line> lines) {
    Line merged;
    while (true) {
      std::erase_if(lines, [](const Line& line) { return line.empty(); });
      if (lines.empty()) return merged;
      const auto is_behind_somebody = [&](const WrittenClass* candidate) {
        return std::ranges::any_of(lines, [&](const Line& line) {
          return std::find(line.begin() + 1, line.end(), candidate) != line.end();
        });
      };
      const auto next = std::ranges::find_if(
          lines, [&](const Line& line) { return !is_behind_somebody(line.front()); });
      if (next == lines.end()) return std::nullopt;
      const WrittenClass* chosen = next->front();
      merged.push_back(chosen);
      for (Line& line : lines)
        if (line.front() == chosen) line.erase(line.begin());
    }
  }

  // The class with what it inherits. An attribute that is given replaces the inherited one whole.
  TaskClass inherit(const WrittenClass& written) {
    TaskClass result{.name = written.name};
    const std::optional<Line> line = line_of(written);
    if (!line) return result;
    const WrittenAttribute* definition = nullptr;
    for (const Attribute& attribute : kAttributes) {
      for (const WrittenClass* each : *line) {
        const WrittenAttribute* found = each->find(attribute.name);
        if (found == nullptr) continue;
        if (attribute.name == "task_definition") definition = found;
        set(result, *found);
        check_documents(*found);
        break;
      }
    }
    check_whole(written, definition);
    return result;
  }

  // A year is as good as for ever, and does not overflow.
  static Duration seconds_of(const Node& value) {
    return std::chrono::seconds(std::min<std::int64_t>(value.as_int().value_or(1), 31'536'000));
  }

  static void set(TaskClass& result, const WrittenAttribute& written) {
    const Node& value = *written.value;
    const std::string_view name = written.attribute->name;
    std::vector<Json> documents;
    for (const Node& item : value.items) documents.push_back(to_json(item));
    if (name == "task_definition")
      result.task_definition = value.is_mapping() ? to_json(value) : Json(JsonObject());
    else if (name == "update_services")
      result.update_services = std::move(documents);
    else if (name == "run_tasks")
      result.run_tasks = std::move(documents);
    else if (name == "events__put_targets")
      result.events__put_targets = std::move(documents);
    else if (name == "active_task_count")
      result.active_task_count = static_cast<int>(
          std::min<std::int64_t>(value.as_int().value_or(1), std::numeric_limits<int>::max()));
    else if (name == "sns_notification_topic_arn")
      result.sns_notification_topic_arn = value.is_null() ? "" : value.text;
    else if (name == "notification_method_blacklist_regex")
      result.notification_method_blacklist_regex = value.text;
    else if (name == "wait_for_tasks")
      result.wait_for_tasks = value.as_bool().value_or(false);
    else if (name == "wait_for_services")
      result.wait_for_services = value.as_bool().value_or(false);
    else if (name == "task_timeout")
      result.task_timeout = seconds_of(value);
    else if (name == "service_timeout")
      result.service_timeout = seconds_of(value);
  }

  // ---- What AWS would refuse -------------------------------------------------------------------

  // Once for each attribute that some class uses, however many do.
  void check_documents(const WrittenAttribute& written) {
    const Attribute& attribute = *written.attribute;
    const bool is_document = attribute.form == Form::kDocument;
    if (attribute.service == nullptr || !checked_.insert(written.value).second) return;
    if (is_document && !written.value->is_mapping()) return;
    if (input_.use == TaskClassUse::kDebug) return;
    // A rollback sends neither of these.
    if (input_.use == TaskClassUse::kRollback &&
        (attribute.name == "task_definition" || attribute.name == "run_tasks"))
      return;
    if (is_document) return check_document(*written.value, attribute, written.path);
    for (std::size_t i = 0; i < written.value->items.size(); ++i)
      if (written.value->items[i].is_mapping())
        check_document(written.value->items[i], attribute, fmt::format("{}[{}]", written.path, i));
  }

  void check_document(const Node& document, const Attribute& attribute, const std::string& path) {
    check_nulls(document, path);
    if (attribute.name == "task_definition") check_containers(document, path);
    if (attribute.name == "update_services") {
      check_given(document, "service", path);
      refuse_task_definition(document, path);
    }
    if (attribute.name == "run_tasks") refuse_task_definition(document, path);
    if (attribute.name == "events__put_targets") check_targets(document, path);
    // What must be there was said above, and some of it is what we insert.
    std::vector<aws::Violation> violations =
        aws::check_document(aws::Facts::of(*attribute.service), attribute.shape, document);
    std::erase_if(violations, [&](const aws::Violation& violation) {
      return violation.kind == aws::Violation::Kind::kMissingMember &&
             (violation.path.empty() || attribute.service == &aws::kEvents);
    });
    aws::report(violations, path, diagnostics_);
  }

  void check_nulls(const Node& node, const std::string& path) {
    if (node.is_null()) error(node.span, path, "null cannot be sent to AWS", "leave the key out");
    for (std::size_t i = 0; i < node.items.size(); ++i)
      check_nulls(node.items[i], fmt::format("{}[{}]", path, i));
    for (const Node::Member& member : node.members)
      check_nulls(member.value, path + "." + member.key);
  }

  bool check_given(const Node& document, std::string_view key, const std::string& path) {
    const Node* value = document.find(key);
    if (value != nullptr && !(value->is_scalar() && value->text.empty())) return true;
    SourceSpan span = value == nullptr ? document.span : value->span;
    if (value == nullptr) span.length = 1;
    error(span, fmt::format("{}.{}", path, key),
          value == nullptr ? "required key is missing" : "must not be empty");
    return false;
  }

  void refuse_task_definition(const Node& document, const std::string& path) {
    if (const Node* given = document.find("taskDefinition"))
      error(given->span, path + ".taskDefinition",
            "the revision that is registered is inserted here", "leave the key out");
  }

  void check_containers(const Node& definition, const std::string& path) {
    const Node* containers = definition.find("containerDefinitions");
    if (containers == nullptr || !containers->is_sequence()) return;
    for (std::size_t i = 0; i < containers->items.size(); ++i) {
      const Node& container = containers->items[i];
      const std::string below = fmt::format("{}.containerDefinitions[{}]", path, i);
      if (!container.is_mapping() || !check_given(container, "image", below)) continue;
      const Node& image = *container.find("image");
      if (!image.is_scalar()) continue;
      if (const Result<std::string> replaced = with_image_tag(image.text, ""); !replaced)
        error(image.span, below + ".image", replaced.error().message, "only {image_tag} is known");
    }
  }

  void check_targets(const Node& document, const std::string& path) {
    check_given(document, "Rule", path);
    const Node* targets = document.find("Targets");
    if (targets == nullptr || (targets->is_sequence() && targets->items.empty())) {
      check_given(document, "Targets", path);
      if (targets != nullptr) error(targets->span, path + ".Targets", "there is no target in it");
      return;
    }
    for (std::size_t i = 0; i < targets->items.size(); ++i) {
      const Node& target = targets->items[i];
      const std::string below = fmt::format("{}.Targets[{}]", path, i);
      if (!target.is_mapping()) continue;
      for (const std::string_view key : {"Id", "Arn"}) check_given(target, key, below);
      if (i == 0) check_given(target, "EcsParameters", below);
    }
  }

  // What only the class with all that it inherits can lack.
  void check_whole(const WrittenClass& written, const WrittenAttribute* definition) {
    if (input_.use == TaskClassUse::kDebug) return;
    if (definition == nullptr) {
      error(written.span,
            written.path.empty() ? "task_definition" : written.path + ".task_definition",
            "required key is missing");
      return;
    }
    const Node& node = *definition->value;
    if (!node.is_mapping() || !whole_.insert(&node).second) return;
    check_given(node, "family", definition->path);
    if (input_.use == TaskClassUse::kRollback) return;
    if (!check_given(node, "containerDefinitions", definition->path)) return;
    const Node& containers = *node.find("containerDefinitions");
    if (containers.is_sequence() && containers.items.empty())
      error(containers.span, definition->path + ".containerDefinitions",
            "there is no container in it");
  }

  const TaskClassInput& input_;
  Diagnostics& diagnostics_;
  Variables variables_;
  std::vector<Node> documents_;  // ours, with variables in place
  std::vector<WrittenClass> written_;
  Line in_line_;  // classes whose line is being found
  std::set<const Node*> checked_;
  std::set<const Node*> whole_;
};

}  // namespace

bool looks_like_task_classes(const Node& document) {
  if (document.find("slipway") != nullptr) return false;
  const Node* kind = document.find("kind");
  return (kind != nullptr && kind->text == "task-classes") ||
         document.find("task_definition") != nullptr || document.find("classes") != nullptr;
}

std::vector<Node> read_task_class_documents(std::shared_ptr<const SourceText> source,
                                            Diagnostics& diagnostics) {
  const TextFormat format = format_of(source->name);
  // Objects one after the other are no YAML; nearly every other JSON text is.
  if (format == TextFormat::kYaml && trim(source->text).starts_with('{')) {
    Diagnostics of_json;
    std::vector<Node> documents = read_documents(source, TextFormat::kJson, of_json);
    if (!of_json.has_errors()) return documents;
  }
  std::vector<Node> documents = read_documents(source, format, diagnostics);
  // What follows the last `---` may be nothing.
  std::erase_if(documents, [](const Node& document) { return document.is_null(); });
  if (documents.empty() && !diagnostics.has_errors())
    diagnostics.error({.source = std::move(source)}, "config.empty", "", "the file is empty");
  return documents;
}

std::optional<std::vector<TaskClass>> read_task_classes(const TaskClassInput& input,
                                                        Diagnostics& diagnostics) {
  std::vector<TaskClass> classes = TaskClassReader(input, diagnostics).read();
  if (diagnostics.has_errors()) return std::nullopt;
  return classes;
}

std::vector<TaskClass> only(std::vector<TaskClass> classes, const std::vector<std::string>& names,
                            Diagnostics& diagnostics) {
  if (names.empty()) return classes;
  std::vector<std::string> known;
  for (const TaskClass& each : classes) known.push_back(each.name);
  for (const std::string& name : names) {
    if (std::ranges::find(known, name) != known.end()) continue;
    const std::optional<std::string> near = nearest(name, known);
    diagnostics.error({.source = std::make_shared<SourceText>(SourceText{"--class", ""})},
                      "flags.unknown-item", "",
                      fmt::format("the file has no class \"{}\" to run", name),
                      near ? fmt::format("did you mean {}?", *near)
                           : fmt::format("it has {}", join(known, ", ")));
  }
  std::erase_if(classes, [&](const TaskClass& each) {
    return std::ranges::find(names, each.name) == names.end();
  });
  return classes;
}

}  // namespace slipway
