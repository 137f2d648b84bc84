#include "op.h"

namespace rw::fuzz {
namespace {

template <class F>
Op unary(const char* name, F f, unsigned rule = plain, Domain domain = Domain::all) {
  return {name, pointwise | rule,
          [=](Draw& d) { return Call({d.tensor(d.shape(), domain)}, [f](In x) { return f(x); }); }};
}

template <class F>
Op binary(const char* name, F f) {
  return {name, pointwise, [=](Draw& d) {
            const Shape shape = d.shape();
            Tensors in = {d.tensor(shape), d.tensor(d.broadcast_with(shape))};
            if (d.below(2)) std::swap(in[0], in[1]);
            return Call(in, [f](In a, In b) { return f(a, b); });
          }};
}

template <class F>
Op with_scalar(const char* name, F f) {
  return {name, pointwise, [=](Draw& d) {
            const Tensor x = d.tensor(d.shape());
            return Call({x}, [f, s = d.scalar()](In a) { return f(a, s); });
          }};
}

// f(base, exponent, a number for either)
template <class F>
Op power(const char* name, F f) {
  return {name, pointwise, [=](Draw& d) {
            // Of other numbers the exponent's rounding decides whether a power is NaN, and powers
            // overflow on the way to their derivatives.
            if (d.style != Style::integers) d.style = Style::plain;
            d.wild = false;
            const Tensor x = d.tensor(d.shape(), Domain::positive);
            const Tensor y = d.tensor(d.broadcast_with(x.shape()));
            return Call({x, y}, [f, s = d.scalar()](In a, In b) { return f(a, b, s); });
          }};
}

Ops arithmetic() {
  return {
      {"add", pointwise,
       [](Draw& d) {
         const Tensor x = d.tensor(d.shape()), y = d.tensor(d.broadcast_with(x.shape()));
         return Call({x, y}, [s = d.scalar()](In a, In b) { return add(a, b, s); });
       }},
      with_scalar("add", [](In a, Scalar s) { return add(a, s); }),
      {"sub", pointwise,
       [](Draw& d) {
         const Tensor x = d.tensor(d.shape()), y = d.tensor(d.broadcast_with(x.shape()));
         return Call({y, x}, [s = d.scalar()](In a, In b) { return sub(a, b, s); });
       }},
      with_scalar("sub", [](In a, Scalar s) { return sub(a, s); }),
      binary("mul", [](In a, In b) { return mul(a, b); }),
      with_scalar("mul", [](In a, Scalar s) { return mul(a, s); }),
      binary("div", [](In a, In b) { return div(a, b); }),
      with_scalar("div", [](In a, Scalar s) { return div(a, s); }),
      power("pow", [](In a, In b, Scalar) { return pow(a, b); }),
      power("pow", [](In a, In, Scalar s) { return pow(a, s); }),
      power("pow", [](In, In b, Scalar s) { return pow(s, b); }),
      power("Tensor::pow", [](In a, In b, Scalar) { return a.pow(b); }),
      power("Tensor::pow", [](In a, In, Scalar s) { return a.pow(s); }),
      binary("maximum", [](In a, In b) { return maximum(a, b); }),
      binary("minimum", [](In a, In b) { return minimum(a, b); }),
      binary("operator+", [](In a, In b) { return a + b; }),
      binary("operator+", [](In a, In b) { return (a + 1) + (b + 1); }),
      with_scalar("operator+", [](In a, Scalar s) { return a + s; }),
      with_scalar("operator+", [](In a, Scalar s) { return s + a; }),
      binary("operator-", [](In a, In b) { return a - b; }),
      with_scalar("operator-", [](In a, Scalar s) { return a - s; }),
      with_scalar("operator-", [](In a, Scalar s) { return s - a; }),
      unary("operator-", [](In a) { return -a; }),
      binary("operator*", [](In a, In b) { return a * b; }),
      with_scalar("operator*", [](In a, Scalar s) { return a * s; }),
      with_scalar("operator*", [](In a, Scalar s) { return s * a; }),
      binary("operator/", [](In a, In b) { return a / b; }),
      with_scalar("operator/", [](In a, Scalar s) { return a / s; }),
      // 0 / a would hide that 1 / a overflows on the way to its derivatives.
      with_scalar("operator/",
                  [](In a, Scalar s) { return (s.to_double() == 0 ? Scalar(1.0) : s) / a; }),
  };
}

Ops comparisons() {
  return {
      binary("eq", [](In a, In b) { return eq(a, b); }),
      with_scalar("eq", [](In a, Scalar s) { return eq(a, s); }),
      binary("ne", [](In a, In b) { return ne(a, b); }),
      with_scalar("ne", [](In a, Scalar s) { return ne(a, s); }),
      binary("lt", [](In a, In b) { return lt(a, b); }),
      with_scalar("lt", [](In a, Scalar s) { return lt(a, s); }),
      binary("le", [](In a, In b) { return le(a, b); }),
      with_scalar("le", [](In a, Scalar s) { return le(a, s); }),
      binary("gt", [](In a, In b) { return gt(a, b); }),
      with_scalar("gt", [](In a, Scalar s) { return gt(a, s); }),
      binary("ge", [](In a, In b) { return ge(a, b); }),
      with_scalar("ge", [](In a, Scalar s) { return ge(a, s); }),
      binary("operator==", [](In a, In b) { return a == b; }),
      with_scalar("operator==", [](In a, Scalar s) { return a == s; }),
      with_scalar("operator==", [](In a, Scalar s) { return s == a; }),
      binary("operator!=", [](In a, In b) { return a != b; }),
      with_scalar("operator!=", [](In a, Scalar s) { return a != s; }),
      with_scalar("operator!=", [](In a, Scalar s) { return s != a; }),
      binary("operator<", [](In a, In b) { return a < b; }),
      with_scalar("operator<", [](In a, Scalar s) { return a < s; }),
      with_scalar("operator<", [](In a, Scalar s) { return s < a; }),
      binary("operator<=", [](In a, In b) { return a <= b; }),
      with_scalar("operator<=", [](In a, Scalar s) { return a <= s; }),
      with_scalar("operator<=", [](In a, Scalar s) { return s <= a; }),
      binary("operator>", [](In a, In b) { return a > b; }),
      with_scalar("operator>", [](In a, Scalar s) { return a > s; }),
      with_scalar("operator>", [](In a, Scalar s) { return s > a; }),
      binary("operator>=", [](In a, In b) { return a >= b; }),
      with_scalar("operator>=", [](In a, Scalar s) { return a >= s; }),
      with_scalar("operator>=", [](In a, Scalar s) { return s >= a; }),
      binary("Tensor::eq", [](In a, In b) { return a.eq(b); }),
      unary("logical_not", [](In a) { return logical_not(a); }),
      binary("logical_and", [](In a, In b) { return logical_and(a, b); }),
      binary("logical_or", [](In a, In b) { return logical_or(a, b); }),
      unary("isnan", [](In a) { return isnan(a); }),
      unary("isfinite", [](In a) { return isfinite(a); }),
      unary("isinf", [](In a) { return isinf(a); }),
      unary("isposinf", [](In a) { return isposinf(a); }),
      unary("isneginf", [](In a) { return isneginf(a); }),
      unary("signbit", [](In a) { return signbit(where(isnan(a), 0, a)); }),
      binary("logical_xor", [](In a, In b) { return logical_xor(a, b); }),
      binary("isclose", [](In a, In b) { return isclose(a, b, 0.3, 0.2); }),
      binary("allclose", [](In a, In b) { return scalar_tensor(allclose(a, b, 1, 1)); }),
      binary("equal", [](In a, In b) { return scalar_tensor(equal(a, b)); }),
  };
}

// f(a, b, a number) of numbers that are no floating ones, which bits are refused of.
template <class F>
Op of_bits(const char* name, F f) {
  return {name, pointwise, [=](Draw& d) {
            if (!d.wild && d.floating())
              d.dtype = d.one_of({int64, int32, int16, int8, uint8, boolean});
            const Tensor x = d.tensor(d.shape()), y = d.tensor(d.broadcast_with(x.shape()));
            const Scalar s = d.flag() ? Scalar(d.flag()) : Scalar(d.number(-3, 9));
            return Call({x, y}, [=](In a, In b) { return f(a, b, s); });
          }};
}

// `all`, which has to be true.
void expect(const char* rule, const Tensor& all) {
  if (!all.all().item<bool>()) throw Failure{"value", std::string(rule) + " does not hold"};
}

Ops bits() {
  return {
      of_bits("bitwise_and",
              [](In a, In b, Scalar) {
                const Tensor both = bitwise_and(a, b);
                expect("(a & b) ^ (a | b) = a ^ b", eq(both ^ (a | b), a ^ b));
                return both;
              }),
      of_bits("bitwise_and", [](In a, In, Scalar s) { return bitwise_and(a, s); }),
      of_bits("bitwise_or", [](In a, In b, Scalar) { return bitwise_or(a, b); }),
      of_bits("bitwise_or", [](In a, In, Scalar s) { return bitwise_or(a, s); }),
      of_bits("bitwise_xor", [](In a, In b, Scalar) { return bitwise_xor(a, b); }),
      of_bits("bitwise_xor", [](In a, In, Scalar s) { return bitwise_xor(a, s); }),
      of_bits("bitwise_not",
              [](In a, In, Scalar) {
                const Tensor flipped = bitwise_not(a);
                expect("~~a = a", eq(~flipped, a));
                expect("a & ~a = 0", eq(a & flipped, 0));
                return flipped;
              }),
      of_bits("operator&", [](In a, In b, Scalar) { return a & b; }),
      of_bits("operator&", [](In a, In, Scalar s) { return a & s; }),
      of_bits("operator&", [](In a, In, Scalar s) { return s & a; }),
      of_bits("operator|", [](In a, In b, Scalar) { return a | b; }),
      of_bits("operator|", [](In a, In, Scalar s) { return a | s; }),
      of_bits("operator|", [](In a, In, Scalar s) { return s | a; }),
      of_bits("operator^", [](In a, In b, Scalar) { return a ^ b; }),
      of_bits("operator^", [](In a, In, Scalar s) { return a ^ s; }),
      of_bits("operator^", [](In a, In, Scalar s) { return s ^ a; }),
      of_bits("operator~", [](In a, In, Scalar) { return ~a; }),
      of_bits("bitwise_left_shift", [](In a, In b, Scalar) { return bitwise_left_shift(a, b); }),
      of_bits("bitwise_left_shift", [](In a, In, Scalar s) { return bitwise_left_shift(a, s); }),
      of_bits("bitwise_right_shift", [](In a, In b, Scalar) { return bitwise_right_shift(a, b); }),
      of_bits("bitwise_right_shift", [](In a, In, Scalar s) { return bitwise_right_shift(a, s); }),
      of_bits("operator<<", [](In a, In b, Scalar) { return a << b; }),
      of_bits("operator<<", [](In a, In, Scalar s) { return a << s; }),
      of_bits("operator>>", [](In a, In b, Scalar) { return a >> b; }),
      of_bits("operator>>", [](In a, In, Scalar s) { return a >> s; }),
      of_bits("gcd",
              [](In a, In b, Scalar) {
                const Tensor divisor = gcd(a, b), one = where(eq(divisor, 0), 1, divisor);
                expect("a % gcd(a, b) = 0", eq(fmod(a, one), 0));
                return divisor;
              }),
      of_bits("lcm", [](In a, In b, Scalar) { return lcm(a, b); }),
  };
}

Ops remainders() {
  return {
      binary("remainder", [](In a, In b) { return remainder(a, b); }),
      with_scalar("remainder", [](In a, Scalar s) { return remainder(a, s); }),
      with_scalar("remainder", [](In a, Scalar s) { return remainder(s, a); }),
      binary("operator%", [](In a, In b) { return a % b; }),
      with_scalar("operator%", [](In a, Scalar s) { return a % s; }),
      with_scalar("operator%", [](In a, Scalar s) { return s % a; }),
      of_bits("remainder, of integers",
              [](In a, In b, Scalar) {
                const Tensor r = remainder(a, b);
                if (r.is_floating_point()) return r;  // which may round to b
                expect("0 <= a % b < b, or the same below 0",
                       where(b > 0, (r >= 0) & (r < b), (r <= 0) & (r > b)));
                return r;
              }),
  };
}

// f(mask, a, b)
template <class F>
Op selecting(F f) {
  return {"where", pointwise, [=](Draw& d) {
            const Shape shape = d.shape();
            const Tensors in = {d.mask(d.broadcast_with(shape)), d.tensor(shape),
                                d.tensor(d.broadcast_with(shape))};
            return Call(in, [f, s = d.scalar()](In m, In a, In b) { return f(m, a, b, s); });
          }};
}

// f(x, low, high)
template <class F>
Op clamping(const char* name, F f) {
  return {name, pointwise, [=](Draw& d) {
            const Tensor x = d.tensor(d.shape());
            const double low = d.real(-2, 1), high = d.real(-1, 2);
            return Call({x}, [=](In a) { return f(a, low, high); });
          }};
}

Ops choices() {
  return {
      selecting([](In m, In a, In b, Scalar) { return where(m, a, b); }),
      selecting([](In m, In a, In, Scalar s) { return where(m, a, s); }),
      selecting([](In m, In a, In, Scalar s) { return where(m, s, a); }),
      selecting([](In m, In, In, Scalar s) { return where(m, s, 2); }),
      clamping("clamp", [](In a, double low, double high) { return clamp(a, low, high); }),
      clamping("clamp_min", [](In a, double low, double) { return clamp_min(a, low); }),
      clamping("clamp_max", [](In a, double, double high) { return clamp_max(a, high); }),
      clamping("Tensor::clamp", [](In a, double low, double high) { return a.clamp(low, high); }),
  };
}

Ops functions() {
  const Domain positive = Domain::positive;
  return {
      unary("abs", [](In a) { return abs(a); }),
      unary("neg", [](In a) { return neg(a); }),
      unary("sign", [](In a) { return sign(a); }),
      unary("square", [](In a) { return square(a); }),
      unary(
          "sqrt", [](In a) { return sqrt(a); }, plain, positive),
      unary(
          "rsqrt", [](In a) { return rsqrt(a); }, plain, positive),
      unary("reciprocal", [](In a) { return reciprocal(a); }),
      unary("exp", [](In a) { return exp(a); }),
      unary(
          "expm1", [](In a) { return expm1(a); }, saturates),
      unary(
          "log", [](In a) { return log(a); }, plain, positive),
      unary(
          "log1p", [](In a) { return log1p(a); }, plain, positive),
      unary("sin", [](In a) { return sin(a); }),
      unary("cos", [](In a) { return cos(a); }),
      unary("erf", [](In a) { return erf(a); }),
      unary("floor", [](In a) { return floor(a); }),
      unary("ceil", [](In a) { return ceil(a); }),
      unary("round", [](In a) { return round(a); }),
      unary(
          "tanh", [](In a) { return tanh(a); }, saturates),
      unary(
          "sigmoid", [](In a) { return sigmoid(a); }, saturates),
      unary("relu", [](In a) { return relu(a); }),
      {"leaky_relu", pointwise,
       [](Draw& d) {
         const Tensor x = d.tensor(d.shape());
         return Call({x}, [slope = d.real(-1, 2)](In a) { return leaky_relu(a, slope); });
       }},
      {"elu", pointwise | saturates,
       [](Draw& d) {
         const Tensor x = d.tensor(d.shape());
         return Call({x}, [alpha = d.real(-1, 2)](In a) { return elu(a, alpha); });
       }},
      {"celu", pointwise | saturates,
       [](Draw& d) {
         const Tensor x = d.tensor(d.shape());
         return Call({x}, [alpha = d.one_of({0.25, 1., 1.7, 4.})](In a) { return celu(a, alpha); });
       }},
      unary(
          "selu", [](In a) { return selu(a); }, saturates),
      // x (1 + erf x), which is 0 from -6 on.
      {"gelu", pointwise | saturates | near_one,
       [](Draw& d) {
         const Tensor x = d.tensor(d.shape());
         Call call({x},
                   [form = d.one_of({Gelu::exact, Gelu::tanh})](In a) { return gelu(a, form); });
         call.one = 6;
         return call;
       }},
      unary(
          "silu", [](In a) { return silu(a); }, saturates),
      {"softplus", pointwise | saturates,
       [](Draw& d) {
         const Tensor x = d.tensor(d.shape());
         const double beta = d.real(0.25, 4), threshold = d.real(1, 30);
         return Call({x}, [=](In a) { return softplus(a, beta, threshold); });
       }},
  };
}

Ops members() {
  const Domain positive = Domain::positive;
  return {
      unary("Tensor::abs", [](In a) { return a.abs(); }),
      unary("Tensor::neg", [](In a) { return a.neg(); }),
      unary("Tensor::exp", [](In a) { return a.exp(); }),
      unary(
          "Tensor::log", [](In a) { return a.log(); }, plain, positive),
      unary(
          "Tensor::log1p", [](In a) { return a.log1p(); }, plain, positive),
      unary(
          "Tensor::sqrt", [](In a) { return a.sqrt(); }, plain, positive),
      unary(
          "Tensor::rsqrt", [](In a) { return a.rsqrt(); }, plain, positive),
      unary("Tensor::reciprocal", [](In a) { return a.reciprocal(); }),
      unary("Tensor::square", [](In a) { return a.square(); }),
      unary("Tensor::sin", [](In a) { return a.sin(); }),
      unary("Tensor::cos", [](In a) { return a.cos(); }),
      unary(
          "Tensor::tanh", [](In a) { return a.tanh(); }, saturates),
      unary(
          "Tensor::sigmoid", [](In a) { return a.sigmoid(); }, saturates),
      unary("Tensor::erf", [](In a) { return a.erf(); }),
      unary("Tensor::relu", [](In a) { return a.relu(); }),
  };
}

}  // namespace

Ops pointwise_ops() {
  Ops all;
  for (const Ops& family :
       {arithmetic(), comparisons(), bits(), remainders(), choices(), functions(), members()})
    all.insert(all.end(), family.begin(), family.end());
  return all;
}

}  // namespace rw::fuzz
