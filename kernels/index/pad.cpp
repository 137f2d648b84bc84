#include <rewind/kernels/index/pad.h>

#include <algorithm>
#include <cstring>
#include <type_traits>

#include <rewind/kernels/compute.h>
#include <rewind/kernels/index/copy.h>
#include <rewind/kernels/pointwise/convert.h>
#include <rewind/kernels/pointwise/pointwise_kernel.h>
#include <rewind/tensor/allocator.h>
#include <rewind/tensor/dispatch.h>
#include <rewind/tensor/parallel.h>

namespace rw::kernels {
namespace {

constexpr int64_t grain = 1 << 15;

// A padded dimension. An entry of it takes up x_step or y_step elements.
struct Level {
  PadDim dim;
  int64_t x_step, y_step;
  int64_t first, last;          // those entries of y that lie inside x
  std::vector<int64_t> source;  // entry of x that goes to an entry of y; -1 for the constant
};

// Neighbouring dimensions without padding count as one; those outside and inside of all padding
// are `outer` arrays, and blocks of `block` elements that stay together.
struct Plan {
  std::vector<Level> levels;
  int64_t outer = 1, block = 1;
  int64_t x_size = 1, y_size = 1;  // elements per outer array
};

int64_t source_of(int64_t o, const PadDim& d, PaddingMode mode) {
  const int64_t i = o - d.before;
  if (i >= 0 && i < d.size) return i;
  switch (mode) {
    case PaddingMode::zeros:
      return -1;
    case PaddingMode::replicate:
      return i < 0 ? 0 : d.size - 1;
    case PaddingMode::reflect:
      return i < 0 ? -i : 2 * (d.size - 1) - i;
    case PaddingMode::circular:
      break;
  }
  return i < 0 ? i + d.size : i - d.size;
}

Level make_level(const PadDim& d, PaddingMode mode) {
  Level level{d, 0, 0, 0, 0, {}};
  level.first = std::clamp<int64_t>(d.before, 0, d.padded());
  level.last = std::clamp<int64_t>(d.before + d.size, level.first, d.padded());
  for (int64_t o = 0; o < d.padded(); ++o) level.source.push_back(source_of(o, d, mode));
  return level;
}

bool is_plain(const PadDim& d) { return d.before == 0 && d.after == 0; }

// Some dimension is padded.
Plan make_plan(const std::vector<PadDim>& dims, PaddingMode mode) {
  Plan plan;
  std::vector<PadDim> merged;
  for (const PadDim& d : dims) {
    if (is_plain(d) && !merged.empty() && is_plain(merged.back()))
      merged.back().size *= d.size;
    else
      merged.push_back(d);
  }
  if (is_plain(merged.back())) {
    plan.block = merged.back().size;
    merged.pop_back();
  }
  if (is_plain(merged.front())) {
    plan.outer = merged.front().size;
    merged.erase(merged.begin());
  }
  for (const PadDim& d : merged) plan.levels.push_back(make_level(d, mode));
  plan.x_size = plan.y_size = plan.block;
  for (auto level = plan.levels.rbegin(); level != plan.levels.rend(); ++level) {
    level->x_step = plan.x_size;
    level->y_step = plan.y_size;
    plan.x_size *= level->dim.size;
    plan.y_size *= level->dim.padded();
  }
  return plan;
}

template <class T>
struct Padder {
  const Plan& plan;
  T value;

  // Entries [begin, end) of y's level l.
  void fill(size_t l, int64_t begin, int64_t end, const T* x, T* y) const {
    const Level& level = plan.levels[l];
    const int64_t first = std::clamp(level.first, begin, end);
    const int64_t last = std::clamp(level.last, begin, end);
    fill_border(l, begin, first, x, y);
    if (l + 1 < plan.levels.size())
      for (int64_t o = first; o < last; ++o) fill_one(l, o, x, y);
    else if (first < last)
      copy(x + (first - level.dim.before) * level.x_step, y + first * level.y_step,
           (last - first) * plan.block);
    fill_border(l, last, end, x, y);
  }

