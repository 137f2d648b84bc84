#include "cases.h"

namespace rw::test {

static Cases scans_cases() {
  return {
      {"cumprod", [](In x) { return cumprod(x, 1); }},
      {"cumprod_with_zeros", [](In x) { return cumprod(x, 0); }},
      {"cumprod_with_a_zero", [](In x) { return cumprod(x, -1); }},
      {"cumprod_of_ints", [](In x) { return cumprod(x, 0); }},
      {"cumprod_to_float", [](In x) { return cumprod(x, 0, float64); }},
      {"cumprod_of_rank_0", [](In x) { return cumprod(x, 0); }},
      {"cumsum_to_int8", [](In x) { return cumsum(x, 0, int8).to(int64); }},
      {"cumsum_to_float32", [](In x) { return cumsum(x, 0, float32); }},
      {"cumsum_to_bool", [](In x) { return cumsum(x, 0, boolean); }},
      {"cumprod_to_bool", [](In x) { return cumprod(x, 0, boolean); }},
      {"cummax", [](In x) { return cummax(x, 1); }},
      {"cummax_of_ties", [](In x) { return cummax(x, -1); }},
      {"cummax_of_bools", [](In x) { return cummax(x, 0); }},
      {"cummin", [](In x) { return cummin(x, 0); }},
      {"cummin_of_ties", [](In x) { return cummin(x, -1); }},
      {"cummin_of_ints", [](In x) { return cummin(x, 1); }},
      {"cummin_of_rank_0", [](In x) { return cummin(x, 0); }},
      {"logcumsumexp", [](In x) { return logcumsumexp(x, 1); }},
      {"logcumsumexp_last", [](In x) { return logcumsumexp(x, -1); }},
      {"logcumsumexp_of_large", [](In x) { return logcumsumexp(x, 0); }},
      {"logcumsumexp_of_infinity", [](In x) { return logcumsumexp(x, 0); }},
      {"logcumsumexp_of_ints", [](In x) { return logcumsumexp(x, 0); }},
      {"trapezoid", [](In x) { return trapezoid(x).square(); }},
      {"trapezoid_dx", [](In x) { return trapezoid(x, 0.5, 1).square(); }},
      {"trapezoid_x", [](In x, In y) { return trapezoid(x, y); }},
      {"trapezoid_x_dim", [](In x, In y) { return trapezoid(x, y, 0); }},
      {"trapezoid_x_broadcast", [](In x, In y) { return trapezoid(x, y); }},
      {"trapezoid_of_one", [](In x) { return trapezoid(x); }},
      {"trapezoid_of_nothing", [](In x) { return trapezoid(x); }},
      {"trapezoid_of_ints", [](In x) { return trapezoid(x); }},
      {"cumulative_trapezoid", [](In x) { return cumulative_trapezoid(x, 1, 0).square(); }},
      {"cumulative_trapezoid_x", [](In x, In y) { return cumulative_trapezoid(x, y); }},
      {"trapezoid_of_bools", [](In x) { return trapezoid(x); }},
      {"trapezoid_of_rank_0", [](In x) { return trapezoid(x); }},
      {"trapezoid_other_places", [](In x, In y) { return trapezoid(x, y); }},
  };
}

static const Family scans_family(scans_cases);

}  // namespace rw::test
