#include "run.h"

#include <cmath>
#include <sstream>

namespace rw::test {
namespace {

// The numbers that weigh the k-th output: as in samples.py.
Tensor weights(const Tensor& like, size_t k) {
  std::vector<double> w(static_cast<size_t>(like.numel()));
  for (size_t i = 0; i < w.size(); ++i)
    w[i] = (static_cast<double>((i * 37 + k * 11 + 5) % 64) - 31.5) / 32;
  return from(w, like.shape()).to(like.dtype());
}

void collect_leaves(const Value& v, Tensors& leaves) {
  if (v.kind == Value::Kind::tensor && v.tensor.requires_grad()) leaves.push_back(v.tensor);
  for (const Value& each : v.list) collect_leaves(each, leaves);
}

Tensors leaves_of(const Sample& sample) {
  Tensors leaves;
  for (const Value& v : sample.in) collect_leaves(v, leaves);
  for (const auto& [name, v] : sample.kw) collect_leaves(v, leaves);
  return leaves;
}

double tolerance(DType dtype) {
  switch (dtype) {
    case float64:
      return 1e-9;
    case float32:
      return 2e-4;
    case float16:
      return 1e-2;
    case bfloat16:
      return 6e-2;
    default:
      return 0;
  }
}

// What differs, or nothing. Numbers are compared relative to the largest one.
std::string difference(const Tensor& got, const Tensor& wanted, double tolerance,
                       bool values = true) {
  std::ostringstream os;
  if (got.dtype() != wanted.dtype())
    os << "dtype " << got.dtype() << " for " << wanted.dtype();
  else if (got.shape() != wanted.shape())
    os << "shape " << got.shape() << " for " << wanted.shape();
  if (!os.str().empty() || !values) return os.str();
  const auto a = got.to_vector<double>(), b = wanted.to_vector<double>();
  double scale = 1e-3;
  for (const double v : b)
    if (std::isfinite(v)) scale = std::max(scale, std::abs(v));
  for (size_t i = 0; i < a.size(); ++i) {
    if (a[i] == b[i] || (std::isnan(a[i]) && std::isnan(b[i])) ||
        std::abs(a[i] - b[i]) <= tolerance * scale)
      continue;
    os.precision(9);
    os << "element " << i << " of " << got.shape() << " is " << a[i] << " for " << b[i];
    return os.str();
  }
  return {};
}

Difference compare_outputs(const Sample& sample, const Tensors& got) {
  if (got.size() != sample.out.size())
    return {"count",
            std::to_string(got.size()) + " results for " + std::to_string(sample.out.size())};
  for (size_t k = 0; k < got.size(); ++k) {
    const std::string text =
        difference(got[k], sample.out[k], tolerance(sample.out[k].dtype()), !sample.random);
    if (!text.empty())
      return {text.starts_with("dtype")   ? "dtype"
              : text.starts_with("shape") ? "shape"
                                          : "value",
              "output " + std::to_string(k) + ": " + text};
  }
  return {"agrees", ""};
}

Difference compare_gradients(const Sample& sample, const Tensors& got) {
  Tensors active, cotangents;
  for (size_t k = 0; k < got.size(); ++k)
    if (got[k].requires_grad()) {
      active.push_back(got[k]);
      cotangents.push_back(weights(got[k], k));
    }
  if (!sample.grads || sample.random)
    return sample.random || active.empty() ? Difference{"agrees", ""}
                                           : Difference{"graph", "has a gradient, in PyTorch none"};
  if (active.empty()) return {"graph", "no gradient"};
  const Tensors leaves = leaves_of(sample);
  const Tensors grads = grad(active, leaves, cotangents, false, false, true);
  for (size_t i = 0; i < grads.size(); ++i) {
    const Tensor wanted =
        sample.grads->at(i).defined() ? sample.grads->at(i) : zeros_like(leaves[i]);
    const Tensor g = grads[i].defined() ? grads[i] : zeros_like(leaves[i]);
    const std::string text = difference(g, wanted, 10 * tolerance(wanted.dtype()));
    if (!text.empty()) return {"gradient", "leaf " + std::to_string(i) + ": " + text};
  }
  return {"agrees", ""};
}

const Form* form_of(const std::string& sample_name) {
  std::string name = sample_name.substr(0, sample_name.find('#'));
  const Forms& forms = all_forms();
  if (const auto found = forms.find(name); found != forms.end()) return &found->second;
  const bool in_place = name.back() == '_' && name.size() > 2 && name[name.size() - 2] != '_';
  while (name.find('.') != std::string::npos) {  // a variant's name is last
    name = name.substr(0, name.rfind('.'));
    if (const auto found = forms.find(name + (in_place ? "_" : "")); found != forms.end())
      return &found->second;
  }
  return nullptr;
}

Difference run_once(const Sample& sample) {
  if (!sample.unreadable.empty()) return {"unreadable", sample.unreadable};
  const Form* const form = form_of(sample.name);
  if (!form) return {"no_form", ""};
  try {
    Args args(sample);
    const Tensors got = (*form)(args).all;
    args.check_all_read();
    if (sample.refused) return {"accepted", "PyTorch: " + *sample.refused};
    const Difference d = compare_outputs(sample, got);
    return d.kind == "agrees" ? compare_gradients(sample, got) : d;
  } catch (const Inexpressible& e) {
    return {"inexpressible", e.what()};
  } catch (const Error& e) {
    return sample.refused ? Difference{"agrees", ""} : Difference{"refused", e.what()};
  } catch (const std::exception& e) {
    return {"exception", e.what()};
  }
}

Tensor reversed(const Tensor& x) {
  Dims dims;
  for (int i = x.dim(); i > 0; --i) dims.push_back(i - 1);
  return x.permute(dims);
}

template <class F>
void rearrange(Value& v, const F& f) {
  for (Value& each : v.list) rearrange(each, f);
  if (v.kind != Value::Kind::tensor) return;
  v.tensor = f(v.tensor.detach()).requires_grad_(v.tensor.requires_grad());
}

template <class F>
Sample rearranged(Sample sample, const F& f) {
  for (Value& v : sample.in) rearrange(v, f);
  for (auto& [name, v] : sample.kw) rearrange(v, f);
  return sample;
}

}  // namespace

Difference run(const Sample& sample, bool layouts) {
  Difference d = run_once(sample);
  // What is asked of memory itself has other results in another order.
  const bool of_memory = sample.name.starts_with("as_strided") || sample.name.starts_with("view");
  if (!layouts || of_memory || d.kind != "agrees") return d;
  d = run_once(rearranged(
      sample, [](const Tensor& x) { return reversed(reversed(x).contiguous()).detach(); }));
  if (d.kind != "agrees") return {d.kind + "_reversed", d.text};
  d = run_once(rearranged(sample, [](const Tensor& x) -> Tensor {
    return stack({x, x}, -1).select(-1, 0).detach();
  }));
  return d.kind == "agrees" ? d : Difference{d.kind + "_gaps", d.text};
}

}  // namespace rw::test
