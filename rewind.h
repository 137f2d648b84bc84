#pragma once
// Everything but data loading: include this and write models.

#include <rewind/autograd/autograd.h>
#include <rewind/autograd/functional.h>
#include <rewind/autograd/hooks.h>
#include <rewind/autograd/inplace.h>
#include <rewind/autograd/saved_tensors_hooks.h>
#include <rewind/nn/nn.h>
#include <rewind/ops/autocast.h>
#include <rewind/ops/checkpoint.h>
#include <rewind/ops/conv.h>
#include <rewind/ops/dropout.h>
#include <rewind/ops/indexing.h>
#include <rewind/ops/joining.h>
#include <rewind/ops/loss.h>
#include <rewind/ops/matmul.h>
#include <rewind/ops/norm.h>
#include <rewind/ops/padding.h>
#include <rewind/ops/pointwise.h>
#include <rewind/ops/pool.h>
#include <rewind/ops/reduction.h>
#include <rewind/ops/softmax.h>
#include <rewind/optim/adam.h>
#include <rewind/optim/sgd.h>
#include <rewind/tensor/factories.h>
#include <rewind/tensor/profile.h>
#include <rewind/tensor/tensor.h>
