#pragma once

#include <rewind/nn/activations.h>
#include <rewind/nn/adaptive_log_softmax.h>
#include <rewind/nn/bilinear.h>
#include <rewind/nn/clone.h>
#include <rewind/nn/containers.h>
#include <rewind/nn/convolution.h>
#include <rewind/nn/distances.h>
#include <rewind/nn/dropout_layers.h>
#include <rewind/nn/embedding_layers.h>
#include <rewind/nn/fuse.h>
#include <rewind/nn/init.h>
#include <rewind/nn/layers.h>
#include <rewind/nn/losses.h>
#include <rewind/nn/module.h>
#include <rewind/nn/module_debug.h>
#include <rewind/nn/normalization_layers.h>
#include <rewind/nn/padding_layers.h>
#include <rewind/nn/parameter_containers.h>
#include <rewind/nn/pooling.h>
#include <rewind/nn/ranking_losses.h>
#include <rewind/nn/recurrent_layers.h>
#include <rewind/nn/resampling_layers.h>
#include <rewind/nn/rnn_utils.h>
#include <rewind/nn/utils.h>

#pragma GCC visibility push(default)

namespace rw::nn {
/// What PyTorch calls torch.nn.functional: `namespace F = rw::nn::functional;`. The functions are
/// those of `rw` itself.
namespace functional = ::rw;
}  // namespace rw::nn

#pragma GCC visibility pop
