#include <rewind/kernels/recurrent/recurrent_kernel.h>

#include <algorithm>
#include <numeric>

#include <rewind/kernels/recurrent/step_product.h>
#include <rewind/tensor/allocator.h>
#include <rewind/tensor/parallel.h>

namespace rw::kernels {
namespace {

// Rows that a thread multiplies at a time, to make the most of what it reads of a matrix.
constexpr int64_t few_rows = 4;
// Steps whose input is multiplied in one go.
constexpr size_t together = 8;
// Multiplications that are worth a second thread.
constexpr int64_t grain = 1 << 17;

template <class T>
detail::CachedVector<T> memory(int64_t n) {
  return detail::CachedVector<T>(static_cast<size_t>(n));
}

// f(begin, end) on ranges of sequences.
template <class T, class F>
void share_sequences(const Recurrence<T>& r, const F& f) {
  const int64_t n = r.batch_sizes.front();
  const int64_t cost = r.rows() * gates_of(r.cell) * r.hidden * r.output / std::max<int64_t>(n, 1);
  parallel_for(0, n, std::max(few_rows, grain / std::max<int64_t>(cost, 1)), f);
}

// The rows of one step that a range of sequences has.
struct Step {
  int64_t row, rows;
};

// The steps that sequences [begin, end) take part in, in time's order or against it.
template <class T>
std::vector<Step> steps_of(const Recurrence<T>& r, bool backwards, int64_t begin, int64_t end) {
  std::vector<Step> steps;
  int64_t row = 0;
  for (const int64_t n : r.batch_sizes) {
    if (n > begin) steps.push_back({row + begin, std::min(end, n) - begin});
    row += n;
  }
  if (backwards) std::reverse(steps.begin(), steps.end());
  return steps;
}

template <class T>
void copy_rows(const T* from, int64_t rows, int64_t n, T* to) {
  if (to) std::copy_n(from, rows * n, to);
}

template <class T>
void add_rows(const T* from, int64_t rows, int64_t n, T* to) {
  for (int64_t i = 0; i < rows * n; ++i) to[i] += from[i];
}

template <class T>
T* at(T* p, int64_t offset) {
  return p ? p + offset : nullptr;
}

}  // namespace

template <class T>
int64_t Recurrence<T>::rows() const {
  return std::accumulate(batch_sizes.begin(), batch_sizes.end(), int64_t{0});
}

template <class T>
void recurrent_forward(const Recurrence<T>& r, const RecurrentForward<T>& f) {
  const int64_t hidden = r.hidden, output = r.output, width = gates_of(r.cell) * hidden;
  const StepProduct<T> by_input(Matrix<T>{r.w_ih, 1, r.features}, r.features, width, r.rows());
  const StepProduct<T> by_state(Matrix<T>{r.w_hh, 1, output}, output, width, r.rows());
  const StepProduct<T> project(Matrix<T>{r.w_hr, 1, hidden}, hidden, r.w_hr ? output : 0, r.rows());
  share_sequences(r, [&](int64_t begin, int64_t end) {
    auto recurrent = memory<T>((end - begin) * width);
    auto cells = memory<T>(r.w_hr ? (end - begin) * hidden : 0);
    T* const h = f.h + begin * output;
    T* const c = at(f.c, begin * hidden);
    const std::vector<Step> steps = steps_of(r, r.reverse, begin, end);
    for (size_t i = 0; i < steps.size(); ++i) {
      // The weights of the input stay in the cache for some steps, and then those of the state.
      if (i % together == 0)
        for (size_t k = i; k < std::min(steps.size(), i + together); ++k)
          by_input.multiply(f.x + steps[k].row * r.features, steps[k].rows, r.b_ih,
                            f.gates + steps[k].row * width, false);
      const auto [row, rows] = steps[i];
      copy_rows(h, rows, output, at(f.h_before, row * output));
      if (c) copy_rows(c, rows, hidden, at(f.c_before, row * hidden));
      by_state.multiply(h, rows, r.b_hh, recurrent.data(), false);
      cell_forward<T>(r.cell, {rows, hidden, f.gates + row * width, recurrent.data(),
                               r.w_hr ? cells.data() : h, c, at(f.kept, row * hidden)});
      if (r.w_hr) project.multiply(cells.data(), rows, nullptr, h, false);
      copy_rows(h, rows, output, f.output + row * output);
    }
  });
}

template <class T>
void recurrent_backward(const Recurrence<T>& r, const RecurrentBackward<T>& b) {
  const int64_t hidden = r.hidden, output = r.output, width = gates_of(r.cell) * hidden;
  const StepProduct<T> by_state(Matrix<T>{r.w_hh, output, 1}, width, output, r.rows());
  const StepProduct<T> project(Matrix<T>{r.w_hr, hidden, 1}, output, r.w_hr ? hidden : 0, r.rows());
  share_sequences(r, [&](int64_t begin, int64_t end) {
    auto dcells = memory<T>(r.w_hr ? (end - begin) * hidden : 0);
    T* const dh = b.dh + begin * output;
    T* const dc = at(b.dc, begin * hidden);
    for (const auto [row, rows] : steps_of(r, !r.reverse, begin, end)) {
      if (b.doutput) add_rows(b.doutput + row * output, rows, output, dh);
      if (r.w_hr) {
        copy_rows(dh, rows, output, b.dprojected + row * output);
        project.multiply(dh, rows, nullptr, dcells.data(), false);
      }
      T* const drecurrent = (b.drecurrent ? b.drecurrent : b.dgates) + row * width;
      cell_backward<T>(r.cell, {rows, hidden, b.gates + row * width, at(b.before, row * hidden),
                                at(b.kept, row * hidden), r.w_hr ? dcells.data() : dh, dc,
                                b.dgates + row * width, drecurrent, at(b.cells, row * hidden)});
      by_state.multiply(drecurrent, rows, nullptr, dh, r.cell == Cell::gru);
    }
  });
}

template struct Recurrence<float>;
template struct Recurrence<double>;
template void recurrent_forward(const Recurrence<float>&, const RecurrentForward<float>&);
template void recurrent_forward(const Recurrence<double>&, const RecurrentForward<double>&);
template void recurrent_backward(const Recurrence<float>&, const RecurrentBackward<float>&);
template void recurrent_backward(const Recurrence<double>&, const RecurrentBackward<double>&);

}  // namespace rw::kernels
