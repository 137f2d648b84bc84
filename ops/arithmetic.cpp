#include <rewind/ops/arithmetic.h>

#include <cmath>

#include <rewind/ops/pointwise_forms.h>
#include <rewind/tensor/factories.h>
#include <rewind/tensor/number.h>
#include <rewind/tensor/parallel.h>

namespace rw {

using namespace detail;

// --- Division -----------------------------------------------------------------------------------

namespace {

Grads none(const Tensor& g, const Tensor&, const Tensor&, Needs) {
  const Tensor zero = zeros_like(g);
  return {zero, zero};
}

void check_divisor(const char* name, const Tensor& a, const Tensor& b) {
  check_defined(name, a, b);
  const DType dtype = result_type(a, b);
  check_takes(name, Takes::numbers, dtype);
  // In that dtype: 256 is 0 as an int8.
  check(is_floating(dtype) || !eq(Cast(b, dtype).get(), 0).any().item<bool>(),
        "{}: an integer can't be divided by zero", name);
}

Tensor rounded_quotient(const char* name, BinaryOp op, const Tensor& a, const Tensor& b) {
  check_divisor(name, a, b);
  return of_two(name, op, a, b, Takes::numbers, none);
}

}  // namespace

Tensor div(const Tensor& a, const Tensor& b, Rounding rounding) {
  if (rounding == Rounding::none) return div(a, b);
  return rounded_quotient(
      "div", rounding == Rounding::trunc ? BinaryOp::trunc_divide : BinaryOp::floor_divide, a, b);
}
Tensor div(const Tensor& a, Scalar b, Rounding rounding) {
  return rounding == Rounding::none ? div(a, b) : div(a, beside("div", a, b), rounding);
}
Tensor floor_divide(const Tensor& a, const Tensor& b) {
  return rounded_quotient("floor_divide", BinaryOp::floor_divide, a, b);
}
Tensor floor_divide(const Tensor& a, Scalar b) {
  return floor_divide(a, beside("floor_divide", a, b));
}
Tensor true_divide(const Tensor& a, const Tensor& b) { return div(a, b); }
Tensor true_divide(const Tensor& a, Scalar b) { return div(a, b); }

// r = a - b trunc(a / b).   da = g, db = -g trunc(a / b)
Tensor fmod(const Tensor& a, const Tensor& b) {
  check_divisor("fmod", a, b);
  const auto grads = [](const Tensor& g, const Tensor& a, const Tensor& b, Needs needs) -> Grads {
    return {g, needs[1] ? -(g * div(a, b, Rounding::trunc)) : Tensor()};
  };
  return of_two("fmod", BinaryOp::fmod, a, b, Takes::numbers, grads);
}
Tensor fmod(const Tensor& a, Scalar b) { return fmod(a, beside("fmod", a, b)); }

Tensor rsub(const Tensor& x, const Tensor& other, Scalar alpha) {
  refuse_bool("rsub", x);
  return sub(other, x, alpha);
}
Tensor rsub(const Tensor& x, Scalar other, Scalar alpha) {
  refuse_bool("rsub", x);
  return alpha.to_double() == 1 ? other - x : other - mul(x, alpha);
}

Tensor float_power(const Tensor& base, const Tensor& exponent) {
  check_defined("float_power", base, exponent);
  return pow(base.to(float64), exponent.to(float64));
}
Tensor float_power(const Tensor& base, Scalar exponent) {
  check_defined("float_power", base);
  return pow(base.to(float64), exponent.to_double());
}
Tensor float_power(Scalar base, const Tensor& exponent) {
  check_defined("float_power", exponent);
  return pow(base.to_double(), exponent.to(float64));
}

// --- Of three operands --------------------------------------------------------------------------

namespace {

void check_one_floating_dtype(const char* name, const Tensor& a, const Tensor& b) {
  check_floating(name, a);
  check_defined(name, a, b);
  check<DTypeError>(a.dtype() == b.dtype(), "{}: expected tensors of one dtype, got {} and {}",
                    name, a.dtype(), b.dtype());
}

// Three tensors in the dtype in which they meet: those of rank 0 count where their category is the
// higher one.
struct Three {
  Three(const char* name, const Tensor& x, const Tensor& y, const Tensor& z) {
    check_defined(name, x, y);
    check_defined(name, z);
    std::optional<DType> ranked, single;
    for (const Tensor* t : {&x, &y, &z}) {
      std::optional<DType>& met = t->dim() > 0 ? ranked : single;
      met = met ? promote_types(*met, t->dtype()) : t->dtype();
    }
    DType dtype = ranked ? *ranked : *single;
    if (ranked && single && category(*single) > category(*ranked))
      dtype = promote_types(*ranked, *single);
    a = x.to(dtype);
    b = y.to(dtype);
    c = z.to(dtype);
  }
  Tensor a, b, c;
};

}  // namespace

Tensor lerp(const Tensor& start, const Tensor& end, const Tensor& weight) {
  const profile_scope scope("lerp");
  check_one_floating_dtype("lerp", start, end);
  check_one_floating_dtype("lerp", start, weight);
  return record("lerp", ternary("lerp", TernaryOp::lerp, start, end, weight), {start, end, weight},
                [a = save_for(weight, start), b = save_for(weight, end), w = save(weight)](
                    const Tensor& g, Needs needs) -> Grads {
                  const Tensor w0 = w.get();
                  return {needs[0] ? g * (1 - w0) : Tensor(), needs[1] ? g * w0 : Tensor(),
                          needs[2] ? (b.get() - a.get()) * g : Tensor()};
                });
}
Tensor lerp(const Tensor& start, const Tensor& end, double weight) {
  const profile_scope scope("lerp");
  check_one_floating_dtype("lerp", start, end);
  return record("lerp", binary("lerp", BinaryOp::lerp, start, end, {weight}), {start, end},
                [weight](const Tensor& g, Needs needs) -> Grads {
                  return {needs[0] ? g * (1 - weight) : Tensor(), needs[1] ? g * weight : Tensor()};
                });
}

Tensor addcmul(const Tensor& x, const Tensor& y, const Tensor& z, Scalar value) {
  const profile_scope scope("addcmul");
  const Three t("addcmul", x, y, z);
  refuse_bool("addcmul", t.a);
  const double v = value.to_double();
  return record(
      "addcmul", ternary("addcmul", TernaryOp::addcmul, t.a, t.b, t.c, {v}), {t.a, t.b, t.c},
      [v, b = save_for(t.c, t.b), c = save_for(t.b, t.c)](const Tensor& g, Needs needs) -> Grads {
        return {g, needs[1] ? mul(g, c.get()) * v : Tensor(),
                needs[2] ? mul(g, b.get()) * v : Tensor()};
      });
}

Tensor addcdiv(const Tensor& x, const Tensor& y, const Tensor& z, Scalar value) {
  const profile_scope scope("addcdiv");
  const Three t("addcdiv", x, y, z);
  check_defined("addcdiv", y, z);
  check<DTypeError>(y.is_floating_point() || z.is_floating_point(),
                    "addcdiv: expected a floating dividend or divisor, got {} and {}", y.dtype(),
                    z.dtype());
  const double v = value.to_double();
  return record(
      "addcdiv", ternary("addcdiv", TernaryOp::addcdiv, t.a, t.b, t.c, {v}), {t.a, t.b, t.c},
      [v, b = save_for(t.c, t.b), c = save(t.c)](const Tensor& g, Needs needs) -> Grads {
        const Tensor d = c.get();
        return {g, needs[1] ? g / d * v : Tensor(), needs[2] ? b.get() / d / d * g * -v : Tensor()};
      });
}

// --- Bounds -------------------------------------------------------------------------------------

Tensor clamp(const Tensor& x, const Tensor& min, const Tensor& max) {
  const profile_scope scope("clamp");
  check(min.defined() || max.defined(), "clamp: both bounds are undefined");
  if (!max.defined()) return clamp_min(x, min);
  if (!min.defined()) return clamp_max(x, max);
  const Three t("clamp", x, min, max);
  refuse_bool("clamp", t.a);
  return record(
      "clamp", ternary("clamp", TernaryOp::clamp, t.a, t.b, t.c), {t.a, t.b, t.c},
      [x = save(t.a), min = save(t.b), max = save(t.c)](const Tensor& g, Needs needs) -> Grads {
        const Tensor v = x.get(), a = min.get(), b = max.get();
        const Tensor apart = lt(a, b), least = eq(v, a), most = eq(v, b);
        const Tensor part = where(logical_and(apart, logical_or(least, most)), g * 0.5, g);
        Tensor dx, da, db;
        if (needs[0]) dx = where(logical_or(lt(v, a), gt(v, b)), 0, part);
        if (needs[1]) {
          const Tensor counts = logical_or(lt(v, a), logical_and(apart, least));
          da = where(logical_and(counts, le(a, b)), part, 0);
        }
        if (needs[2]) {
          const Tensor counts = logical_or(gt(v, b), logical_and(apart, most));
          db = where(logical_or(counts, gt(a, b)), part, 0);
        }
        return {dx, da, db};
      });
}
Tensor clamp_min(const Tensor& x, const Tensor& min) {
  return of_two("clamp_min", BinaryOp::maximum, x, min, Takes::all, shared(CompareOp::lt));
}
Tensor clamp_max(const Tensor& x, const Tensor& max) {
  return of_two("clamp_max", BinaryOp::minimum, x, max, Takes::all, shared(CompareOp::gt));
}
Tensor clip(const Tensor& x, const Tensor& min, const Tensor& max) { return clamp(x, min, max); }

Tensor max(const Tensor& a, const Tensor& b) { return maximum(a, b); }
Tensor min(const Tensor& a, const Tensor& b) { return minimum(a, b); }

Tensor fmax(const Tensor& a, const Tensor& b) {
  return of_two("fmax", BinaryOp::fmax, a, b, Takes::all, shared(CompareOp::lt));
}
Tensor fmin(const Tensor& a, const Tensor& b) {
  return of_two("fmin", BinaryOp::fmin, a, b, Takes::all, shared(CompareOp::gt));
}

Tensor copysign(const Tensor& x, const Tensor& y) {
  const auto grads = [](const Tensor& g, const Tensor& a, const Tensor& b, Needs needs) -> Grads {
    const auto by_x = [&] { return g * (sign(a) * copysign(ones_like(b), b.detach())); };
    return {needs[0] ? by_x() : Tensor(), needs[1] ? zeros_like(g) : Tensor()};
  };
  return of_two("copysign", BinaryOp::copysign, x, y, Takes::converted, grads);
}
Tensor copysign(const Tensor& x, Scalar y) {
  const Tensor in = as_floating("copysign", x);
  return copysign(in, beside("copysign", in, y));
}

Tensor heaviside(const Tensor& x, const Tensor& values) {
  check_defined("heaviside", x, values, "tensor of values");
  check<DTypeError>(x.dtype() == values.dtype(),
                    "heaviside: expected tensors of one dtype, got {} and {}", x.dtype(),
                    values.dtype());
  const auto grads = [](const Tensor& g, const Tensor& a, const Tensor&, Needs) -> Grads {
    return {zeros_like(g), where(eq(a, 0), g, 0)};
  };
  return of_two("heaviside", BinaryOp::heaviside, x, values, Takes::all, grads);
}

namespace {

// The number after the one of bits `from` towards that of bits `to`, both of a type of 16 bits
// whose infinity has the bits `infinity`.
uint16_t next_bits(uint16_t from, uint16_t to, int infinity) {
  const int size = from & 0x7fff, target_size = to & 0x7fff;
  if (size > infinity) return from;
  if (target_size > infinity) return to;
  const int at = from & 0x8000 ? -size : size, target = to & 0x8000 ? -target_size : target_size;
  if (at == target) return to;
  if (at == 0) return static_cast<uint16_t>((to & 0x8000) | 1);
  return static_cast<uint16_t>((at < target) == (at > 0) ? from + 1 : from - 1);
}

// In float32 the next number would be rounded back.
Tensor next_of_reduced(const Tensor& x, const Tensor& y) {
  const Tensor from = x.contiguous(), to = y.contiguous(), next = empty(x.shape(), x.dtype());
  const auto *a = static_cast<const uint16_t*>(from.raw_data()),
             *b = static_cast<const uint16_t*>(to.raw_data());
  auto* out = static_cast<uint16_t*>(next.raw_data());
  const int infinity = x.dtype() == float16 ? 0x7c00 : 0x7f80;
  parallel_for(0, next.numel(), 1 << 14, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) out[i] = next_bits(a[i], b[i], infinity);
  });
  return next;
}

}  // namespace

