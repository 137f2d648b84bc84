// A small GPT: all bytes of a piece at once, each looking at those before.

#include <rewind/models/gpt.h>

#include "sequences.h"

using namespace rw;

Series transformer(const Tutorial& tutorial, const Texts& texts) {
  manual_seed(15);
  models::GPT gpt({.vocab_size = 256,
                   .block_size = 128,
                   .n_layer = tutorial.full_or_quick(4, 2),
                   .n_head = 4,
                   .n_embd = tutorial.full_or_quick(128, 64),
                   .dropout = 0.1});
  std::printf("%lld parameters\n", static_cast<long long>(gpt.num_parameters()));
  const Scores scores = [&](const Tensor& pieces) { return gpt(pieces); };
  const Series curve = train("GPT", gpt, scores, texts, 128, tutorial.full_or_quick(2000, 40));
  tutorial.expect("bits a byte by the GPT", curve.points.back().y, 1.6,
                  tutorial.full_or_quick(3.1, 6.0));

  gpt.eval();
  const Tensor begin = data::encode_bytes("You may ").unsqueeze(0);
  const Tensor text = gpt.generate(begin, tutorial.full_or_quick(112, 20),
                                   {.temperature = 0.8, .top_k = 40, .top_p = 0.95});
  std::printf("the GPT: %s\n", data::decode_bytes(text).c_str());

  // What it says of a byte can't hang on bytes behind.
  const no_grad guard;
  const Tensor piece = text.narrow(1, 0, 24), other = cat({piece.narrow(1, 0, 20), begin}, 1);
  const Tensor a = gpt(piece), b = gpt(other.narrow(1, 0, 24));
  tutorial.expect("scores of bytes before the change are the same",
                  allclose(a.narrow(1, 0, 20), b.narrow(1, 0, 20), 1e-4, 1e-5));
  tutorial.expect("and those behind are others", !allclose(a.select(1, 23), b.select(1, 23)));
  return curve;
}
