#include <rewind/ops/distance.h>

#include <cmath>
#include <utility>

#include <rewind/autograd/record.h>
#include <rewind/kernels/distance/distance_kernel.h>
#include <rewind/ops/diagonals.h>
#include <rewind/ops/indexing.h>
#include <rewind/ops/pointwise.h>
#include <rewind/ops/pointwise_result.h>
#include <rewind/ops/reduction.h>
#include <rewind/ops/vector_norm.h>
#include <rewind/tensor/dispatch.h>
#include <rewind/tensor/factories.h>
#include <rewind/tensor/parallel.h>

namespace rw {
namespace {

// --- What the functions share -------------------------------------------------------------------

// f of inputs in what their dtype is computed in, rounded to the latter once.
template <class F>
Tensor in_compute_dtype(DType dtype, F f) {
  const DType exact = compute_dtype(dtype);
  return f(exact).to(dtype);
}

}  // namespace

Tensor cosine_similarity(const Tensor& x1, const Tensor& x2,
                         const CosineSimilarityOptions& options) {
  constexpr const char* name = "cosine_similarity";
  detail::check_defined(name, x1, x2);
  const DType dtype = detail::result_type(x1, x2);
  check<DTypeError>(is_floating(dtype), "{}: expected floating tensors, got {} and {}", name,
                    x1.dtype(), x2.dtype());
  const Shape shape = broadcast_shapes(x1.shape(), x2.shape(), name);
  const int d = normalize_dim(options.dim, shape.rank(), name);
  if (shape.rank() == 0)
    return cosine_similarity(x1.unsqueeze(0), x2.unsqueeze(0), {0, options.eps});
  return in_compute_dtype(dtype, [&](DType exact) {
    const Tensor a = x1.to(exact).expand(shape), b = x2.to(exact).expand(shape);
    // Each by itself: the product of two lengths may be beyond what the dtype holds.
    const auto unit = [&](const Tensor& x) {
      return x / clamp_min(linalg::vector_norm(x, 2, d, true), options.eps);
    };
    return sum(unit(a) * unit(b), {d});
  });
}

Tensor pairwise_distance(const Tensor& x1, const Tensor& x2,
                         const PairwiseDistanceOptions& options) {
  constexpr const char* name = "pairwise_distance";
  detail::check_defined(name, x1, x2);
  detail::refuse_bool(name, x1);
  detail::refuse_bool(name, x2);
  const DType met = detail::result_type(x1, x2);
  const DType dtype = is_floating(met) ? met : get_default_dtype();
  return in_compute_dtype(dtype, [&](DType exact) {
    Tensor z = (is_floating(met) ? x1.to(exact) - x2.to(exact) : (x1 - x2).to(exact)) + options.eps;
    const bool single = z.dim() == 0;
    if (single) z = z.unsqueeze(0);
    const int d = z.dim() - 1;
    return linalg::vector_norm(z, options.p, d, options.keepdim && !single);
  });
}

Tensor normalize(const Tensor& x, const NormalizeOptions& options) {
  detail::check_floating("normalize", x);
  const int d = normalize_dim(options.dim, x.dim(), "normalize");
  if (x.dim() == 0) return normalize(x.unsqueeze(0), {options.p, 0, options.eps}).squeeze(0);
  const auto quotient = [&](const Tensor& at) {
    return at / clamp_min(linalg::vector_norm(at, options.p, d, true), options.eps);
  };
  // float16 has no such eps.
  return x.dtype() == float16 ? quotient(x.to(float32)).to(float16) : quotient(x);
}

// --- All pairs ----------------------------------------------------------------------------------

namespace {

// Row-major points of one batch and their transposes.
struct Points {
  Tensor rows, columns;
};
Points points_of(const Tensor& x) { return {x.contiguous(), x.transpose(-1, -2).contiguous()}; }

kernels::PointPairs pairs_of(const Points& a, const Points& b, int64_t batch, double p) {
  const int64_t n = a.rows.size(-2), m = b.rows.size(-2), size = a.rows.size(-1);
  const auto bytes = static_cast<int64_t>(itemsize(a.rows.dtype()));
  return {a.rows.dtype(),
          n,
          m,
          size,
          p,
          static_cast<const char*>(a.rows.raw_data()) + batch * n * size * bytes,
          static_cast<const char*>(b.columns.raw_data()) + batch * m * size * bytes};
}

char* part_of(const Tensor& x, int64_t batch) {
  const auto bytes = static_cast<int64_t>(itemsize(x.dtype()));
  return static_cast<char*>(x.raw_data()) + batch * x.size(-1) * x.size(-2) * bytes;
}

// f(i) for each batch of distances y between points of `size` numbers, on several threads where
// they are enough to do; kernels take several for a batch by itself.
template <class F>
void each_batch(const Tensor& y, int64_t size, F&& f) {
  constexpr int64_t grain = 1 << 15, alone = 1 << 20;
  const int64_t count = y.size(0), cost = y.size(1) * y.size(2) * size;
  parallel_for(0, count, cost > alone ? count : grain / (cost + 1) + 1,
               [&](int64_t begin, int64_t end) {
                 for (int64_t i = begin; i < end; ++i) f(i);
               });
}

// g / y^e, and 0 where y is.
Tensor ratio_or_zero(const Tensor& g, const Tensor& y, double e) {
  const Tensor none = eq(y, 0), divisor = where(none, 1, y);
  return where(none, 0, g / (e == 1 ? divisor : pow(divisor, e)));
}

// The factors of all derivatives of a distance: g / y^(p - 1).
Tensor distance_factors(const Tensor& g, const Tensor& y, double p) {
  return p == 0 || p == 1 || std::isinf(p) ? g : ratio_or_zero(g, y, p - 1);
}

// The gradient by b of distances y [batch, n, m] between a and b, in the shape of b.
Tensor gradient_of_points(const Tensor& w, const Tensor& y, const Tensor& a, const Tensor& b,
                          double p) {
  const Points from = points_of(a), to = points_of(b);
  const Tensor factors = w.contiguous(), distances = y.contiguous();
  const Tensor db = detail::make_tensor(to.columns.shape(), b.dtype());
  each_batch(w, b.size(2), [&](int64_t i) {
    kernels::distances_backward(pairs_of(from, to, i, p), part_of(factors, i),
                                std::isinf(p) ? part_of(distances, i) : nullptr, part_of(db, i));
  });
  return db.transpose(-1, -2);
}

// The same by ops, of differences z [..., size] = b - a: what each pair adds.
Tensor gradients_of_pairs(const Tensor& g, const Tensor& y, const Tensor& z, double p) {
  if (p == 0) return zeros_like(z);
  if (std::isinf(p)) return sign(z) * eq(abs(z), y.unsqueeze(-1)).to(z.dtype()) * g.unsqueeze(-1);
  const Tensor factors = distance_factors(g, y, p).unsqueeze(-1);
  if (p == 1) return sign(z) * factors;
  if (p == 2) return z * factors;
  const Tensor none = eq(z, 0);
  return where(none, 0, sign(z) * pow(where(none, 1, abs(z)), p - 1) * factors);
}

// a [batch, n, size] and b [batch, m, size] give [batch, n, m].
Tensor batched_distances(const Tensor& a, const Tensor& b, double p) {
  const profile_scope scope("cdist");
  const Tensor y = detail::make_tensor({a.size(0), a.size(1), b.size(1)}, a.dtype());
  const Points from = points_of(a), to = points_of(b);
  if (y.numel() > 0)
    each_batch(y, a.size(2),
               [&](int64_t i) { kernels::distances(pairs_of(from, to, i, p), part_of(y, i)); });
  return record(
      "cdist", y, {a, b},
      [p, a = save(a), b = save(b), y = save_result(y)](const Tensor& g, Needs needs) -> Grads {
        const Tensor from = a.get(), to = b.get(), distances = y.get();
        Tensor da, db;
        if (detail::is_recorded(g, from, to)) {
          const Tensor z = to.unsqueeze(1) - from.unsqueeze(2);
          const Tensor each = gradients_of_pairs(g, distances, z, p);
          return {needs[0] ? -sum(each, {2}) : da, needs[1] ? sum(each, {1}) : db};
        }
        const Tensor w = distance_factors(g, distances, p);
        if (needs[0])
          da = gradient_of_points(w.transpose(1, 2), distances.transpose(1, 2), to, from, p);
        if (needs[1]) db = gradient_of_points(w, distances, from, to, p);
        return {std::move(da), std::move(db)};
      });
}

Shape leading(const Shape& shape) {
  Shape rest = shape;
  rest.erase(rest.rank() - 1);
  rest.erase(rest.rank() - 1);
  return rest;
}

// x with these leading dimensions as one.
Tensor with_batch(const Tensor& x, Shape batch, int64_t count) {
  Shape full = batch;
  full.push_back(x.size(-2));
  full.push_back(x.size(-1));
  return x.expand(full).reshape({count, x.size(-2), x.size(-1)});
}

void check_power(const char* op, double p) { check(p >= 0, "{}: expected p >= 0, got {}", op, p); }

}  // namespace

Tensor cdist(const Tensor& x1, const Tensor& x2, double p) {
  detail::check_defined("cdist", x1, x2);
  detail::check_floating("cdist", x1);
  check<DTypeError>(x1.dtype() == x2.dtype(), "cdist: expected points of one dtype, got {} and {}",
                    x1.dtype(), x2.dtype());
  check<ShapeError>(x1.dim() >= 2 && x2.dim() >= 2 && x1.size(-1) == x2.size(-1),
                    "cdist: expected points [..., P, M] and [..., R, M], got shapes {} and {}",
                    x1.shape(), x2.shape());
  check_power("cdist", p);
  Shape shape = broadcast_shapes(leading(x1.shape()), leading(x2.shape()), "cdist");
  const Shape batch = shape;
  shape.push_back(x1.size(-2));
  shape.push_back(x2.size(-2));
  return in_compute_dtype(x1.dtype(), [&](DType exact) {
    const int64_t count = batch.numel();
    return batched_distances(with_batch(x1.to(exact), batch, count),
                             with_batch(x2.to(exact), batch, count), p)
        .reshape(shape);
  });
}

namespace {

// The gradient by x of distances y, by ops.
Tensor gradient_of_later(const Tensor& g, const Tensor& y, const Tensor& x, double p) {
  const Tensor pairs = triu_indices(x.size(0), x.size(0), 1);
  const Tensor first = pairs.select(0, 0), second = pairs.select(0, 1);
  const Tensor z = index_select(x, 0, second) - index_select(x, 0, first);
  const Tensor each = gradients_of_pairs(g, y, z, p);
  const Tensor none = zeros(x.shape(), x.dtype());
  return index_add(index_add(none, 0, second, each), 0, first, -each);
}

// v of each pair in both places of a symmetric matrix [1, n, n] with zeros on its diagonal.
Tensor symmetric(const Tensor& v, int64_t n) {
  const Tensor y = detail::make_tensor({1, n, n}, v.dtype());
  const Tensor values = v.contiguous();
  dispatch_floating(v.dtype(), [&]<class T>() {
    const T* p = values.data<T>();
    T* out = y.data<T>();
    for (int64_t i = 0; i < n; ++i) {
      out[i * n + i] = T(0.f);
      for (int64_t j = i + 1; j < n; ++j) out[i * n + j] = out[j * n + i] = *p++;
    }
  });
  return y;
}

Tensor later_distances(const Tensor& x, double p) {
  const profile_scope scope("pdist");
  const int64_t n = x.size(0);
  const Tensor y = detail::make_tensor({n * (n - 1) / 2}, x.dtype());
  const Points points = points_of(x);
  if (y.numel() > 0) kernels::distances_to_later(pairs_of(points, points, 0, p), y.raw_data());
  return record("pdist", y, {x},
                [=, x = save(x), y = save_result(y)](const Tensor& g, Needs) -> Grads {
                  const Tensor at = x.get(), distances = y.get();
                  if (detail::is_recorded(g, at)) return gradient_of_later(g, distances, at, p);
                  const Tensor w = symmetric(distance_factors(g, distances, p), n);
                  const Tensor all = std::isinf(p) ? symmetric(distances, n) : w;
                  const Tensor batch = at.unsqueeze(0);
                  return gradient_of_points(w, all, batch, batch, p).squeeze(0);
                });
}

}  // namespace

Tensor pdist(const Tensor& x, double p) {
  detail::check_floating("pdist", x);
  check<ShapeError>(x.dim() == 2, "pdist: expected points [N, M], got shape {}", x.shape());
  check_power("pdist", p);
  return in_compute_dtype(x.dtype(), [&](DType exact) { return later_distances(x.to(exact), p); });
}

}  // namespace rw
