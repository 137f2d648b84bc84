// Values, first and second derivatives against PyTorch's, which generate.py stored.
#include <filesystem>
#include <fstream>
#include <sstream>

#include "../check.h"
#include "cases.h"
#include "fixtures.h"

using namespace rw;
using namespace rw::test;

namespace {

const Cases& all_cases() {
  static const Cases all = [] {
    std::vector<Cases> families;
    for (const auto cases : Family::all()) families.push_back(cases());
    return joined(families);
  }();
  return all;
}

const std::map<std::string, Fixture>& all_fixtures() {
  static const std::map<std::string, Fixture> all = [] {
    std::map<std::string, Fixture> fixtures;
    for (const auto& entry : std::filesystem::directory_iterator(REWIND_PARITY_FIXTURES)) {
      std::ifstream file(entry.path());
      if (!file) throw IOError("parity: cannot read " + entry.path().string());
      for (auto& [name, fixture] : read_fixtures(file))
        if (!fixtures.emplace(name, std::move(fixture)).second)
          throw IOError("parity: there are two cases " + name);
    }
    return fixtures;
  }();
  return all;
}

// The numbers that weigh the k-th output or first derivative: as in generate.py.
Tensor weights(const Tensor& like, size_t k) {
  std::vector<double> w(static_cast<size_t>(like.numel()));
  for (size_t i = 0; i < w.size(); ++i)
    w[i] = (static_cast<double>((i * 37 + k * 11 + 5) % 64) - 31.5) / 32;
  return from(w, like.shape()).type_as(like);
}

// d sum(t * weights) / d leaves; zeros where there is none.
Tensors derivatives(const Tensors& tensors, const Tensors& leaves, bool create_graph) {
  Tensors active, grad_outputs, grads(leaves.size());
  for (size_t k = 0; k < tensors.size(); ++k) {
    if (!tensors[k].requires_grad()) continue;
    active.push_back(tensors[k]);
    grad_outputs.push_back(weights(tensors[k], k));
  }
  if (!active.empty()) grads = grad(active, leaves, grad_outputs, create_graph, create_graph, true);
  for (size_t i = 0; i < grads.size(); ++i)
    if (!grads[i].defined()) grads[i] = zeros_like(leaves[i]);
  return grads;
}

struct Tolerance {
  double relative, absolute;
};

// Everywhere within the tolerance, relative to the largest number; NaN and infinities where they
// are expected. Dtypes may differ.
void compare(const Tensor& got, const Tensor& expected, Tolerance tolerance,
             const std::string& what) {
  const bool shapes_agree = got.shape() == expected.shape();
  BOOST_TEST(shapes_agree, what << ": " << got.shape() << " in place of " << expected.shape());
  if (!shapes_agree) return;
  const auto a = got.to_vector<double>(), b = expected.to_vector<double>();
  double scale = 0;
  for (const double v : b)
    if (std::isfinite(v)) scale = std::max(scale, std::abs(v));
  for (size_t i = 0; i < a.size(); ++i) {
    const bool same = a[i] == b[i] || (std::isnan(a[i]) && std::isnan(b[i])) ||
                      std::abs(a[i] - b[i]) <= tolerance.relative * scale + tolerance.absolute;
    BOOST_TEST(same, what << ": element " << i << " is " << a[i] << ", in PyTorch " << b[i]
                          << ", a difference of " << a[i] - b[i]);
  }
}

void compare(const Tensors& got, const Tensors& expected, Tolerance tolerance,
             const std::string& what) {
  BOOST_TEST(got.size() == expected.size(), what << ": another number of tensors");
  for (size_t i = 0; i < std::min(got.size(), expected.size()); ++i)
    compare(got[i], expected[i], tolerance, what + " " + std::to_string(i));
}

// Calls f with each case and what PyTorch computed for it.
template <class F>
void for_each_case(const F& f) {
  for (const Case& c : all_cases()) {
    const auto found = all_fixtures().find(c.name);
    if (found == all_fixtures().end()) continue;  // every_case_is_known reports it
    if (found->second.refused) continue;
    try {
      f(c, found->second);
    } catch (const std::exception& e) {
      BOOST_ERROR(c.name << ": " << e.what());
    }
  }
}

// All cases, on inputs that `prepare` has put into another dtype or memory order.
void check_all(const std::function<Tensor(const Tensor&)>& prepare, Tolerance tolerance) {
  for_each_case([&](const Case& c, const Fixture& expected) {
    Tensors inputs, leaves;
    for (const Tensor& x : expected.inputs) {
      inputs.push_back(prepare(x.detach()));
      if (x.requires_grad()) leaves.push_back(inputs.back().requires_grad_());
    }
    const Tensors outputs = c.function(inputs);
    compare(outputs, expected.outputs, tolerance, c.name + ": output");
    const Tensors first = derivatives(outputs, leaves, true);
    compare(first, expected.first, tolerance, c.name + ": first derivative");
    const Tensors second = derivatives(first, leaves, false);
    compare(second, expected.second, tolerance, c.name + ": second derivative");
  });
}

const Tolerance exact = {1e-10, 1e-14};

Tensor reversed(const Tensor& x) {
  Dims dims;
  for (int i = x.dim(); i > 0; --i) dims.push_back(i - 1);
  return x.permute(dims);
}

}  // namespace