 private:
  void fill_border(size_t l, int64_t begin, int64_t end, const T* x, T* y) const {
    const Level& level = plan.levels[l];
    if (level.y_step > 1)
      for (int64_t o = begin; o < end; ++o) fill_one(l, o, x, y);
    else  // of single elements
      for (int64_t o = begin; o < end; ++o) {
        const int64_t from = level.source[static_cast<size_t>(o)];
        y[o] = from < 0 ? value : x[from];
      }
  }

  void fill_one(size_t l, int64_t o, const T* x, T* y) const {
    const Level& level = plan.levels[l];
    const int64_t from = level.source[static_cast<size_t>(o)];
    y += o * level.y_step;
    if (from < 0)
      std::fill_n(y, level.y_step, value);
    else if (l + 1 == plan.levels.size())
      copy(x + from * level.x_step, y, plan.block);
    else if (l + 2 == plan.levels.size() && plan.block == 1)
      fill_row(plan.levels[l + 1], x + from * level.x_step, y);
    else
      fill(l + 1, 0, plan.levels[l + 1].dim.padded(), x + from * level.x_step, y);
  }

  // The innermost level, of single elements.
  void fill_row(const Level& level, const T* x, T* y) const {
    const int64_t* source = level.source.data();
    const auto fill_border = [&](int64_t begin, int64_t end) {
      for (int64_t o = begin; o < end; ++o) y[o] = source[o] < 0 ? value : x[source[o]];
    };
    fill_border(0, level.first);
    copy(x + (level.first - level.dim.before), y + level.first, level.last - level.first);
    fill_border(level.last, level.dim.padded());
  }

  // Short rows are done before memcpy has chosen how.
  static void copy(const T* x, T* y, int64_t n) {
    constexpr size_t step = 16, most = 256;
    const size_t bytes = static_cast<size_t>(n) * sizeof(T);
    const auto* from = reinterpret_cast<const char*>(x);
    auto* to = reinterpret_cast<char*>(y);
    if (bytes < step || bytes > most) {
      std::memcpy(to, from, bytes);
      return;
    }
    for (size_t i = 0; i < bytes - step; i += step) std::memcpy(to + i, from + i, step);
    std::memcpy(to + bytes - step, from + bytes - step, step);
  }
};

// Sums of numbers y of type T in the type that these are computed in.
template <class T>
struct Unpadder {
  using Sum = Compute<T>;
  const Plan& plan;
  BinaryRun add_rows;
  Sum* row;  // room for `longest` numbers, where T is another type

  // Sets entries [begin, end) of x's level l to the sums of what was copied from them: first that
  // from inside, then borders in the order of y.
  void set(size_t l, int64_t begin, int64_t end, const T* y, Sum* x) const {
    run<true>(l, begin, end, y, x);
  }

  static int64_t longest(const Plan& plan) { return plan.block * plan.levels.back().dim.size; }

 private:
  // Sets what is not there yet; adds to it otherwise.
  template <bool sets>
  void run(size_t l, int64_t begin, int64_t end, const T* y, Sum* x) const {
    const Level& level = plan.levels[l];
    if (l + 1 < plan.levels.size())
      for (int64_t i = begin; i < end; ++i) one<sets>(l, i + level.dim.before, i, y, x);
    else
      one_run<sets>(y + (begin + level.dim.before) * level.y_step, x + begin * level.x_step,
                    (end - begin) * plan.block);
    const auto add_border = [&](int64_t o) {
      const int64_t to = level.source[static_cast<size_t>(o)];
      if (to >= begin && to < end) one<false>(l, o, to, y, x);
    };
    for (int64_t o = 0; o < level.first; ++o) add_border(o);
    for (int64_t o = level.last; o < level.dim.padded(); ++o) add_border(o);
  }

  template <bool sets>
  void one(size_t l, int64_t o, int64_t to, const T* y, Sum* x) const {
    const Level& level = plan.levels[l];
    y += o * level.y_step;
    x += to * level.x_step;
    if (l + 1 < plan.levels.size())
      run<sets>(l + 1, 0, plan.levels[l + 1].dim.size, y, x);
    else
      one_run<sets>(y, x, plan.block);
  }

