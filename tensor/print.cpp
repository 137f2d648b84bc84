#include <rewind/tensor/tensor.h>

#include <algorithm>
#include <cmath>
#include <ostream>

#include <rewind/tensor/check.h>

// The layout is that of PyTorch's torch/_tensor_str.py, so that results can be compared by eye.

namespace rw {

namespace {

constexpr int precision = 4;
constexpr int64_t threshold = 1000;  // elements that are printed before some are left out
constexpr int64_t edge_items = 3;    // printed at each end of a dimension that is cut
constexpr int64_t gap = -1;          // stands for the indices that are left out
constexpr size_t line_width = 80;

// How the numbers of one tensor are written: all alike, and aligned to the widest.
class NumberFormat {
 public:
  explicit NumberFormat(const std::vector<Scalar>& values) {
    double smallest = INFINITY, largest = 0;
    bool integral = true;
    for (const Scalar& v : values) {
      if (!matters(v)) continue;
      const double d = std::abs(v.to_double());
      smallest = std::min(smallest, d);
      largest = std::max(largest, d);
      integral = integral && d == std::ceil(d);
    }
    if (largest / smallest > 1000 || largest > 1e8 || (!integral && smallest < 1e-4))
      style_ = Style::scientific;
    else if (!integral)
      style_ = Style::fixed;
    for (const Scalar& v : values)
      if (matters(v)) width_ = std::max(width_, unaligned(v).size());
  }

  size_t width() const { return width_; }
  std::string operator()(const Scalar& v) const {
    return fmt::format("{:>{}}", unaligned(v), width_);
  }

 private:
  enum class Style { integral, fixed, scientific };

  // Whether a value has a say in how all are written.
  static bool matters(const Scalar& v) {
    return !v.is_floating() || (std::isfinite(v.to_double()) && v.to_double() != 0);
  }
  std::string unaligned(const Scalar& v) const {
    if (v.dtype() == DType::boolean) return v.to_int64() ? "True" : "False";
    if (!v.is_floating()) return fmt::format("{}", v.to_int64());
    const double d = v.to_double();
    if (std::isnan(d)) return "nan";  // whatever its sign bit
    if (std::isinf(d)) return d < 0 ? "-inf" : "inf";
    if (style_ == Style::integral) return fmt::format("{:.0f}.", d);
    if (style_ == Style::fixed) return fmt::format("{:.{}f}", d, precision);
    return fmt::format("{:.{}e}", d, precision);
  }

  Style style_ = Style::integral;
  size_t width_ = 1;
};

// The elements in nested brackets, without the middle of long dimensions where there are many.
class Contents {
 public:
  explicit Contents(const Tensor& t)
      : t_(t), summarised_(t.numel() > threshold), values_(collect()), format_(values_) {}

  // `indent` columns stand before the first bracket.
  std::string str(size_t indent) const {
    if (values_.empty()) return "[]";
    const Scalar* next = values_.data();
    return nested(0, indent, next);
  }

 private:
  std::vector<int64_t> shown(int dim) const {
    const int64_t n = t_.shape()[dim];
    std::vector<int64_t> indices;
    for (int64_t i = 0; i < n; ++i) {
      if (summarised_ && n > 2 * edge_items && i == edge_items) {
        indices.push_back(gap);
        i = n - edge_items;
      }
      indices.push_back(i);
    }
    return indices;
  }

  std::vector<Scalar> collect() const {
    std::vector<Scalar> values;
    if (t_.numel() > 0) collect(0, t_.impl()->offset, values);
    return values;
  }
  void collect(int dim, int64_t offset, std::vector<Scalar>& values) const {
    if (dim == t_.dim()) {
      values.push_back(detail::make_view(t_, {}, {}, offset).item_scalar());
      return;
    }
    for (const int64_t i : shown(dim))
      if (i != gap) collect(dim + 1, offset + i * t_.strides()[dim], values);
  }

  std::string nested(int dim, size_t indent, const Scalar*& next) const {
    if (dim == t_.dim()) return format_(*next++);
    const auto inner_dims = static_cast<size_t>(t_.dim() - 1 - dim);
    std::string line_break = ",";
    line_break.append(std::max<size_t>(1, inner_dims), '\n').append(indent + 1, ' ');
    const size_t per_line =
        inner_dims > 0 ? 1 : std::max<size_t>(1, (line_width - indent) / (format_.width() + 2));
    std::string s = "[";
    size_t count = 0;
    for (const int64_t i : shown(dim)) {
      if (count > 0) s += count % per_line == 0 ? line_break : ", ";
      ++count;
      if (i == gap)
        s += inner_dims > 0 ? "..." : " ...";
      else
        s += nested(dim + 1, indent + 1, next);
    }
    return s + "]";
  }

  const Tensor& t_;
  bool summarised_;
  std::vector<Scalar> values_;
  NumberFormat format_;
};

// What the elements do not tell: "dtype=float64", "requires_grad=True", …
std::vector<std::string> suffixes(const Tensor& t) {
  std::vector<std::string> list;
  const bool empty = t.numel() == 0;
  if (empty && t.dim() != 1) {
    std::string size = t.shape().str();
    size.front() = '(';
    size.back() = ')';
    list.push_back("size=" + size);
  }
  const bool evident =
      t.dtype() == get_default_dtype() || (!empty && (t.dtype() == int64 || t.dtype() == boolean));
  if (!evident) list.push_back(fmt::format("dtype={}", t.dtype()));
  if (!t.is_leaf())
    list.push_back(fmt::format("grad_fn=<{}>", t.grad_fn()));
  else if (t.requires_grad())
    list.emplace_back("requires_grad=True");
  return list;
}

}  // namespace

std::string to_string(const Tensor& t) {
  if (!t.defined()) return "tensor(undefined)";
  std::string s = "tensor(";
  const size_t indent = s.size();
  s += Contents(t).str(indent);
  const size_t line_break = s.rfind('\n');
  size_t column = line_break == std::string::npos ? s.size() + 2 : s.size() - line_break + 1;
  for (const std::string& suffix : suffixes(t)) {
    if (column + suffix.size() + 2 > line_width) {
      s += ",\n" + std::string(indent, ' ');
      column = indent + suffix.size();
    } else {
      s += ", ";
      column += suffix.size() + 2;
    }
    s += suffix;
  }
  return s + ")";
}

std::ostream& operator<<(std::ostream& os, const Tensor& t) { return os << to_string(t); }
std::ostream& operator<<(std::ostream& os, const Shape& s) { return os << s.str(); }
std::ostream& operator<<(std::ostream& os, DType d) { return os << name(d); }

}  // namespace rw
