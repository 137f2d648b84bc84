#include <rewind/nn/fuse.h>

#include <rewind/nn/nn.h>
#include <rewind/nn/parametrizations.h>
#include <rewind/onednn/support.h>
#include <rewind/tensor/allocator.h>
#include "../check.h"

using namespace rw;
using namespace rw::test;

namespace {

// Statistics and parameters as after a training, in evaluation mode.
template <class Model>
Model& trained(Model& model) {
  const no_grad guard;
  model.apply([](nn::Module& m) {
    auto* norm = dynamic_cast<nn::BatchNorm*>(&m);
    if (!norm) return;
    if (norm->weight.defined()) norm->weight.uniform_(-1.5, 1.5);
    if (norm->bias.defined()) norm->bias.normal_();
    if (!norm->running_mean.defined()) return;
    norm->running_mean.normal_();
    norm->running_var.uniform_(0.1, 3);
  });
  model.eval();
  return model;
}

Tensor infer(nn::Module& model, const Tensor& x) {
  const no_grad guard;
  return model(x);
}

// Fuses the model, of which `folded` batch norms can be folded, and compares the results for
// other inputs than the example.
template <class Model>
void check_fused(Model& model, const Shape& input, int64_t folded) {
  trained(model);
  const DType dtype = model.parameters()[0].dtype();
  const Tensor x = randn(input, dtype), before = infer(model, x);
  BOOST_TEST(nn::fuse(model, randn(input, dtype)) == folded);
  BOOST_TEST(relative_error(infer(model, x), before) < (dtype == float64 ? 1e-12 : 1e-5));
  BOOST_TEST(nn::fuse(model, x) == 0);  // they are folded already
}

nn::Conv2d conv(int64_t in, int64_t out, int64_t stride = 1) {
  return nn::Conv2d(in, out, 3, {.stride = stride, .padding = 1, .bias = false});
}

struct Block : nn::Module {
  Block(int64_t in, int64_t out, int64_t stride)
      : conv1(add("conv1", conv(in, out, stride))),
        bn1(add("bn1", nn::BatchNorm2d(out))),
        conv2(add("conv2", conv(out, out))),
        bn2(add("bn2", nn::BatchNorm2d(out))) {
    if (stride == 1 && in == out) return;
    shortcut.append(nn::Conv2d(in, out, 1, {.stride = stride, .bias = false}));
    shortcut.append(nn::BatchNorm2d(out));
  }
  Tensor forward(const Tensor& x) override {
    const Tensor y = bn2(conv2(relu(bn1(conv1(x)))));
    return relu(y + shortcut(x));
  }

  nn::Conv2d conv1;
  nn::BatchNorm2d bn1;
  nn::Conv2d conv2;
  nn::BatchNorm2d bn2;
  nn::Sequential shortcut = add("shortcut", nn::Sequential());
};

nn::Sequential resnet() {
  return nn::Sequential(conv(3, 16), nn::BatchNorm2d(16), nn::ReLU(), Block(16, 16, 1),
                        Block(16, 32, 2), nn::AdaptiveAvgPool2d(1), nn::Flatten(),
                        nn::Linear(32, 10));
}

// One convolution and one batch norm, used as `f` says.
struct Pair : nn::Module {
  using Forward = std::function<Tensor(Pair& self, const Tensor& x)>;
  explicit Pair(Forward f, const nn::BatchNormOptions& options = {})
      : bn(add("bn", nn::BatchNorm2d(8, options))), f_(std::move(f)) {}
  Tensor forward(const Tensor& x) override { return f_(*this, x); }

  nn::Conv2d conv = add("conv", nn::Conv2d(8, 8, 3, {.padding = 1}));
  nn::BatchNorm2d bn;
  Tensor kept;

 private:
  Forward f_;
};

const Shape images = {2, 8, 6, 6};

void check_pair(const Pair::Forward& f, int64_t folded) {
  Pair pair(f);
  check_fused(pair, images, folded);
}

Tensor bn_conv(Pair& p, const Tensor& x) { return p.bn(p.conv(x)); }

}  // namespace

BOOST_AUTO_TEST_SUITE(fuse)

