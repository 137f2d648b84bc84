#include <rewind/nn/parametrizations.h>

#include "cases.h"

namespace rw::test {
namespace {

using nn::utils::parametrizations::spectral_norm;
using nn::utils::parametrizations::weight_norm;

// As families/parametrization.py does: in[0] is the input, in[1] the gradient of the result, the
// rest is the state.
Tensors run(nn::Module&& m, const Tensors& in, int calls, bool buffers) {
  m.to(in[0].dtype());
  nn::StateDict state = m.state_dict();
  for (size_t i = 0; i < state.size(); ++i) state[i].second = in.at(i + 2);
  m.load_state_dict(state);
  for (int i = 1; i < calls; ++i) m(in[0]);
  const Tensor y = m(in[0]);
  y.backward(in[1]);
  Tensors results = {y.detach()};
  for (const Tensor& p : m.parameters()) results.push_back(p.grad());
  if (buffers)
    for (const Tensor& b : m.buffers()) results.push_back(b.clone());
  return results;
}

template <class Make>
Case norm(const std::string& name, const Make& make) {
  return {"weight_norm_" + name, [=](const Tensors& in) { return run(make(), in, 1, false); }};
}
template <class Make>
Case spectral(const std::string& name, int calls, const Make& make) {
  return {"spectral_norm_" + name, [=](const Tensors& in) { return run(make(), in, calls, true); }};
}

using nn::utils::parametrizations::orthogonal;
using nn::utils::parametrizations::OrthogonalMap;

void add_orthogonal_cases(Cases& cases) {
  using enum OrthogonalMap;
  struct Kind {
    const char* name;
    std::optional<OrthogonalMap> map;
    bool use_trivialization = true;
  };
  const Kind kinds[] = {{"by_default", {}},
                        {"matrix_exp", matrix_exp},
                        {"cayley", cayley},
                        {"householder", householder},
                        {"matrix_exp_alone", matrix_exp, false},
                        {"cayley_alone", cayley, false},
                        {"householder_alone", householder, false}};
  const std::tuple<const char*, int64_t, int64_t> sizes[] = {
      {"square", 3, 3}, {"tall", 2, 4}, {"wide", 4, 2}};
  for (const Kind& kind : kinds)
    for (const auto& [shape, in_features, out_features] : sizes) {
      const auto make = [kind, n = in_features, m = out_features] {
        return orthogonal(nn::Linear(n, m), "weight", kind.map, kind.use_trivialization);
      };
      const std::string name = std::string(kind.name) + "_" + shape;
      cases.push_back(
          {"orthogonal_" + name, [=](const Tensors& in) { return run(make(), in, 1, false); }});
      if (!kind.use_trivialization && kind.map != householder) continue;
      cases.push_back({"orthogonal_assigned_" + name, [=](const Tensors& in) {
                         nn::Linear m = make();
                         m.to(in[0].dtype());
                         m.weight = in[0];
                         nn::utils::parametrize::refresh(m);
                         Tensors results = {m.weight.detach()};
                         if (!kind.use_trivialization)
                           results.push_back(
                               m.state_dict().at("parametrizations.weight.original").detach());
                         return results;
                       }});
    }
}

Cases parametrization_cases() {
  Cases cases = {
      norm("linear", [] { return weight_norm(nn::Linear(3, 4)); }),
      norm("dim1", [] { return weight_norm(nn::Linear(3, 4), "weight", 1); }),
      norm("all", [] { return weight_norm(nn::Linear(3, 4), "weight", std::nullopt); }),
      norm("conv", [] { return weight_norm(nn::Conv2d(2, 3, 2)); }),
      spectral("linear", 1, [] { return spectral_norm(nn::Linear(3, 4)); }),
      spectral("calls", 3, [] { return spectral_norm(nn::Linear(3, 4)); }),
      spectral("power", 2,
               [] {
                 return spectral_norm(nn::Linear(3, 4), "weight",
                                      {.n_power_iterations = 4, .eps = 1e-3});
               }),
      spectral("eval", 2,
               [] {
                 nn::Linear layer = spectral_norm(nn::Linear(3, 4));
                 layer.eval();
                 return layer;
               }),
      spectral("conv", 2, [] { return spectral_norm(nn::Conv2d(2, 3, 2)); }),
      spectral("transposed", 2, [] { return spectral_norm(nn::ConvTranspose1d(2, 3, 2)); }),
      spectral("dim", 2, [] { return spectral_norm(nn::Conv2d(2, 3, 2), "weight", {.dim = -1}); }),
  };
  add_orthogonal_cases(cases);
  return cases;
}

const Family parametrization_family(parametrization_cases);

}  // namespace
}  // namespace rw::test
