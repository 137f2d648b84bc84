#include <rewind/autograd/gradcheck.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include <rewind/kernels/random/random_kernel.h>
#include <rewind/tensor/check.h>
#include <rewind/tensor/factories.h>
#include <rewind/tensor/generator.h>
#include <rewind/tensor/unravel.h>

namespace rw {
namespace {

using detail::unravel;

// The outputs are weighed by fixed random numbers and summed: one backward pass then checks every
// element of the Jacobian, since errors cancel with probability zero.
Tensor random_weights(const Tensor& like, Generator& gen) {
  Tensor w = empty_like(like);
  auto* p = w.data<double>();
  const uint64_t first = gen.reserve(kernels::random_blocks(float64, w.numel()));
  kernels::fill_uniform(float64, {gen.seed(), first}, {0.5, 1, 1.5}, p, w.numel());
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

// Where an element lies, counted in elements from the first.
int64_t offset_of(const Tensor& x, int64_t flat) {
  const Shape index = unravel(flat, x.shape());
  int64_t offset = 0;
  for (int d = 0; d < x.dim(); ++d) offset += index[d] * x.strides()[d];
  return offset;
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
    const auto [it, fresh] = cells.try_emplace(offset_of(x, flat));
    if (fresh) it->second.first_flat = flat;
    it->second.analytic += g[static_cast<size_t>(flat)];
  }
  return cells;
}

// Where the elements of x lie, in order.
std::vector<const std::byte*> addresses_of(const Tensor& x) {
  const auto* first = static_cast<const std::byte*>(x.raw_data());
  const auto size = static_cast<int64_t>(itemsize(x.dtype()));
  std::vector<const std::byte*> all;
  all.reserve(static_cast<size_t>(x.numel()));
  for (int64_t flat = 0; flat < x.numel(); ++flat) all.push_back(first + offset_of(x, flat) * size);
  std::sort(all.begin(), all.end());
  return all;
}

// Whether a byte belongs to elements of both.
bool share_elements(const Tensor& a, const Tensor& b) {
  if (a.impl()->storage != b.impl()->storage || a.numel() == 0 || b.numel() == 0) return false;
  const auto of_a = addresses_of(a), of_b = addresses_of(b);
  const auto size_a = itemsize(a.dtype()), size_b = itemsize(b.dtype());
  for (size_t i = 0, k = 0; i < of_a.size() && k < of_b.size();) {
    if (of_a[i] + size_a <= of_b[k])
      ++i;
    else if (of_b[k] + size_b <= of_a[i])
      ++k;
    else
      return true;
  }
  return false;
}

// Inputs that share elements with an earlier one as copies: a step in one must not be one in
// another. Others stay themselves, so that a function that names them by itself is seen to change.
std::vector<Tensor> apart(std::vector<Tensor> inputs) {
  for (size_t i = 0; i < inputs.size(); ++i)
    for (size_t k = 0; k < i; ++k) {
      const Tensor& x = inputs[i];
      if (!x.defined() || !inputs[k].defined() || x.is_same(inputs[k])) continue;
      if (!share_elements(x, inputs[k])) continue;
      inputs[i] = x.detach().clone().requires_grad_(x.requires_grad());
      break;
    }
  return inputs;
}

class Checker {
 public:
  Checker(const TensorFunction& f, const std::vector<Tensor>& inputs,
          const GradcheckOptions& options)
      : f_(f), inputs_(apart(inputs)), options_(options) {}

  GradcheckResult run() {
    const std::vector<Tensor> gradients = analytic();
    const no_grad guard;
    for (size_t i = 0; i < inputs_.size(); ++i) {
      if (!inputs_[i].requires_grad()) continue;
      if (options_.fast_mode)
        check_direction(i, gradients[i]);
      else
        check_elements(i, gradients[i]);
    }
    return result_;
  }