BOOST_AUTO_TEST_CASE(residual_networks) {
  for (const DType dtype : {float32, float64}) {
    nn::Sequential net = resnet();
    net.to(dtype);
    check_fused(net, {4, 3, 16, 16}, 6);
  }
}

BOOST_AUTO_TEST_CASE(layers_with_and_without_their_options) {
  for (const bool affine : {true, false}) {
    Pair pair(bn_conv, {.eps = 0.1, .affine = affine});
    check_fused(pair, images, 1);
  }
  nn::Sequential grouped(nn::Conv2d(8, 16, 3, {.groups = 4, .padding_mode = PaddingMode::reflect}),
                         nn::BatchNorm2d(16));
  check_fused(grouped, images, 1);
  nn::Sequential linear(nn::Linear(6, 5), nn::BatchNorm1d(5), nn::ReLU(),
                        nn::Linear(5, 4, {.bias = false}), nn::BatchNorm1d(4));
  check_fused(linear, {7, 6}, 2);
}

BOOST_AUTO_TEST_CASE(convolutions_of_every_rank) {
  nn::Sequential signals(nn::Conv1d(4, 6, 3, {.groups = 2}), nn::BatchNorm1d(6), nn::ReLU(),
                         nn::Conv1d(6, 3, 1, {.bias = false}), nn::BatchNorm1d(3));
  check_fused(signals, {2, 4, 9}, 2);
  nn::Sequential volumes(nn::Conv3d(2, 5, 3), nn::BatchNorm3d(5));
  check_fused(volumes, {2, 2, 5, 5, 5}, 1);
}

BOOST_AUTO_TEST_CASE(transposed_convolutions) {
  nn::Sequential signals(nn::ConvTranspose1d(4, 6, 3, {.stride = 2}), nn::BatchNorm1d(6));
  check_fused(signals, {2, 4, 9}, 1);
  nn::Sequential images(nn::ConvTranspose2d(4, 6, 3, {.bias = false}), nn::BatchNorm2d(6));
  check_fused(images, {2, 4, 5, 5}, 1);
  nn::Sequential volumes(nn::ConvTranspose3d(2, 3, 2), nn::BatchNorm3d(3));
  check_fused(volumes, {2, 2, 3, 3, 3}, 1);
  nn::Sequential grouped(nn::ConvTranspose2d(4, 6, 3, {.groups = 2}), nn::BatchNorm2d(6));
  check_fused(grouped, {2, 4, 5, 5}, 0);
}

BOOST_AUTO_TEST_CASE(parametrized_layers_are_left) {
  nn::Sequential net(nn::utils::parametrizations::weight_norm(conv(3, 4)), nn::BatchNorm2d(4));
  check_fused(net, {2, 3, 6, 6}, 0);
}

BOOST_AUTO_TEST_CASE(bfloat16_parameters) {
  nn::Sequential net = resnet();
  trained(net.to(bfloat16));
  const Tensor x = randn({4, 3, 16, 16}).to(bfloat16), before = infer(net, x);
  BOOST_TEST(nn::fuse(net, x) == 6);
  BOOST_TEST(relative_error(infer(net, x), before) < 0.05);
}

BOOST_AUTO_TEST_CASE(only_what_the_tape_allows_is_folded) {
  // Other channels than the layer's.
  nn::Sequential linear(nn::Linear(8, 8), nn::BatchNorm1d(8));
  check_fused(linear, {3, 8, 8}, 0);
  nn::Sequential one_image(nn::Conv2d(8, 8, 1), nn::BatchNorm1d(8));
  check_fused(one_image, {8, 8, 8}, 0);

  check_pair([](Pair& p, const Tensor& x) { return p.conv(p.bn(x)); }, 0);
  check_pair([](Pair& p, const Tensor& x) { return p.bn(relu(p.conv(x))); }, 0);
  check_pair([](Pair& p, const Tensor& x) { return p.bn(p.conv(x) + x); }, 0);
  check_pair([](Pair& p, const Tensor& x) { return p.bn(p.conv(x)[0].unsqueeze(0)); }, 0);
  check_pair([](Pair& p, const Tensor& x) { return p.bn(p.bn(p.conv(x))); }, 0);
  // Results with several uses.
  check_pair(
      [](Pair& p, const Tensor& x) {
        const Tensor y = p.conv(x);
        return p.bn(y) + y;
      },
      0);
  check_pair(
      [](Pair& p, const Tensor& x) {
        const Tensor y = p.conv(x);
        return p.bn(y) + p.bn(y);
      },
      0);
  check_pair(
      [](Pair& p, const Tensor& x) {
        p.kept = p.conv(x);
        return p.bn(p.kept);
      },
      0);
  check_pair(
      [](Pair& p, const Tensor& x) {
        const Tensor y = p.conv(x);
        p.kept = y.mean({0, 2, 3});  // not part of the result
        return p.bn(y);
      },
      0);
  check_pair(
      [](Pair& p, const Tensor& x) {
        Tensor y = p.conv(x);
        return p.bn(y.add_(1));
      },
      0);
  // Statistics of the batch.
  Pair pair(bn_conv, {.track_running_stats = false});
  check_fused(pair, images, 0);
  Pair partly(bn_conv);
  trained(partly).bn.train();
  BOOST_TEST(nn::fuse(partly, randn(images)) == 0);
}

