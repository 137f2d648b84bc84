// Measures the errors of the elementary functions that kernels compute with, on every vector target
// that this processor runs, against the C library in a wider type: `math_errors --help`.

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include <rewind/kernels/pointwise/pointwise_kernel.h>
#include <rewind/rewind.h>

#include "targets.h"

namespace {

using namespace rw;
using kernels::BinaryOp;
using kernels::UnaryOp;
using test::choose;
using test::targets;

constexpr const char* usage =
    "usage: math_errors [--stride N] [--pairs N]\n"
    "Functions of one float32 at every N-th of them (4099), pow at N random pairs (1000000), and\n"
    "functions of float64 at a million random numbers.\n";

// Units in the last place of the result: the distance of neighbouring numbers.
template <class T>
double error_in_ulp(T y, long double exact) {
  const T rounded = static_cast<T>(exact);
  if (std::isnan(rounded) || std::isnan(y)) return std::isnan(rounded) == std::isnan(y) ? 0 : 1e30;
  if (std::isinf(rounded) || std::isinf(y)) return rounded == y ? 0 : 1e30;
  if (rounded == 0 && y == 0)
    return exact == 0 && std::signbit(exact) != std::signbit(y) ? 1e30 : 0;
  constexpr int digits = std::numeric_limits<T>::digits;
  constexpr int least = std::numeric_limits<T>::min_exponent - digits;
  int exponent;
  std::frexp(rounded, &exponent);
  const long double ulp = std::ldexp(1.0L, std::max(exponent - digits, least));
  return static_cast<double>(std::abs(static_cast<long double>(y) - exact) / ulp);
}

struct Function {
  const char* name;
  UnaryOp op;
  long double (*exact)(long double);
  double (*exact_in_double)(double);  // quicker, and exact enough for float32
  double bound_32, bound_64;
};

// exp, log, sin, cos and erf are to be within one unit; where that costs speed, somewhat more.
const Function functions[] = {
    {"exp", UnaryOp::exp, std::exp, std::exp, 1, 1.5},
    {"log", UnaryOp::log, std::log, std::log, 1, 3},
    {"sin", UnaryOp::sin, std::sin, std::sin, 1, 1.5},
    {"cos", UnaryOp::cos, std::cos, std::cos, 1, 1.5},
    {"erf", UnaryOp::erf, std::erf, std::erf, 1, 1.5},
    {"tanh", UnaryOp::tanh, std::tanh, std::tanh, 1.5, 4},
    {"sigmoid", UnaryOp::sigmoid, [](long double x) { return 1 / (1 + std::exp(-x)); },
     [](double x) { return 1 / (1 + std::exp(-x)); }, 1.5, 2.5},
    {"expm1", UnaryOp::expm1, std::expm1, std::expm1, 2, 2},
    {"log1p", UnaryOp::log1p, std::log1p, std::log1p, 2, 4},
    {"tan", UnaryOp::tan, std::tan, std::tan, 3, 3},
    {"asin", UnaryOp::asin, std::asin, std::asin, 3, 3},
    {"acos", UnaryOp::acos, std::acos, std::acos, 3, 3},
    {"atan", UnaryOp::atan, std::atan, std::atan, 2.5, 2.5},
    {"sinh", UnaryOp::sinh, std::sinh, std::sinh, 3, 3.5},
    {"cosh", UnaryOp::cosh, std::cosh, std::cosh, 3, 3.5},
    {"asinh", UnaryOp::asinh, std::asinh, std::asinh, 4, 5},
    {"acosh", UnaryOp::acosh, std::acosh, std::acosh, 4, 5},
    {"atanh", UnaryOp::atanh, std::atanh, std::atanh, 4, 5},
    {"exp2", UnaryOp::exp2, std::exp2, std::exp2, 1.5, 1.5},
    {"log2", UnaryOp::log2, std::log2, std::log2, 2, 4},
    {"log10", UnaryOp::log10, std::log10, std::log10, 2, 4},
    {"erfc", UnaryOp::erfc, std::erfc, std::erfc, 5, 7},
};

// --- One function at many numbers ----------------------------------------------------------------

struct Worst {
  double error = 0, at = 0, at_y = 0;
  void add(double e, double x, double y = 0) {
    if (e > error) *this = {e, x, y};
  }
};

bool report(const std::string& name, int64_t target, const Worst& w, double bound) {
  const bool holds = w.error <= bound;
  fmt::print("{:8} {:5} {:8.3f} ulp at {} {}{}\n", name, hwy::TargetName(target), w.error, w.at,
             w.at_y, holds ? "" : fmt::format("  FAILS: at most {}", bound));
  return holds;
}

template <class T>
std::vector<Worst> worst_at(const Function& f, const std::vector<T>& x,
                            const std::vector<long double>& exact) {
  std::vector<Worst> worst;
  std::vector<T> y(x.size());
  const auto n = static_cast<int64_t>(x.size());
  for (const int64_t target : targets()) {
    choose(target);
    kernels::unary(f.op, {}, dtype_of<T>, {n}, {const_cast<T*>(x.data()), {1}}, {y.data(), {1}});
    Worst w;
    for (size_t i = 0; i < x.size(); ++i)
      w.add(error_in_ulp(y[i], exact[i]), static_cast<double>(x[i]));
    worst.push_back(w);
  }
  return worst;
}

template <class T>
bool report_all(const Function& f, const std::vector<Worst>& worst, double bound) {
  bool holds = true;
  for (size_t t = 0; t < worst.size(); ++t)
    holds &= report(fmt::format("{}{}", f.name, 8 * sizeof(T)), targets()[t], worst[t], bound);
  return holds;
}

void join(std::vector<Worst>& all, const std::vector<Worst>& more) {
  all.resize(more.size());
  for (size_t t = 0; t < more.size(); ++t) all[t].add(more[t].error, more[t].at);
}

bool check_float32(const Function& f, uint64_t stride) {
  constexpr size_t block = 1 << 20;
  std::vector<Worst> worst;
  std::vector<float> x;
  std::vector<long double> exact;
  const auto finish = [&] {
    exact.resize(x.size());
    parallel_for(0, static_cast<int64_t>(x.size()), 4096, [&](int64_t begin, int64_t end) {
      for (auto i = static_cast<size_t>(begin); i < static_cast<size_t>(end); ++i)
        exact[i] = f.exact_in_double(static_cast<double>(x[i]));
    });
    join(worst, worst_at(f, x, exact));
    x.clear();
  };
  for (uint64_t bits = 0; bits < uint64_t{1} << 32; bits += stride) {
    x.push_back(std::bit_cast<float>(static_cast<uint32_t>(bits)));
    if (x.size() == block) finish();
  }
  finish();
  return report_all<float>(f, worst, f.bound_32);
}

struct Random {
  uint64_t state = 1;
  uint64_t next() {  // SplitMix64
    uint64_t z = state += 0x9e3779b97f4a7c15;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }
  double between(double low, double high) {
    return low + (high - low) * static_cast<double>(next() >> 11) * 0x1p-53;
  }
};

// Half of any bits, half of the numbers that functions bend at.
bool check_float64(const Function& f) {
  Random random;
  std::vector<double> x;
  std::vector<long double> exact;
  for (int i = 0; i < 1000000; ++i) {
    x.push_back(i % 2 ? std::bit_cast<double>(random.next()) : random.between(-20, 20));
    exact.push_back(f.exact(x.back()));
  }
  return report_all<double>(f, worst_at(f, x, exact), f.bound_64);
}

// --- pow -----------------------------------------------------------------------------------------

template <class T>
bool check_pow(const std::string& name, const std::vector<T>& x, const std::vector<T>& y,
               double bound) {
  std::vector<T> z(x.size());
  const auto n = static_cast<int64_t>(x.size());
  bool holds = true;
  for (const int64_t target : targets()) {
    choose(target);
    kernels::binary(BinaryOp::pow, {}, dtype_of<T>, {n}, {const_cast<T*>(x.data()), {1}},
                    {const_cast<T*>(y.data()), {1}}, {z.data(), {1}});
    Worst w;
    for (size_t i = 0; i < x.size(); ++i) {
      const long double exact =
          sizeof(T) == 4 ? std::pow(static_cast<double>(x[i]), static_cast<double>(y[i]))
                         : std::pow(static_cast<long double>(x[i]), static_cast<long double>(y[i]));
      w.add(error_in_ulp(z[i], exact), x[i], y[i]);
    }
    holds &= report(name, target, w, bound);
  }
  return holds;
}

template <class T>
bool check_special_pow() {
  using L = std::numeric_limits<T>;
  const T special[] = {0,
                       1,
                       2,
                       3,
                       T(0.5),
                       T(2.5),
                       T(1.0000001),
                       65,
                       1e4,
                       T(16777217),
                       8388609,
                       L::denorm_min(),
                       L::min(),
                       L::max(),
                       L::infinity(),
                       L::quiet_NaN()};
  std::vector<T> x, y;
  for (const T a : special)
    for (const T b : special)
      for (const T s : {T(-1), T(1)})
        for (const T t : {T(-1), T(1)}) {
          x.push_back(s * a);
          y.push_back(t * b);
        }
  return check_pow(fmt::format("pow{} of special numbers", 8 * sizeof(T)), x, y, 2);
}

// Of results all over the range.
bool check_random_pow(uint64_t pairs) {
  Random random;
  bool holds = true;
  while (pairs > 0) {
    std::vector<float> x, y;
    for (uint64_t n = std::min<uint64_t>(pairs, 1 << 22); n > 0; --n, --pairs) {
      x.push_back(std::bit_cast<float>(static_cast<uint32_t>(random.next() % 0x7f800000)));
      const double size = std::max(std::abs(std::log2(static_cast<double>(x.back()))), 1e-30);
      y.push_back(static_cast<float>(random.between(-152, 130) / size));
    }
    holds &= check_pow("pow32", x, y, 2);
  }
  return holds;
}
bool check_random_pow64() {
  Random random;
  std::vector<double> x, y;
  for (int i = 0; i < 1000000; ++i) {
    x.push_back(i % 2 ? std::bit_cast<double>(random.next() % 0x7ff0000000000000)
                      : random.between(0.5, 2));
    const double size = std::max(std::abs(std::log2(x.back())), 1e-300);
    y.push_back(random.between(-1078, 1026) / size);
  }
  return check_pow("pow64", x, y, 2);
}

uint64_t argument(int argc, char** argv, const char* name, uint64_t otherwise) {
  for (int i = 1; i + 1 < argc; ++i)
    if (!std::strcmp(argv[i], name)) return std::strtoull(argv[i + 1], nullptr, 10);
  return otherwise;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc > 1 && !std::strcmp(argv[1], "--help")) return fmt::print("{}", usage), 0;
  const uint64_t stride = argument(argc, argv, "--stride", 4099);
  bool holds = !targets().empty();
  for (const Function& f : functions) holds &= check_float32(f, stride) & check_float64(f);
  holds &= check_special_pow<float>() & check_special_pow<double>();
  holds &= check_random_pow64();
  holds &= check_random_pow(argument(argc, argv, "--pairs", 1000000));
  return holds ? 0 : 1;
}
