#include <rewind/autograd/gradcheck.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include <rewind/tensor/check.h>
#include <rewind/tensor/factories.h>

namespace rw {
namespace {

// The outputs are weighed by fixed random numbers and summed: one backward pass then checks every
// element of the Jacobian, since errors cancel with probability zero.
Tensor random_weights(const Tensor& like, Generator& gen) {
  Tensor w = empty_like(like);
  detail::fill_uniform(w, 0.5, 1.5, gen);
  auto* p = w.data<double>();
  for (int64_t i = 0; i < w.numel(); i += 2) p[i] = -p[i];
  return w;
}

double weighed_sum(const std::vector<Tensor>& outputs, const std::vector<Tensor>& weights) {
  double sum = 0;
  for (size_t i = 0; i < outputs.size(); ++i) {
    if (!weights[i].defined()) continue;
    const auto values = outputs[i].to_vector<double>();
    const auto w = weights[i].to_vector<double>();
    for (size_t k = 0; k < values.size(); ++k) sum += values[k] * w[k];
  }
  return sum;
}

Shape unravel(int64_t flat, const Shape& shape) {
  Shape index = shape;
  for (int d = shape.rank() - 1; d >= 0; --d) {
    index[d] = flat % shape[d];
    flat /= shape[d];
  }
  return index;
}

// An element in memory, which several elements of an expanded tensor share.
struct Cell {
  int64_t first_flat = 0;
  double analytic = 0;
};

std::map<int64_t, Cell> cells_of(const Tensor& x, const Tensor& gradient) {
  const std::vector<double> g = gradient.defined()
                                    ? gradient.to_vector<double>()
                                    : std::vector<double>(static_cast<size_t>(x.numel()), 0.0);
  std::map<int64_t, Cell> cells;
  for (int64_t flat = 0; flat < x.numel(); ++flat) {
    const Shape index = unravel(flat, x.shape());
    int64_t offset = 0;
    for (int d = 0; d < x.dim(); ++d) offset += index[d] * x.strides()[d];
    const auto [it, fresh] = cells.try_emplace(offset);
    if (fresh) it->second.first_flat = flat;
    it->second.analytic += g[static_cast<size_t>(flat)];
  }
  return cells;
}

class Checker {
 public:
  Checker(const TensorFunction& f, const std::vector<Tensor>& inputs,
          const GradcheckOptions& options)
      : f_(f), inputs_(inputs), options_(options) {}

  GradcheckResult run() {
    const std::vector<Tensor> gradients = analytic();
    const no_grad guard;
    for (size_t i = 0; i < inputs_.size(); ++i)
      if (inputs_[i].requires_grad()) check_input(i, gradients[i]);
    return result_;
  }

 private:
  std::vector<Tensor> analytic() {
    const enable_grad guard;
    const std::vector<Tensor> outputs = f_(inputs_);
    Generator gen(2024);
    std::vector<Tensor> differentiable, seeds, wanted;
    for (const Tensor& out : outputs) {
      const bool floating = out.is_floating_point();
      check<DTypeError>(!floating || out.dtype() == float64,
                        "gradcheck: expected float64 outputs, got {}", out.dtype());
      weights_.push_back(floating ? random_weights(out, gen) : Tensor());
      if (!out.requires_grad()) continue;
      differentiable.push_back(out);
      seeds.push_back(weights_.back());
    }
    for (const Tensor& x : inputs_) {
      check<DTypeError>(!x.requires_grad() || x.dtype() == float64,
                        "gradcheck: expected float64 inputs, got {}", x.dtype());
      if (x.requires_grad()) wanted.push_back(x);
    }
    check(!wanted.empty(), "gradcheck: no input requires grad");
    std::vector<Tensor> found(wanted.size());
    if (!differentiable.empty())
      found = grad(differentiable, wanted, seeds, false, false, /*allow_unused=*/true);
    std::vector<Tensor> all(inputs_.size());
    for (size_t i = 0, k = 0; i < inputs_.size(); ++i)
      if (inputs_[i].requires_grad()) all[i] = found[k++];
    return all;
  }

