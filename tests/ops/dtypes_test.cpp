// Every op with inputs of every dtype: it gives what it gives in float64, or refuses the dtype.

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <cstring>
#include <set>
#include <string>
#include <vector>

#include <rewind/tensor/parallel.h>

#include "../dtypes.h"
#include "all_ops/table.h"

using namespace rw;
using namespace rw::test;

namespace {

// Leaves `byte` everywhere in the memory that the next small tensors get.
void poison_memory(uint8_t byte) {
  Tensors blocks;
  for (int64_t bytes = 1; bytes <= 2048; bytes = bytes < 64 ? bytes * 2 : bytes + 64)
    for (int i = 0; i < 6; ++i) blocks.push_back(full({bytes}, byte, uint8));
}

// Numbers that the dtype holds, small enough for products of some of them.
Tensor in_dtype(const Tensor& x, DType dtype) {
  const Tensor values = x.detach();
  if (is_floating(dtype)) return values.to(dtype);
  if (dtype != boolean && dtype != uint8) return clamp(round(values * 2), -4, 4).to(dtype);
  return (values > 0).to(dtype);
}

Tensors results_over(uint8_t byte, const Row& row, const Tensors& inputs) {
  poison_memory(byte);
  Tensors results;
  for (const Tensor& t : row.function(inputs)) results.push_back(t.detach().contiguous());
  return results;
}

bool same_bytes(const Tensor& a, const Tensor& b) {
  return a.dtype() == b.dtype() && a.shape() == b.shape() &&
         std::memcmp(a.raw_data(), b.raw_data(), a.nbytes()) == 0;
}

// Whether `got`, computed from inputs of `dtype`, is what the same gave in float64.
bool agrees(const Tensor& got, const Tensor& in_float64, DType dtype) {
  const auto values = got.to_vector<double>(), wanted = in_float64.to_vector<double>();
  const double eps = is_reduced_floating(dtype) ? 4 * epsilon(dtype) : 1e-4;
  double scale = 1;
  for (const double v : wanted)
    if (std::isfinite(v)) scale = std::max(scale, std::abs(v));
  for (size_t i = 0; i < values.size(); ++i) {
    const double a = values[i], b = wanted[i];
    if (std::isnan(a) != std::isnan(b)) return false;
    if (std::isnan(a) || a == b) continue;
    if (dtype == boolean && (a != 0) == (b != 0)) continue;         // true + true is true
    if (!is_floating(got.dtype()) && b != std::floor(b)) continue;  // filled with half a number
    const double values_of_type = std::exp2(8 * static_cast<double>(itemsize(got.dtype())));
    if (is_integer(got.dtype()) && std::fmod(a - b, values_of_type) == 0) continue;
    if (!(std::abs(a - b) <= eps * scale)) return false;
  }
  return true;
}

// As in PyTorch, what is below zero in uint8 starts from 256 again, and `beta` and `alpha` lose
// their fractions where products are of integers.
bool of_integers(const std::string& op, DType dtype) {
  static const std::set<std::string> wrapping = {"cumulative_trapezoid",
                                                 "margin_ranking_loss",
                                                 "pairwise_distance",
                                                 "threshold_",
                                                 "trapz",
                                                 "triplet_margin_loss",
                                                 "triplet_margin_with_distance_loss"};
  return (dtype == uint8 && wrapping.contains(op)) || (is_integer(dtype) && op == "addmv");
}

// Whether the op takes the dtype.
bool check_row(const Row& row, DType dtype) {
  Tensors inputs, in_float64;
  for (const Tensor& x : row.inputs) {
    inputs.push_back(in_dtype(x, dtype));
    in_float64.push_back(inputs.back().to(float64));
  }
  BOOST_TEST_CONTEXT(row.name << " of " << dtype) try {
    const Tensors once = results_over(0x55, row, inputs), twice = results_over(0xfe, row, inputs);
    const Tensors wanted = results_over(0, row, in_float64);
    BOOST_TEST_REQUIRE(once.size() == twice.size());
    for (size_t i = 0; i < once.size(); ++i) {
      BOOST_TEST(same_bytes(once[i], twice[i]), "the result is what the memory held");
      // Random bits make other numbers of another type.
      const bool random = row.name == "Tensor::uniform_" || row.name == "Tensor::normal_";
      // As in PyTorch, its means of integers are integers.
      const bool whole = row.op() == "local_response_norm" && dtype == int64;
      BOOST_TEST(
          (random || whole || of_integers(row.op(), dtype) || agrees(once[i], wanted[i], dtype)),
          "expected " << wanted[i] << ", got " << once[i]);
    }
  } catch (const DTypeError&) {
    return false;
  } catch (const Error& e) {
    BOOST_ERROR(e.what());
  }
  return true;
}

struct OneThread {
  OneThread() { set_num_threads(1); }
  ~OneThread() { set_num_threads(threads); }
  const int threads = get_num_threads();
};

}  // namespace

BOOST_FIXTURE_TEST_CASE(every_op_takes_a_dtype_or_refuses_it, OneThread) {
  const Rows rows = all_rows();
  for (const DType dtype : test::all_dtypes) {
    size_t taken = 0;
    for (const Row& row : rows) taken += check_row(row, dtype);
    BOOST_TEST_MESSAGE(name(dtype) << ": " << taken << " of " << rows.size() << " rows");
    BOOST_TEST(taken > rows.size() / (is_floating(dtype) ? 2 : 4), "too few rows take " << dtype);
  }
}

// As PyTorch.
BOOST_AUTO_TEST_CASE(bool_is_refused_where_it_has_no_meaning) {
  const Tensor b = from<int64_t>({1, 0, 1}).to(boolean);
  const Case refused[] = {
      {"abs", [](In x) { return abs(x); }},
      {"neg", [](In x) { return neg(x); }},
      {"relu", [](In x) { return relu(x); }},
      {"leaky_relu", [](In x) { return leaky_relu(x); }},
      {"silu", [](In x) { return silu(x); }},
      {"gelu", [](In x) { return gelu(x); }},
      {"softplus", [](In x) { return softplus(x); }},
      {"floor", [](In x) { return floor(x); }},
      {"ceil", [](In x) { return ceil(x); }},
      {"round", [](In x) { return round(x); }},
      {"sub", [](In x) { return sub(x, x); }},
      {"sub", [](In x) { return sub(x, 1); }},
      {"sub", [](In x) { return 1 - x; }},
      {"sub", [](In x) { return sub(x.to(int64), x); }},
      {"pow", [](In x) { return pow(x, x); }},
      {"relu_", [](In x) { return x.clone().relu_(); }},
      {"clamp_", [](In x) { return x.clone().clamp_(0, 1); }},
  };
  for (const Case& c : refused)
    BOOST_CHECK_EXCEPTION(c.function({b}), DTypeError, [&](const Error& e) {
      const std::string message = e.what();
      return message.starts_with(c.name + ": ") && message.find("bool") != std::string::npos;
    });
  BOOST_TEST((sign(b).dtype() == boolean && equal(sign(b), b)));
  BOOST_TEST(equal(square(b), b.to(int64)));
  BOOST_TEST(equal(clamp(b, 0, 5), b.to(int64)));
  BOOST_TEST(equal(pow(b, 2), b.to(int64)));
  BOOST_TEST(equal(b + b, b));
  BOOST_TEST(equal(maximum(b, logical_not(b)), full({3}, true, boolean)));
  BOOST_TEST((tanh(b).dtype() == float32));
}
