// Times every row of the sweep in many memory orders, sizes and types: `--help`.

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <set>
#include <tuple>

#include "rows.h"

namespace {

using namespace bench;
using lib::Tensor;
using lib::Type;

constexpr const char* usage =
    "usage: sweep [--row NAME] [--case NAME] [--full] [--list]\n"
    "Prints `case milliseconds` for the cases of a row (or of all rows): every memory order, size\n"
    "and type, and every pair of these, forward and forward with backward; --full for every\n"
    "triple. --case for one of them.\n";

const std::vector<std::string> orders = {"row_major",        "channels_last",    "transposed",
                                         "broadcast_row",    "broadcast_column", "sliced",
                                         "expanded_gradient"};
const std::vector<std::string> size_names = {"16", "16k", "4m"};

struct Choice {
  std::string name;
  Type type;
};
std::vector<Choice> types_of(Types types) {
  const Choice f32{"float32", lib::f32}, f64{"float64", lib::f64}, bf16{"bfloat16", lib::bf16},
      i64{"int64", lib::i64}, b8{"bool", lib::b8};
  switch (types) {
    case Types::floating:
      return {f32, f64, bf16};
    case Types::numbers:
      return {f32, f64, bf16, i64};
    case Types::integers:
      return {i64, b8};
    case Types::flags:
      return {b8};
    case Types::all:
      break;
  }
  return {f32, f64, bf16, i64, b8};
}

struct Case {
  size_t order, size;
  Choice type;
  bool backward;