Tensor nextafter(const Tensor& x, const Tensor& y) {
  check_defined("nextafter", x, y);
  if (const DType dtype = result_type(x, y); is_reduced_floating(dtype)) {
    const profile_scope scope("nextafter");
    const Shape shape = broadcast_shapes(x.shape(), y.shape(), "nextafter");
    const Tensor from = x.to(dtype).expand(shape), to = y.to(dtype).expand(shape);
    return record("nextafter", next_of_reduced(from, to), {from, to},
                  [](const Tensor& g, Needs) -> Grads {
                    return {g, zeros_like(g)};
                  });
  }
  const auto grads = [](const Tensor& g, const Tensor&, const Tensor&, Needs) -> Grads {
    return {g, zeros_like(g)};
  };
  return of_two("nextafter", BinaryOp::nextafter, x, y, Takes::floating, grads);
}

// --- Integers -----------------------------------------------------------------------------------

namespace {

Tensor of_integers(const char* name, BinaryOp op, const Tensor& x, const Tensor& y) {
  const profile_scope scope(name);
  const Operands both(name, x, y);
  const DType dtype = both.a().dtype();
  check<DTypeError>(!is_floating(dtype) && dtype != boolean, "{}: expected integers, got {} and {}",
                    name, x.dtype(), y.dtype());
  return binary(name, op, both.a(), both.b());
}

}  // namespace