BOOST_AUTO_TEST_CASE(modules_that_are_called_several_times) {
  // All uses agree.
  check_pair([](Pair& p, const Tensor& x) { return bn_conv(p, relu(bn_conv(p, x))); }, 1);
  check_pair([](Pair& p, const Tensor& x) { return p.bn.forward(p.conv.forward(x)); }, 1);
  // They do not.
  check_pair([](Pair& p, const Tensor& x) { return bn_conv(p, p.conv(x)); }, 0);
  check_pair([](Pair& p, const Tensor& x) { return bn_conv(p, p.bn(x)); }, 0);

  struct Shared : nn::Module {
    nn::Conv2d conv1 = add("conv1", conv(8, 8)), conv2 = add("conv2", conv(8, 8));
    nn::BatchNorm2d bn1 = add("bn1", nn::BatchNorm2d(8)), bn2 = add("bn2", nn::BatchNorm2d(8));
    bool one_conv = true;
    Tensor forward(const Tensor& x) override {
      return one_conv ? bn1(conv1(x)) + bn2(conv1(x)) : bn1(conv1(x)) + bn1(conv2(x));
    }
  } shared;
  check_fused(shared, images, 0);
  shared.one_conv = false;
  check_fused(shared, images, 0);
}

BOOST_AUTO_TEST_CASE(modules_of_others_are_left_alone) {
  Pair foreign(bn_conv);
  trained(foreign).held_elsewhere();
  nn::Sequential both([&](const Tensor& x) { return foreign(x); });
  BOOST_TEST(nn::fuse(both.eval(), randn(images).requires_grad_()) == 0);
  nn::Sequential layer([&](const Tensor& x) { return foreign.conv(x); }, nn::BatchNorm2d(8));
  check_fused(layer, images, 0);
}

BOOST_AUTO_TEST_CASE(derived_layers_keep_their_forward) {
  struct Activated : nn::BatchNorm2d {
    using nn::BatchNorm2d::BatchNorm2d;
    Tensor forward(const Tensor& x) override { return relu(nn::BatchNorm2d::forward(x)); }
  };
  nn::Sequential net(conv(8, 8), Activated(8));
  check_fused(net, images, 0);
}

BOOST_AUTO_TEST_CASE(what_the_tape_does_not_show_is_noticed) {
  Pair pair([](Pair& p, const Tensor& x) {
    const Tensor y = p.conv(x);
    return p.bn(y) * (y > 0);
  });
  trained(pair);
  const Tensor x = randn(images), before = infer(pair, x);
  const auto names = pair.state_dict().size();
  BOOST_CHECK_EXCEPTION(
      nn::fuse(pair, x), Error,
      saying("fuse: Pair computes something else when its batch norms are folded"));
  BOOST_TEST(equal(infer(pair, x), before));  // as it was
  BOOST_TEST(pair.state_dict().size() == names);

  Pair off_tape([](Pair& p, const Tensor& x) {
    const no_grad guard;
    return bn_conv(p, x);
  });
  off_tape.eval();
  BOOST_CHECK_EXCEPTION(nn::fuse(off_tape, x), Error,
                        saying("fuse: the result of Pair is not on the tape"));
  // Random numbers are the same in both runs.
  Pair noisy([](Pair& p, const Tensor& x) { return bn_conv(p, x) + randn(images); });
  trained(noisy);
  BOOST_TEST(nn::fuse(noisy, x) == 1);
}

