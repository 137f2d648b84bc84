#pragma once

#include <rewind/tensor/tensor.h>

#include "tutorial.h"

/// Edges of the photo, [1, 1, H, W], while it moves.
void show_moving(const Tutorial& tutorial, const rw::Tensor& photo);
/// Where the gradients of pooling go, on a matrix of 4 by 4 numbers.
void show_gradients(const Tutorial& tutorial);
