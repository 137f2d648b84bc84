#pragma once

#include <string>
#include <vector>

namespace rw::test {

/// The functions that a header declares and that return tensors, alone or in a container, under
/// their names with that of the class: `abs`, `Tensor::abs`, `operator+`. Each overload counts.
/// Those of namespaces called `detail` and those that return a `const Tensor&` are left out.
std::vector<std::string> functions_returning_tensors(const std::string& header);

}  // namespace rw::test
