#include "op.h"

namespace rw::fuzz {
namespace {

// An index for gather and scatter_add along `dim` of `x`: no larger than x but along it.
Tensor index_for(Draw& d, const Tensor& x, int dim) {
  Shape shape = x.shape();
  for (int i = 0; i < shape.rank(); ++i)
    shape[i] = i == dim ? d.size() : d.between(0, 1) ? shape[i] : d.below(shape[i] + 1);
  if (x.dim() > 0 && x.size(dim) == 0) shape[dim] = 0;
  return d.indices(shape, x.dim() > 0 ? x.size(dim) : 1);
}

int valid_dim(Draw& d, const Tensor& x) { return static_cast<int>(d.below(std::max(x.dim(), 1))); }

template <class F>
Op gathering(const char* name, F f) {
  return {
      name, pointwise, [=](Draw& d) {
        const Tensor x = d.tensor(d.shape(1, 4));
        const int dim = valid_dim(d, x);
        const Tensor index = index_for(d, x, dim);
        return Call({x, index}, [f, to = d.number(dim, dim)](In a, In i) { return f(a, to, i); });
      }};
}

template <class F>
Op selecting(const char* name, F f) {
  return {
      name, pointwise, [=](Draw& d) {
        const Tensor x = d.tensor(d.shape(1, 4));
        const int dim = valid_dim(d, x);
        const int64_t n = x.size(dim) > 0 ? d.size() : 0;
        const Tensor index = d.indices({n}, x.size(dim));
        return Call({x, index}, [f, to = d.number(dim, dim)](In a, In i) { return f(a, to, i); });
      }};
}

template <class F>
Op filling(const char* name, F f) {
  return {name, pointwise, [=](Draw& d) {
            const Tensor x = d.tensor(d.shape(0, 4)), mask = d.mask(d.broadcast_with(x.shape()));
            return Call({x, mask}, [f, s = d.scalar()](In a, In m) { return f(a, m, s); });
          }};
}

Ops by_index() {
  return {
      gathering("gather", [](In x, int64_t d, In i) { return gather(x, d, i); }),
      gathering("Tensor::gather", [](In x, int64_t d, In i) { return x.gather(d, i); }),
      {"scatter_add", plain,
       [](Draw& d) {
         const Tensor x = d.tensor(d.shape(1, 4));
         const int dim = valid_dim(d, x);
         const Tensor index = index_for(d, x, dim), src = d.tensor(index.shape());
         return Call({x, index, src}, [to = d.number(dim, dim)](In a, In i, In s) {
           return scatter_add(a, to, i, s);
         });
       }},
      selecting("index_select", [](In x, int64_t d, In i) { return index_select(x, d, i); }),
      selecting("Tensor::index_select", [](In x, int64_t d, In i) { return x.index_select(d, i); }),
      {"index_add", plain,
       [](Draw& d) {
         const Tensor x = d.tensor(d.shape(1, 4));
         const int dim = valid_dim(d, x);
         Shape shape = x.shape();
         shape[dim] = x.size(dim) > 0 ? d.size() : 0;
         const Tensor index = d.indices({shape[dim]}, x.size(dim)), src = d.tensor(shape);
         return Call({x, index, src}, [to = d.number(dim, dim)](In a, In i, In s) {
           return index_add(a, to, i, s);
         });
       }},
      {"nonzero", pointwise,
       [](Draw& d) { return Call({d.tensor(d.shape(0, 4))}, [](In x) { return nonzero(x); }); }},
      {"argwhere", pointwise,
       [](Draw& d) { return Call({d.tensor(d.shape(0, 4))}, [](In x) { return argwhere(x); }); }},
      {"one_hot", pointwise,
       [](Draw& d) {
         int64_t classes = d.number(1, 6);
         const Tensor index = d.indices(d.shape(0, 3), classes);
         if (takes_minutes(static_cast<double>(classes) * static_cast<double>(index.numel())))
           classes = 6;
         return Call({index}, [=](In i) { return one_hot(i, classes); });
       }},
  };
}

Ops by_mask() {
  return {
      filling("masked_fill", [](In x, In m, Scalar s) { return masked_fill(x, m, s); }),
      filling("Tensor::masked_fill", [](In x, In m, Scalar s) { return x.masked_fill(m, s); }),
      filling("masked_select", [](In x, In m, Scalar) { return masked_select(x, m); }),
      {"tril", pointwise,
       [](Draw& d) {
         const Tensor x = d.tensor(d.shape(d.wild ? 0 : 2, 4));
         return Call({x}, [n = d.number(-3, 3)](In a) { return tril(a, n); });
       }},
      {"triu", pointwise,
       [](Draw& d) {
         const Tensor x = d.tensor(d.shape(d.wild ? 0 : 2, 4));
         return Call({x}, [n = d.number(-3, 3)](In a) { return triu(a, n); });
       }},
  };
}

Ops joining() {
  return {
      {"cat", pointwise,
       [](Draw& d) {
         const Tensor x = d.tensor(d.shape(1, 4));
         const int dim = valid_dim(d, x);
         Shape shape = x.shape();
         shape[dim] = d.size();
         const Tensor y = d.tensor(shape);
         return Call({x, y}, [to = d.number(dim, dim)](In a, In b) {
           return cat(Tensors{a, b, a}, to);
         });
       }},
      {"stack", pointwise,
       [](Draw& d) {
         const Tensor x = d.tensor(d.shape(0, 4)), y = d.tensor(x.shape());
         return Call({x, y}, [dim = d.dim(x.dim() + 1)](In a, In b) {
           return stack(Tensors{a, b}, dim);
         });
       }},
      {"pad", pointwise,
       [](Draw& d) {
         const Tensor x = d.tensor(d.shape(1, 4));
         const PaddingMode mode = d.one_of({PaddingMode::zeros, PaddingMode::reflect,
                                            PaddingMode::replicate, PaddingMode::circular});
         const int n = static_cast<int>(d.below(std::min(x.dim(), 3) + 1));
         std::vector<int64_t> widths;
         for (int i = 0; i < 2 * n; ++i)
           widths.push_back(d.number(mode == PaddingMode::zeros ? -1 : 0, 3));
         return Call({x}, [=, value = d.real(-1, 1)](In a) { return pad(a, widths, mode, value); });
       }},
  };
}

}  // namespace

Ops selection_ops() {
  Ops all;
  for (const Ops& family : {by_index(), by_mask(), joining()})
    all.insert(all.end(), family.begin(), family.end());
  return all;
}

}  // namespace rw::fuzz
