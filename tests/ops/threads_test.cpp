// Results do not depend on the number of threads: our own kernels split work by sizes alone.

#include <cstring>
#include <random>

#include <rewind/onednn/support.h>
#include <rewind/tensor/format.h>
#include <rewind/tensor/parallel.h>

#include "../case.h"
#include "../check.h"

using namespace rw;
using namespace rw::test;

namespace {

const int thread_counts[] = {1, 2, 3, 7};

// Puts the number of threads back.
struct Threads {
  ~Threads() { set_num_threads(before); }
  const int before = get_num_threads();
};

bool same_bits(const Tensor& a, const Tensor& b) {
  if (!a.defined() || !b.defined()) return a.defined() == b.defined();
  if (a.shape() != b.shape() || a.dtype() != b.dtype()) return false;
  const Tensor x = a.detach().contiguous(), y = b.detach().contiguous();
  return std::memcmp(x.raw_data(), y.raw_data(), x.nbytes()) == 0;
}

int64_t primitives_run() {
  const onednn::CacheStats stats = onednn::cache_stats();
  return stats.hits + stats.misses;
}

// The results of f and the gradients of its inputs.
Tensors run(const Case& f, const Tensors& inputs) {
  manual_seed(7);
  Tensors in;
  for (const Tensor& x : inputs) {
    in.push_back(x.detach());
    if (x.is_floating_point()) in.back().requires_grad_();
  }
  Tensors all = f.function(in), outputs, seeds;
  for (const Tensor& y : all)
    if (y.requires_grad()) {
      outputs.push_back(y);
      seeds.push_back(randn(y.shape()).to(y.dtype()));
    }
  if (!outputs.empty()) backward(outputs, seeds);
  for (const Tensor& x : in)
    if (x.requires_grad()) all.push_back(x.grad());
  return all;
}

// Runs it with several numbers of threads. Where oneDNN takes a part, its primitives may differ.
void check_threads(const Case& f, const Tensors& inputs, const std::string& what) {
  const Threads threads;
  const int64_t before = primitives_run();
  set_num_threads(1);
  const Tensors expected = run(f, inputs);
  if (primitives_run() != before) return;
  for (const int n : thread_counts) {
    set_num_threads(n);
    const Tensors got = run(f, inputs);
    for (size_t i = 0; i < expected.size(); ++i)
      BOOST_TEST(same_bits(got[i], expected[i]),
                 f.name << ", " << what << ": tensor " << i << " differs on " << n << " threads");
  }
}

using Random = std::mt19937;

int64_t between(Random& random, int64_t low, int64_t high) {
  return std::uniform_int_distribution<int64_t>(low, high)(random);
}

// Sizes whose product is at most `most`, of all magnitudes.
Shape random_shape(Random& random, int rank, int64_t most) {
  Shape shape;
  for (int d = 0; d < rank; ++d) {
    const double room = std::log2(static_cast<double>(std::max<int64_t>(most / shape.numel(), 1)));
    const double share = d + 1 == rank ? 1 : std::uniform_real_distribution<>(0, 0.8)(random);
    shape.push_back(std::max<int64_t>(1, static_cast<int64_t>(std::exp2(room * share))));
  }
  std::shuffle(shape.begin(), shape.end(), random);
  return shape;
}

// Normal numbers in some memory order: permuted, with gaps or as it comes.
Tensor random_tensor(Random& random, const Shape& shape, DType dtype) {
  std::vector<int64_t> order;
  for (int64_t d = 0; d < shape.rank(); ++d) order.push_back(d);
  const int64_t kind = between(random, 0, 2);
  if (kind == 0) std::shuffle(order.begin(), order.end(), random);
  Shape memory = shape;
  Dims back = shape;
  for (int d = 0; d < shape.rank(); ++d) {
    memory[d] = shape[static_cast<int>(order[static_cast<size_t>(d)])];
    back[static_cast<int>(order[static_cast<size_t>(d)])] = d;
  }
  if (kind == 1) memory[shape.rank() - 1] += 1;
  Tensor x = randn(memory).to(dtype);
  if (kind == 1) x = x.narrow(-1, 0, memory.back() - 1);
  return x.permute(back);
}

Dims random_dims(Random& random, int rank) {
  Dims dims;
  for (int64_t d = 0; d < rank; ++d)
    if (between(random, 0, 1) == 1) dims.push_back(d);
  if (dims.rank() == 0) dims.push_back(between(random, 0, rank - 1));
  return dims;
}

const DType dtypes[] = {float32, bfloat16, float16, float64};

std::string describe(const Tensor& x) {
  return fmt::format("{} {} with strides {}", x.dtype(), x.shape(), x.strides());
}

}  // namespace

