#include "cli/completion.h"

#include "base/text.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <string_view>
#include <vector>

namespace slipway::cli {
namespace {

struct CommandEntry {
  std::string words;  // "sim serve"
  std::vector<std::string> commands;
  std::vector<const CLI::Option*> options;
};

std::vector<std::string> command_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* sub : app.get_subcommands(nullptr)) names.push_back(sub->get_name());
  return names;
}

void collect(const CLI::App& app, const std::string& words, std::vector<CommandEntry>& into) {
  CommandEntry entry{.words = words, .commands = command_names(app), .options = {}};
  for (const CLI::Option* option : app.get_options())
    if (!option->get_lnames().empty() || !option->get_snames().empty())
      entry.options.push_back(option);
  into.push_back(std::move(entry));
  for (const CLI::App* sub : app.get_subcommands(nullptr))
    collect(*sub, words.empty() ? sub->get_name() : words + " " + sub->get_name(), into);
}

std::string all_words(const CommandEntry& entry) {
  std::vector<std::string> words = entry.commands;
  for (const CLI::Option* option : entry.options) {
    for (const std::string& name : option->get_lnames()) words.push_back("--" + name);
    for (const std::string& name : option->get_snames()) words.push_back("-" + name);
  }
  if (entry.words == "completion") words.insert(words.end(), {"bash", "zsh", "fish"});
  return join(words, " ");
}

std::string bash_script(const std::vector<CommandEntry>& entries) {
  std::string cases;
  for (const CommandEntry& entry : entries)
    cases += fmt::format("    \"{}\") words=\"{}\" ;;\n", entry.words, all_words(entry));
  std::string commands;
  for (const CommandEntry& entry : entries)
    if (!entry.words.empty())
      commands += fmt::format("      \"{}\") command=\"{}\" ;;\n", entry.words, entry.words);
  return fmt::format(
      R"(# bash completion for slipway; put it where bash-completion finds it, or source it.
_slipway() {{
  local current="${{COMP_WORDS[COMP_CWORD]}}" previous="${{COMP_WORDS[COMP_CWORD-1]}}"
  local command="" word words="" i
  for ((i = 1; i < COMP_CWORD; i++)); do
    word="${{COMP_WORDS[i]}}"
    case "${{command:+$command }}$word" in
{}    esac
  done
  case "$previous" in
    -f|--file|--scenario|--sim) COMPREPLY=($(compgen -f -- "$current")); return ;;
  esac
  case "$command" in
{}  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
  [ "$command" = "sim scenario check" ] && COMPREPLY+=($(compgen -f -- "$current"))
}}
complete -F _slipway slipway
)",
      commands, cases);
}

std::string zsh_script(const std::vector<CommandEntry>& entries) {
  // zsh understands bash's form; one description of the tree is enough.
  return "#compdef slipway\nautoload -U +X bashcompinit && bashcompinit\n" + bash_script(entries);
}

std::string fish_quoted(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') out += '\\';
    out += c;
  }
  return out + "'";
}

std::string fish_script(const std::vector<CommandEntry>& entries) {
  std::string text =
      "# fish completion for slipway; save as ~/.config/fish/completions/slipway.fish\n";
  text += "complete -c slipway -f\n";
  for (const CommandEntry& entry : entries) {
    std::string condition = "__fish_use_subcommand";
    if (!entry.words.empty()) {
      condition.clear();
      std::string_view rest = entry.words;
      while (!rest.empty()) {
        const std::size_t space = rest.find(' ');
        if (!condition.empty()) condition += "; and ";
        condition += "__fish_seen_subcommand_from " + std::string(rest.substr(0, space));
        rest = space == std::string_view::npos ? std::string_view() : rest.substr(space + 1);
      }
    }
    for (const std::string& sub : entry.commands)
      text += fmt::format("complete -c slipway -n {} -a {}\n", fish_quoted(condition), sub);
    for (const CLI::Option* option : entry.options) {
      text += "complete -c slipway -n " + fish_quoted(condition);
      for (const std::string& name : option->get_lnames()) text += " -l " + name;
      for (const std::string& name : option->get_snames()) text += " -s " + name;
      if (option->get_items_expected_max() > 0)
        text += option->get_type_name() == "FILE" ? " -r -F" : " -r";
      text += " -d " + fish_quoted(option->get_description()) + "\n";
    }
    if (entry.words == "completion")
      text += fmt::format("complete -c slipway -n {} -a 'bash zsh fish'\n", fish_quoted(condition));
  }
  return text;
}

}  // namespace

std::string completion_script(const CLI::App& app, const std::string& shell) {
  std::vector<CommandEntry> entries;
  collect(app, "", entries);
  if (shell == "bash") return bash_script(entries);
  if (shell == "zsh") return zsh_script(entries);
  return fish_script(entries);
}

}  // namespace slipway::cli
