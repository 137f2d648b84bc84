#pragma once

#include <cstdint>

#include <rewind/kernels/compute.h>

// The inner loops of norm for rows of `width` elements, `stride` from one to the next, in the
// widest vectors that the machine has. Coefficients are one per column; g may be null.
namespace rw::kernels {

/// For each column, with c = x - center: the sums of f and of f * c, where f is g or, without one,
/// c itself. T is any floating type.
template <class T>
void sum_columns(const T* g, const T* x, int64_t rows, int64_t width, int64_t stride,
                 const Compute<T>* center, Compute<T>* sum, Compute<T>* product);

/// y = (x - center) * b + shift, plus g * a where there is a g.
template <class T>
void combine_columns(const T* g, const T* x, int64_t rows, int64_t width, int64_t stride,
                     const Compute<T>* center, const Compute<T>* a, const Compute<T>* b,
                     const Compute<T>* shift, T* y);

}  // namespace rw::kernels
