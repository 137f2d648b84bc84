#include <rewind/nn/attention_layers.h>
#include <rewind/nn/parametrizations.h>
#include <rewind/nn/recurrent_layers.h>
#include <rewind/nn/summary.h>

#include "../check.h"

using namespace rw;
using namespace rw::test;

namespace {

struct Pair : nn::ModuleOf<Pair> {
  nn::Bilinear both = add("both", nn::Bilinear(3, 4, 5));
  Tensor forward(const Tensor& a, const Tensor& b) { return both(a, b); }
};

nn::Sequential small() {
  nn::Sequential net;
  net.append("conv", nn::Conv2d(4, 6, 3, {.stride = 2, .padding = 1, .groups = 2}));
  net.append("norm", nn::BatchNorm2d(6)).append("relu", nn::ReLU());
  net.append("up", nn::Sequential(nn::ConvTranspose2d(6, 2, 2, {.stride = 2}), nn::Flatten()));
  net.append("drop", nn::Dropout()).append("fc", nn::Linear(128, 10));
  return net;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(summaries)

BOOST_AUTO_TEST_CASE(rows_have_shapes_and_numbers_with_all_below) {
  nn::Sequential net = small();
  net[0].requires_grad_(false);
  const nn::Summary s = nn::summary(net, Shape{2, 4, 8, 8});
  std::vector<std::string> paths;
  for (const nn::SummaryRow& row : s.rows) paths.push_back(row.path);
  BOOST_TEST(paths == (std::vector<std::string>{"", "conv", "norm", "relu", "up", "up.0", "up.1",
                                                "drop", "fc"}),
             boost::test_tools::per_element());
  const auto is = [&](const std::string& path, const char* layer, const Shape& output,
                      int64_t parameters, int64_t products, int64_t bytes) {
    const nn::SummaryRow& row = s[path];
    BOOST_TEST(row.layer == layer);
    BOOST_TEST_REQUIRE(row.outputs.size() == 1U);
    BOOST_TEST((row.outputs[0] == output), path);
    BOOST_TEST(row.parameters == parameters, path);
    BOOST_TEST(row.multiply_adds == products, path << " " << row.multiply_adds);
    BOOST_TEST(row.activation_bytes == bytes, path << " " << row.activation_bytes);
  };
  const int64_t conv = 2 * 6 * 16 * 2 * 9, up = 2 * 6 * 16 * 2 * 4, fc = 2 * 10 * 128;
  is("conv", "Conv2d", {2, 6, 4, 4}, 6 * 2 * 9 + 6, conv, 192 * 4);
  is("norm", "BatchNorm2d", {2, 6, 4, 4}, 12, 0, 192 * 4);
  is("up", "Sequential", {2, 128}, 6 * 2 * 4 + 2, up, 2 * 256 * 4);
  is("up.0", "ConvTranspose2d", {2, 2, 8, 8}, 6 * 2 * 4 + 2, up, 256 * 4);
  is("fc", "Linear", {2, 10}, 1290, fc, 20 * 4);
  is("", "Sequential", {2, 10}, 114 + 12 + 50 + 1290, conv + up + fc,
     (3 * 192 + 3 * 256 + 20 - 192) * 4 + 192 * 4);
  BOOST_TEST(s.trainable_parameters == 12 + 50 + 1290);
}

BOOST_AUTO_TEST_CASE(the_model_is_left_as_it_was) {
  nn::Sequential net = small();
  net[3].eval();
  const nn::StateDict before = net.state_dict().clone();
  nn::summary(net, Shape{2, 4, 8, 8});
  BOOST_CHECK_EXCEPTION(nn::summary(net, Shape{2, 3, 8, 8}), ShapeError, saying("conv: conv2d"));
  for (const auto& [name, t] : net.state_dict()) BOOST_TEST(t.equal(before[name]), name);
  for (const auto& [path, module] : net.named_modules())
    BOOST_TEST(module->is_training() == (path.substr(0, 2) != "up"), path);
  int calls = 0;
  net.register_forward_hook([&](nn::Module&, const Tensor&, const Tensor&) {
    ++calls;
    return Tensor();
  });
  const nn::Summary once = nn::summary(net, Shape{1, 4, 8, 8});
  const nn::Summary again = nn::summary(net, Shape{1, 4, 8, 8});
  BOOST_TEST(calls == 2);
  BOOST_TEST(once.total().multiply_adds == again.total().multiply_adds);
}

BOOST_AUTO_TEST_CASE(any_dtype_and_any_call) {
  nn::Linear linear(3, 4);
  linear.to(float64);
  BOOST_TEST(nn::summary(linear, Shape{5, 3}).total().activation_bytes == 5 * 4 * 8);
  Pair pair;
  const nn::Summary s = nn::summary(pair, [&] { pair(zeros({7, 3}), zeros({7, 4})); });
  BOOST_TEST(s["both"].multiply_adds == 7 * 5 * (3 * 4 + 3));
  nn::MultiheadAttention attention(8, 2, {.add_zero_attn = true});
  const Tensor q = zeros({3, 5, 8}), k = zeros({4, 5, 8});
  const nn::Summary a = nn::summary(attention, [&] { attention(q, k, k); });
  const int64_t projections = 5 * (3 + 4 + 4 + 3) * 64, products = 2 * 5 * 3 * (4 + 1) * 8;
  BOOST_TEST(a.total().multiply_adds == projections + products);
  BOOST_TEST(a.total().outputs.size() == 2U);
}

BOOST_AUTO_TEST_CASE(calls_of_one_layer_add_up) {
  struct Twice : nn::Module {
    nn::Linear layer = add("layer", nn::Linear(3, 3)), unused = add("unused", nn::Linear(3, 3));
    Tensor forward(const Tensor& x) override { return layer(layer(x)); }
  } twice;
  const nn::Summary s = nn::summary(twice, Shape{2, 3});
  BOOST_TEST(s["layer"].multiply_adds == 2 * 2 * 9);
  BOOST_TEST(s.total().activation_bytes == 2 * 2 * 3 * 4);
  BOOST_TEST(s["unused"].outputs.empty());
  BOOST_TEST(s.total().parameters == 2 * 12);
}

BOOST_AUTO_TEST_CASE(recurrent_layers_count_all_steps) {
  nn::LSTM lstm(3, 4, {.num_layers = 2, .bidirectional = true, .proj_size = 2});
  const int64_t row = 2 * (16 * 3 + 16 * 2 + 2 * 4) + 2 * (16 * 4 + 16 * 2 + 2 * 4);
  const nn::Summary s = nn::summary(lstm, [&] { lstm(randn({5, 2, 3})); });
  BOOST_TEST(s[""].multiply_adds == 10 * row);
  const auto packed = nn::utils::rnn::pack_sequence({randn({5, 3}), randn({2, 3})});
  const nn::Summary p = nn::summary(lstm, [&] { lstm(packed); });
  BOOST_TEST(p[""].multiply_adds == 7 * row);
  nn::GRUCell cell(3, 4);
  BOOST_TEST(nn::summary(cell,
                         [&] {
                           cell(randn({2, 3}));
                         })[""]
                 .multiply_adds == 2 * (12 * 3 + 12 * 4));
}

BOOST_AUTO_TEST_CASE(tables) {
  nn::Sequential net(nn::Linear(1000, 100), nn::Sequential(nn::ReLU()));
  const nn::Summary s = nn::summary(net, Shape{16, 1000});
  BOOST_TEST(to_string(s) ==
             "module           output     parameters  multiply-adds  activations\n"
             "Sequential       [16, 100]     100,100      1,600,000     0.01 MiB\n"
             "  0: Linear      [16, 100]     100,100      1,600,000     0.01 MiB\n"
             "  1: Sequential  [16, 100]           0              0     0.01 MiB\n"
             "    0: ReLU      [16, 100]           0              0     0.01 MiB\n"
             "100,100 parameters, 100,100 of them trainable; 0.0016 G multiply-adds; 0.01 MiB of "
             "activations\n");
  BOOST_TEST(s.to_depth(1).rows.size() == 3U);
  BOOST_TEST(s.to_depth(0).rows.size() == 1U);
}

BOOST_AUTO_TEST_CASE(mistakes) {
  nn::Linear linear(3, 4);
  BOOST_CHECK_EXCEPTION(nn::summary(linear, std::function<void()>()), Error,
                        saying("summary: expected a function"));
  BOOST_CHECK_EXCEPTION(nn::summary(linear, Shape{1, 3})["fc"], Error,
                        saying("summary: no module \"fc\""));
}

BOOST_AUTO_TEST_CASE(parametrizations_are_no_layers) {
  nn::Sequential net(nn::Linear(4, 3), nn::ReLU()), plain(nn::Linear(4, 3), nn::ReLU());
  nn::utils::parametrizations::weight_norm(net[0]);
  const nn::Summary s = nn::summary(net, Shape{2, 4}), expected = nn::summary(plain, Shape{2, 4});
  BOOST_TEST_REQUIRE(s.rows.size() == expected.rows.size());
  for (size_t i = 0; i < s.rows.size(); ++i) {
    BOOST_TEST(s.rows[i].path == expected.rows[i].path);
    BOOST_TEST(s.rows[i].activation_bytes == expected.rows[i].activation_bytes);
    BOOST_TEST(s.rows[i].multiply_adds == expected.rows[i].multiply_adds);
  }
  BOOST_TEST(s.total().parameters == expected.total().parameters + 3);
}

BOOST_AUTO_TEST_SUITE_END()