 private:
  // Gradients of all inputs; undefined where none is required, or none arrives.
  std::vector<Tensor> analytic() {
    const enable_grad guard;
    std::vector<Tensor> wanted;
    for (size_t i = 0; i < inputs_.size(); ++i) {
      if (!inputs_[i].requires_grad()) continue;
      check<DTypeError>(inputs_[i].dtype() == float64,
                        "gradcheck: expected float64 inputs, got {} for input {}; make it with "
                        "randn(shape, float64), say",
                        inputs_[i].dtype(), i);
      wanted.push_back(inputs_[i]);
    }
    check(!wanted.empty(), "gradcheck: no input requires grad");
    const std::vector<Tensor> outputs = f_(inputs_);
    const bool is_one_number = outputs.size() == 1 && outputs[0].numel() == 1;
    Generator gen(2024);
    std::vector<Tensor> differentiable, seeds;
    for (const Tensor& out : outputs) {
      const bool floating = out.is_floating_point();
      check<DTypeError>(!floating || out.dtype() == float64,
                        "gradcheck: expected float64 outputs, got {}", out.dtype());
      // Of a single number the report shows the derivative itself.
      weights_.push_back(!floating       ? Tensor()
                         : is_one_number ? ones_like(out)
                                         : random_weights(out, gen));
      if (!out.requires_grad()) continue;
      differentiable.push_back(out);
      seeds.push_back(weights_.back());
    }
    check_repeats(weighed_sum(outputs, weights_));
    std::vector<Tensor> found(wanted.size());
    if (!differentiable.empty()) {
      const auto gradients = [&](const std::vector<Tensor>& of, const std::vector<Tensor>& by) {
        return grad(of, wanted, by, /*retain_graph=*/true, false, /*allow_unused=*/true);
      };
      found = gradients(differentiable, seeds);
      compare("a second backward differs from the first", found, gradients(differentiable, seeds),
              0);
      if (options_.check_undefined_grad && differentiable.size() > 1) {
        std::vector<Tensor> sum(wanted.size());
        for (size_t k = 0; k < differentiable.size(); ++k) {
          const auto part = gradients({differentiable[k]}, {seeds[k]});
          for (size_t i = 0; i < sum.size(); ++i) {
            if (!part[i].defined()) continue;
            if (sum[i].defined())
              detail::accumulate(sum[i], part[i]);
            else
              sum[i] = part[i];
          }
        }
        compare("gradients of the results one by one do not add up to those of all", found, sum,
                1e-9);
      }
    }
    std::vector<Tensor> all(inputs_.size());
    for (size_t i = 0, k = 0; i < inputs_.size(); ++i)
      if (inputs_[i].requires_grad()) all[i] = found[k++];
    return all;
  }

  // Differences of a function that draws random numbers would say nothing.
  void check_repeats(double first) {
    const no_grad guard;
    const double second = weighed_sum(f_(inputs_), weights_);
    if (std::abs(first - second) > 1e-9 * (1 + std::abs(first)))
      fail(
          fmt::format("the function gives another result when it is called again ({:.10g}, then "
                      "{:.10g}): is it random, as dropout is?",
                      first, second));
  }

  // Two sets of gradients that should be the same; an undefined one is zero.
  void compare(const char* what, const std::vector<Tensor>& a, const std::vector<Tensor>& b,
               double tolerance) {
    const auto values = [](const Tensor& t, const Tensor& like) {
      return t.defined()
                 ? t.to_vector<double>()
                 : std::vector<double>(like.defined() ? static_cast<size_t>(like.numel()) : 0, 0.0);
    };
    for (size_t i = 0; i < a.size(); ++i) {
      const std::vector<double> p = values(a[i], b[i]), q = values(b[i], a[i]);
      for (size_t k = 0; k < p.size(); ++k) {
        const bool same = p[k] == q[k] || (std::isnan(p[k]) && std::isnan(q[k]));
        if (same || std::abs(p[k] - q[k]) <= tolerance * (1 + std::abs(p[k]))) continue;
        const Shape& shape = (a[i].defined() ? a[i] : b[i]).shape();
        return fail(fmt::format("{}: gradient {} at {}: {:.17g} and {:.17g}", what, i,
                                unravel(static_cast<int64_t>(k), shape), p[k], q[k]));
      }
    }
  }

