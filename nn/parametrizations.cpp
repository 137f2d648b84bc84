#include <rewind/nn/parametrizations.h>

#include <rewind/autograd/grad_mode.h>
#include <rewind/nn/convolution.h>
#include <rewind/nn/parametrization_list.h>
#include <rewind/nn/repr.h>
#include <rewind/ops/distance.h>
#include <rewind/ops/joining.h>
#include <rewind/ops/linalg.h>
#include <rewind/ops/linalg_parts.h>
#include <rewind/ops/matmul.h>
#include <rewind/ops/pointwise.h>
#include <rewind/ops/random.h>
#include <rewind/ops/vector_norm.h>
#include <rewind/tensor/check.h>
#include <rewind/tensor/factories.h>
#include <rewind/tensor/precision.h>

namespace rw::nn::utils::parametrizations {

namespace {

// float16 and bfloat16 are computed with in float32, and rounded once.
DType wide(const Tensor& t) {
  return t.dtype() == float16 || t.dtype() == bfloat16 ? float32 : t.dtype();
}

// The tensor that is about to be parametrized.
Tensor member(const char* function, Module& module, const std::string& name) {
  const Tensor t = nn::detail::Parametrizations::tensor(module, name);
  check(t.defined(), "{}: {} has no parameter or buffer '{}'", function, module.name(), name);
  check<DTypeError>(t.is_floating_point(), "{}: expected a floating tensor, got {}", function,
                    t.dtype());
  return t;
}

// w = g v / |v|
class WeightNorm : public parametrize::Parametrization {
 public:
  // dim is -1 for the norm of all.
  explicit WeightNorm(int64_t dim) : dim_(dim) {}
  std::string extra_repr() const override { return dim_ < 0 ? "" : fmt::format("dim={}", dim_); }

  Tensor compute(std::span<const Tensor> originals) override {
    const Tensor &g = originals[0], &v = originals[1];
    const DType in = wide(v);
    const Tensor x = v.to(in);
    return (x * (g.to(in) / norm(x))).to(v.dtype());
  }
  std::vector<Tensor> right_inverse(const Tensor& w) override {
    return {norm(w.to(wide(w))).to(w.dtype()), w.clone()};
  }

 private:
  Tensor norm(const Tensor& v) const {
    if (dim_ < 0) return linalg::vector_norm(v);
    std::vector<int64_t> others;
    for (int64_t d = 0; d < v.dim(); ++d)
      if (d != dim_) others.push_back(d);
    return others.empty() ? v.abs() : linalg::vector_norm(v, 2, others, /*keepdim=*/true);
  }

  int64_t dim_;
};

// w = x / sigma,   sigma = u' X v,   X the matrix of x with its rows along dim
class SpectralNorm : public parametrize::Parametrization {
 public:
  SpectralNorm(const Tensor& x, int64_t dim, const SpectralNormOptions& o)
      : dim_(dim), n_power_iterations_(o.n_power_iterations), eps_(o.eps) {
    if (x.dim() < 2) return;
    const no_grad guard;
    const Tensor matrix = rows(x.detach());
    u_ = buffer("_u", unit(randn(matrix.size(0), wide(x))).to(x.dtype()));
    v_ = buffer("_v", unit(randn(matrix.size(1), wide(x))).to(x.dtype()));
    iterate(matrix, 15);
  }

  Tensor forward(const Tensor& x) override {
    const DType in = wide(x);
    if (x.dim() < 2) return normalize(x, {.dim = 0, .eps = eps_});
    const Tensor matrix = rows(x);
    if (is_training() && !rw::detail::is_recomputing) iterate(matrix.detach(), n_power_iterations_);
    // Copies, for the next call in training mode changes them before backward has come.
    const Tensor u = u_.to(in).clone(), v = v_.to(in).clone();
    const Tensor sigma = (u * matrix.to(in).matmul(v)).sum();
    return (x.to(in) / sigma).to(x.dtype());
  }
  // Not of `value` unless that is one of this norm: an assigned tensor is normalized.
  std::vector<Tensor> right_inverse(const Tensor& value) override { return {value}; }

 private:
  Tensor unit(const Tensor& t) const { return normalize(t, {.dim = 0, .eps = eps_}); }
  Tensor rows(const Tensor& x) const { return x.movedim(dim_, 0).flatten(1); }
  void iterate(const Tensor& matrix, int64_t times) {
    const no_grad guard;
    const Tensor m = matrix.to(wide(matrix));
    Tensor v = v_.to(m.dtype()), u;
    for (int64_t i = 0; i < times; ++i) {
      u = unit(m.matmul(v));
      v = unit(m.t().matmul(u));
    }
    u_.copy_(u);
    v_.copy_(v);
  }

  int64_t dim_, n_power_iterations_;
  double eps_;
  Buffer u_, v_;
};

// A as a matrix of at least as many rows as columns, whose columns the map makes orthonormal.
class Orthogonal : public parametrize::Parametrization {
 public:
  Orthogonal(const Tensor& w, OrthogonalMap map, bool use_trivialization)
      : map_(map), is_wide_(w.size(-2) < w.size(-1)), use_trivialization_(use_trivialization) {
    if (!use_trivialization) return;
    const Shape shape = tall(w).shape();
    const int64_t n = shape[shape.rank() - 2];
    Shape square = shape;
    square[shape.rank() - 1] = n;
    base_ = buffer("base", eye(n, w.dtype()).expand(square).clone());
  }