BOOST_AUTO_TEST_SUITE(results_do_not_depend_on_threads)

BOOST_AUTO_TEST_CASE(of_reductions) {
  Random random(1);
  manual_seed(1);
  for (int i = 0; i < 60; ++i) {
    const int rank = static_cast<int>(between(random, 1, 4));
    const Shape shape = random_shape(random, rank, i % 3 == 0 ? 300'000 : 100'000);
    const Dims dims = random_dims(random, rank);
    const int64_t dim = dims[0];
    const Case cases[] = {
        {"sum", [=](In x) { return sum(x, dims); }},
        {"mean", [=](In x) { return mean(x, dims); }},
        {"sum of squares", [=](In x) { return sum(x * x, dims); }},
        {"var", [=](In x) { return var(x, dims, 0); }},
        {"amax", [=](In x) { return amax(x, dims); }},
        {"max", [=](In x) { return max(x, dim).first; }},
        {"prod", [=](In x) { return prod(x, dim); }},
        {"logsumexp", [=](In x) { return logsumexp(x, dims); }},
        {"cumsum", [=](In x) { return cumsum(x, dim); }},
        {"softmax", [=](In x) { return softmax(x, dim); }},
        {"log_softmax", [=](In x) { return log_softmax(x, dim); }},
        {"cumulated broadcast", [=](In x) { return x * sum(x, dims, true); }},
    };
    const Tensor x = random_tensor(random, shape, dtypes[i % 3]);
    const Case& all = cases[static_cast<size_t>(i) % std::size(cases)];
    check_threads(cases[0], {x}, describe(x));
    check_threads(all, {x}, describe(x));
  }
}