  void fail(std::string message) {
    if (result_.ok) result_.message = std::move(message);
    result_.ok = false;
  }

  void check_elements(size_t i, const Tensor& gradient) {
    const auto cells = cells_of(inputs_[i], gradient);
    double worst = 0;
    size_t wrong = 0;
    std::string message;
    for (const auto& [offset, cell] : cells) {
      const double numeric = central_difference(inputs_[i].data<double>() + offset);
      const double error = std::abs(cell.analytic - numeric);
      const double excess = error / (options_.atol + options_.rtol * std::abs(numeric));
      if (excess <= 1) continue;  // NaN falls through and fails
      ++wrong;
      if (excess <= worst) continue;
      worst = std::isnan(excess) ? std::numeric_limits<double>::infinity() : excess;
      message =
          fmt::format("input {} at {}: analytic {:.10g}, numeric {:.10g} (difference {:.3g})", i,
                      unravel(cell.first_flat, inputs_[i].shape()), cell.analytic, numeric, error);
    }
    if (wrong > 0) fail(fmt::format("{}; {} of {} elements differ", message, wrong, cells.size()));
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

  // The derivative along a random direction. Errors of elements cancel with probability zero.
  void check_direction(size_t i, const Tensor& gradient) {
    const auto cells = cells_of(inputs_[i], gradient);
    const auto n = static_cast<int64_t>(cells.size());
    if (n == 0) return;
    Generator gen(2026 + i);
    const std::vector<double> direction =
        random_weights(empty({n}, float64), gen).to_vector<double>();
    double* const data = inputs_[i].data<double>();
    std::vector<double> before;
    double analytic = 0, squares = 0, largest = 1;
    for (const auto& [offset, cell] : cells) {
      const double part = cell.analytic * direction[before.size()];
      before.push_back(data[offset]);
      analytic += part;
      squares += part * part;
      largest = std::max(largest, std::abs(data[offset]));
    }
    const double h = options_.eps * largest;
    const auto at = [&](double step) {
      size_t k = 0;
      for (const auto& [offset, cell] : cells) {
        data[offset] = before[k] + step * direction[k];
        ++k;
      }
      return weighed_sum(f_(inputs_), weights_);
    };
    const double numeric = (at(h) - at(-h)) / (2 * h);
    size_t k = 0;
    for (const auto& [offset, cell] : cells) data[offset] = before[k++];
    const double scale = std::max(std::abs(numeric), std::sqrt(squares));
    const double error = std::abs(analytic - numeric);
    if (error <= options_.atol * std::sqrt(static_cast<double>(n)) + options_.rtol * scale) return;
    fail(
        fmt::format("input {} along a random direction: analytic {:.10g}, numeric {:.10g} "
                    "(difference {:.3g})",
                    i, analytic, numeric, error));
  }

  const TensorFunction& f_;
  const std::vector<Tensor> inputs_;  // f may change the caller's
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
TensorFunction of_one(const std::function<std::vector<Tensor>(const Tensor&)>& f) {
  return [&f](const std::vector<Tensor>& in) { return f(in[0]); };
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
  for (const Tensor& out : f(std::vector<Tensor>(inputs)))
    if (out.requires_grad()) extended.push_back(random_weights(out, gen).requires_grad_());
  if (extended.size() == n) return gradcheck(f, extended, options);  // constant: nothing to add

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

GradcheckResult gradcheck(const std::function<std::vector<Tensor>(const Tensor&)>& f,
                          const Tensor& input, const GradcheckOptions& options) {
  return gradcheck(of_one(f), {input}, options);
}

GradcheckResult gradgradcheck(const std::function<std::vector<Tensor>(const Tensor&)>& f,
                              const Tensor& input, const GradcheckOptions& options) {
  return gradgradcheck(of_one(f), {input}, options);
}

}  // namespace rw
