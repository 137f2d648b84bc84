// What the snippets of the documentation take for granted.

#include <thread>
#include <vector>

#include <rewind/data/data_loader.h>
#include <rewind/data/mnist.h>
#include <rewind/io/numpy.h>
#include <rewind/io/onnx.h>
#include <rewind/io/pytorch.h>
#include <rewind/io/safetensors.h>
#include <rewind/io/tensorboard.h>
#include <rewind/nn/fuse.h>
#include <rewind/nn/parametrizations.h>
#include <rewind/optim/optim.h>
#include <rewind/rewind.h>
#include <rewind/tensor/check.h>
#include <rewind/tensor/dlpack.h>
#include <rewind/testing/gradcheck.h>
#include <rewind/train/fit.h>
#include <rewind/train/metrics.h>
#include <rewind/train/report.h>
#include <rewind/train/training_state.h>

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

using namespace rw;
using boost::test_tools::per_element;

inline Tensor x, y, a, b, tx, ty, mask;
inline std::vector<Tensor> images(4), labels(4);
inline nn::Linear model(1, 1);
inline optim::SGD optimizer(model.parameters(), {});
