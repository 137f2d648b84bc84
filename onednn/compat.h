#pragma once
// Everything that differs between oneDNN 2.6 and 3.x. Included by the sources of this folder only.

#include <string_view>

#include <oneapi/dnnl/dnnl.hpp>

namespace rw::onednn {

const dnnl::engine& engine();

/// The descriptor of primitive P for these arguments, which both versions take in the same order:
/// 2.6 through an operation descriptor of its own, 3.x directly.
template <class P, class... Args>
typename P::primitive_desc primitive_desc(const dnnl::primitive_attr& attr, const Args&... args) {
#if DNNL_VERSION_MAJOR >= 3
  return typename P::primitive_desc(engine(), args..., attr);
#else
  return typename P::primitive_desc(typename P::desc(args...), attr, engine());
#endif
}

/// The same by the first implementation that is accepted: accept(its name).
template <class P, class Accept, class... Args>
typename P::primitive_desc primitive_desc_where(const Accept& accept,
                                                const dnnl::primitive_attr& attr,
                                                const Args&... args) {
#if DNNL_VERSION_MAJOR >= 3
  typename P::primitive_desc desc(engine(), args..., attr);
#else
  const typename P::desc operation(args...);  // next_impl reads it
  typename P::primitive_desc desc(operation, attr, engine());
#endif
  while (!accept(std::string_view(desc.impl_info_str())) && desc.next_impl()) {
  }
  return desc;
}

/// The same for a backward primitive, which is told the forward one.
template <class P, class Forward, class... Args>
typename P::primitive_desc backward_desc(const Forward& forward, const dnnl::primitive_attr& attr,
                                         const Args&... args) {
#if DNNL_VERSION_MAJOR >= 3
  return typename P::primitive_desc(engine(), args..., forward, attr);
#else
  return typename P::primitive_desc(typename P::desc(args...), attr, engine(), forward);
#endif
}

/// How a blocked layout places its elements. Dimension inner_dims[k] is cut into blocks of
/// inner_sizes[k], the last of which vary fastest; `strides` lead from block to block.
struct Blocking {
  dnnl::memory::dims padded, strides, inner_sizes, inner_dims;
};

inline Blocking blocking_of(const dnnl::memory::desc& desc) {
#if DNNL_VERSION_MAJOR >= 3
  return {desc.get_padded_dims(), desc.get_strides(), desc.get_inner_blks(), desc.get_inner_idxs()};
#else
  const auto& b = desc.data.format_desc.blocking;
  const auto list = [](const dnnl_dims_t& values, int n) {
    return dnnl::memory::dims(values, values + n);
  };
  return {list(desc.data.padded_dims, desc.data.ndims), list(b.strides, desc.data.ndims),
          list(b.inner_blks, b.inner_nblks), list(b.inner_idxs, b.inner_nblks)};
#endif
}

}  // namespace rw::onednn
