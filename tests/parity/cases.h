#pragma once
// The functions that are compared with PyTorch's, under their names in generate.py.

#include "../case.h"

namespace rw::test {

/// Elementwise ops, reductions, products, views and indexing.
std::vector<Case> tensor_cases();
/// What networks are made of, their derivatives, and their training.
std::vector<Case> nn_cases();

}  // namespace rw::test
