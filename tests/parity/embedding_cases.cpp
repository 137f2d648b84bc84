#include "cases.h"

namespace rw::test {

// As families/embedding.py does: indices, a table, then offsets and numbers, where there are any.
static Case bags(const std::string& name, const EmbeddingBagFuncOptions& options,
                 const std::function<void(Tensors&)>& change = {}) {
  return {"embedding_bag_" + name, [=](const Tensors& inputs) {
            Tensors in = inputs;
            in.resize(4);
            for (const size_t i : {size_t{1}, size_t{3}})
              if (in[i].defined()) in[i] = in[i].detach().clone().requires_grad_();
            Tensors given = in;
            if (change) change(given);
            const Tensor y = embedding_bag(given[0], given[1], given[2], options, given[3]);
            y.square().sum().backward();
            Tensors results = {y.detach(), in[1].grad()};
            if (in[3].defined()) results.push_back(in[3].grad());
            return results;
          }};
}

static void add_bag_cases(Cases& cases) {
  const std::pair<std::string, BagMode> modes[] = {
      {"sum", BagMode::sum}, {"mean", BagMode::mean}, {"max", BagMode::max}};
  for (const auto& [name, mode] : modes) {
    cases.push_back(bags(name, {.mode = mode}));
    cases.push_back(bags(name + "_of_rows", {.mode = mode}));
    cases.push_back(bags(name + "_padding", {.mode = mode, .padding_idx = 3}));
    cases.push_back(bags(name + "_padding_from_the_end", {.mode = mode, .padding_idx = -1}));
    cases.push_back(bags(name + "_of_none", {.mode = mode}));
    cases.push_back(bags(name + "_last_offset", {.mode = mode, .include_last_offset = true}));
    if (mode != BagMode::max)
      cases.push_back(bags(name + "_by_frequency", {.scale_grad_by_freq = true, .mode = mode}));
  }
  for (const char* name :
       {"by_default", "without_offsets", "of_three_dimensions", "offsets_of_rows", "beyond",
        "offsets_from_one", "offsets_beyond", "weighed_mean"})
    cases.push_back(bags(name, {}));
  for (const char* name : {"weighed", "weighed_by_others"})
    cases.push_back(bags(name, {.mode = BagMode::sum}));
  cases.push_back(bags("weighed_padding", {.mode = BagMode::sum, .padding_idx = 3}));
  cases.push_back(bags("max_by_frequency", {.scale_grad_by_freq = true, .mode = BagMode::max}));
  cases.push_back(bags("max_sparse", {.mode = BagMode::max, .sparse = true}));
  cases.push_back(bags("int32", {}, [](Tensors& in) {
    in[0] = in[0].to(int32);
    in[2] = in[2].to(int32);
  }));
  cases.push_back(bags("transposed", {.mode = BagMode::sum}, [](Tensors& in) {
    in[0] = in[0].t();
    in[1] = in[1].t();
  }));
  cases.push_back({"embedding_bag_max_norm", [](In i, In w, In o) {
                     return embedding_bag(i, w.detach().clone(), o, {.max_norm = 1.5});
                   }});
}

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
  add_bag_cases(cases);
  return cases;
}

static const Family embedding_family(embedding_cases);

}  // namespace rw::test
