#include <rewind/kernels/reduce/find_first.h>

#include <rewind/kernels/loop.h>
#include <rewind/tensor/dispatch.h>

namespace rw::kernels {
namespace {

// Calls f(match), match telling whether an element is the value; one that is NaN matches NaN.
template <class T, class F>
void with_match(T value, F&& f) {
  if (value == value)
    f([value](T x) { return x == value; });
  else
    f([](T x) { return x != x; });
}

// Whole blocks without a branch per element, so that they go in vectors, then the place in the
// last.
template <class T>
int64_t first_along(const T* x, int64_t step, int64_t n, T value) {
  constexpr int64_t block = 256;
  int64_t i = 0;
  with_match(value, [&](auto match) {
    const auto count = [&](int64_t stride) {
      int matches = 0;
      for (int64_t k = 0; k < block; ++k) matches += match(x[i * step + k * stride]);
      return matches;
    };
    while (i + block <= n && (step == 1 ? count(1) : count(step)) == 0) i += block;
    while (i < n - 1 && !match(x[i * step])) ++i;
  });
  return i;
}

// Many results side by side: backwards, so that the first position is what remains.
template <class T>
void first_across(const T* x, int64_t step, int64_t n, const T* values, int64_t* index,
                  int64_t width, const Each<int64_t, 3>& steps) {
  const auto same = [](T a, T b) { return a == b || (a != a && b != b); };
  const bool flat = steps[0] == 1 && steps[1] == 1 && steps[2] == 1;
  for (int64_t j = n - 1; j >= 0; --j) {
    const T* row = x + j * step;
    if (flat)
      for (int64_t i = 0; i < width; ++i) index[i] = same(row[i], values[i]) ? j : index[i];
    else
      for (int64_t i = 0; i < width; ++i)
        if (same(row[i * steps[2]], values[i * steps[0]])) index[i * steps[1]] = j;
  }
}

}  // namespace

void find_first(DType dtype, const Shape& shape, int dim, const Operand& x, const Operand& values,
                const Operand& index) {
  const auto without_dim = [dim](Shape s) {
    s.erase(dim);
    return s;
  };
  const Strides value_strides = without_dim(values.strides),
                index_strides = without_dim(index.strides), x_strides = without_dim(x.strides);
  const Loop<3> loop(without_dim(shape), {{&value_strides, &index_strides, &x_strides}});
  const int64_t n = shape[dim], step = x.strides[dim];
  const int64_t grain = std::max<int64_t>(1, (1 << 15) / std::max<int64_t>(n, 1));
  dispatch(dtype, [&]<class T>() {
    parallel_for(0, loop.numel(), grain, [&](int64_t begin, int64_t end) {
      loop.for_each_run(begin, end, [&](auto offset, int64_t count, auto steps) {
        const T* v = static_cast<const T*>(values.data) + offset[0];
        int64_t* found = static_cast<int64_t*>(index.data) + offset[1];
        const T* p = static_cast<const T*>(x.data) + offset[2];
        if (count > 1 && step > steps[2]) return first_across(p, step, n, v, found, count, steps);
        for (int64_t i = 0; i < count; ++i)
          found[i * steps[1]] = first_along(p + i * steps[2], step, n, v[i * steps[0]]);
      });
    });
  });
}

}  // namespace rw::kernels