BOOST_AUTO_TEST_CASE(of_elementwise_ops) {
  Random random(2);
  manual_seed(2);
  const Case cases[] = {
      {"exp", [](In x) { return exp(x); }},
      {"log", [](In x) { return log(abs(x) + 1); }},
      {"tanh", [](In x) { return tanh(x); }},
      {"sigmoid", [](In x) { return sigmoid(x); }},
      {"erf", [](In x) { return erf(x); }},
      {"sin", [](In x) { return sin(x) * cos(x); }},
      {"gelu", [](In x) { return gelu(x); }},
      {"silu", [](In x) { return silu(x); }},
      {"softplus", [](In x) { return softplus(x); }},
      {"pow", [](In x) { return pow(abs(x) + 1, 1.7); }},
      {"sqrt", [](In x) { return sqrt(abs(x) + 1) / (x * x + 1); }},
      {"dropout", [](In x) { return dropout(x, 0.3); }},
      {"rand", [](In x) { return rand(x.shape()) + randn(x.shape()); }},
  };
  for (int i = 0; i < 39; ++i) {
    const int rank = static_cast<int>(between(random, 1, 3));
    const Shape shape = random_shape(random, rank, 200'000);
    const Tensor x = random_tensor(random, shape, dtypes[i / 13]);
    check_threads(cases[static_cast<size_t>(i) % std::size(cases)], {x}, describe(x));
  }
}

BOOST_AUTO_TEST_CASE(of_norms) {
  Random random(3);
  manual_seed(3);
  for (int i = 0; i < 24; ++i) {
    const int64_t groups = between(random, 1, 6);
    Shape shape = random_shape(random, 4, 60'000);
    shape[1] = std::clamp<int64_t>(shape[1], 1, 200) * groups;
    if (i % 2) shape = {shape[0] * shape[2], shape[1]};
    const int64_t channels = shape[1], last = shape.back();
    const DType dtype = dtypes[i % 3];
    const Case batch{"batch_norm", [](In x, In w, In b) {
                       return batch_norm(x, w, b, Tensor(), Tensor(), {.training = true});
                     }};
    const Case group{"group_norm", [=](In x, In w, In b) { return group_norm(x, groups, w, b); }};
    const Case layer{"layer_norm", [=](In x, In w, In b) { return layer_norm(x, {last}, w, b); }};
    Tensor x = random_tensor(random, shape, dtype);
    if (i % 4 == 0) x = x.contiguous(MemoryFormat::channels_last);
    const auto parameter = [&](int64_t n) {
      return randn({n}).to(dtype == float64 ? dtype : float32);
    };
    check_threads(batch, {x, parameter(channels), parameter(channels)}, describe(x));
    check_threads(group, {x, parameter(channels), parameter(channels)}, describe(x));
    check_threads(layer, {x, parameter(last), parameter(last)}, describe(x));
  }
}

BOOST_AUTO_TEST_CASE(of_windows) {
  Random random(4);
  manual_seed(4);
  for (int i = 0; i < 48; ++i) {
    const int64_t channels = between(random, 1, 8), multiple = between(random, 1, 2);
    const int64_t h = between(random, 5, 40), w = between(random, 5, 40);
    const int64_t n = between(random, 1, 12), stride = between(random, 1, 2);
    const DType dtype = i % 2 ? float32 : float64;
    const int64_t groups = i % 4 < 2 ? channels : 1;
    const Case cases[] = {
        {"conv2d",
         [=](In x, In f) {
           return conv2d(x, f, {}, {.stride = stride, .padding = 1, .groups = groups});
         }},
        {"max_pool2d", [](In x, In) { return max_pool2d(x, 3, {.stride = 2, .padding = 1}); }},
        {"avg_pool2d", [](In x, In) { return avg_pool2d(x, 3, {.stride = 2}); }},
        {"adaptive_avg_pool2d", [](In x, In) { return adaptive_avg_pool2d(x, 4); }},
        {"pad",
         [](In x, In) {
           return pad(x, {1, 2, 3, 0}, PaddingMode::reflect);
         }},
    };
    Tensor x = randn({n, channels, h, w}).to(dtype);
    if (i % 3) x = x.contiguous(MemoryFormat::channels_last);
    const Tensor f = randn({channels * multiple, channels / groups, 3, 3}).to(dtype);
    for (const Case& c : cases) check_threads(c, {x, f}, describe(x));
  }
  const Case winograd{"conv2d", [](In x, In f) { return conv2d(x, f, {}, {.padding = 1}); }};
  for (const int64_t c : {64, 80, 160}) {
    const Tensor x = randn({3, c, 14, 17}).contiguous(MemoryFormat::channels_last);
    check_threads(winograd, {x, randn({96, c, 3, 3})}, describe(x));
  }
}

BOOST_AUTO_TEST_CASE(of_products_and_indices) {
  Random random(5);
  manual_seed(5);
  for (int i = 0; i < 36; ++i) {
    const int64_t m = between(random, 1, 130), k = between(random, 1, 300);
    const int64_t n = between(random, 1, 90), batch = between(random, 1, 4);
    const DType dtype = dtypes[i % 3];
    const Tensor a = randn({batch, m, k}).to(dtype), b = randn({k, n}).to(dtype);
    const Tensor index = randint(0, k, {4 * k}), labels = randint(0, n, {k});
    const Case cases[] = {
        {"matmul", [](In x, In y) { return matmul(x, y); }},
        {"index_select", [=](In, In y) { return index_select(y, 0, index); }},
        {"gather",
         [=](In, In y) {
           return gather(y, 0, index.unsqueeze(1).expand({4 * k, n}));
         }},
        {"index_add",
         [=](In, In y) { return index_add(y, 0, index, index_select(y, 0, index) * 2); }},
        {"cross_entropy", [=](In, In y) { return cross_entropy(y, labels); }},
        {"mse_loss", [](In x, In) { return mse_loss(x, x * 2); }},
        {"cat",
         [](In x, In) {
           return cat({x, x}, 1);
         }},
    };
    for (const Case& c : cases) check_threads(c, {a, b}, describe(a) + ", " + describe(b));
  }
}

BOOST_AUTO_TEST_SUITE_END()
