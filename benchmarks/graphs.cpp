// How the time of a graph grows with the number of its ops, for each shape that graphs have.
//
//   rewind_graphs [--largest N] [--check] [NAME]
//
// runs each shape, or those whose name contains NAME, at N / 100, N / 10 and N ops (a million
// unless said), and prints the milliseconds of forward, backward and freeing, and by how much these
// together grow. With --check it fails where one grows more than 50 times with the last ten times
// the ops.

#include <rewind/rewind.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <string>
#include <vector>

using namespace rw;

namespace {

constexpr int64_t width = 8;

struct GraphShape {
  std::string name;
  std::function<Tensor(int64_t)> loss;  // of a graph of so many ops
};

Tensor leaf(const Shape& shape) { return randn(shape).requires_grad_(); }

Tensor chain(int64_t n) {
  Tensor y = leaf({width});
  for (int64_t i = 0; i < n; ++i) y = y * 0.9999;
  return y.sum();
}

Tensor wide(int64_t n, bool reversed) {
  const Tensor x = leaf({width});
  std::vector<Tensor> branches;
  for (int64_t i = 0; i < n; ++i) branches.push_back(x * 2);
  if (reversed) std::reverse(branches.begin(), branches.end());
  return cat(branches).sum();
}

Tensor one_tensor_often(int64_t n) {
  const Tensor x = leaf({width});
  Tensor y = zeros({width});
  for (int64_t i = 0; i < n; ++i) y = y + x;
  return y.sum();
}

Tensor many_leaves(int64_t n) {
  Tensor y = zeros({width});
  for (int64_t i = 0; i < n; ++i) y = y + leaf({width});
  return y.sum();
}

Tensor rows_read(int64_t n) {
  const Tensor x = leaf({n, width});
  std::vector<Tensor> rows;
  for (int64_t i = 0; i < n; ++i) rows.push_back(x[i] * 2);
  return stack(rows).sum();
}

Tensor rows_selected(int64_t n) {
  const Tensor table = leaf({n, width}), index = arange(4);
  Tensor y = zeros({4, width});
  for (int64_t i = 0; i < n; ++i) y = y + table.index_select(0, index);
  return y.sum();
}

Tensor rows_written(int64_t n) {
  const Tensor x = leaf({width});
  Tensor y = zeros({n, width});
  for (int64_t i = 0; i < n; ++i) y[i] = x * 2;
  return y.sum();
}

Tensor rows_put(int64_t n) {
  const Tensor x = leaf({1, width});
  Tensor y = zeros({n, width});
  for (int64_t i = 0; i < n; ++i) y.index({scalar_tensor(i, int64).view({1})}) = x * 2;
  return y.sum();
}

// Of the last 64 values: a result that grows with each op would be as many copies by itself.
Tensor cumulative_cat(int64_t n) {
  const Tensor x = leaf({1});
  Tensor y = zeros({64});
  for (int64_t i = 0; i < n; ++i) y = cat({y, x * 2}).narrow(0, 1, 64);
  return y.sum();
}

Tensor second_order(int64_t n) {
  const Tensor x = leaf({width});
  Tensor y = x;
  for (int64_t i = 0; i < n / 4; ++i) y = y * (x * 0.001 + 1);
  return grad({y.sum()}, {x}, {.create_graph = true})[0].sum();
}

const std::vector<GraphShape> shapes = {
    {"chain", chain},
    {"wide", [](int64_t n) { return wide(n, false); }},
    {"wide_reversed", [](int64_t n) { return wide(n, true); }},
    {"one_tensor_often", one_tensor_often},
    {"many_leaves", many_leaves},
    {"rows_read", rows_read},
    {"rows_selected", rows_selected},
    {"rows_written", rows_written},
    {"rows_put", rows_put},
    {"cumulative_cat", cumulative_cat},
    {"second_order", second_order},
};

struct Times {
  double forward, backward, freeing;
  double total() const { return forward + backward + freeing; }
};

double now_ms() {
  const auto since = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration<double, std::milli>(since).count();
}

Times run_once(const GraphShape& shape, int64_t ops) {
  const double start = now_ms();
  Tensor loss = shape.loss(ops);
  const double built = now_ms();
  loss.backward();
  const double done = now_ms();
  loss = Tensor();
  return {built - start, done - built, now_ms() - done};
}

Times best_of(int runs, const GraphShape& shape, int64_t ops) {
  Times best = run_once(shape, ops);
  for (int i = 1; i < runs; ++i)
    if (const Times t = run_once(shape, ops); t.total() < best.total()) best = t;
  return best;
}

// The growth from the last size but one to the last. Times of few ops are mostly noise.
double measure(const GraphShape& shape, int64_t largest) {
  double before = 0, growth = 0;
  for (const int64_t ops : {largest / 100, largest / 10, largest}) {
    const Times t = best_of(3, shape, ops);
    std::printf("%-18s %8lld ops %10.2f + %9.2f + %8.2f ms", shape.name.c_str(),
                static_cast<long long>(ops), t.forward, t.backward, t.freeing);
    if (before > 0) std::printf("   x %.1f", growth = t.total() / before);
    std::printf("\n");
    std::fflush(stdout);
    before = t.total();
  }
  return growth;
}

}  // namespace

int main(int argc, char** argv) {
  int64_t largest = 1'000'000;
  bool check = false;
  std::string wanted;
  for (int i = 1; i < argc; ++i) {
    if (std::strcmp(argv[i], "--check") == 0)
      check = true;
    else if (std::strcmp(argv[i], "--largest") == 0 && i + 1 < argc)
      largest = std::max(std::atoll(argv[++i]), 100LL);
    else
      wanted = argv[i];
  }
  bool ok = true, any = false;
  for (const GraphShape& shape : shapes) {
    if (shape.name.find(wanted) == std::string::npos) continue;
    any = true;
    const double growth = measure(shape, largest);
    if (check && growth > 50) {
      std::printf("FAILS: %s grows %.1f times\n", shape.name.c_str(), growth);
      ok = false;
    }
  }
  if (!any) std::fprintf(stderr, "no graph's name contains \"%s\"\n", wanted.c_str());
  return ok && any ? 0 : 1;
}
