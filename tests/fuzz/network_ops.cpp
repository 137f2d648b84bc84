// Products and windows.

#include "op.h"

namespace rw::fuzz {
namespace {

// The two operands of a product of `rank`s: [.., n, k] and [.., k, m].
Tensors factors(Draw& d, int rank_a, int rank_b) {
  const int64_t k = d.size(), n = d.size(), m = d.size(), batch = d.size();
  const auto shaped = [&](int rank, bool left) {
    if (rank == 1) return Shape{k};
    Shape s = left ? Shape{n, k} : Shape{k, m};
    for (int i = 2; i < rank; ++i) s.insert(0, d.chance(0.2) ? 1 : batch);
    if (d.wild && d.chance(0.1)) s[0] = d.size();
    return s;
  };
  const Tensor a = d.tensor(shaped(rank_a, true));
  return {a, d.tensor(shaped(rank_b, false))};
}

template <class F>
Op product(const char* name, int least, int greatest, F f) {
  return {name, onednn, [=](Draw& d) {
            const auto rank = [&] { return static_cast<int>(d.between(least, greatest)); };
            const int a = rank(), b = least == greatest && !d.wild ? a : rank();
            return Call(factors(d, a, b), f);
          }};
}

}  // namespace

Ops product_ops() {
  return {
      product("matmul", 1, 4, [](In a, In b) { return matmul(a, b); }),
      product("Tensor::matmul", 1, 4, [](In a, In b) { return a.matmul(b); }),
      product("mm", 2, 2, [](In a, In b) { return mm(a, b); }),
      product("bmm", 3, 3, [](In a, In b) { return bmm(a, b); }),
      {"linear", onednn,
       [](Draw& d) {
         const int64_t in = d.size(), out = d.size();
         Shape shape = d.shape(0, 3);
         shape.push_back(d.wild ? d.size() : in);
         const Tensor x = d.tensor(shape), weight = d.tensor({out, in});
         const Tensor bias = d.tensor({out});
         return Call({x, weight, bias}, [biased = d.flag()](In a, In w, In b) {
           return linear(a, w, biased ? b : Tensor());
         });
       }},
  };
}

namespace {

// An image [C, H, W] or several of them.
Tensor images(Draw& d, int64_t channels) {
  Shape shape = {channels, d.size(2, 7), d.size(2, 7)};
  if (d.chance(0.8)) shape.insert(0, d.size(1, 2));
  return d.tensor(shape);
}

Op conv() {
  return {
      "conv2d", onednn, [](Draw& d) {
        const int64_t groups = d.chance(0.6) ? 1 : d.between(2, 3);
        const int64_t channels = groups * (d.chance(0.1) ? 16 : d.between(1, 3));
        const int64_t filters = groups * (d.chance(0.1) ? 16 : d.between(1, 3));
        const Tensor x = images(d, channels);
        // An infinite weight times the zeros of the padding is NaN where they are multiplied.
        d.leave_special();
        const int64_t per_group = d.wild ? d.size() : channels / groups;
        const Tensor weight = d.tensor({filters, per_group, d.between(1, 3), d.between(1, 3)});
        const Conv2dOptions options = {
            .stride = d.size2(1, 2),
            .padding = d.size2(0, 2),
            .dilation = d.size2(1, 2),
            .groups = d.number(groups, groups),
            .padding_mode = d.one_of({PaddingMode::zeros, PaddingMode::zeros, PaddingMode::reflect,
                                      PaddingMode::replicate, PaddingMode::circular})};
        const Tensor bias = d.tensor({filters});
        return Call({x, weight, bias}, [options, biased = d.flag()](In a, In w, In b) {
          return conv2d(a, w, biased ? b : Tensor(), options);
        });
      }};
}

// f(x, kernel, options)
template <class F>
Op max_pool(const char* name, F f) {
  return {name, onednn, [=](Draw& d) {
            const Tensor x = images(d, d.size(1, 4));
            const Size2 kernel = d.size2(1, 3);
            MaxPool2dOptions options = {
                .padding = d.size2(0, 1), .dilation = d.size2(1, 2), .ceil_mode = d.flag()};
            if (d.flag()) options.stride = d.size2(1, 3);
            return Call({x}, [=](In a) { return f(a, kernel, options); });
          }};
}

}  // namespace

Ops window_ops() {
  return {
      conv(),
      conv(),
      conv(),
      max_pool("max_pool2d",
               [](In a, Size2 k, const MaxPool2dOptions& o) { return max_pool2d(a, k, o); }),
      max_pool("max_pool2d_with_indices",
               [](In a, Size2 k, const MaxPool2dOptions& o) {
                 return max_pool2d_with_indices(a, k, o);
               }),
      {"avg_pool2d", onednn,
       [](Draw& d) {
         const Tensor x = images(d, d.size(1, 4));
         const Size2 kernel = d.size2(1, 3);
         AvgPool2dOptions options = {
             .padding = d.size2(0, 1), .ceil_mode = d.flag(), .count_include_pad = d.flag()};
         if (d.flag()) options.stride = d.size2(1, 3);
         return Call({x}, [=](In a) { return avg_pool2d(a, kernel, options); });
       }},
      {"adaptive_avg_pool2d", onednn,
       [](Draw& d) {
         const Tensor x = images(d, d.size(1, 4));
         return Call({x}, [to = d.size2(1, 5)](In a) { return adaptive_avg_pool2d(a, to); });
       }},
  };
}

}  // namespace rw::fuzz