BOOST_AUTO_TEST_CASE(frozen_models_stay_frozen) {
  for (const bool frozen : {true, false}) {
    Pair pair(bn_conv);
    trained(pair).requires_grad_(!frozen);
    const Tensor weight = pair.conv.weight, values = weight.clone();
    {
      const no_grad guard;  // does not keep the tape from recording
      BOOST_TEST(nn::fuse(pair, randn(images)) == 1);
    }
    BOOST_TEST(pair.conv.weight.requires_grad() == !frozen);
    BOOST_TEST(pair.conv.bias.requires_grad() == !frozen);
    BOOST_TEST(pair.conv.weight.is_leaf());
    BOOST_TEST(equal(weight, values));  // other handles
  }
}

BOOST_AUTO_TEST_CASE(training_mode_is_refused) {
  Pair pair(bn_conv);
  BOOST_CHECK_EXCEPTION(nn::fuse(pair, randn(images)), Error,
                        saying("fuse: Pair is in training mode, where batch norms go by the "
                               "statistics of the batch; call eval() first"));
  BOOST_CHECK_EXCEPTION(nn::fuse(trained(pair), Tensor()), Error,
                        saying("fuse: the example is undefined"));
  BOOST_TEST(nn::fuse(pair, randn(images)) == 1);
  pair.train();
  BOOST_CHECK_EXCEPTION(
      pair(randn(images)), Error,
      saying(
          "BatchNorm2d: it was folded into the layer before it by nn::fuse, for inference only"));
}

BOOST_AUTO_TEST_CASE(state_of_a_fused_model_fits_fused_models_only) {
  Pair plain(bn_conv), fused(bn_conv), other(bn_conv);
  const Tensor x = randn(images);
  nn::fuse(trained(fused), x);
  nn::fuse(trained(other), x);
  std::vector<std::string> names;
  for (const auto& [name, t] : fused.state_dict()) names.push_back(name);
  BOOST_TEST(names == (std::vector<std::string>{"conv.weight", "conv.bias"}));
  BOOST_TEST(to_string(fused).find("(bn): BatchNorm2d(8, folded)") != std::string::npos);
  other.load_state_dict(fused.state_dict());
  BOOST_TEST(equal(infer(other, x), infer(fused, x)));
  BOOST_CHECK_EXCEPTION(plain.load_state_dict(fused.state_dict()), Error,
                        saying("missing: bn.weight bn.bias bn.running_mean"));
  BOOST_CHECK_EXCEPTION(fused.load_state_dict(plain.state_dict()), Error,
                        saying("unknown: bn.weight bn.bias bn.running_mean"));
}

BOOST_AUTO_TEST_CASE(inference_keeps_nothing) {
  nn::Sequential net = resnet();
  trained(net);
  const Tensor x = randn({4, 3, 16, 16});
  const auto bytes_kept = [&] {
    for (int i = 0; i < 2; ++i) infer(net, x);  // weights get, and keep, the kernels' layouts
    const int64_t before = memory_stats().current;
    infer(net, x);
    return memory_stats().current - before;
  };
  BOOST_TEST(bytes_kept() == 0);
  nn::fuse(net, x);
  BOOST_TEST(bytes_kept() == 0);
  const int64_t packs = onednn::cache_stats().packs;
  infer(net, x);
  BOOST_TEST(onednn::cache_stats().packs == packs);

  // What is passed on stays a temporary that the next op writes over.
  const no_grad guard;
  Pair pair(bn_conv);
  nn::fuse(trained(pair), randn(images));
  Tensor t = randn({8, 8, 16, 16});
  const void* const memory = t.raw_data();
  BOOST_TEST(relu(pair.bn(std::move(t))).raw_data() == memory);
}

// Adds what the tape does not show: a share of the convolution's mean.
struct SlightlyHidden : nn::Module {
  nn::Conv2d c = add("c", conv(3, 4));
  nn::BatchNorm2d norm = add("norm", nn::BatchNorm2d(4));
  Tensor forward(const Tensor& x) override {
    const Tensor y = c(x);
    return norm(y) + y.detach().mean() * 2e-3;
  }
};