Tensor gcd(const Tensor& a, const Tensor& b) { return of_integers("gcd", BinaryOp::gcd, a, b); }
Tensor lcm(const Tensor& a, const Tensor& b) { return of_integers("lcm", BinaryOp::lcm, a, b); }
Tensor bitwise_left_shift(const Tensor& a, const Tensor& b) {
  return of_integers("bitwise_left_shift", BinaryOp::shift_left, a, b);
}
Tensor bitwise_left_shift(const Tensor& a, Scalar b) {
  return bitwise_left_shift(a, beside("bitwise_left_shift", a, b));
}
Tensor bitwise_right_shift(const Tensor& a, const Tensor& b) {
  return of_integers("bitwise_right_shift", BinaryOp::shift_right, a, b);
}
Tensor bitwise_right_shift(const Tensor& a, Scalar b) {
  return bitwise_right_shift(a, beside("bitwise_right_shift", a, b));
}
Tensor operator<<(const Tensor& a, const Tensor& b) { return bitwise_left_shift(a, b); }
Tensor operator<<(const Tensor& a, Scalar b) { return bitwise_left_shift(a, b); }
Tensor operator>>(const Tensor& a, const Tensor& b) { return bitwise_right_shift(a, b); }
Tensor operator>>(const Tensor& a, Scalar b) { return bitwise_right_shift(a, b); }

