// Windows of signals, places of elements, factors, and the functions that others are built of.

#include <rewind/ops/factored.h>
#include <rewind/ops/native_forms.h>
#include <rewind/ops/places.h>
#include <rewind/ops/signal_windows.h>

#include "op.h"

namespace rw::fuzz {
namespace {

namespace windows = signal::windows;

// f(length, whether it is symmetric)
template <class F>
Op window(const char* name, F f) {
  return {name, random, [f](Draw& d) {
            const int64_t n = d.number(0, 20);
            return Call(Tensors(), [=, m = takes_minutes(double(n)) ? 20 : n,
                                    sym = d.flag()](const Tensors&) { return Tensors{f(m, sym)}; });
          }};
}

Ops signal_windows() {
  return {
      window("exponential", [](int64_t m, bool s) { return windows::exponential(m, {}, 2, s); }),
      window("cosine", [](int64_t m, bool s) { return windows::cosine(m, s); }),
      window("gaussian", [](int64_t m, bool s) { return windows::gaussian(m, 2, s); }),
      window("kaiser", [](int64_t m, bool s) { return windows::kaiser(m, 6, s); }),
      window("hamming", [](int64_t m, bool s) { return windows::hamming(m, s); }),
      window("hann", [](int64_t m, bool s) { return windows::hann(m, s); }),
      window("blackman", [](int64_t m, bool s) { return windows::blackman(m, s); }),
      window("bartlett", [](int64_t m, bool s) { return windows::bartlett(m, s); }),
      window("nuttall", [](int64_t m, bool s) { return windows::nuttall(m, s); }),
      window("general_hamming",
             [](int64_t m, bool s) { return windows::general_hamming(m, 0.6, s); }),
      window("general_cosine",
             [](int64_t m, bool s) {
               return windows::general_cosine(m, {0.5, 0.3, 0.2}, s);
             }),
  };
}

// --- Memory and places --------------------------------------------------------------------------

// Without an input: f(sizes), whose elements are anything.
template <class F>
Op memory(const char* name, F f) {
  return {name, random, [f](Draw& d) {
            const Shape shape = d.shape(0, 4);
            return Call(Tensors(), [=](const Tensors&) { return Tensors{f(shape).zero_()}; });
          }};
}

Ops places() {
  const auto backwards = [](const Shape& s) {
    Dims order;
    for (int d = s.rank() - 1; d >= 0; --d) order.push_back(d);
    return order;
  };
  return {
      memory("empty_permuted", [=](const Shape& s) { return empty_permuted(s, backwards(s)); }),
      memory("empty_strided",
             [](const Shape& s) { return empty_strided(s, contiguous_strides(s)); }),
      memory("new_empty_strided",
             [](const Shape& s) {
               return new_empty_strided(ones({2}, int16), s, contiguous_strides(s));
             }),
      {"nonzero_static", pointwise,
       [](Draw& d) {
         const int64_t n = d.number(0, 20);
         return Call({d.tensor(d.shape(0, 4))}, [m = takes_minutes(double(n)) ? 20 : n](In x) {
           return nonzero_static(x, m);
         });
       }},
      {"unravel_index", pointwise,
       [](Draw& d) {
         const Shape in = d.shape(1, 4);
         return Call({d.indices(d.shape(0, 3), in.numel())},
                     [in](In i) { return unravel_index(i, in); });
       }},
      {"isreal", pointwise,
       [](Draw& d) { return Call({d.tensor(d.shape(0, 4))}, [](In x) { return isreal(x); }); }},
  };
}

// --- Factors: of float32, as rounding decides which rows change places
// ------------------------------

template <class F>
Op factors(const char* name, bool square, F f) {
  return {name, random, [=](Draw& d) {
            d.dtype = float32;
            Shape shape = d.shape(2, 4);
            if (square) shape[shape.rank() - 1] = shape[shape.rank() - 2];
            return Call({d.tensor(shape)}, [=](In a) { return f(a.detach()); });
          }};
}

Ops factorizations() {
  const auto listed = [](const auto& parts) {
    return std::apply([](const auto&... t) { return Tensors{t...}; }, parts);
  };
  return {
      factors("geqrf", false, [=](In a) { return listed(geqrf(a)); }),
      factors("ldl_factor", true, [=](In a) { return listed(linalg::ldl_factor(a)); }),
      factors("ldl_factor_ex", true, [=](In a) { return listed(linalg::ldl_factor_ex(a)); }),
      factors("ldl_solve", true,
              [](In a) {
                const auto [ld, pivots, info] = linalg::ldl_factor_ex(a);
                return linalg::ldl_solve(ld, pivots, a);
              }),
  };
}

// --- Native forms --------------------------------------------------------------------------------

Ops native_forms() {
  const auto image = [](Draw& d) { return d.tensor({d.size(1, 3), 4, d.size(2, 5)}); };
  return {
      {"native_layer_norm", random,
       [=](Draw& d) {
         return Call({image(d), d.tensor({4})}, [](In x, In w) {
           return std::get<0>(native_layer_norm(x.transpose(1, 2), {4}, w, w, 1e-5));
         });
       }},
      {"native_group_norm", random,
       [=](Draw& d) {
         return Call({image(d), d.tensor({4})}, [](In x, In w) {
           return std::get<0>(native_group_norm(x, w, w, x.size(0), 4, x.size(2), 2, 1e-5));
         });
       }},
      {"native_batch_norm", random,
       [=](Draw& d) {
         return Call({image(d), d.tensor({4})}, [](In x, In w) {
           return std::get<0>(native_batch_norm(x, w, w, {}, {}, true, 0.1, 1e-5));
         });
       }},
  };
}

}  // namespace

Ops form_ops() {
  Ops all;
  for (const Ops& some : {signal_windows(), places(), factorizations(), native_forms()})
    all.insert(all.end(), some.begin(), some.end());
  return all;
}

}  // namespace rw::fuzz