BOOST_AUTO_TEST_CASE(examples_that_show_nothing) {
  nn::Sequential net(conv(3, 4), nn::BatchNorm2d(4));
  trained(net);
  BOOST_CHECK_EXCEPTION(nn::fuse(net, zeros({0, 3, 8, 8})), ShapeError,
                        saying("fuse: expected an example with elements, got shape [0, 3, 8, 8]"));
  BOOST_CHECK_EXCEPTION(nn::fuse(net, full({1, 3, 8, 8}, std::numeric_limits<double>::quiet_NaN())),
                        Error, saying("fuse: expected an example whose result has finite numbers"));
  BOOST_TEST(nn::fuse(net, randn({1, 3, 8, 8})) == 1);
}

BOOST_AUTO_TEST_CASE(small_differences_are_seen) {
  manual_seed(3);
  SlightlyHidden net;
  trained(net);
  BOOST_CHECK_EXCEPTION(nn::fuse(net, randn({1, 3, 8, 8}) + 2), Error,
                        saying("computes something else"));
}

struct Draws : nn::Module {
  nn::Linear fc = add("fc", nn::Linear(2, 2));
  Tensor forward(const Tensor& x) override {
    const Tensor noise = randn({2});
    return fc(x + noise).view({-1, 2, 99});
  }
};
BOOST_AUTO_TEST_CASE(the_generator_is_left_where_it_was_by_errors_too) {
  Draws net;
  net.eval();
  const uint64_t before = default_generator().counter();
  BOOST_CHECK_THROW(nn::fuse(net, ones({1, 2})), Error);
  BOOST_TEST(default_generator().counter() == before);
}

BOOST_AUTO_TEST_SUITE_END()

// --- A convolution, its batch norm, a sum and a ReLU at once
// --------------------------------------

struct Residual : nn::Module {
  Residual(int64_t channels, int64_t kernel)
      : first(add("first",
                  nn::Conv2d(channels, channels, kernel, {.padding = kernel / 2, .bias = false}))),
        bn1(add("bn1", nn::BatchNorm2d(channels))),
        second(add("second", nn::Conv2d(channels, channels, kernel, {.padding = kernel / 2}))),
        bn2(add("bn2", nn::BatchNorm2d(channels))) {}

  Tensor forward(const Tensor& x) override {
    const Tensor y = nn::conv_norm_relu(first, bn1, x);
    return nn::conv_norm_relu(second, bn2, y, x);
  }
  Tensor as_written(const Tensor& x) {
    const Tensor y = relu(bn1(first(x)));
    return relu(bn2(second(y)) + x);
  }

  nn::Conv2d first;
  nn::BatchNorm2d bn1;
  nn::Conv2d second;
  nn::BatchNorm2d bn2;
};

// One pass after the other where something is recorded or not fused, and the same values anywhere:
// by primitives, by Winograd's algorithm (with uneven tiles), row-major, without a batch, odd
// sizes.
BOOST_AUTO_TEST_CASE(convolutions_end_with_sums_and_relus) {
  for (const DType dtype : {float32, bfloat16, float64})
    for (const auto& [channels, kernel, side] :
         {std::array<int64_t, 3>{32, 1, 7}, {64, 3, 25}, {16, 3, 5}, {3, 3, 8}, {128, 3, 16}}) {
      Residual model(channels, kernel);
      model.to(dtype);
      trained(model);
      const Tensor x = randn({2, channels, side, side}, dtype);
      x.select(2, 0).mul_(1e6);
      const no_grad guard;
      const Tensor before = model.as_written(x);
      BOOST_TEST(relative_error(model(x), before) == 0);
      nn::fuse(model, x);
      const double tolerance = dtype == float64 ? 1e-12 : dtype == float32 ? 1e-5 : 2e-2;
      for (const Tensor& t : {x, x.contiguous(MemoryFormat::channels_last)}) {
        const Tensor y = model(t);
        BOOST_TEST(relative_error(y, before) < tolerance);
        BOOST_TEST(y.min().item<double>() == 0);
      }
      BOOST_TEST(relative_error(model(x[1]), before[1]) < tolerance);
      BOOST_TEST(model(x.narrow(0, 0, 0)).shape() == Shape({0, channels, side, side}));
    }
}