  std::string name(const Row& row) const {
    return row.name + "/" + orders[order] + "/" + size_names[size] + "/" + type.name +
           (backward ? "/backward" : "");
  }
};

bool exists(const Row& row, const Case& c) {
  const bool floating = c.type.name != "int64" && c.type.name != "bool";
  if (c.backward && (!row.has_gradient || !floating)) return false;
  const std::string& order = orders[c.order];
  if (order == "expanded_gradient") return c.backward;
  if (row.kind == Kind::products) return order == "row_major" || order == "transposed";
  if (row.kind == Kind::once) return order == "row_major";
  return true;
}

// Every pair of order, size, type and direction at least once, taken greedily.
std::vector<Case> cases_of(const Row& row, bool full) {
  std::vector<Case> all;
  for (size_t o = 0; o < orders.size(); ++o)
    for (size_t s = 0; s < size_names.size(); ++s)
      for (const Choice& t : types_of(row.types))
        for (const bool backward : {false, true})
          if (const Case c{o, s, t, backward}; exists(row, c)) all.push_back(c);
  if (full) return all;
  const auto pairs = [](const Case& c) {
    const std::string v[] = {orders[c.order], size_names[c.size], c.type.name,
                             c.backward ? "backward" : "forward"};
    std::set<std::string> p;
    for (int i = 0; i < 4; ++i)
      for (int j = i + 1; j < 4; ++j) p.insert(v[i] + " " + v[j]);
    return p;
  };
  std::set<std::string> missing;
  for (const Case& c : all) missing.merge(pairs(c));
  std::vector<Case> chosen;
  while (!missing.empty()) {
    const auto gain = [&](const Case& c) {
      const auto p = pairs(c);
      return std::count_if(p.begin(), p.end(), [&](const auto& x) { return missing.contains(x); });
    };
    const auto best = std::max_element(
        all.begin(), all.end(), [&](const Case& a, const Case& b) { return gain(a) < gain(b); });
    for (const auto& p : pairs(*best)) missing.erase(p);
    chosen.push_back(*best);
  }
  return chosen;
}

// --- Inputs --------------------------------------------------------------------------------------

std::vector<int64_t> shape_of(const Row& row, const Case& c) {
  const bool images = row.kind == Kind::images || orders[c.order] == "channels_last";
  const std::vector<int64_t> of_images[] = {{1, 4, 2, 2}, {4, 16, 16, 16}, {16, 64, 64, 64}};
  const std::vector<int64_t> of_matrices[] = {{4, 4}, {128, 128}, {2048, 2048}};
  if (row.kind == Kind::products)
    return c.size == 2 ? std::vector<int64_t>{1024, 1024} : of_matrices[c.size];
  return images ? of_images[c.size] : of_matrices[c.size];
}

Tensor in_order(const std::string& order, std::vector<int64_t> shape, Type type, bool first,
                int inputs) {
  const auto last = shape.size() - 1;
  const auto make = [&] { return (lib::uniform(shape) * 2 + 0.5).to(type); };
  const bool broadcasts = !first || inputs == 1;
  const auto whole = shape;
  if (order == "channels_last") return lib::channels_last(make());
  if (order == "transposed" && first) {
    std::swap(shape[last - 1], shape[last]);
    return make().transpose(-1, -2);
  }
  if (order == "sliced") {
    shape[1] *= 2;
    return make().narrow(1, 0, whole[1]);
  }
  if (order == "broadcast_row" && broadcasts) {
    for (size_t d = 0; d < last; ++d) shape[d] = 1;
    return inputs == 1 ? lib::expanded(make(), whole) : make();
  }
  if (order == "broadcast_column" && broadcasts) {
    shape[last] = 1;
    return inputs == 1 ? lib::expanded(make(), whole) : make();
  }
  return make();
}

// --- Time ----------------------------------------------------------------------------------------

double seconds_of(const std::function<void()>& body) {
  const auto start = std::chrono::steady_clock::now();
  body();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

// The median of samples, each of enough runs to be measured.
double milliseconds(const std::function<void()>& body) {
  constexpr double warm = 0.02, total = 0.06, sample = 2e-5;
  for (double t = 0; t < warm;) t += seconds_of(body);
  const int runs = std::max(1, static_cast<int>(sample / std::max(seconds_of(body), 1e-8)));
  std::vector<double> times;
  for (double t = 0; t < total || times.size() < 5;) {
    times.push_back(seconds_of([&] {
      for (int i = 0; i < runs; ++i) body();
    }));
    t += times.back();
  }
  std::nth_element(times.begin(), times.begin() + static_cast<ptrdiff_t>(times.size() / 2),
                   times.end());
  return times[times.size() / 2] / runs * 1e3;
}

double measure(const Row& row, const Case& c) {
  const auto shape = shape_of(row, c);
  Tensors inputs;
  for (int k = 0; k < row.inputs; ++k)
    inputs.push_back(in_order(orders[c.order], shape, c.type.type, k == 0, row.inputs));
  if (!c.backward) {
    const lib::NoGrad guard;
    return milliseconds([&] { row.f(inputs); });
  }
  for (Tensor& t : inputs) t = t.detach().requires_grad_();
  Tensor g;
  {
    const lib::NoGrad guard;
    const Tensor y = row.f(inputs);
    g = orders[c.order] == "expanded_gradient"
            ? lib::expanded(lib::uniform({1}).to(c.type.type).reshape({}), lib::sizes(y))
            : (y * 0 + 1).contiguous();
  }
  return milliseconds([&] {
    lib::run_backward(row.f(inputs), g);
    for (Tensor& t : inputs) lib::clear_grad(t);
  });
}

}  // namespace

int main(int argc, char** argv) {
  std::string only_row, only_case;
  bool full = false, list = false;
  for (int i = 1; i < argc; ++i) {
    const std::string a = argv[i];
    if (a == "--full")
      full = true;
    else if (a == "--list")
      list = true;
    else if (a == "--row" && i + 1 < argc)
      only_row = argv[++i];
    else if (a == "--case" && i + 1 < argc)
      only_case = argv[++i];
    else
      return std::fputs(usage, a == "--help" ? stdout : stderr), a == "--help" ? 0 : 2;
  }
  for (const Row& row : all_rows()) {
    if (!only_row.empty() && row.name != only_row) continue;
    if (list) {
      std::puts(row.name.c_str());
      continue;
    }
    for (const Case& c : cases_of(row, full || !only_case.empty())) {
      const std::string name = c.name(row);
      if (!only_case.empty() && name != only_case) continue;
      try {
        std::printf("%s\t%.6g\n", name.c_str(), measure(row, c));
      } catch (const std::exception& e) {
        std::fprintf(stderr, "%s: %.200s\n", name.c_str(), e.what());
      }
      std::fflush(stdout);
    }
  }
}
