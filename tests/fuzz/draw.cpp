#include "draw.h"

#include <cmath>
#include <limits>
#include <numbers>

namespace rw::fuzz {

const std::vector<int64_t> extremes = {
    std::numeric_limits<int64_t>::min(),
    std::numeric_limits<int64_t>::min() + 1,
    -(int64_t{1} << 62),
    -(int64_t{1} << 31) - 1,
    -(int64_t{1} << 31),
    -2,
    -1,
    0,
    1,
    2,
    3,
    255,
    (int64_t{1} << 31) - 1,
    int64_t{1} << 31,
    (int64_t{1} << 32) + 1,
    int64_t{1} << 40,
    int64_t{1} << 53,
    int64_t{1} << 62,
    std::numeric_limits<int64_t>::max() - 1,
    std::numeric_limits<int64_t>::max(),
};

Source::Source(uint64_t seed, uint64_t number) : state_(seed) {
  state_ = next() ^ (number * 0x9e3779b97f4a7c15u);
  next();
}

uint64_t Source::next() {
  uint64_t z = state_ += 0x9e3779b97f4a7c15u;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

double Source::normal() {
  const double u = 1 - unit();
  return std::sqrt(-2 * std::log(u)) * std::cos(2 * std::numbers::pi * unit());
}

namespace {

DType drawn_dtype(Source& s) {
  const double u = s.unit();
  if (u < 0.5) return float32;
  if (u < 0.8) return u < 0.65 ? bfloat16 : float16;
  if (u < 0.85) return int64;
  return test::all_dtypes[s.below(6)];  // bool and the integers
}

Style drawn_style(Source& s) {
  const double u = s.unit();
  if (u < 0.55) return Style::plain;
  if (u < 0.8) return Style::integers;
  return u < 0.9 ? Style::wide : Style::special;
}

}  // namespace

Draw::Draw(const Source& source)
    : Source(source),
      dtype(drawn_dtype(*this)),
      style(drawn_style(*this)),
      wild(chance(0.2)),
      large(!wild && chance(0.03)) {}

// --- Attributes ----------------------------------------------------------------------------------

int64_t Draw::number_of(int64_t n) {
  const int64_t i = below(n);
  note(std::to_string(i));
  return i;
}

int64_t Draw::number(int64_t low, int64_t high) {
  int64_t n = between(low, high);
  if (wild && chance(0.25)) n = extremes[static_cast<size_t>(below(std::ssize(extremes)))];
  note(std::to_string(n));
  return n;
}

double Draw::real(double low, double high) {
  double r = low + std::floor(unit() * (high - low) * 16 + 0.5) / 16;
  if (wild && chance(0.25)) r = special_value();
  if (dtype == float16) r = static_cast<float>(Float16(r));  // the same number in both runs
  note(std::to_string(r));
  return r;
}

Scalar Draw::scalar() {
  if (dtype == boolean && chance(0.5)) return flag();
  if (chance(0.4)) return number(-3, 3);
  return real(-3, 3);
}

bool Draw::flag() { return number_of(2) == 1; }

Dims Draw::dims(int rank) {
  Dims all;
  for (int i = 0; i < rank; ++i)
    if (chance(0.5))
      all.insert(static_cast<int>(below(all.rank() + 1)), chance(0.3) ? i - rank : i);
  if (wild && all.rank() > 0 && chance(0.3)) all[0] = dim(rank);
  note(all.str());
  return all;
}

Size2 Draw::size2(int64_t low, int64_t high) {
  if (chance(0.5)) return number(low, high);
  const int64_t h = number(low, high);
  return {h, number(low, high)};
}

// --- Shapes --------------------------------------------------------------------------------------

int64_t Draw::size(int64_t least, int64_t greatest) {
  if (chance(0.03)) return 0;
  return between(least, large ? 5 * greatest : greatest);
}

Shape Draw::shape(int least_rank, int greatest_rank) {
  int rank = static_cast<int>(between(least_rank, greatest_rank));
  if (greatest_rank > 4 && chance(0.03)) rank = Shape::max_rank;
  static constexpr int64_t usual[] = {5, 5, 5, 5, 5}, large_ones[] = {1, 20000, 200, 25, 12};
  const int64_t greatest = rank > 4 ? 2 : (large ? large_ones : usual)[rank];
  Shape s;
  for (int i = 0; i < rank; ++i) s.push_back(chance(0.03) ? 0 : between(1, greatest));
  return s;
}

Shape Draw::broadcast_with(const Shape& other) {
  Shape s;
  const int cut = static_cast<int>(below(other.rank() + 1));
  for (int i = chance(0.5) ? 0 : cut; i < other.rank(); ++i)
    s.push_back(chance(0.25) ? 1 : wild && chance(0.05) ? size() : other[i]);
  return s;
}

// --- Tensors -------------------------------------------------------------------------------------

double Draw::special_value() {
  using Float = std::numeric_limits<float>;
  static const double all[] = {0.0,
                               -0.0,
                               1,
                               -1,
                               Float::infinity(),
                               -Float::infinity(),
                               Float::quiet_NaN(),
                               0x1.fep127,  // the greatest of bfloat16
                               -0x1.fep127,
                               0x1p-126,
                               -0x1p-126,
                               0x1p-133,  // the least of bfloat16
                               0x1p64,
                               -0x1p64,
                               0x1p63,
                               0x1p31,
                               300,
                               0.5,
                               -88,
                               1e4};
  return all[below(std::ssize(all))];
}

double Draw::value(Domain domain) {
  if (domain == Domain::probabilities) return unit();
  double v = normal();
  if (style == Style::integers) v = static_cast<double>(between(-3, 3));
  if (style == Style::wide)
    v = std::copysign(std::exp2((unit() - 0.5) * (dtype == float16 ? 12 : 60)), v);
  if (style == Style::special && chance(0.2)) return special_value();
  if (domain == Domain::positive && style != Style::integers) v = std::abs(v) + 0x1p-30;
  return v;
}

Tensor Draw::tensor(const Shape& shape, Domain domain) {
  if (shape.rank() > 0 && shape[0] > 1 && chance(0.1)) {
    Shape one = shape;
    one[0] = 1;
    return tensor(one, domain).expand(shape).contiguous();
  }
  const auto n = static_cast<size_t>(shape.numel());
  if (floating()) {
    std::vector<double> values(n);
    for (double& v : values) v = value(domain);
    return from(values, shape).to(dtype).to(float64);
  }
  std::vector<int64_t> values(n);
  for (int64_t& v : values) {
    v = between(dtype == uint8 ? 0 : -3, 3);
    if (style == Style::special && chance(0.3))
      v = extremes[static_cast<size_t>(below(std::ssize(extremes)))];
  }
  return from(values, shape).to(dtype);
}

Tensor Draw::mask(const Shape& shape) {
  std::vector<int64_t> values(static_cast<size_t>(shape.numel()));
  for (int64_t& v : values) v = below(2);
  return from(values, shape).to(boolean);
}

Tensor Draw::indices(const Shape& shape, int64_t n) {
  std::vector<int64_t> values(static_cast<size_t>(shape.numel()));
  for (int64_t& v : values) {
    v = n > 0 ? below(n) : 0;
    if (wild && chance(0.05)) v = extremes[static_cast<size_t>(below(std::ssize(extremes)))];
  }
  return from(values, shape);
}

// --- Memory orders -------------------------------------------------------------------------------

const char* name(Order order) {
  static const char* const names[] = {"row-major", "column-major", "channels-last",
                                      "with gaps", "at an offset", "expanded"};
  return names[static_cast<int>(order)];
}

namespace {

Tensor reversed(const Tensor& x) {
  Dims dims = x.shape();
  for (int i = 0; i < dims.rank(); ++i) dims[i] = dims.rank() - 1 - i;
  return x.permute(dims);
}

// What `x` is as a view of less memory, where all its slices along some dimension are equal.
Tensor expanded(const Tensor& x) {
  for (int d = 0; d < x.dim(); ++d) {
    if (x.size(d) < 2) continue;
    const Tensor one = x.narrow(d, 0, 1).clone().expand(x.shape());
    if (equal(one, x)) return one;
  }
  return x;
}

}  // namespace

Tensor arranged(const Tensor& x, Order order) {
  const bool room = x.dim() < Shape::max_rank;
  switch (order) {
    case Order::row_major:
      return x;
    case Order::column_major:
      return reversed(reversed(x).contiguous());
    case Order::channels_last:
      return x.dim() == 4 || x.dim() == 5 ? x.contiguous(MemoryFormat::channels_last) : x;
    case Order::gaps:
      return room ? stack({x, x}, -1).select(-1, 1) : x;
    case Order::offset:
      return room ? stack({x, x}).select(0, 1) : x;
    case Order::expanded:
      return expanded(x);
  }
  return x;
}

}  // namespace rw::fuzz
