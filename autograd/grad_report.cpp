#include <algorithm>
#include <cmath>

#include <rewind/autograd/debug.h>
#include <rewind/tensor/check.h>
#include <rewind/tensor/sparse_rows.h>

namespace rw {
namespace {

// The elements of a gradient that may differ from zero.
void measure(GradReport::Row& row, const Tensor& grad) {
  row.arrived = true;
  double squares = 0;
  int64_t zeros = 0;
  for (const double g : grad.to_vector<double>()) {
    if (!std::isfinite(g)) {
      ++(std::isnan(g) ? row.nan : row.inf);
      continue;
    }
    squares += g * g;
    row.max_abs = std::max(row.max_abs, std::abs(g));
    zeros += g == 0;
  }
  const int64_t numel = row.shape.numel();
  row.norm = std::sqrt(squares);
  if (numel > 0)
    row.zeros = static_cast<double>(zeros + numel - grad.numel()) / static_cast<double>(numel);
}

// Most gradients have none: a blank is easier on the eye than a zero.
std::string count_text(int64_t count) { return count ? std::to_string(count) : ""; }

}  // namespace

GradReport grad_report(const NamedTensors& parameters) {
  GradReport report;
  for (const auto& [name, t] : parameters) {
    check(t.defined(), "grad_report: '{}' is undefined", name);
    GradReport::Row& row = report.rows.emplace_back();
    row.name = name;
    row.shape = t.shape();
    row.requires_grad = t.requires_grad();
    if (const SparseRows rows = t.sparse_grad(); rows.defined())
      measure(row, rows.coalesce().values);
    else if (const Tensor grad = t.grad(); grad.defined())
      measure(row, grad);
  }
  return report;
}

double GradReport::total_norm() const {
  double squares = 0;
  for (const Row& row : rows) squares += row.norm * row.norm;
  return std::sqrt(squares);
}

std::string GradReport::table() const {
  size_t name_width = 9, shape_width = 5;
  for (const Row& row : rows) {
    name_width = std::max(name_width, row.name.size());
    shape_width = std::max(shape_width, row.shape.str().size());
  }
  std::string out =
      fmt::format("{:{}}  {:{}} {:>11} {:>11} {:>7} {:>8} {:>8}\n", "parameter", name_width,
                  "shape", shape_width, "norm", "max |g|", "zeros", "NaN", "Inf");
  size_t arrived = 0;
  for (const Row& row : rows) {
    out += fmt::format("{:{}}  {:{}} ", row.name, name_width, row.shape, shape_width);
    if (!row.arrived) {
      out += row.requires_grad ? "no gradient\n" : "frozen\n";
      continue;
    }
    ++arrived;
    const std::string counts =
        fmt::format(" {:>8} {:>8}", count_text(row.nan), count_text(row.inf));
    out += fmt::format("{:>11.4g} {:>11.4g} {:>6.1f}%", row.norm, row.max_abs, 100 * row.zeros);
    out += counts.substr(0, counts.find_last_not_of(' ') + 1) + "\n";
  }
  return out + fmt::format("norm {:.4g} of all, {} of {} have a gradient\n", total_norm(), arrived,
                           rows.size());
}

}  // namespace rw
