#pragma once
// Everything that differs between oneDNN 2.6 and 3.x. Included by the sources of this folder only.

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

}  // namespace rw::onednn