// --- Of one operand -----------------------------------------------------------------------------

Tensor trunc(const Tensor& x) { return step_function("trunc", UnaryOp::trunc, x); }
Tensor fix(const Tensor& x) { return trunc(x); }

Tensor frac(const Tensor& x) {
  const profile_scope scope("frac");
  check_floating("frac", x);
  return record("frac", unary(UnaryOp::frac, x), {x},
                [](const Tensor& g, Needs) -> Grads { return g; });
}

Tensor round(const Tensor& x, int64_t decimals) {
  check_floating("round", x);
  if (decimals == 0) return round(x);
  const double power = std::pow(10.0, std::abs(static_cast<double>(decimals)));
  return step_function("round", decimals > 0 ? UnaryOp::round_scaled : UnaryOp::round_divided, x,
                       {power});
}

Tensor positive(const Tensor& x) {
  refuse_bool("positive", x);
  return x;
}
Tensor sgn(const Tensor& x) { return sign(x); }

Tensor nan_to_num(const Tensor& x, double nan, std::optional<double> posinf,
                  std::optional<double> neginf) {
  const profile_scope scope("nan_to_num");
  check_defined("nan_to_num", x);
  if (!x.is_floating_point()) return x.clone();
  const double most = greatest_number(x.dtype());
  const Parameters p = {nan, posinf.value_or(most), neginf.value_or(-most)};
  return record(
      "nan_to_num", unary(UnaryOp::nan_to_num, x, p), {x},
      [x = save(x)](const Tensor& g, Needs) -> Grads { return where(isfinite(x.get()), g, 0); });
}

}  // namespace rw
