#pragma once
// Private to nn: the order of packed sequences.

#include <string>

#include <rewind/tensor/tensor.h>

namespace rw::nn::detail {

/// Throws, naming `op` and `what`, unless `order`, where defined, has each of the numbers below
/// `batch` once.
void check_packed_order(const std::string& op, const char* what, const Tensor& order,
                        int64_t batch);

}  // namespace rw::nn::detail
