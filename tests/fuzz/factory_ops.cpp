// What makes tensors of no other: sizes to the extremes, all dtypes, and options.

#include <algorithm>
#include <span>

#include "op.h"

namespace rw::fuzz {
namespace {

int64_t count(Draw& d) {
  const int64_t n = d.number(0, 9);
  return takes_minutes(static_cast<double>(n)) ? 9 : n;
}

// Of any sizes.
Shape sizes(Draw& d) {
  Shape s;
  double product = 1;
  for (int64_t i = d.between(0, 4); i > 0; --i) {
    s.push_back(d.number(0, 5));
    product *= static_cast<double>(s.back());
  }
  return takes_minutes(product) ? Shape{3} : s;
}

DType any_dtype(Draw& d) { return d.any_dtype(); }

TensorOptions any_options(Draw& d) {
  TensorOptions options;
  if (d.flag()) options.dtype = any_dtype(d);
  options.requires_grad = d.flag();
  return options;
}

// Without an input: only the memory and the errors are looked at.
template <class F>
Op made(const std::string& name, F f) {
  return {name, random, [=](Draw& d) {
            return Call(Tensors(), [make = f(d)](const Tensors&) { return Tensors{make()}; });
          }};
}

// f(draw, how), which is called with the dtype alone and with options.
template <class F>
Ops made_both_ways(const std::string& name, F f) {
  return {made(name, [=](Draw& d) { return f(d, any_dtype(d)); }),
          made(name + ", options", [=](Draw& d) { return f(d, any_options(d)); })};
}

// f(sizes, how)
template <class F>
Ops of_sizes(const char* name, F f) {
  return made_both_ways(name,
                        [=](Draw& d, auto how) { return [=, s = sizes(d)] { return f(s, how); }; });
}

// f(like, a number, how)
template <class F>
Ops like(const std::string& name, F f, unsigned rule = plain) {
  const auto op = [=](const std::string& named, auto draw_how) {
    return Op{named, pointwise | rule, [=](Draw& d) {
                const Tensor x = d.tensor(d.shape());
                return Call({x}, [f, s = d.scalar(), how = draw_how(d)](In t) {
                  return f(t.detach(), s, how);
                });
              }};
  };
  return {op(name, any_dtype), op(name + ", options", any_options),
          op(name + ", alike", [](Draw&) { return TensorOptions(); })};
}

Ops joined(std::initializer_list<Ops> families) {
  Ops all;
  for (const Ops& more : families) all.insert(all.end(), more.begin(), more.end());
  return all;
}

Ops of_shapes() {
  return joined({
      of_sizes("empty", [](const Shape& s, auto how) { return empty(s, how).detach().zero_(); }),
      made_both_ways("empty",
                     [](Draw& d, auto how) {
                       return [=, s = sizes(d)] {
                         return empty(s, how, MemoryFormat::channels_last).detach().zero_();
                       };
                     }),
      of_sizes("zeros", [](const Shape& s, auto how) { return zeros(s, how); }),
      of_sizes("ones", [](const Shape& s, auto how) { return ones(s, how); }),
      made_both_ways("full",
                     [](Draw& d, auto how) {
                       return [=, s = sizes(d), v = d.scalar()] { return full(s, v, how); };
                     }),
      of_sizes("rand", [](const Shape& s, auto how) { return rand(s, how); }),
      of_sizes("randn", [](const Shape& s, auto how) { return randn(s, how); }),
      {made("rand, by a generator",
            [](Draw& d) {
              return [s = sizes(d)] {
                Generator own(1);
                return rand(s, own);
              };
            })},
      {made("randn, by a generator",
            [](Draw& d) {
              return [s = sizes(d)] {
                Generator own(1);
                return randn(s, own);
              };
            })},
      {made("randint, by a generator",
            [](Draw& d) {
              return [s = sizes(d), high = d.number(1, 9)] {
                Generator own(1);
                return randint(0, high, s, own);
              };
            })},
      made_both_ways("randint, from 0",
                     [](Draw& d, auto how) {
                       return [=, s = sizes(d), high = d.number(-1, 9)] {
                         return randint(high, s, how);
                       };
                     }),
      made_both_ways("randint",
                     [](Draw& d, auto how) {
                       const int64_t low = d.number(-5, 5), high = d.number(6, 9);
                       return [=, s = sizes(d)] { return randint(low, high, s, how); };
                     }),
      {made("bartlett_window",
            [](Draw& d) {
              return [n = d.number(0, 20)] { return bartlett_window(n, n % 2 == 0); };
            })},
      {made("bartlett_window",
            [](Draw& d) {
              return [n = d.number(0, 20)] { return bartlett_window(n, {.dtype = float64}); };
            })},
      {made("blackman_window",
            [](Draw& d) {
              return [n = d.number(0, 20)] { return blackman_window(n, n % 2 == 0); };
            })},
      {made("blackman_window",
            [](Draw& d) {
              return [n = d.number(0, 20)] { return blackman_window(n, {.dtype = float64}); };
            })},
      {made(
          "hamming_window",
          [](Draw& d) { return [n = d.number(0, 20)] { return hamming_window(n, n % 2 == 0); }; })},
      {made("hamming_window",
            [](Draw& d) {
              return [n = d.number(0, 20)] { return hamming_window(n, {.dtype = float64}); };
            })},
      {made(
          "kaiser_window",
          [](Draw& d) { return [n = d.number(0, 20)] { return kaiser_window(n, n % 2 == 0); }; })},
      {made("kaiser_window",
            [](Draw& d) {
              return
                  [n = d.number(0, 20)] { return kaiser_window(n, true, 6, {.dtype = float64}); };
            })},
      {made("kaiser_window",
            [](Draw& d) {
              return [n = d.number(0, 20)] { return kaiser_window(n, {.dtype = float64}); };
            })},
      {made("hann_window",
            [](Draw& d) { return [n = d.number(0, 20)] { return hann_window(n, n % 2 == 0); }; })},
      {made("hann_window",
            [](Draw& d) {
              return [n = d.number(0, 20)] { return hann_window(n, {.dtype = float64}); };
            })},
      {made("randperm", [](Draw& d) { return [n = d.number(0, 20)] { return randperm(n); }; })},
      made_both_ways("eye",
                     [](Draw& d, auto how) { return [=, n = count(d)] { return eye(n, how); }; }),
      made_both_ways("eye",
                     [](Draw& d, auto how) {
                       return [=, n = count(d), m = d.flag() ? count(d) : -1] {
                         return eye(n, m, how);
                       };
                     }),
  });
}

// The end of a range from `a`: of few numbers, or of more than there is memory for.
template <class T>
T end_of_range(T a, T b, T step) {
  const auto number = [](Scalar s) { return s.to_double(); };
  return takes_minutes((number(b) - number(a)) / number(step)) ? a : b;
}

Ops of_numbers() {
  return joined({
      made_both_ways(
          "scalar_tensor",
          [](Draw& d, auto how) { return [=, s = d.scalar()] { return scalar_tensor(s, how); }; }),
      made_both_ways(
          "arange", [](Draw& d, auto how) { return [=, n = count(d)] { return arange(n, how); }; }),
      made_both_ways("arange",
                     [](Draw& d, auto how) {
                       const Scalar a = d.scalar(), b = end_of_range<Scalar>(a, d.scalar(), 1);
                       return [=] { return arange(a, b, how); };
                     }),
      made_both_ways("arange",
                     [](Draw& d, auto how) {
                       const Scalar a = d.scalar(), step = d.scalar();
                       const Scalar b = end_of_range(a, d.scalar(), step);
                       return [=] { return arange(a, b, step, how); };
                     }),
      made_both_ways("arange, of integers",
                     [](Draw& d, auto how) {
                       const int64_t a = d.number(0, 5), b = d.number(5, 9), step = d.number(1, 3);
                       return [=, end = end_of_range(a, b, step)] {
                         return arange(a, end, step, how);
                       };
                     }),
      made_both_ways("linspace",
                     [](Draw& d, auto how) {
                       const double a = d.real(-2, 2), b = d.real(-2, 2);
                       return [=, n = count(d)] { return linspace(a, b, n, how); };
                     }),
  });
}

// f(numbers, options), numbers being a vector of T.
template <class T, class F>
Op from_numbers(F f) {
  return made("from", [=](Draw& d) {
    std::vector<T> numbers;
    for (int64_t i = d.between(0, 6); i > 0; --i) numbers.push_back(static_cast<T>(d.real(-3, 3)));
    return [=, options = any_options(d)] { return f(numbers, options); };
  });
}

// f(n, options), n being of any size.
template <class F>
Op from_list(F f) {
  return made("from", [=](Draw& d) {
    return [=, n = count(d), options = any_options(d)] { return f(n, options); };
  });
}

Ops of_values() {
  using Floats = std::vector<float>;
  using Integers = std::vector<int64_t>;
  return {
      made("from",
           [](Draw& d) {
             return [s = sizes(d), o = any_options(d)] { return from(Floats{1, 2, 3, 4}, s, o); };
           }),
      made("from",
           [](Draw& d) {
             return [s = sizes(d), o = any_options(d)] {
               static const int64_t one = 1;
               return from(std::span<const int64_t>(&one, 1), s, o);
             };
           }),
      from_numbers<double>([](const auto& v, const TensorOptions& o) { return from(v, o); }),
      from_numbers<BFloat16>([](const auto& v, const TensorOptions& o) { return from(v, o); }),
      from_numbers<float>(
          [](const auto& v, const TensorOptions& o) { return from(std::span<const float>(v), o); }),
      from_numbers<float>([](const auto& v, const TensorOptions& o) {
        return from(v, {2, 2}, o);
      }),
      from_numbers<float>([](const auto& v, const TensorOptions& o) {
        return from(std::span<const float>(v), {-1, 2}, o);
      }),
      from_list([](int64_t n, const TensorOptions& o) {
        return from(Integers{n, 1}, o);
      }),
      from_list([](int64_t n, const TensorOptions& o) {
        return from<int64_t>({n, 1}, o);
      }),
      from_list([](int64_t n, const TensorOptions& o) {
        return from({n, int64_t{1}}, o);
      }),
      from_list([](int64_t n, const TensorOptions& o) {
        return from({Scalar(n), 0.5}, o);
      }),
      from_list([](int64_t n, const TensorOptions& o) {
        return from<int64_t>({{n, 1}, {2, 3}}, o);
      }),
      from_list([](int64_t n, const TensorOptions& o) {
        return from({{n, int64_t{1}}, {n, n}}, o);
      }),
      from_list([](int64_t n, const TensorOptions& o) {
        return from({{Scalar(n), 0.5}, {true, 3}}, o);
      }),
  };
}

Ops like_others() {
  return joined({
      like("empty_like",
           [](In t, Scalar, auto how) { return empty_like(t, how).detach().zero_(); }),
      like("zeros_like", [](In t, Scalar, auto how) { return zeros_like(t, how); }),
      like("ones_like", [](In t, Scalar, auto how) { return ones_like(t, how); }),
      like("full_like", [](In t, Scalar s, auto how) { return full_like(t, s, how); }),
      like(
          "rand_like", [](In t, Scalar, auto how) { return rand_like(t, how); }, random),
      like(
          "randn_like", [](In t, Scalar, auto how) { return randn_like(t, how); }, random),
  });
}

// Sizes of a matrix, and a diagonal.
template <class F>
Op triangle(const char* name, F f) {
  return made(name, [=](Draw& d) {
    const int64_t rows = count(d), columns = count(d), offset = d.number(-4, 4);
    const bool many = takes_minutes(static_cast<double>(rows) * static_cast<double>(columns));
    return [=, m = many ? 3 : rows, n = many ? 4 : columns, options = any_options(d)] {
      return f(m, n, offset, options);
    };
  });
}

// f(x, seed), x having numbers of this kind.
template <class F>
Op sampled(const char* name, Domain domain, F f) {
  return {name, random, [=](Draw& d) {
            const Tensor x = d.tensor(d.shape(), domain).detach();
            return Call({x}, [f, seed = d.next(), a = d.real(0, 1)](In t) {
              manual_seed(seed);
              return f(t.detach(), a);
            });
          }};
}

Ops of_distributions() {
  const Domain positive = Domain::positive, any = Domain::all;
  return {
      sampled("bernoulli", Domain::probabilities, [](In x, double) { return bernoulli(x); }),
      sampled("bernoulli", any, [](In x, double p) { return bernoulli(x, p); }),
      sampled("multinomial", positive,
              [](In x, double) {
                return multinomial(x.reshape({1, -1}), std::min<int64_t>(x.numel(), 2));
              }),
      sampled("normal", positive, [](In x, double) { return normal(x, x); }),
      sampled("normal", any, [](In x, double std) { return normal(x, std); }),
      sampled("normal", positive, [](In x, double mean) { return normal(mean, x); }),
      made("normal",
           [](Draw& d) {
             return [s = sizes(d), mean = d.real(-1, 1), std = d.real(0, 2)] {
               return normal(mean, std, s);
             };
           }),
      sampled("binomial", positive,
              [](In x, double) { return binomial(x.round(), full_like(x, 0.5)); }),
      sampled("poisson", positive, [](In x, double) { return poisson(x); }),
      sampled("randint_like", any, [](In x, double) { return randint_like(x, 2); }),
      sampled("randint_like", any, [](In x, double) { return randint_like(x, 0, 2); }),
      triangle("tril_indices", [](auto... a) { return tril_indices(a...); }),
      triangle("triu_indices", [](auto... a) { return triu_indices(a...); }),
      made("logspace",
           [](Draw& d) {
             return [from = d.real(-2, 2), to = d.real(-2, 2), n = count(d), base = d.real(0, 4)] {
               return logspace(from, to, n, base);
             };
           }),
  };
}

}  // namespace

Ops factory_ops() {
  return joined({of_shapes(), of_numbers(), of_values(), like_others(), of_distributions()});
}

}  // namespace rw::fuzz
