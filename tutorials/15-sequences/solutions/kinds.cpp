// A plain recurrent network, gated recurrent units and a long short-term memory on one text.

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>

#include <rewind/data/data_loader.h>
#include <rewind/data/text.h>
#include <rewind/nn/recurrent_layers.h>
#include <rewind/rewind.h>

#include "tutorial.h"

using namespace rw;

namespace {

template <class Layer>
struct Reader : nn::Module {
  nn::Embedding embedding = add("embedding", nn::Embedding(256, 32));
  Layer layer = add("layer", Layer(32, 128, {.batch_first = true}));
  nn::Linear out = add("out", nn::Linear(128, 256));

  Tensor forward(const Tensor& bytes) override {
    return out(std::get<0>(layer(embedding(bytes)))).flatten(0, 1);
  }
};

// Bits a byte over the last steps of a training.
template <class Layer>
double bits_after_training(const Tutorial& tutorial, const char* name, const std::string& text) {
  manual_seed(15);
  Reader<Layer> reader;
  optim::Adam adam(reader.parameters(), {.lr = 3e-3});
  data::DataLoader loader(data::TextDataset(data::encode_bytes(text), 64, 5),
                          {.batch_size = 32, .shuffle = true});
  const int64_t steps = tutorial.full_or_quick(400, 30);
  double sum = 0;
  int64_t step = 0;
  while (step < steps)
    for (const auto& [bytes, next] : loader) {
      adam.zero_grad();
      const Tensor loss = cross_entropy(reader(bytes), next.flatten());
      loss.backward();
      adam.step();
      if (step++ >= steps - 10) sum += loss.item<double>() / 10 / std::log(2.0);
      if (step == steps) break;
    }
  std::printf("%s: %.3g bits\n", name, sum);
  return sum;
}

}  // namespace

int main(int argc, char** argv) {
  const Tutorial tutorial(argc, argv);
  const std::string file = "/usr/share/common-licenses/GPL-3";
  if (!std::filesystem::exists(file)) {
    std::printf("skipped: there is no %s (package base-files)\n", file.c_str());
    return 0;
  }
  const std::string text = data::read_text(file);
  // Over so few bytes the gates, which are there for what lies far back, hardly matter yet.
  const double plain = bits_after_training<nn::RNN>(tutorial, "RNN", text);
  const double gru = bits_after_training<nn::GRU>(tutorial, "GRU", text);
  const double lstm = bits_after_training<nn::LSTM>(tutorial, "LSTM", text);
  tutorial.expect("the most bits", std::max({plain, gru, lstm}), 0.5,
                  tutorial.full_or_quick(3.0, 6.0));
}
