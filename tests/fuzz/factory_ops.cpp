// What makes tensors of no other: sizes to the extremes, and all dtypes.

#include <span>

#include "op.h"

namespace rw::fuzz {
namespace {

// Of any sizes.
Shape sizes(Draw& d) {
  Shape s;
  for (int64_t i = d.between(0, 4); i > 0; --i) s.push_back(d.number(0, 5));
  return s;
}

DType any_dtype(Draw& d) { return d.one_of({boolean, uint8, int64, bfloat16, float32, float64}); }

// Without an input: only the memory and the errors are looked at.
template <class F>
Op made(const char* name, F f) {
  return {name, random, [=](Draw& d) {
            return Call(Tensors(), [make = f(d)](const Tensors&) { return Tensors{make()}; });
          }};
}

template <class F>
Op like(const char* name, F f, unsigned rule = random) {
  return {name, pointwise | rule, [=](Draw& d) {
            const Tensor x = d.tensor(d.shape());
            return Call({x}, [f, s = d.scalar()](In t) { return f(t.detach(), s); });
          }};
}

Ops of_shapes() {
  return {
      made(
          "empty",
          [](Draw& d) { return [s = sizes(d), t = any_dtype(d)] { return empty(s, t).zero_(); }; }),
      made("zeros",
           [](Draw& d) { return [s = sizes(d), t = any_dtype(d)] { return zeros(s, t); }; }),
      made("ones", [](Draw& d) { return [s = sizes(d), t = any_dtype(d)] { return ones(s, t); }; }),
      made("full",
           [](Draw& d) {
             return [s = sizes(d), v = d.scalar(), t = any_dtype(d)] { return full(s, v, t); };
           }),
      made("rand", [](Draw& d) { return [s = sizes(d), t = any_dtype(d)] { return rand(s, t); }; }),
      made("randn",
           [](Draw& d) { return [s = sizes(d), t = any_dtype(d)] { return randn(s, t); }; }),
      made("randint",
           [](Draw& d) {
             const int64_t low = d.number(-5, 5), high = d.number(6, 9);
             return [=, s = sizes(d), t = any_dtype(d)] { return randint(low, high, s, t); };
           }),
      made("randperm", [](Draw& d) { return [n = d.number(0, 20)] { return randperm(n); }; }),
      made("eye",
           [](Draw& d) {
             return [n = d.number(0, 5), m = d.number(-1, 5), t = any_dtype(d)] {
               return eye(n, m, t);
             };
           }),
      made("from",
           [](Draw& d) {
             return [s = sizes(d)] { return from(std::vector<float>{1, 2, 3, 4}, s); };
           }),
      made("from", [](Draw& d) { return [n = d.number(0, 9)] {
                                   return from<int64_t>({n, 1});
                                 }; }),
      made("from", [](Draw&) { return [] {
                                 return from({{1, 2}, {3, 4}});
                               }; }),
      made("from",
           [](Draw& d) {
             return [s = sizes(d)] {
               static const int64_t one = 1;
               return from(std::span<const int64_t>(&one, 1), s);
             };
           }),
      made("from", [](Draw&) { return [] {
                                 return from(std::vector<double>{1, 2});
                               }; }),
  };
}

Ops of_numbers() {
  return {
      made("scalar_tensor", [](Draw& d) { return [s = d.scalar()] { return scalar_tensor(s); }; }),
      made("scalar_tensor",
           [](Draw& d) {
             return [s = d.scalar(), t = any_dtype(d)] { return scalar_tensor(s, t); };
           }),
      made("arange",
           [](Draw& d) { return [n = d.number(0, 9), t = any_dtype(d)] { return arange(n, t); }; }),
      made("arange",
           [](Draw& d) {
             const Scalar a = d.scalar(), b = d.scalar(), step = d.scalar();
             return [=, t = any_dtype(d)] { return arange(a, b, step, t); };
           }),
      made("arange, of integers",
           [](Draw& d) {
             const int64_t a = d.number(0, 5), b = d.number(5, 9), step = d.number(1, 3);
             return [=, t = any_dtype(d)] { return arange(a, b, step, t); };
           }),
      made("linspace",
           [](Draw& d) {
             const double a = d.real(-2, 2), b = d.real(-2, 2);
             return [=, n = d.number(0, 9), t = any_dtype(d)] { return linspace(a, b, n, t); };
           }),
  };
}

}  // namespace

Ops factory_ops() {
  Ops all = {
      like(
          "empty_like", [](In t, Scalar) { return empty_like(t).zero_(); }, plain),
      like(
          "empty_like", [](In t, Scalar) { return empty_like(t, float32).zero_(); }, plain),
      like(
          "zeros_like", [](In t, Scalar) { return zeros_like(t); }, plain),
      like(
          "ones_like", [](In t, Scalar) { return ones_like(t); }, plain),
      like(
          "full_like", [](In t, Scalar s) { return full_like(t, s); }, plain),
      like("rand_like", [](In t, Scalar) { return rand_like(t); }),
      like("randn_like", [](In t, Scalar) { return randn_like(t); }),
  };
  for (const Ops& more : {of_shapes(), of_numbers()})
    all.insert(all.end(), more.begin(), more.end());
  return all;
}

}  // namespace rw::fuzz
