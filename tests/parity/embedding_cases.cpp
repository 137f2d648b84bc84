#include "cases.h"

namespace rw::test {

static Cases embedding_cases() {
  const auto of_detached = [](const EmbeddingFuncOptions& options) {
    return [=](In i, In w) { return embedding(i, w.detach().clone(), options); };
  };
  const auto with = [](const EmbeddingFuncOptions& options) {
    return [=](In i, In w) { return embedding(i, w, options); };
  };
  Cases cases = {
      {"embedding", [](In i, In w) { return embedding(i, w).square(); }},
      {"embedding_int32", [](In i, In w) { return embedding(i.to(int32), w).square(); }},
      {"embedding_padding", with({.padding_idx = 2})},
      {"embedding_padding_from_the_end", with({.padding_idx = -1})},
      {"embedding_by_frequency", with({.scale_grad_by_freq = true})},
      {"embedding_by_frequency_padding", with({.padding_idx = 4, .scale_grad_by_freq = true})},
      {"embedding_max_norm", of_detached({.max_norm = 1.5})},
      {"embedding_max_norm_of_ones", of_detached({.max_norm = 0.5, .norm_type = 1})},
      {"embedding_of_one", with({})},
      {"embedding_of_none",
       [](In i, In w) {
         return embedding(i.reshape({0, 2}), w);
       }},
      {"embedding_transposed", [](In i, In w) { return embedding(i.t(), w.t()); }},
      {"embedding_beyond", with({})},
      {"embedding_negative", with({})},
      {"embedding_of_floats", with({})},
      {"hamming_window_alpha",
       [](In x) { return x * hamming_window(5, true, 0.5, 0.25, {.dtype = float64}); }},
  };
  using Window = Tensor (*)(int64_t, bool, DType);
  const std::pair<std::string, Window> windows[] = {
      {"hann", [](int64_t n, bool p, DType t) { return hann_window(n, p, {.dtype = t}); }},
      {"hamming",
       [](int64_t n, bool p, DType t) { return hamming_window(n, p, 0.54, 0.46, {.dtype = t}); }},
      {"blackman", [](int64_t n, bool p, DType t) { return blackman_window(n, p, {.dtype = t}); }},
      {"bartlett", [](int64_t n, bool p, DType t) { return bartlett_window(n, p, {.dtype = t}); }},
  };
  for (const auto& [name, f] : windows) {
    cases.push_back({name + "_window", [f = f](In x) { return x * f(6, true, float64); }});
    cases.push_back(
        {name + "_window_symmetric", [f = f](In x) { return x * f(5, false, float64); }});
    cases.push_back({name + "_window_of_one", [f = f](In x) { return x * f(1, false, float64); }});
    cases.push_back({name + "_window_of_ints", [f = f](In x) { return x * f(4, true, int64); }});
  }
  return cases;
}

static const Family embedding_family(embedding_cases);

}  // namespace rw::test
