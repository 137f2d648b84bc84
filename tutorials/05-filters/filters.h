#pragma once

#include <vector>

#include <rewind/tensor/tensor.h>

#include "tutorial.h"

struct Filter {
  const char* name;
  rw::Tensor weight;  // [3, 3]
};
std::vector<Filter> classic_filters();

/// Finds these filters again from what they make of a grey photo, [H, W], alone.
void learn_filters(const Tutorial& tutorial, const rw::Tensor& grey);
