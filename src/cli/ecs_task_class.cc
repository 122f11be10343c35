// The public header's other side: a class is written down as a document and read like a file, so
// that both forms mean the same.
#include "base/json.h"
#include "base/node.h"
#include "base/node_places.h"
#include "cli/ecs_task.h"
#include "cli/process.h"

#include <fmt/format.h>

#include <memory>
#include <slipway/ecs_task.h>

namespace slipway {
namespace {

std::string json_text(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

std::string list_of(const std::vector<Value>& items) {
  std::string text;
  for (const Value& item : items) text += (text.empty() ? "" : ", ") + item.text();
  return "[" + text + "]";
}

// One line for each member, so that a broken one is told from the others.
std::string document_of(const EcsTask& task) {
  std::string text = "{\n";
  if (!task.name.empty()) text += "\"name\": " + json_text(task.name) + ",\n";
  text += "\"task_definition\": " + task.task_definition.text() + ",\n";
  text += "\"update_services\": " + list_of(task.update_services) + ",\n";
  text += "\"run_tasks\": " + list_of(task.run_tasks) + ",\n";
  text += "\"events__put_targets\": " + list_of(task.events__put_targets) + ",\n";
  text += fmt::format("\"active_task_count\": {},\n", task.active_task_count);
  if (!task.sns_notification_topic_arn.empty())
    text += "\"sns_notification_topic_arn\": " + json_text(task.sns_notification_topic_arn) + ",\n";
  text += fmt::format("\"wait_for_tasks\": {},\n\"wait_for_services\": {},\n", task.wait_for_tasks,
                      task.wait_for_services);
  text += "\"notification_method_blacklist_regex\": " +
          json_text(task.notification_method_blacklist_regex) + "\n}\n";
  return text;
}

// The text stays for its mistakes in syntax; once it is sound, paths say more than its places.
std::optional<std::vector<Node>> read_class(const EcsTask& task, const std::string& program,
                                            Diagnostics& diagnostics) {
  const auto source = std::make_shared<SourceText>(SourceText{program, document_of(task)});
  std::optional<Node> document = read_document(source, TextFormat::kJson, diagnostics);
  if (!document) return std::nullopt;
  forget_places(*document, std::make_shared<SourceText>(SourceText{program, ""}));
  return std::vector<Node>{std::move(*document)};
}

}  // namespace

Value::Object::Object(std::initializer_list<std::pair<std::string_view, Value>> members) {
  for (const auto& [name, value] : members)
    members_ += (members_.empty() ? "" : ", ") + json_text(name) + ": " + value.text();
}

Value::Value(bool truth) : text_(truth ? "true" : "false") {}
Value::Value(int number) : text_(std::to_string(number)) {}
Value::Value(std::int64_t number) : text_(std::to_string(number)) {}
Value::Value(double number) : text_(to_text(Json(number))) {}
Value::Value(const char* text) : text_(json_text(text)) {}
Value::Value(std::string_view text) : text_(json_text(text)) {}
Value::Value(const List& items) : text_(list_of(items)) {}
Value::Value(const Object& object) : text_("{" + object.members_ + "}") {}

Value Value::json(std::string_view text) {
  Value value;
  value.text_ = text;
  return value;
}

int EcsTask::main(int argc, char** argv) const {
  cli::Process process = cli::process_of(argc, argv);
  const std::string called_as = argc > 0 ? argv[0] : process.name;
  const cli::TaskClassProgram program{.name = called_as,
                                      .documents = [this, &process](Diagnostics& diagnostics) {
                                        return read_class(*this, process.name, diagnostics);
                                      }};
  return cli::run_task_class_program(process, program, process.arguments);
}

}  // namespace slipway
