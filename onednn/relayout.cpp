#include <rewind/onednn/relayout.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include <rewind/kernels/index/copy.h>

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

// Consecutive indices of one dimension: the first, its place in the blocked memory, and how they
// make up several dimensions, the last of them the fastest.
struct Run {
  int64_t first, offset;
  Shape sizes, steps, blocked_steps;
};

// Indices [0, n) of dimension d, whose blocks may be blocks of blocks. What does not fill a block
// makes runs of its own.
std::vector<Run> runs_of(const Blocking& b, int d, int64_t n) {
  Shape sizes, steps;  // of the blocks, from the inside out
  int64_t step = 1;
  for (size_t k = b.inner_sizes.size(); k-- > 0; step *= b.inner_sizes[k])
    if (b.inner_dims[k] == d) {
      sizes.push_back(b.inner_sizes[k]);
      steps.push_back(step);
    }
  steps.push_back(b.strides[static_cast<size_t>(d)]);
  std::vector<Run> runs;
  int64_t first = 0, offset = 0;
  for (int level = sizes.rank(); level >= 0; --level) {
    int64_t unit = 1;
    for (int k = 0; k < level; ++k) unit *= sizes[k];
    const int64_t count = (n - first) / unit;
    if (count == 0) continue;
    Run run{first, offset, {count}, {unit}, {steps[level]}};
    for (int k = level - 1; k >= 0; --k) {
      unit /= sizes[k];
      run.sizes.push_back(sizes[k]);
      run.steps.push_back(unit);
      run.blocked_steps.push_back(steps[k]);
    }
    runs.push_back(run);
    first += count * run.steps[0];
    offset += count * steps[level];
  }
  return runs;
}

}  // namespace

// With the strided side as `from`.
std::vector<Relayout::Part> Relayout::parts(const Shape& shape, const Strides& strided,
                                            const dnnl::memory::desc& blocked) {
  const Blocking b = blocking_of(blocked);
  std::vector<Part> all = {{}};
  for (int d = 0; d < shape.rank(); ++d) {
    std::vector<Part> longer;
    for (const Part& part : all)
      for (const Run& run : runs_of(b, d, shape[d])) {
        Part p = part;
        p.from_offset += run.first * strided[d];
        p.to_offset += run.offset;
        for (int k = 0; k < run.sizes.rank(); ++k) {
          p.shape.push_back(run.sizes[k]);
          p.from.push_back(run.steps[k] * strided[d]);
          p.to.push_back(run.blocked_steps[k]);
        }
        longer.push_back(p);
      }
    all = std::move(longer);
  }
  return all;
}

Relayout Relayout::pack(DType dtype, const Shape& shape, const Strides& from,
                        const dnnl::memory::desc& to) {
  Relayout r;
  if (from == contiguous_strides(shape) && !has_padding(shape, to)) {
    r.reorder_ = make_reorder(describe(dtype, shape, from), to);
    return r;
  }
  r.dtype_ = dtype;
  r.parts_ = parts(shape, from, to);
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
  r.parts_ = parts(shape, to, from);
  for (Part& p : r.parts_) {
    std::swap(p.from, p.to);
    std::swap(p.from_offset, p.to_offset);
  }
  return r;
}

void Relayout::run(const void* from, void* to) {
  detail::report_reorder();
  if (reorder_) return reorder_->run({from, to});
  if (clear_) std::memset(to, 0, clear_);
  const size_t bytes = itemsize(dtype_);
  const auto at = [bytes](const void* p, int64_t offset) {
    return static_cast<char*>(const_cast<void*>(p)) + offset * static_cast<int64_t>(bytes);
  };
  for (const Part& p : parts_)
    kernels::copy_bytes(bytes, p.shape, {at(from, p.from_offset), p.from},
                        {at(to, p.to_offset), p.to});
}

}  // namespace rw::onednn
