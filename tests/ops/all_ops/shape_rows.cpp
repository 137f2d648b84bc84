#include "table.h"

namespace rw::test {
namespace {

using Kept = std::vector<int64_t>;

// Their squares: second derivatives then see the values.
Tensors squared(const Tensors& all) {
  Tensors squares;
  for (const Tensor& t : all) squares.push_back(t.square());
  return squares;
}

Row padding(const char* name, const Kept& widths, PaddingMode mode, const Tensor& x) {
  return {name, [=](In a) { return pad(a, widths, mode, 1.5).square(); }, {x}};
}

}  // namespace

static Rows view_rows() {
  const Tensor x = normal({2, 3, 4}), m = normal({3, 4}), ones = normal({1, 3, 1});
  const Tensor image = normal({1, 2, 2, 3});
  const Shape halves = {2, 3, 2, 2}, wide = {2, 3, 4}, two = {2, 2};
  const Dims turned = {2, 0, 1};
  const Kept sizes = {1, 3};
  const Tensor rows = from<int64_t>({2, 0, 2}), columns = from<int64_t>({1, 3, 1});
  const Tensor mask = from<double>({{1, 0, 0, 1}, {0, 0, 1, 1}, {1, 0, 0, 0}}) > 0;
  return {
      {"Tensor::to", [](In a) { return a.to(float64); }, {m}},
      {"Tensor::type_as", [](In a, In b) { return a.type_as(b) * b; }, {m, normal({3, 4})}},
      {"Tensor::contiguous", [](In a) { return a.contiguous().square(); }, {x}},
      {"Tensor::contiguous, channels-last",
       [](In a) { return a.contiguous(MemoryFormat::channels_last).square(); },
       {image}},
      {"Tensor::clone", [](In a) { return a.clone().square(); }, {x}},
      {"Tensor::clone, row-major",
       [](In a) { return a.clone(MemoryFormat::contiguous).square(); },
       {x}},
      {"Tensor::view", [=](In a) { return a.view(halves).square(); }, {x}},
      {"Tensor::reshape",
       [=](In a) {
         return a.reshape(Shape{4, -1}).square();
       },
       {x}},
      {"Tensor::flatten", [](In a) { return a.flatten().square(); }, {x}},
      {"Tensor::flatten, some", [](In a) { return a.flatten(1, -1).square(); }, {x}},
      {"Tensor::unflatten", [=](In a) { return a.unflatten(-1, two).square(); }, {x}},
      {"Tensor::transpose", [](In a) { return a.transpose(0, -1).square(); }, {x}},
      {"Tensor::t", [](In a) { return a.t().square(); }, {m}},
      {"Tensor::permute", [=](In a) { return a.permute(turned).square(); }, {x}},
      {"Tensor::expand", [=](In a) { return a.expand(wide).square(); }, {ones}},
      {"Tensor::expand_as", [](In a, In b) { return a.expand_as(b) * b; }, {ones, x}},
      {"Tensor::squeeze", [](In a) { return a.squeeze().square(); }, {ones}},
      {"Tensor::squeeze", [](In a) { return a.squeeze(-1).square(); }, {ones}},
      {"Tensor::unsqueeze", [](In a) { return a.unsqueeze(-2).square(); }, {m}},
      {"Tensor::select", [](In a) { return a.select(1, -1).square(); }, {x}},
      {"Tensor::slice", [](In a) { return a.slice(-1, 1, Slice::none, 2).square(); }, {x}},
      {"Tensor::narrow", [](In a) { return a.narrow(1, 1, 2).square(); }, {x}},
      {"Tensor::split", [](In a) { return squared(a.split(3, -1)); }, {x}},
      {"Tensor::split", [=](In a) { return squared(a.split(sizes, -1)); }, {x}},
      {"Tensor::chunk", [](In a) { return squared(a.chunk(3, -1)); }, {x}},
      {"Tensor::unbind", [](In a) { return squared(a.unbind(1)); }, {x}},
      {"Tensor::diagonal", [](In a) { return a.diagonal().square(); }, {m}},
      {"Tensor::diagonal, above", [](In a) { return a.diagonal(1, 0, -1).square(); }, {x}},
      {"Tensor::operator[]", [](In a) { return a[1].square(); }, {x}},
      {"Tensor::operator[]",
       [](In a) {
         return a[from<int64_t>({1, 0, 1})].square();
       },
       {x}},
      {"Tensor::index, numbers and slices",
       [](In a) {
         return a.index({-1, Slice(0, 3, 2), None, Slice(1)}).square();
       },
       {x}},
      {"Tensor::index, an ellipsis",
       [](In a) {
         return a.index({Ellipsis, 2}).square();
       },
       {x}},
      {"Tensor::index, tensors",
       [=](In a) {
         return a.index({rows, columns}).square();
       },
       {m}},
      {"Tensor::index, a tensor beside a slice",
       [=](In a) {
         return a.index({Slice(), rows, Slice(0, 2)}).square();
       },
       {x}},
      {"Tensor::index, a mask", [=](In a) { return a.index({mask}).square(); }, {m}},
  };
}

static Rows selection_rows() {
  const Tensor x = normal({3, 4}), y = normal({2, 4}), v = normal({4}), cube = normal({2, 3, 4});
  const Tensor image = normal({1, 2, 3, 4});
  const Tensor order = from<int64_t>({2, 0, 2});
  const Tensor index = from<int64_t>({{0, 2, 1, 2}, {2, 2, 0, 0}});  // some places twice
  const Tensor src = normal({3, 4});
  const Tensor mask = from<double>({{1, 0, 0, 1}, {0, 0, 1, 1}, {1, 0, 0, 0}}) > 0;
  const Tensor one_row = mask[0];
  return {
      {"cat",
       [](In a, In b) {
         return cat(Tensors{a, b, a}).square();
       },
       {x, y}},
      {"cat, last dim",
       [](In a, In b) {
         return cat(Tensors{a, b.t()}, -1).square();
       },
       {x, normal({5, 3})}},
      {"stack",
       [](In a, In b) {
         return stack(Tensors{a, b}).square();
       },
       {x, src}},
      {"stack, last dim",
       [](In a, In b) {
         return stack(Tensors{a, b}, -1).square();
       },
       {x, src}},
      {"gather", [=](In a) { return gather(a, 0, index).square(); }, {x}},
      {"gather, last dim", [=](In a) { return gather(a, -1, index).square(); }, {x}},
      {"Tensor::gather", [=](In a) { return a.gather(0, index).square(); }, {x}},
      {"scatter_add", [=](In a, In b) { return scatter_add(a, 0, index, b).square(); }, {x, src}},
      {"scatter_add, last dim",
       [=](In a, In b) { return scatter_add(a, -1, index, b).square(); },
       {x, src}},
      {"index_select", [=](In a) { return index_select(a, 1, order).square(); }, {cube}},
      {"Tensor::index_select", [=](In a) { return a.index_select(-1, order).square(); }, {x}},
      {"index_add", [=](In a, In b) { return index_add(a, 0, order, b).square(); }, {x, src}},
      {"index_add, last dim",
       [=](In a, In b) { return index_add(a, -1, order, b.t()).square(); },
       {x, normal({3, 3})}},
      {"masked_fill", [=](In a) { return masked_fill(a, mask, 1.5).square(); }, {x}},
      {"masked_fill, broadcast", [=](In a) { return masked_fill(a, one_row, 1.5).square(); }, {x}},
      {"Tensor::masked_fill", [=](In a) { return a.masked_fill(mask, 1.5).square(); }, {x}},
      {"masked_select", [=](In a) { return masked_select(a, mask).square(); }, {x}},
      {"tril", [](In a) { return tril(a, 1).square(); }, {x}},
      {"triu", [](In a) { return triu(a).square(); }, {cube}},
      padding("pad", {1, 2}, PaddingMode::zeros, v),
      padding("pad, cropping", {-1, 1, 2, -1}, PaddingMode::zeros, x),
      padding("pad, reflect", {3, 1, 2, 1}, PaddingMode::reflect, image),
      padding("pad, replicate", {3, 0, 1, 5}, PaddingMode::replicate, image),
      padding("pad, circular", {4, 1, 0, 2}, PaddingMode::circular, image),
      padding("pad, reflect, cropping", {-1, 2, 1, -2}, PaddingMode::reflect, image),
      padding("pad, circular, cropping", {2, -1, -1, 1}, PaddingMode::circular, image),
  };
}

static const Family view_family(view_rows);
static const Family selection_family(selection_rows);

}  // namespace rw::test
