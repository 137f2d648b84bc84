#include "op.h"

namespace rw::fuzz {
namespace {

using Numbers = std::vector<int64_t>;

// f(x, a, b, c), where the numbers are from the ranges of dims or sizes.
template <class F>
Op by_dims(const char* name, F f, unsigned rule = plain) {
  return {name, pointwise | rule, [=](Draw& d) {
            const Tensor x = d.tensor(d.shape(d.wild ? 0 : 1));
            const int64_t a = d.dim(x.dim()), b = d.dim(x.dim());
            return Call({x}, [=](In t) { return f(t, a, b); });
          }};
}

// f(x, dim, i, j), i and j about the size of the dimension.
template <class F>
Op along(const char* name, F f) {
  return {name, pointwise, [=](Draw& d) {
            const Tensor x = d.tensor(d.shape(1));
            const int64_t dim = d.dim(x.dim());
            const bool fits = dim >= -x.dim() && dim < x.dim();
            const int64_t n = fits ? x.size(dim) : 3, i = d.number(-n, n), j = d.number(0, n);
            return Call({x}, [=](In t) { return f(t, dim, i, j); });
          }};
}

// The sizes of `x` in another shape of as many elements: split and joined at random.
Shape other_shape(Draw& d, const Shape& shape) {
  Shape s;
  for (int i = 0; i < shape.rank(); ++i) {
    if (s.rank() > 0 && d.chance(0.4))
      s[s.rank() - 1] *= shape[i];
    else if (shape[i] == 4 && d.chance(0.5) && s.rank() + 1 + shape.rank() - i <= Shape::max_rank)
      s.push_back(2), s.push_back(2);
    else
      s.push_back(shape[i]);
  }
  if (s.rank() > 0 && d.chance(0.3)) s[static_cast<int>(d.below(s.rank()))] = -1;
  if (s.rank() > 0 && d.wild) s[0] = d.number(s[0], s[0]);
  return s;
}

template <class F>
Op to_shape(const char* name, F f, unsigned rule = plain) {
  return {name, pointwise | rule, [=](Draw& d) {
            const Tensor x = d.tensor(d.shape());
            return Call({x}, [f, shape = other_shape(d, x.shape())](In t) { return f(t, shape); });
          }};
}

template <class F>
Op split(F f) {
  return {"Tensor::split", pointwise, [=](Draw& d) {
            const Tensor x = d.tensor(d.shape(1, 3));
            const int64_t first = d.number(0, x.size(0)), rest = d.number(0, 0);
            const Numbers sizes = {first, x.size(0) - (first < 9 && first > -1 ? first : 0), rest};
            return Call({x}, [=](In t) { return f(t, sizes); });
          }};
}

Ops reshaping() {
  return {
      to_shape(
          "Tensor::view", [](In t, const Shape& s) { return t.view(s); }, by_strides),
      to_shape("Tensor::reshape", [](In t, const Shape& s) { return t.reshape(s); }),
      by_dims("Tensor::flatten", [](In t, int64_t a, int64_t b) { return t.flatten(a, b); }),
      {"Tensor::unflatten", pointwise,
       [](Draw& d) {
         const int64_t a = d.size(), b = d.size();
         const Tensor x = d.tensor({d.size(), a * b});
         const Shape sizes = {d.number(a, a), d.chance(0.5) ? -1 : b};
         return Call({x}, [sizes, dim = d.one_of<int64_t>({1, -1})](In t) {
           return t.unflatten(dim, sizes);
         });
       }},
      by_dims("Tensor::transpose", [](In t, int64_t a, int64_t b) { return t.transpose(a, b); }),
      {"Tensor::t", pointwise,
       [](Draw& d) {
         return Call({d.tensor(d.shape(d.wild ? 0 : 2, d.wild ? 3 : 2))},
                     [](In x) { return x.t(); });
       }},
      {"Tensor::permute", pointwise,
       [](Draw& d) {
         const Tensor x = d.tensor(d.shape());
         Dims order;
         for (int i = 0; i < x.dim(); ++i)
           order.insert(static_cast<int>(d.below(order.rank() + 1)), d.number(i, i));
         return Call({x}, [order](In t) { return t.permute(order); });
       }},
      {"Tensor::expand", pointwise,
       [](Draw& d) {
         const Shape shape = d.shape(0, 4);
         const Tensor x = d.tensor(d.broadcast_with(shape));
         Shape to = shape;
         if (d.wild && to.rank() > 0) to[0] = d.number(to[0], to[0]);
         return Call({x}, [to](In t) { return t.expand(to); });
       }},
      {"Tensor::expand_as", pointwise,
       [](Draw& d) {
         const Tensor y = d.tensor(d.shape(0, 4)), x = d.tensor(d.broadcast_with(y.shape()));
         return Call({x, y}, [](In t, In like) { return t.expand_as(like); });
       }},
      by_dims("Tensor::squeeze", [](In t, int64_t, int64_t) { return t.squeeze(); }),
      by_dims("Tensor::squeeze", [](In t, int64_t a, int64_t) { return t.squeeze(a); }),
      by_dims("Tensor::unsqueeze", [](In t, int64_t a, int64_t) { return t.unsqueeze(a); }),
  };
}

Ops parts() {
  return {
      along("Tensor::select", [](In t, int64_t d, int64_t i, int64_t) { return t.select(d, i); }),
      along("Tensor::slice",
            [](In t, int64_t d, int64_t i, int64_t j) { return t.slice(d, i, j, 1); }),
      along("Tensor::slice, in steps",
            [](In t, int64_t d, int64_t i, int64_t j) {
              return t.slice(d, i, Slice::none, j == INT64_MAX ? j : j + 1);
            }),
      along("Tensor::narrow",
            [](In t, int64_t d, int64_t i, int64_t j) { return t.narrow(d, i, j); }),
      along("Tensor::split", [](In t, int64_t d, int64_t, int64_t j) { return t.split(j, d); }),
      split([](In t, const Numbers& sizes) { return t.split(sizes); }),
      along("Tensor::chunk", [](In t, int64_t d, int64_t, int64_t j) { return t.chunk(j, d); }),
      along("Tensor::unbind", [](In t, int64_t d, int64_t, int64_t) { return t.unbind(d); }),
      {"Tensor::diagonal", pointwise,
       [](Draw& d) {
         const Tensor x = d.tensor(d.shape(2, 4));
         const int64_t offset = d.number(-3, 3), a = d.dim(x.dim()), b = d.dim(x.dim());
         return Call({x}, [=](In t) { return t.diagonal(offset, a, b); });
       }},
      along("Tensor::operator[]", [](In t, int64_t, int64_t i, int64_t) { return t[i]; }),
      along("Tensor::index, numbers and slices",
            [](In t, int64_t, int64_t i, int64_t j) {
              return t.index({Slice(i, j), None, Ellipsis});
            }),
      along("Tensor::index, steps",
            [](In t, int64_t d, int64_t i, int64_t j) {
              return t.index({Ellipsis, Slice(d, i, j)});
            }),
      {"Tensor::index, tensors", plain,
       [](Draw& d) {
         const Tensor x = d.tensor(d.shape(2, 4));
         const Shape shape = d.shape(0, 2);
         const Tensor rows = d.indices(shape, x.size(0));
         const Tensor columns = d.indices(d.broadcast_with(shape), x.size(1));
         return Call({x, rows, columns}, [](In t, In r, In c) { return t.index({r, c}); });
       }},
      {"Tensor::index, a mask", plain,
       [](Draw& d) {
         const Tensor x = d.tensor(d.shape(1, 4));
         const Tensor mask = d.mask(Shape{x.size(0)});
         return Call({x, mask}, [](In t, In m) { return t.index({m}); });
       }},
  };
}

Ops copies() {
  const auto other_dtype = [](Draw& d) { return d.any_dtype(); };
  const auto format = [](Draw& d) {
    return d.one_of({MemoryFormat::contiguous, MemoryFormat::channels_last});
  };
  return {
      {"Tensor::to", pointwise,
       [=](Draw& d) {
         const Tensor x = d.tensor(d.shape());
         return Call({x}, [to = other_dtype(d)](In t) { return t.to(to); });
       }},
      {"Tensor::type_as", pointwise,
       [=](Draw& d) {
         const Tensor x = d.tensor(d.shape()), like = d.tensor({});
         return Call({x, like}, [](In t, In u) { return t.type_as(u); });
       }},
      {"Tensor::contiguous", pointwise,
       [=](Draw& d) {
         const Tensor x = d.tensor(d.shape(d.wild ? 0 : 4, d.wild ? 5 : 4));
         return Call({x}, [f = format(d)](In t) { return t.contiguous(f); });
       }},
      {"Tensor::clone", pointwise,
       [=](Draw& d) {
         const Tensor x = d.tensor(d.shape());
         return Call({x}, [](In t) { return t.clone(); });
       }},
  };
}

}  // namespace

Ops view_ops() {
  Ops all;
  for (const Ops& family : {reshaping(), parts(), copies()})
    all.insert(all.end(), family.begin(), family.end());
  return all;
}

}  // namespace rw::fuzz