  void check_input(size_t i, const Tensor& gradient) {
    double worst = 0;
    for (const auto& [offset, cell] : cells_of(inputs_[i], gradient)) {
      const double numeric = central_difference(inputs_[i].data<double>() + offset);
      const double error = std::abs(cell.analytic - numeric);
      const double excess = error / (options_.atol + options_.rtol * std::abs(numeric));
      if (excess <= 1 || excess <= worst) continue;  // NaN falls through and fails
      worst = std::isnan(excess) ? std::numeric_limits<double>::infinity() : excess;
      result_.ok = false;
      result_.message =
          fmt::format("input {} at {}: analytic {:.10g}, numeric {:.10g} (difference {:.3g})", i,
                      unravel(cell.first_flat, inputs_[i].shape()), cell.analytic, numeric, error);
    }
  }

  // The cell is put back as it was.
  double central_difference(double* cell) {
    const double x = *cell, h = options_.eps * std::max(1.0, std::abs(x));
    *cell = x + h;
    const double above = weighed_sum(f_(inputs_), weights_);
    *cell = x - h;
    const double below = weighed_sum(f_(inputs_), weights_);
    *cell = x;
    return (above - below) / (2 * h);
  }

  const TensorFunction& f_;
  const std::vector<Tensor>& inputs_;
  const GradcheckOptions& options_;
  std::vector<Tensor> weights_;
  GradcheckResult result_;
};

TensorFunction with_one_result(const OneResultFunction& f) {
  return [&f](const std::vector<Tensor>& in) { return std::vector<Tensor>{f(in)}; };
}

TensorFunction of_one(const std::function<Tensor(const Tensor&)>& f) {
  return [&f](const std::vector<Tensor>& in) { return std::vector<Tensor>{f(in[0])}; };
}

}  // namespace

GradcheckResult gradcheck(const TensorFunction& f, const std::vector<Tensor>& inputs,
                          const GradcheckOptions& options) {
  return Checker(f, inputs, options).run();
}

GradcheckResult gradgradcheck(const TensorFunction& f, const std::vector<Tensor>& inputs,
                              const GradcheckOptions& options) {
  const size_t n = inputs.size();
  Generator gen(2025);
  std::vector<Tensor> extended = inputs;
  for (const Tensor& out : f(inputs))
    if (out.requires_grad()) extended.push_back(random_weights(out, gen).requires_grad_());
  if (extended.size() == n) return gradcheck(f, inputs, options);  // constant: nothing more to see

  // The gradients of f as a function of its inputs and of the output gradients.
  const TensorFunction gradients = [&f, n](const std::vector<Tensor>& in) {
    const enable_grad guard;
    const std::vector<Tensor> given(in.begin(), in.begin() + static_cast<ptrdiff_t>(n));
    const std::vector<Tensor> seeds(in.begin() + static_cast<ptrdiff_t>(n), in.end());
    std::vector<Tensor> outputs, wanted;
    for (Tensor& out : f(given))
      if (out.requires_grad()) outputs.push_back(std::move(out));
    for (const Tensor& x : given)
      if (x.requires_grad()) wanted.push_back(x);
    std::vector<Tensor> found = grad(outputs, wanted, seeds, true, true, /*allow_unused=*/true);
    std::erase_if(found, [](const Tensor& g) { return !g.defined(); });
    return found;
  };
  return gradcheck(gradients, extended, options);
}

GradcheckResult gradcheck(const OneResultFunction& f, const std::vector<Tensor>& inputs,
                          const GradcheckOptions& options) {
  return gradcheck(with_one_result(f), inputs, options);
}

GradcheckResult gradgradcheck(const OneResultFunction& f, const std::vector<Tensor>& inputs,
                              const GradcheckOptions& options) {
  return gradgradcheck(with_one_result(f), inputs, options);
}

GradcheckResult gradcheck(const std::function<Tensor(const Tensor&)>& f, const Tensor& input,
                          const GradcheckOptions& options) {
  return gradcheck(of_one(f), {input}, options);
}

GradcheckResult gradgradcheck(const std::function<Tensor(const Tensor&)>& f, const Tensor& input,
                              const GradcheckOptions& options) {
  return gradgradcheck(of_one(f), {input}, options);
}

}  // namespace rw
