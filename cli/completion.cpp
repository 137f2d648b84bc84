// What bash completes: commands, options, and the values of those that have few.

#include <CLI/CLI.hpp>

#include <rewind/models/registry.h>

#include "arguments.h"

namespace rw::cli {

namespace {

std::string joined(const std::vector<std::string>& words) {
  std::string all;
  for (const std::string& word : words) all += (all.empty() ? "" : " ") + word;
  return all;
}

std::vector<std::string> options_of(const CLI::App& command) {
  std::vector<std::string> words;
  for (const CLI::Option* option : command.get_options())
    for (const std::string& name : option->get_lnames()) words.push_back("--" + name);
  return words;
}

// The values that an option takes, of those that CLI::IsMember lists as "{sgd,adamw}".
std::string values_of(const CLI::Option& option) {
  if (option.get_name() == "--model") return joined(models::list_models());
  const std::string type = option.get_type_name();
  const size_t begin = type.find('{'), end = type.find('}');
  if (begin == type.npos || end == type.npos) return "";
  std::string values = type.substr(begin + 1, end - begin - 1);
  std::replace(values.begin(), values.end(), ',', ' ');
  return values;
}

// A case for each command: its options, and values by option.
std::string cases(const CLI::App& app) {
  std::string out;
  for (const CLI::App* command : app.get_subcommands({})) {
    out +=
        "    " + command->get_name() + ")\n      options='" + joined(options_of(*command)) + "'\n";
    out += "      case $before in\n";
    for (const CLI::Option* option : command->get_options())
      if (const std::string values = values_of(*option); !values.empty())
        out += "        " + option->get_name() + ") values='" + values + "' ;;\n";
    out += "      esac\n";
    if (command->get_name() == "summary")
      out += "      names='" + joined(models::list_models()) + "'\n";
    out += "      ;;\n";
  }
  return out;
}

}  // namespace

std::string bash_completion(const CLI::App& app) {
  std::vector<std::string> commands;
  for (const CLI::App* command : app.get_subcommands({})) commands.push_back(command->get_name());
  return R"(# What bash completes of rewind, by `rewind completion`.
_rewind() {
  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}
  local options='' values='' names=''
  COMPREPLY=()
  if ((COMP_CWORD == 1)); then
    COMPREPLY=($(compgen -W ')" +
         joined(commands) + " " + joined(options_of(app)) + R"(' -- "$word"))
    return
  fi
  case ${COMP_WORDS[1]} in
)" + cases(app) +
         R"(  esac
  if [[ $values ]]; then
    COMPREPLY=($(compgen -W "$values" -- "$word"))
  elif [[ $word == -* ]]; then
    COMPREPLY=($(compgen -W "$options" -- "$word"))
  else
    COMPREPLY=($(compgen -W "$names" -- "$word"))
    local IFS=$'\n'
    COMPREPLY+=($(compgen -f -- "$word"))
    compopt -o filenames 2>/dev/null
  fi
}
complete -F _rewind rewind
)";
}

}  // namespace rw::cli
