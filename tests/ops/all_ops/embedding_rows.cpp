#include "table.h"

namespace rw::test {

// Gradients of a padding row, and of what is divided by frequency, are not the derivative: none is
// looked up, and each once.
static Rows embedding_rows() {
  const Tensor weight = normal({4, 3}), ids = from<int64_t>({{0, 2, 2}, {3, 1, 2}});
  const Tensor once = from<int64_t>({{3, 0}});
  const Tensor entries = from<int64_t>({3, 0, 2, 3, 1}), offsets = from<int64_t>({0, 2, 2});
  const Tensor apart = distinct({4, 3});
  const auto bags = [=](const EmbeddingBagFuncOptions& options) {
    return [=](In w) { return embedding_bag(entries, w, offsets, options).square(); };
  };
  return {
      {"embedding", [=](In w) { return embedding(ids, w).square(); }, {weight}},
      {"embedding, padding",
       [=](In w) { return embedding(once, w, {.padding_idx = 1}).square(); },
       {weight}},
      {"embedding, by frequency",
       [=](In w) { return embedding(once, w, {.scale_grad_by_freq = true}).square(); },
       {weight}},
      {"embedding_bag", bags({}), {weight}},
      {"embedding_bag, sum and padding", bags({.mode = BagMode::sum, .padding_idx = 0}), {weight}},
      {"embedding_bag, max", bags({.mode = BagMode::max}), {apart}, Ties::kink},
      {"embedding_bag, of rows",
       [=](In w) { return embedding_bag(ids, w, {}, {.mode = BagMode::sum}).square(); },
       {weight}},
      {"embedding_bag, weighed",
       [=](In w, In each) {
         return embedding_bag(entries, w, offsets, {.mode = BagMode::sum}, each).square();
       },
       {weight, normal({5})}},
  };
}

static const Family embedding_family(embedding_rows,
                                     {{"makes a tensor of no other",
                                       {"bartlett_window", "blackman_window", "hamming_window",
                                        "hann_window", "kaiser_window"}}});

}  // namespace rw::test