  template <bool sets>
  void one_run(const T* y, Sum* x, int64_t n) const {
    if (n == 1) {
      *x = sets ? static_cast<Sum>(*y) : *x + static_cast<Sum>(*y);
      return;
    }
    const Sum* from = numbers(y, sets ? x : row, n);
    if (sets) {
      if (from != x) std::copy_n(from, n, x);
      return;
    }
    auto* to = reinterpret_cast<char*>(x);
    add_rows({}, to, 1, reinterpret_cast<const char*>(from), 1, to, n);
  }

  // y as numbers of the other type, at `room` where they are not so already.
  static const Sum* numbers(const T* y, Sum* room, int64_t n) {
    if constexpr (std::is_same_v<T, Sum>) {
      return y;
    } else {
      convert(y, room, n);
      return room;
    }
  }
};

// Calls f(outer array, begin, end) with ranges of entries of the outermost level, shared out over
// threads.
template <class F>
void for_each_range(const Plan& plan, int64_t entries, F&& f) {
  const int64_t work = std::max<int64_t>(plan.levels.front().y_step, 1);
  parallel_for(0, plan.outer * entries, std::max<int64_t>(1, grain / work),
               [&](int64_t begin, int64_t end) {
                 for (int64_t at = begin; at < end;) {
                   const int64_t first = at % entries;
                   const int64_t last = std::min(entries, first + end - at);
                   f(at / entries, first, last);
                   at += last - first;
                 }
               });
}

// The sums of a reduced type are rounded once: in parts that stay in the cache before that.
template <class T>
void unpad_in_parts(const Plan& plan, BinaryRun add, int64_t begin, int64_t end, const T* y, T* x) {
  using Sum = Compute<T>;
  const int64_t step = plan.levels.front().x_step;
  const int64_t entries = std::min((1 << 13) / std::max<int64_t>(step, 1) + 1, end - begin);
  detail::CachedVector<Sum> row(static_cast<size_t>(Unpadder<T>::longest(plan)));
  detail::CachedVector<Sum> sums(static_cast<size_t>(entries * step));
  const Unpadder<T> unpadder{plan, add, row.data()};
  for (; begin < end; begin += entries) {
    const int64_t last = std::min(begin + entries, end);
    unpadder.set(0, begin, last, y, sums.data() - begin * step);
    convert(sums.data(), x + begin * step, (last - begin) * step);
  }
}

}  // namespace

void pad(DType dtype, PaddingMode mode, const std::vector<PadDim>& dims, Scalar value,
         const void* x, void* y) {
  const Plan plan = make_plan(dims, mode);
  dispatch(dtype, [&]<class T>() {
    const Padder<T> padder{plan, element<T>(value)};
    for_each_range(plan, plan.levels[0].dim.padded(), [&](int64_t k, int64_t begin, int64_t end) {
      padder.fill(0, begin, end, static_cast<const T*>(x) + k * plan.x_size,
                  static_cast<T*>(y) + k * plan.y_size);
    });
  });
}

void unpad(DType dtype, PaddingMode mode, const std::vector<PadDim>& dims, const void* y, void* x) {
  const Plan plan = make_plan(dims, mode);
  const BinaryRun add = binary_run(BinaryOp::add, compute_dtype(dtype));
  dispatch_among<float, double, BFloat16>(dtype, [&]<class T>() {
    for_each_range(plan, plan.levels[0].dim.size, [&](int64_t k, int64_t begin, int64_t end) {
      const T* from = static_cast<const T*>(y) + k * plan.y_size;
      T* to = static_cast<T*>(x) + k * plan.x_size;
      if constexpr (std::is_same_v<T, Compute<T>>)
        Unpadder<T>{plan, add, nullptr}.set(0, begin, end, from, to);
      else
        unpad_in_parts(plan, add, begin, end, from, to);
    });
  });
}

}  // namespace rw::kernels
