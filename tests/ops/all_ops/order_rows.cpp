#include "table.h"

namespace rw::test {

static Rows order_rows() {
  const Tensor d = distinct({2, 3, 4}), m = distinct({3, 5});
  return {
      {"sort", [](In a) { return rw::sort(a).first.square(); }, {d}, Ties::kink},
      {"sort, with indices", [](In a) { return rw::sort(a, 1, true, true); }, {d}, Ties::kink},
      {"sort, by a factor", [](In a) { return rw::sort(a, 0).first * a; }, {d}, Ties::kink},
      {"msort", [](In a) { return msort(a).square(); }, {m}, Ties::kink},
      {"topk", [](In a) { return topk(a, 2).first.square(); }, {d}, Ties::kink},
      {"topk, least", [](In a) { return topk(a, 2, 1, false, false); }, {d}, Ties::kink},
      {"kthvalue", [](In a) { return kthvalue(a, 2).first.square(); }, {d}, Ties::kink},
      {"kthvalue, keepdim", [](In a) { return kthvalue(a, 1, 0, true); }, {d}, Ties::kink},
      {"median", [](In a) { return median(a).square(); }, {m}, Ties::kink},
      {"median", [](In a) { return median(a, 1).first.square(); }, {d}, Ties::kink},
      {"median, keepdim", [](In a) { return median(a, -1, true); }, {d}, Ties::kink},
      {"nanmedian", [](In a) { return nanmedian(a).square(); }, {m}, Ties::kink},
      {"nanmedian", [](In a) { return nanmedian(a, 0).first.square(); }, {d}, Ties::kink},
      {"mode", [](In a) { return mode(a, 1).first.square(); }, {d}, Ties::kink},
  };
}

static Rows scan_rows() {
  const Tensor x = normal({2, 3, 4}), d = distinct({2, 3, 4}), y = normal({3, 4}), v = normal({4});
  const Tensor other = normal({2, 3, 4});
  Tensor zeros_too = normal({3, 4}).detach();
  zeros_too[0][1].zero_();
  zeros_too[2][0].zero_();
  zeros_too[2][3].zero_();
  zeros_too.requires_grad_();
  return {
      {"cumsum, in a dtype", [](In a) { return cumsum(a, 1, float64).square(); }, {x}},
      {"cumprod", [](In a) { return cumprod(a, 1); }, {x}},
      {"cumprod, along rows", [](In a) { return cumprod(a, -1, float64); }, {x}},
      {"cumprod, with zeros", [](In a) { return cumprod(a, 1); }, {zeros_too}},
      {"cummax", [](In a) { return cummax(a, 1).first.square(); }, {d}, Ties::kink},
      {"cummax, with indices", [](In a) { return cummax(a, -1); }, {d}, Ties::kink},
      {"cummin", [](In a) { return cummin(a, 0).first.square(); }, {d}, Ties::kink},
      {"cummin, with indices", [](In a) { return cummin(a, -1); }, {d}, Ties::kink},
      {"logcumsumexp", [](In a) { return logcumsumexp(a, 1); }, {x}},
      {"logcumsumexp, along rows", [](In a) { return logcumsumexp(a, -1); }, {x}},
      {"trapezoid", [](In a) { return trapezoid(a, 0.5, 1).square(); }, {x}},
      {"trapezoid", [](In a, In b) { return trapezoid(a, b); }, {y, v}},
      {"cumulative_trapezoid", [](In a) { return cumulative_trapezoid(a).square(); }, {x}},
      {"cumulative_trapezoid",
       [](In a, In b) { return cumulative_trapezoid(a, b, 1); },
       {x, other}},
  };
}

static const Family order_family(order_rows, {{"gives indices", {"argsort"}}});
static const Family scan_family(scan_rows);

}  // namespace rw::test
