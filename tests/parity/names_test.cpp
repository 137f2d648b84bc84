// What libtorch declares is declared here, or docs/absent.md says why not.

#include <algorithm>
#include <fstream>
#include <iterator>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <vector>

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

// The names that the public headers of the ops, of Tensor and of nn declare. Functions are those
// outside of classes, by the last part of their namespace's name: "rw", "linalg", "rnn" and so on.
struct Declared {
  std::map<std::string, std::set<std::string>> functions;
  std::set<std::string> members, modules;

  bool is_function(const std::string& space, const std::string& name) const {
    const auto found = functions.find(space);
    return found != functions.end() && found->second.contains(name);
  }

  bool has(const std::string& kind, const std::string& name) const {
    if (kind == "module") return modules.contains(name);
    if (kind == "member") return members.contains(name);
    if (name.starts_with("linalg_")) return is_function("linalg", name.substr(7));
    if (name.starts_with("special_")) {
      const std::string plain = name.substr(8);
      return is_function("special", plain) || is_function("rw", plain);
    }
    return is_function("rw", name) || is_function("rnn", name) || members.contains(name);
  }
};

// Declarations that are not indented stand in a namespace, and only they do.
void add_functions(const std::string& code, Declared& all) {
  static const std::regex opens(R"(namespace (?:\w+::)*(\w+) \{)"), closes(R"(\}\s*)");
  static const std::regex declares(R"((?!using|return|#)[A-Za-z][^;{}()#=]*[\s&*>](\w+)\(.*)");
  std::vector<std::string> spaces;
  std::ptrdiff_t depth = 0;  // of braces in a namespace
  std::istringstream lines(code);
  std::smatch m;
  for (std::string line; std::getline(lines, line);) {
    if (depth == 0 && std::regex_match(line, m, opens)) {
      spaces.push_back(m[1]);
      continue;
    }
    if (depth == 0 && std::regex_match(line, closes) && !spaces.empty()) {
      spaces.pop_back();
      continue;
    }
    if (depth == 0 && !spaces.empty() && std::regex_match(line, m, declares))
      all.functions[spaces.back()].insert(m[1]);
    depth += std::count(line.begin(), line.end(), '{') - std::count(line.begin(), line.end(), '}');
  }
}

Declared declared() {
  Declared all;
  std::istringstream headers(contents(REWIND_ALL_HEADERS));
  for (std::string path; std::getline(headers, path);) {
    const std::string code = std::regex_replace(contents(path), std::regex(R"(\s*//[^\n]*)"), "");
    add_functions(code, all);
    if (path.ends_with("/tensor.h")) {
      all.members = matches(code, R"(\n  (?!return)[A-Za-z\[][^\n;{}()#=]*[\s&*>](\w+)\()");
      for (const std::string& alias : matches(code, R"(\n  _\((\w+), \w+\))"))
        all.members.merge(std::set{alias, alias + "_"});
    }
    if (path.find("/nn/") != std::string::npos)
      all.modules.merge(matches(code, R"((?:class|struct|using) (\w+))"));
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
  int count = 0;
  for (std::string line; std::getline(lines, line);)
    if (line.starts_with("| `"))
      for (const std::string& name : matches(line.substr(0, line.find('|', 1)), "`(\\w+)`")) {
        ++count;
        BOOST_TEST(missing.contains(name), name << " is in docs/absent.md, and declared");
      }
  BOOST_TEST(count > 20);
}
