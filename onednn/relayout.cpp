#include <rewind/onednn/relayout.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include <rewind/tensor/dispatch.h>
#include <rewind/tensor/parallel.h>

namespace rw::onednn {
namespace {

Primitive make_reorder(const dnnl::memory::desc& from, const dnnl::memory::desc& to) {
  const dnnl::reorder::primitive_desc desc(engine(), from, engine(), to, attributes());
  return {desc, {{DNNL_ARG_FROM, from}, {DNNL_ARG_TO, to}}};
}

bool has_padding(const Shape& shape, const dnnl::memory::desc& desc) {
  const auto padded = blocking_of(desc).padded;
  return !std::equal(shape.begin(), shape.end(), padded.begin(), padded.end());
}

}  // namespace

Relayout::Tables Relayout::tables(const Shape& shape, const Strides& strides) {
  Tables all(static_cast<size_t>(shape.rank()));
  for (int d = 0; d < shape.rank(); ++d)
    for (int64_t i = 0; i < shape[d]; ++i) all[static_cast<size_t>(d)].push_back(i * strides[d]);
  return all;
}

Relayout::Tables Relayout::tables(const Shape& shape, const dnnl::memory::desc& blocked) {
  const Blocking b = blocking_of(blocked);
  Tables all(static_cast<size_t>(shape.rank()));
  for (size_t d = 0; d < all.size(); ++d)
    for (int64_t i = 0; i < shape[static_cast<int>(d)]; ++i) {
      int64_t offset = 0, step = 1, rest = i;
      for (size_t k = b.inner_sizes.size(); k-- > 0; step *= b.inner_sizes[k]) {
        if (b.inner_dims[k] != static_cast<int64_t>(d)) continue;
        offset += rest % b.inner_sizes[k] * step;
        rest /= b.inner_sizes[k];
      }
      all[d].push_back(offset + rest * b.strides[d]);
    }
  return all;
}

// Weights are [groups,] filters, channels, height, width.
Relayout::Offsets Relayout::combine(const Tables& tables) {
  const auto sums = [](auto begin, auto end) {
    std::vector<int64_t> all = {0};
    for (; begin != end; ++begin) {
      std::vector<int64_t> longer;
      for (const int64_t a : all)
        for (const int64_t b : *begin) longer.push_back(a + b);
      all = std::move(longer);
    }
    return all;
  };
  return {sums(tables.begin(), tables.end() - 3), sums(tables.end() - 3, tables.end())};
}

Relayout Relayout::pack(DType dtype, const Shape& shape, const Strides& from,
                        const dnnl::memory::desc& to) {
  Relayout r;
  if (from == contiguous_strides(shape) && !has_padding(shape, to)) {
    r.reorder_ = make_reorder(describe(dtype, shape, from), to);
    return r;
  }
  r.dtype_ = dtype;
  r.from_ = combine(tables(shape, from));
  r.to_ = combine(tables(shape, to));
  r.clear_ = has_padding(shape, to) ? to.get_size() : 0;
  return r;
}

Relayout Relayout::unpack(DType dtype, const Shape& shape, const dnnl::memory::desc& from) {
  Relayout r;
  const Strides to = contiguous_strides(shape);
  if (!has_padding(shape, from)) {
    r.reorder_ = make_reorder(from, describe(dtype, shape, to));
    return r;
  }
  r.dtype_ = dtype;
  r.from_ = combine(tables(shape, from));
  r.to_ = combine(tables(shape, to));
  return r;
}

template <class T>
void Relayout::move(const T* from, T* to) const {
  const size_t n = from_.within.size();
  const auto filters = static_cast<int64_t>(from_.filters.size());
  const int64_t grain = 1 + (1 << 15) / static_cast<int64_t>(n);
  parallel_for(0, filters, grain, [&](int64_t begin, int64_t end) {
    for (auto i = static_cast<size_t>(begin); i < static_cast<size_t>(end); ++i) {
      const T* f = from + from_.filters[i];
      T* t = to + to_.filters[i];
      for (size_t k = 0; k < n; ++k) t[to_.within[k]] = f[from_.within[k]];
    }
  });
}

void Relayout::run(const void* from, void* to) {
  detail::report_reorder();
  if (reorder_) return reorder_->run({from, to});
  if (clear_) std::memset(to, 0, clear_);
  dispatch_among<float, BFloat16>(
      dtype_, [&]<class T>() { move(static_cast<const T*>(from), static_cast<T*>(to)); });
}

}  // namespace rw::onednn
