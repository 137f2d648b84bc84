// The command-line tool: rewind --help tells what it does.

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstdio>
#include <exception>
#include <iostream>
#include <string>
#include <vector>

#include <rewind/tensor/error.h>

#include "arguments.h"

namespace {

// The words of a command as a shell takes them.
std::vector<std::string> command_line(int argc, char** argv) {
  static constexpr const char* plain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=./:,@%";
  std::vector<std::string> words;
  for (int i = 0; i < argc; ++i) {
    std::string word = argv[i];
    if (word.empty() || word.find_first_not_of(plain) != word.npos) {
      for (size_t at = 0; (at = word.find('\'', at)) != word.npos; at += 4)
        word.replace(at, 1, "'\\''");
      word = "'" + word + "'";
    }
    words.push_back(std::move(word));
  }
  return words;
}

// The command that was called, "rewind train".
std::string called(const CLI::App& app) {
  const auto commands = app.get_subcommands();
  return "rewind" + (commands.empty() ? "" : " " + commands[0]->get_name());
}

// CLI11 takes an unknown command for a missing one.
void check_command(const CLI::App& app, int argc, char** argv) {
  if (argc < 2) throw rw::cli::UsageError("expected a command");
  const std::string word = argv[1];
  const auto commands = app.get_subcommands({});
  const bool is_known = std::any_of(commands.begin(), commands.end(), [&](const CLI::App* command) {
    return command->check_name(word);
  });
  if (!word.starts_with('-') && !is_known)
    throw rw::cli::UsageError("there is no command '" + word + "'");
}

rw::cli::ExitCode fail(const std::string& who, const char* what, rw::cli::ExitCode code) {
  std::fflush(stdout);
  std::fprintf(stderr, "%s: %s\n", who.c_str(), what);
  if (code == rw::cli::wrong_usage)
    std::fprintf(stderr, "%s --help tells how it is used.\n", who.c_str());
  return code;
}

// Once all is printed, also by std::cout.
rw::cli::ExitCode end(rw::cli::ExitCode code) {
  std::cout.flush();
  if (std::cout && std::fflush(stdout) == 0 && !std::ferror(stdout)) return code;
  return fail("rewind", "can't write to standard output", rw::cli::failed);
}

}  // namespace

int main(int argc, char** argv) {
  using namespace rw::cli;
  CLI::App app;
  ExitCode code = ok;
  add_commands(app, code, command_line(argc, argv));
  try {
    check_command(app, argc, argv);
    app.parse(argc, argv);
    return end(code);
  } catch (const CLI::Success& e) {  // --help and --version
    app.exit(e);
    return end(ok);
  } catch (const CLI::ParseError& e) {
    return fail(called(app), e.what(), wrong_usage);
  } catch (const UsageError& e) {
    return fail(called(app), e.what(), wrong_usage);
  } catch (const std::exception& e) {
    return fail("rewind", e.what(), failed);  // which names the function
  }
}