struct Ended : nn::Module {
  Ended(int64_t in, int64_t out, int64_t kernel, const nn::Conv2dOptions& options)
      : conv(add("conv", nn::Conv2d(in, out, kernel, options))),
        norm(add("norm", nn::BatchNorm2d(out))) {}
  Tensor forward(const Tensor& x) override { return norm(conv(x)); }

  nn::Conv2d conv;
  nn::BatchNorm2d norm;
};

// Large results are made and finished piece by piece: windows that reach over borders, that leave
// something over, with holes, and pieces of different heights.
BOOST_AUTO_TEST_CASE(large_results_are_finished_in_pieces) {
  struct Case {
    int64_t n, in, side, out, kernel;
    nn::Conv2dOptions options;
  };
  for (const Case& c :
       {Case{1, 3, 117, 64, 7, {.stride = 2, .padding = 3}}, Case{1, 64, 56, 256, 1, {}},
        Case{2, 16, 61, 128, 3, {.stride = 2, .padding = 1}},
        Case{3, 8, 41, 72, 3, {.padding = 2, .dilation = 2}}, Case{1, 4, 9, 4096, 1, {}},
        Case{1, 16, 90, 64, 5, {.stride = {3, 1}, .padding = {4, 0}}}}) {
    Ended model(c.in, c.out, c.kernel, c.options);
    trained(model);
    const Tensor x = randn({c.n, c.in, c.side, c.side});
    nn::fuse(model, x);
    const no_grad guard;
    const Tensor plain = conv2d(x.to(float64), model.conv.weight.to(float64),
                                model.conv.bias.to(float64), model.conv.options());
    const Tensor add = randn(plain.shape());
    for (const Tensor& residual : {Tensor(), add}) {
      const Tensor expected = relu(residual.defined() ? plain + residual.to(float64) : plain);
      for (int i = 0; i < 3; ++i)
        BOOST_TEST(relative_error(nn::conv_norm_relu(model.conv, model.norm, x, residual),
                                  expected) < 1e-6);
    }
  }
}

BOOST_AUTO_TEST_CASE(ends_of_convolutions_keep_what_is_not_a_number) {
  for (const auto& [channels, kernel] : {std::pair<int64_t, int64_t>{32, 1}, {64, 3}}) {
    Residual model(channels, kernel);
    trained(model);
    const Tensor x = randn({4, channels, 16, 16});
    nn::fuse(model, x);
    x.select(0, 1).fill_(NAN);
    const Tensor y = infer(model, x);
    BOOST_TEST(y[1].isnan().all().item<bool>());
    BOOST_TEST(!y[0].isnan().any().item<bool>());
  }
}

BOOST_AUTO_TEST_CASE(ends_of_convolutions_are_recorded_and_seen_by_hooks) {
  Residual model(32, 3);
  trained(model);
  const Tensor x = randn({2, 32, 12, 12});
  nn::fuse(model, x);
  const Tensor expected = infer(model, x);
  const Tensor y = model(x);
  BOOST_TEST(relative_error(y, expected) < 1e-5);
  y.sum().backward();
  BOOST_TEST(model.second.weight.grad().defined());
  double least = 0;
  const auto handle = model.second.register_forward_hook(
      [&](nn::Module&, const Tensor&, const Tensor& result) -> Tensor {
        least = result.min().item<double>();
        return {};
      });
  BOOST_TEST(relative_error(infer(model, x), expected) < 1e-5);
  BOOST_TEST(least < 0);  // what the convolution gives, not the ReLU
}

BOOST_AUTO_TEST_CASE(errors_at_the_ends_of_convolutions) {
  Residual model(8, 3);
  trained(model);
  nn::fuse(model, randn({1, 8, 6, 6}));
  const no_grad guard;
  BOOST_CHECK_EXCEPTION(model(randn({1, 7, 6, 6})), Error, [](const Error& e) {
    return std::string(e.what()).starts_with("first: conv2d:");
  });
  BOOST_CHECK_THROW(nn::conv_norm_relu(model.first, model.bn1, randn({1, 8, 6, 6}), randn({5})),
                    ShapeError);
  model.train();
  BOOST_CHECK_THROW(model(randn({1, 8, 6, 6})), Error);
}
