#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace rw::test {

struct Declaration {
  std::string space;       ///< the namespace inside of rw, such as "linalg"
  std::string name;        ///< with that of the class: `abs`, `Tensor::abs`, `operator+`
  std::string parameters;  ///< what stands in its parentheses
};

/// The functions that a header declares and that return tensors, alone or in a container. Each
/// overload counts. Those of namespaces called `detail` and those that return a `const Tensor&` are
/// left out.
std::vector<Declaration> declarations_returning_tensors(const std::string& header);
/// Their names.
std::vector<std::string> functions_returning_tensors(const std::string& header);

/// A header without comments and preprocessor lines, and without literals that are more than a
/// word.
std::string code_of(std::string_view header);

}  // namespace rw::test
