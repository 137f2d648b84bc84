#pragma once
// Private to ops: what most of them ask of their arguments, with one text for each question.

#include <vector>

#include <rewind/tensor/check.h>
#include <rewind/tensor/tensor.h>

namespace rw::detail {

/// Throws where one is undefined.
void check_defined(const char* op, const Tensor& x);
void check_defined(const char* op, const Tensor& a, const Tensor& b);
/// The same of the input and of another argument, which `what` names.
void check_defined(const char* op, const Tensor& x, const Tensor& other, const char* what);
/// Throws where there is none, or where one is undefined.
void check_all_defined(const char* op, const std::vector<Tensor>& tensors);
/// Throws where x is undefined, or of integers or bool; `what` names the argument.
void check_floating(const char* op, const Tensor& x, const char* what = "input");
/// The dimension of x that `dim` names; throws where x is undefined or has no such dimension.
int checked_dim(const char* op, const Tensor& x, int64_t dim);

}  // namespace rw::detail
