// interop COMMAND FOLDER [NAME...]: the C++ side of `./dev interop`.

#include <cstdio>
#include <functional>
#include <map>

#include "interop.h"

using interop::Names;

namespace {

int print(const Names& names) {
  for (const std::string& name : names) std::puts(name.c_str());
  return 0;
}

const std::map<std::string, std::function<int(const std::string&, const Names&)>> commands = {
    {"write-files", [](auto& folder, auto&) { return interop::write_files(folder), 0; }},
    {"check-files", [](auto& folder, auto&) { return interop::check_files(folder); }},
    {"small-cases", [](auto&, auto&) { return print(interop::small_cases()); }},
    {"large-cases", [](auto&, auto&) { return print(interop::large_cases()); }},
    {"export", [](auto& folder, auto& names) { return interop::export_cases(folder, names); }},
    {"compare", [](auto& folder, auto&) { return interop::compare_results(folder); }},
    {"import", [](auto& folder, auto&) { return interop::import_cases(folder); }},
    {"node-cases", [](auto& folder, auto&) { return interop::node_cases(folder); }},
};

}  // namespace

int main(int argc, char** argv) {
  const auto command = argc > 2 ? commands.find(argv[1]) : commands.end();
  if (command == commands.end()) {
    std::fputs("usage: interop COMMAND FOLDER [NAME...], where COMMAND is one of\n", stderr);
    for (const auto& [name, run] : commands) std::fprintf(stderr, "  %s\n", name.c_str());
    return 2;
  }
  try {
    return command->second(argv[2], Names(argv + 3, argv + argc)) > 0;
  } catch (const std::exception& e) {
    std::fprintf(stderr, "interop %s: %s\n", argv[1], e.what());
    return 1;
  }
}
