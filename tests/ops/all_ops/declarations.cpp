#include "declarations.h"

#include <algorithm>
#include <regex>
#include <string_view>

namespace rw::test {

// What is left has balanced brackets.
std::string code_of(std::string_view text) {
  std::string code;
  const auto skip_past = [&](std::string_view end) {
    const size_t at = text.find(end);
    text.remove_prefix(at == text.npos ? text.size() : at + end.size());
  };
  while (!text.empty()) {
    const char c = text.front();
    if (c == '"' || c == '\'') {
      static const std::regex word(R"(^(['"])\w+\1)");
      std::cmatch m;
      if (std::regex_search(text.begin(), text.end(), m, word)) {
        code += m.str();
        text.remove_prefix(static_cast<size_t>(m.length()));
        continue;
      }
    }
    if (c == '#') {
      while (text.find("\\\n") < text.find('\n')) skip_past("\n");
      skip_past("\n");
    } else if (text.starts_with("//")) {
      skip_past("\n");
    } else if (text.starts_with("/*")) {
      skip_past("*/");
    } else if (c == '"') {
      text.remove_prefix(1);
      while (!text.empty() && text.front() != '"')
        text.remove_prefix(std::min<size_t>(text.front() == '\\' ? 2 : 1, text.size()));
      text.remove_prefix(std::min<size_t>(1, text.size()));
    } else if (c == '\'' && text.size() > 2 && text[2] == '\'') {  // no separator of digits
      text.remove_prefix(3);
    } else {
      code += c == '\n' ? ' ' : c;
      text.remove_prefix(1);
    }
  }
  return code;
}

namespace {

struct Scope {
  enum Kind { space, type, body } kind;
  std::string name;
};

// What the braces after `head` hold.
Scope scope_after(const std::string& head) {
  static const std::regex opening(R"(\b(namespace|class|struct)\b\s*([\w:]*)[^()=]*$)");
  static const std::regex enumeration(R"(\benum\b)");
  const std::string signature = std::regex_replace(head, std::regex("template *<[^>]*>"), "");
  std::smatch m;
  if (!std::regex_search(signature, m, opening) || std::regex_search(signature, enumeration))
    return {Scope::body, ""};
  return {m[1] == "namespace" ? Scope::space : Scope::type, m[2]};
}

// The function that `head` declares; without a name where it does not return tensors.
Declaration function_in(const std::string& head) {
  static const std::regex declaration(
      R"((?:^|\s)(?:std::\w+<[^<>]*\bTensor\b[^<>]*>|Tensor|)"
      R"(Selection|LstsqResult|Unique)[\s&]+(operator\s*(?:\(\)|[^\s\w(]+)|\w+)\s*\()");
  std::smatch m;
  const bool any = head.find("Tensor") != head.npos || head.find("Selection") != head.npos;
  if (!any || !std::regex_search(head, m, declaration)) return {};
  if (m.prefix().str().ends_with("const")) return {};
  const std::string after = m.suffix();
  return {"", m[1], after.substr(0, after.rfind(')'))};
}

}  // namespace

std::vector<Declaration> declarations_returning_tensors(const std::string& header) {
  std::vector<Declaration> found;
  std::vector<Scope> scopes;
  const auto add = [&](const Declaration& d) {
    std::string type, space;
    for (const Scope& s : scopes) {
      if (s.kind == Scope::body || s.name.find("detail") != s.name.npos) return;
      if (s.kind == Scope::type) type += s.name + "::";
      if (s.kind == Scope::space && s.name != "rw") space = s.name;
    }
    found.push_back({space, type + d.name, d.parameters});
  };
  std::string head;  // since the last declaration
  int parentheses = 0;
  for (const char c : code_of(header)) {
    parentheses += (c == '(') - (c == ')');
    if (parentheses > 0 || (c != ';' && c != '{' && c != '}')) {
      head += c;
      continue;
    }
    if (const Declaration d = function_in(head); !d.name.empty()) add(d);
    if (c == '{') scopes.push_back(scope_after(head));
    if (c == '}' && !scopes.empty()) scopes.pop_back();
    head.clear();
  }
  return found;
}

std::vector<std::string> functions_returning_tensors(const std::string& header) {
  std::vector<std::string> names;
  for (const Declaration& d : declarations_returning_tensors(header)) names.push_back(d.name);
  return names;
}

}  // namespace rw::test
