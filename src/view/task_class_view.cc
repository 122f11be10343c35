#include "view/task_class_view.h"

#include <cctype>

namespace slipway {
namespace {

std::string capitalized(std::string text) {
  if (!text.empty()) text[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(text[0])));
  return text;
}

}  // namespace

void TaskClassView::on(const Event& event) {
  const auto line = [&](const std::string& text) { out_(text + "\n"); };
  if (std::holds_alternative<ItemStarted>(event.body)) {
    if (settings_.several) line("Class " + event.subject.item);
  } else if (const auto* registered = std::get_if<TaskDefinitionRegistered>(&event.body)) {
    line("Registered " + registered->family_revision);
  } else if (const auto* tasks = std::get_if<TasksStarted>(&event.body)) {
    for (const std::string& arn : tasks->task_arns) line("  task " + arn);
  } else if (std::holds_alternative<ServiceUpdated>(event.body)) {
    line("  service " + event.subject.item);
  } else if (const auto* call = std::get_if<CallAnnounced>(&event.body)) {
    if (settings_.verbose) err_("calling " + call->operation + "\n");
  } else if (const auto* note = std::get_if<Note>(&event.body)) {
    if (note->level == NoteLevel::kWarning || note->level == NoteLevel::kError)
      err_("warning: " + note->message + "\n");
    else if (note->level == NoteLevel::kInfo)
      line(event.subject.item.empty() ? capitalized(note->message) : "  " + note->message);
  }
}

}  // namespace slipway