  Tensor forward(const Tensor& original) override {
    const Tensor x = tall(original).to(wide(original));
    Tensor q = map_ == OrthogonalMap::householder ? reflected(x) : rotated(x);
    if (use_trivialization_) q = base_.to(q.dtype()).matmul(q);
    return tall(q).to(original.dtype());
  }

  std::vector<Tensor> right_inverse(const Tensor& value) override {
    const no_grad guard;
    const Tensor q = tall(value).to(wide(value));
    if (use_trivialization_) {
      base_ = completed(q).to(value.dtype());
      // Of these the map makes the identity, householder by their diagonal.
      const Tensor start = zeros_like(value);
      start.diagonal(0, -2, -1).fill_(-1);
      return {start};
    }
    if (map_ != OrthogonalMap::householder) return {};
    auto [vectors, tau] = linalg::reflections(q);
    Tensor r = vectors.diagonal(0, -2, -1);
    r.copy_(where(eq(tau, 0), -r.sign(), r.sign()));
    return {tall(vectors).to(value.dtype()).contiguous()};
  }

 private:
  Tensor tall(const Tensor& w) const { return is_wide_ ? w.transpose(-2, -1) : w; }

  // Of the skew-symmetric matrix that has x below its diagonal.
  Tensor rotated(const Tensor& x) const {
    const int64_t n = x.size(-2), k = x.size(-1);
    Tensor lower = x.tril();
    if (n != k) {
      Shape rest = x.shape();
      rest[rest.rank() - 1] = n - k;
      lower = cat({lower, zeros(rest, x.dtype())}, -1);
    }
    const Tensor a = lower - lower.transpose(-2, -1);
    if (map_ == OrthogonalMap::matrix_exp) return linalg::matrix_exp(a).narrow(-1, 0, k);
    const Tensor one = eye(n, x.dtype()), half = a * 0.5;
    return linalg::solve(one - half, one + half).narrow(-1, 0, k);
  }
  // Its columns below the diagonal are vectors to reflect by; the diagonal has signs, which are not
  // trained.
  static Tensor reflected(const Tensor& x) {
    const Tensor a = x.tril(-1), tau = 2 / (a.square().sum({-2}) + 1);
    const Tensor signs = x.detach().diagonal(0, -2, -1).trunc();
    return linalg::householder_product(a, tau) * signs.unsqueeze(-2);
  }

  // A square matrix that is orthogonal, of q's columns, made so, and random ones.
  static Tensor completed(const Tensor& q) {
    const int64_t n = q.size(-2), k = q.size(-1);
    Shape rest = q.shape();
    rest[rest.rank() - 1] = n - k;
    const Tensor all = n == k ? q : cat({q, randn(rest, q.dtype())}, -1);
    const double eps = 10. * static_cast<double>(n) * rw::detail::epsilon(q.dtype());
    const Tensor product = all.transpose(-2, -1).matmul(all);
    if (n == k && allclose(product, eye(n, q.dtype()).expand(product.shape()), 1e-5, eps))
      return all.clone();
    const auto [orthonormal, r] = linalg::qr(all);
    return orthonormal * r.diagonal(0, -2, -1).sign().unsqueeze(-2);
  }

  OrthogonalMap map_;
  bool is_wide_, use_trivialization_;
  Buffer base_;
};

template <std::size_t N>
bool is_transposed(const Module& m) {
  return dynamic_cast<const ConvTransposeNd<N>*>(&m) != nullptr;
}

}  // namespace

Module& weight_norm(Module& module, const std::string& name, std::optional<int64_t> dim) {
  const Tensor w = member("weight_norm", module, name);
  check(!parametrize::is_parametrized(module, name),
        "weight_norm: '{}' of {} is parametrized already; expected weight_norm, which has two "
        "originals, to come first",
        name, module.name());
  check<ShapeError>(!dim || (0 <= *dim && *dim < w.dim()),
                    "weight_norm: expected a dim of '{}' from 0 to {}, or none, got {}", name,
                    w.dim() - 1, dim.value_or(0));
  return parametrize::register_parametrization(module, name, WeightNorm(dim.value_or(-1)));
}

Module& spectral_norm(Module& module, const std::string& name, const SpectralNormOptions& o) {
  const Tensor w = member("spectral_norm", module, name);
  check(o.n_power_iterations > 0,
        "spectral_norm: expected n_power_iterations of at least 1, got {}", o.n_power_iterations);
  const bool transposed =
      is_transposed<1>(module) || is_transposed<2>(module) || is_transposed<3>(module);
  const int64_t dim = o.dim.value_or(transposed ? 1 : 0);
  check<ShapeError>(-w.dim() <= dim && dim < w.dim(),
                    "spectral_norm: expected a dim of '{}' from {} to {}, got {}", name, -w.dim(),
                    w.dim() - 1, dim);
  return parametrize::register_parametrization(module, name,
                                               SpectralNorm(w, dim < 0 ? dim + w.dim() : dim, o));
}

Module& orthogonal(Module& module, const std::string& name, std::optional<OrthogonalMap> map,
                   bool use_trivialization) {
  const Tensor w = member("orthogonal", module, name);
  check<ShapeError>(w.dim() >= 2,
                    "orthogonal: expected '{}' to be a matrix, or a batch of them, got "
                    "shape {}",
                    name, w.shape());
  const bool is_square = w.size(-2) == w.size(-1);
  const OrthogonalMap by =
      map.value_or(is_square ? OrthogonalMap::matrix_exp : OrthogonalMap::householder);
  return parametrize::register_parametrization(module, name, Orthogonal(w, by, use_trivialization));
}

}  // namespace rw::nn::utils::parametrizations
