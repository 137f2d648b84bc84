#pragma once
// problem.py in C++, and what reads the files that the scripts beside it write.

#include <boost/test/unit_test.hpp>
#include <fstream>
#include <functional>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include <rewind/rewind.h>

namespace rw::test {

using Rows = std::vector<std::vector<double>>;

/// The cases of a file: lines of numbers under names.
inline std::map<std::string, Rows> read_rows(const std::string& file) {
  std::ifstream in(std::string(REWIND_TRAJECTORIES) + "/" + file);
  BOOST_TEST_REQUIRE(in.good(), file << " can't be read");
  std::map<std::string, Rows> cases;
  std::string name;
  for (std::string text; std::getline(in, text);) {
    if (text.starts_with('#')) continue;
    if (text.starts_with("case ")) {
      name = text.substr(5);
      continue;
    }
    std::istringstream line(text);
    cases[name].emplace_back();
    for (std::string word; line >> word;) cases[name].back().push_back(std::stod(word));
  }
  return cases;
}

/// Each number within `tolerance`, absolute or relative.
inline void compare_rows(const std::string& name, const Rows& got, const Rows& expected,
                         double tolerance) {
  BOOST_TEST_REQUIRE(got.size() == expected.size(), name << ": another number of rows");
  for (size_t i = 0; i < got.size(); ++i) {
    BOOST_TEST_REQUIRE(got[i].size() == expected[i].size(),
                       name << ": another length of row " << i);
    for (size_t j = 0; j < got[i].size(); ++j)
      BOOST_TEST(std::abs(got[i][j] - expected[i][j]) <=
                     tolerance * std::max(1., std::abs(expected[i][j])),
                 name << ": row " << i << ", number " << j << " is " << got[i][j] << ", expected "
                      << expected[i][j] << ", a difference of " << got[i][j] - expected[i][j]);
  }
}

using Make = std::function<std::unique_ptr<optim::Optimizer>(const std::vector<Tensor>&)>;

inline void append(std::vector<double>& row, const std::vector<Tensor>& params) {
  for (const Tensor& p : params)
    for (const double v : p.to_vector<double>()) row.push_back(v);
}

/// Another optimizer, for copies of the parameters, that goes on from the state of this one.
inline void go_on(std::unique_ptr<optim::Optimizer>& optimizer, std::vector<Tensor>& params,
                  const Make& make) {
  const StateDict state = optimizer->state_dict().clone();
  for (Tensor& p : params) p = p.detach().clone().requires_grad_();
  optimizer = make(params);
  optimizer->load_state_dict(state);
}

/// 50 steps on the loss of problem.py; the rows of those that are shown.
inline Rows run_problem(const Make& make, DType dtype = float64) {
  const std::vector<Shape> shapes = {{2, 3}, {3}, {2}};
  const auto tensor = [&](int k, const std::function<double(int)>& f) {
    std::vector<double> v;
    for (int i = 0; i < shapes[static_cast<size_t>(k)].numel(); ++i) v.push_back(f(i));
    return from(v, shapes[static_cast<size_t>(k)]).to(dtype);
  };
  std::vector<Tensor> params, curvatures;
  for (int k = 0; k < 3; ++k) {
    params.push_back(
        tensor(k, [k](int i) { return ((i * 5 + k * 3) % 7 - 3) / 4.; }).requires_grad_());
    curvatures.push_back(tensor(k, [k](int i) { return 0.5 + ((i * 3 + k) % 4) / 2.; }));
  }
  std::unique_ptr<optim::Optimizer> optimizer = make(params);
  Rows rows;
  for (int step = 1; step <= 50; ++step) {
    optimizer->step([&] {
      optimizer->zero_grad();
      Tensor loss = zeros({}, dtype);
      for (int k = 0; k < 3; ++k) {
        const Tensor& p = params[static_cast<size_t>(k)];
        const Tensor c =
            tensor(k, [&](int i) { return ((step * 7 + i * 3 + k * 5) % 11 - 5) / 5.; });
        loss = loss +
               (curvatures[static_cast<size_t>(k)] * p * p / 2 + 0.075 * pow(p, 4) - c * p).sum();
      }
      loss.backward();
      return loss;
    });
    if (step == 1 || step == 2 || step == 10 || step == 25 || step == 26 || step == 50) {
      rows.push_back({static_cast<double>(step)});
      append(rows.back(), params);
    }
    if (step == 25) go_on(optimizer, params, make);
  }
  return rows;
}

/// Makes an optimizer of two groups: all parameters but the last, and the last.
template <class O, class Options>
Make two_groups(Options first, Options second) {
  return [=](const std::vector<Tensor>& params) -> std::unique_ptr<optim::Optimizer> {
    using Group = optim::ParamGroup<Options>;
    const std::vector<Tensor> others(params.begin(), params.end() - 1);
    return std::make_unique<O>(std::vector<Group>{{others, first}, {{params.back()}, second}});
  };
}

}  // namespace rw::test