BOOST_AUTO_TEST_CASE(every_case_is_known) {
  std::map<std::string, int> count;
  for (const auto& [name, fixture] : all_fixtures()) count[name] += 1;
  for (const Case& c : all_cases()) count[c.name] += 2;
  for (const auto& [name, n] : count) {
    BOOST_TEST(n != 1, name << " is in the fixtures, but not among the cases in C++");
    BOOST_TEST(n != 2,
               name << " is not in the fixtures, but among the cases in C++: run generate.py");
    BOOST_TEST(n <= 3, name << " is twice among the cases in C++");
  }
}

BOOST_AUTO_TEST_CASE(what_pytorch_refuses_is_refused) {
  for (const Case& c : all_cases())
    if (const auto found = all_fixtures().find(c.name);
        found != all_fixtures().end() && found->second.refused)
      BOOST_TEST_CONTEXT(c.name) BOOST_CHECK_THROW(c.function(found->second.inputs), Error);
}

BOOST_AUTO_TEST_CASE(broken_fixtures_are_refused) {
  const auto refuses = [](const std::string& text, const std::string& message) {
    std::istringstream file(text);
    BOOST_CHECK_EXCEPTION(read_fixtures(file), IOError, saying(message));
  };
  refuses("leaf float64 [1] 1", "expected a case in: leaf float64 [1] 1");
  refuses("case a\ncase a", "expected a new case in: case a");
  refuses("case a\nleaf", "expected more words in: leaf");
  refuses("case a\nroot float64 [1] 1", "expected a role");
  refuses("case a\nleaf float65 [1] 1", "expected a dtype");
  refuses("case a\nleaf float64 1 1", "expected [sizes]");
  refuses("case a\nleaf float64 [1,-1] 1", "expected a small shape");
  refuses("case a\nleaf float64 [1000000000] zeros", "expected a small shape");
  refuses("case a\nleaf float64 [1] 1x", "expected a number");
  refuses("case a\nleaf float64 [2] 1", "expected as many values as fit");
  refuses("case a\nleaf float64 [1] 1 2", "expected as many values as fit");
}

BOOST_AUTO_TEST_CASE(dtypes) {
  for_each_case([](const Case& c, const Fixture& expected) {
    if (expected.refused) return;
    const Tensors outputs = c.function(expected.inputs);
    for (size_t i = 0; i < outputs.size(); ++i)
      BOOST_TEST(outputs[i].dtype() == expected.outputs.at(i).dtype(), c.name);
  });
}

BOOST_AUTO_TEST_CASE(values_and_derivatives) {
  check_all([](const Tensor& x) { return x; }, exact);
}

BOOST_AUTO_TEST_CASE(memory_in_reverse_order) {
  check_all([](const Tensor& x) { return reversed(reversed(x).contiguous()); }, exact);
}

BOOST_AUTO_TEST_CASE(memory_with_gaps) {
  check_all([](const Tensor& x) { return stack({x, x}, -1).select(-1, 0); }, exact);
}

// Rounding near 900, in the cases `…_of_large`, is what asks for more than 1e-5.
BOOST_AUTO_TEST_CASE(in_float32) {
  check_all([](const Tensor& x) { return x.is_floating_point() ? x.to(float32) : x; },
            {2e-4, 1e-8});
}
