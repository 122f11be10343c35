// A task class as a C++ program: what ecs-task users write in Python, with the same names.
//
//   struct Base : slipway::EcsTask {
//     Base() { active_task_count = 5; }
//   };
//   struct Web : Base {
//     Web() {
//       task_definition = Object{{"family", "web"},
//                                {"containerDefinitions",
//                                 List{Object{{"name", "web"}, {"image", "app:{image_tag}"}}}}};
//       update_services = {Object{{"service", "web"}, {"cluster", "prod"}}};
//     }
//   };
//   int main(int argc, char** argv) { return Web().main(argc, argv); }
//
//   ./web deploy 1.4.2     ./web rollback     ./web debug
//
// This is the whole interface; docs/manual/ecs-task.md says what the program does. Link with the
// CMake target slipway::slipway (find_package(slipway)).
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace slipway {

// A JSON value, kept as its text.
class Value {
 public:
  // Members in the order in which they are written.
  class Object {
   public:
    Object() = default;
    Object(std::initializer_list<std::pair<std::string_view, Value>> members);

   private:
    friend class Value;
    std::string members_;
  };
  using List = std::vector<Value>;

  Value() : Value(Object()) {}
  Value(bool truth);
  Value(int number);
  Value(std::int64_t number);
  Value(double number);
  Value(const char* text);
  Value(std::string_view text);
  Value(const std::string& text) : Value(std::string_view(text)) {}
  Value(const List& items);
  Value(const Object& object);

  // What JSON text says. Text that is no JSON becomes an error of EcsTask::main.
  static Value json(std::string_view text);

  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

struct EcsTask {
  using Object = Value::Object;
  using List = Value::List;

  std::string name;  // for messages; empty: the family

  // ecs.register_task_definition; {image_tag} in a container's image is replaced.
  Value task_definition;
  // ecs.update_service, ecs.run_task and events.put_targets: one call for each element, in order.
  std::vector<Value> update_services;
  std::vector<Value> run_tasks;
  std::vector<Value> events__put_targets;

  int active_task_count = 10;  // ACTIVE revisions that are kept
  std::string sns_notification_topic_arn;
  std::string notification_method_blacklist_regex = "^describe_|get_|list_|.*register_task";

  // Not in the original: wait for the tasks before services are updated, and for the services.
  bool wait_for_tasks = false;
  bool wait_for_services = false;

  // deploy IMAGE_TAG, rollback, debug. Returns the exit status: 0; 1 failed; 2 usage, or a mistake
  // in the class, and then nothing was called.
  int main(int argc, char** argv) const;
};

}  // namespace slipway
