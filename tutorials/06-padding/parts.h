#pragma once

#include <rewind/tensor/tensor.h>

#include "tutorial.h"

/// The formula of the size, checked, and which inputs each output looks at.
void show_sizes(const Tutorial& tutorial);
/// What a stride skips, in numbers and in a picture; `image` is [1, 1, H, W].
void show_stride(const Tutorial& tutorial, const rw::Tensor& image);
