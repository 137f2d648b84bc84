// A long short-term memory: it reads a byte, changes its state, and says what may come next.

#include <rewind/nn/recurrent_layers.h>

#include "sequences.h"

using namespace rw;

namespace {

struct Reader : nn::ModuleOf<Reader> {
  using State = nn::LSTM::State;
  explicit Reader(int64_t hidden)
      : embedding(add("embedding", nn::Embedding(256, 64))),
        lstm(add("lstm", nn::LSTM(64, hidden, {.num_layers = 2, .batch_first = true}))),
        out(add("out", nn::Linear(hidden, 256))) {}

  // Scores of the next byte at each place, and the state after the last one.
  std::pair<Tensor, State> forward(const Tensor& bytes, const std::optional<State>& state) {
    const auto [h, after] = lstm(embedding(bytes), state);
    return {out(h), after};
  }

  nn::Embedding embedding;
  nn::LSTM lstm;
  nn::Linear out;
};

// Continues a text: each byte is drawn from what the network expects, and read by it.
std::string write(Reader& reader, const std::string& begin, int64_t count, double temperature) {
  const no_grad guard;
  reader.eval();
  std::string text = begin;
  Tensor bytes = data::encode_bytes(begin).unsqueeze(0);
  std::optional<Reader::State> state;
  for (int64_t i = 0; i < count; ++i) {
    const auto [scores, after] = reader(bytes, state);
    state = after;
    const Tensor p = softmax(scores.select(1, -1) / temperature, -1);
    bytes = multinomial(p, 1);
    text += data::decode_bytes(bytes);
  }
  return text;
}

// How much each byte before changes the scores of the one that came.
void draw_memory(const Tutorial& tutorial, Reader& reader, const std::string& line) {
  const Tensor bytes = data::encode_bytes(line);
  const Tensor vectors = reader.embedding(bytes.unsqueeze(0)).detach().requires_grad_();
  const auto [h, state] = reader.lstm(vectors);
  const Tensor likely = log_softmax(reader.out(h.select(1, -2)), -1)[0][bytes[-1].item<int64_t>()];
  const Tensor pull = grad({likely}, {vectors})[0].norm(2, {-1})[0];
  const double most = pull.amax().item<double>();
  Drawing drawing(20 + 13 * static_cast<double>(line.size()), 120);
  drawing.text({14, 24}, "what the last letter hung on", Align::left, 15);
  for (size_t i = 0; i < line.size(); ++i) {
    const double x = 18 + 13 * static_cast<double>(i);
    const double share =
        i + 1 < line.size() ? pull[static_cast<int64_t>(i)].item<double>() / most : 0;
    drawing.line({{x, 88}, {x, 88 - 50 * share}}, series(0), 9);
    drawing.text({x, 108}, line.substr(i, 1), Align::middle, 14,
                 i + 1 < line.size() ? "ink" : series(1));
  }
  drawing.write(tutorial.picture("memory.svg"));
}

}  // namespace

Series recurrent(const Tutorial& tutorial, const Texts& texts) {
  manual_seed(15);
  Reader reader(tutorial.full_or_quick(256, 64));
  const Scores scores = [&](const Tensor& pieces) { return reader(pieces, std::nullopt).first; };
  const Series curve = train("LSTM", reader, scores, texts, 128, tutorial.full_or_quick(1200, 40));
  tutorial.expect("bits a byte by the LSTM", curve.points.back().y, 1.6,
                  tutorial.full_or_quick(3.1, 6.0));
  for (const double temperature : {0.3, 1.0})
    std::printf("at temperature %g: %s\n", temperature,
                write(reader, "You may ", tutorial.full_or_quick(160, 20), temperature).c_str());
  draw_memory(tutorial, reader, "rights granted to you under this License will term");
  return curve;
}
