#include "table.h"

namespace rw::test {

// Gradients of a padding row, and of what is divided by frequency, are not the derivative: none is
// looked up, and each once.
static Rows embedding_rows() {
  const Tensor weight = normal({4, 3}), ids = from<int64_t>({{0, 2, 2}, {3, 1, 2}});
  const Tensor once = from<int64_t>({{3, 0}});
  return {
      {"embedding", [=](In w) { return embedding(ids, w).square(); }, {weight}},
      {"embedding, padding",
       [=](In w) { return embedding(once, w, {.padding_idx = 1}).square(); },
       {weight}},
      {"embedding, by frequency",
       [=](In w) { return embedding(once, w, {.scale_grad_by_freq = true}).square(); },
       {weight}},
  };
}

static const Family embedding_family(embedding_rows,
                                     {{"makes a tensor of no other",
                                       {"bartlett_window", "blackman_window", "hamming_window",
                                        "hann_window", "kaiser_window"}}});

}  // namespace rw::test
