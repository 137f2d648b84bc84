// What libtorch declares is declared here, or docs/absent.md says why not.

#include <fstream>
#include <iterator>
#include <regex>
#include <set>
#include <sstream>

#include "../check.h"

namespace {

std::string contents(const std::string& path) {
  std::ifstream file(path);
  BOOST_TEST_REQUIRE(file.good(), path << " can't be read");
  return {std::istreambuf_iterator<char>(file), {}};
}

std::set<std::string> matches(const std::string& text, const char* pattern) {
  const std::regex expression(pattern);
  std::set<std::string> all;
  for (std::sregex_iterator i(text.begin(), text.end(), expression), end; i != end; ++i)
    all.insert((*i)[1]);
  return all;
}

// The names that the public headers of the ops, of Tensor and of nn declare.
struct Declared {
  std::set<std::string> functions, members, modules;

  bool has(const std::string& kind, std::string name) const {
    if (kind == "module") return modules.contains(name);
    if (kind == "member") return members.contains(name);
    for (const char* space : {"linalg_", "special_"})
      if (name.starts_with(space)) name.erase(0, std::string(space).size());
    return functions.contains(name) || members.contains(name);
  }
};

Declared declared() {
  Declared all;
  std::istringstream headers(contents(REWIND_ALL_HEADERS));
  for (std::string path; std::getline(headers, path);) {
    const std::string text = contents(path);
    const auto called = matches(text, R"(\b(\w+)\()");
    all.functions.insert(called.begin(), called.end());
    if (path.ends_with("/tensor.h")) all.members = called;
    if (path.find("/nn/") != std::string::npos)
      all.modules.merge(matches(text, R"((?:class|struct|using) (\w+))"));
  }
  return all;
}

}  // namespace

BOOST_AUTO_TEST_CASE(every_name_is_here_or_its_absence_explained) {
  const Declared here = declared();
  const auto absent = matches(contents(REWIND_ABSENT), "`(\\w+)`");
  std::istringstream names(contents(REWIND_NAMES));
  int count = 0;
  for (std::string kind, name; names >> kind >> name; ++count)
    BOOST_TEST((here.has(kind, name) || absent.contains(name)),
               "libtorch has the " << kind << " " << name
                                   << ": declare it, or say in docs/absent.md why it is not here");
  BOOST_TEST(count > 1000);
}

BOOST_AUTO_TEST_CASE(what_is_here_is_not_called_absent) {
  const Declared here = declared();
  std::istringstream names(contents(REWIND_NAMES));
  std::set<std::string> missing;
  for (std::string kind, name; names >> kind >> name;)
    if (!here.has(kind, name)) missing.insert(name);
  std::istringstream lines(contents(REWIND_ABSENT));
  for (std::string line; std::getline(lines, line);)
    if (line.starts_with("| `"))
      for (const std::string& name : matches(line.substr(0, line.find('|', 1)), "`(\\w+)`"))
        BOOST_TEST(missing.contains(name), name << " is in docs/absent.md, and declared");
}
