#include "layouts.h"

using namespace rw;
using namespace rw::test;
using boost::test_tools::per_element;

namespace {

struct View {
  std::string name;
  Shape in;
  std::function<Tensor(const Tensor&)> op;
  Shape out;
  std::function<Shape(const Shape&)>
      source;  // index of the input that an index of the result shows
};

Shape index_in(const Shape& shape, int64_t number) {
  Shape index = shape;
  for (int d = shape.rank() - 1; d >= 0; --d) {
    index[d] = number % shape[d];
    number /= shape[d];
  }
  return index;
}

// Sizes change, the row-major order does not.
View reordered(const std::string& name, const Shape& in, std::function<Tensor(const Tensor&)> op,
               const Shape& out) {
  return {name, in, std::move(op), out, [in, out](const Shape& i) {
            return index_in(in, offset_of(i, contiguous_strides(out)));
          }};
}

std::vector<View> views() {
  using X = const Tensor&;
  using I = const Shape&;
  return {
      reordered("reshape all", {2, 3, 4}, [](X x) { return x.reshape({-1}); }, {24}),
      reordered("reshape ends", {2, 3, 4},
                [](X x) {
                  return x.reshape({6, 4});
                },
                {6, 4}),
      reordered("reshape anew", {2, 3, 4},
                [](X x) {
                  return x.reshape({4, -1, 2});
                },
                {4, 3, 2}),
      reordered("reshape ones", {2, 1, 4},
                [](X x) {
                  return x.reshape({1, 2, 4, 1});
                },
                {1, 2, 4, 1}),
      reordered("reshape scalar", {},
                [](X x) {
                  return x.reshape({1, 1});
                },
                {1, 1}),
      reordered("flatten", {2, 3, 2, 2}, [](X x) { return x.flatten(1); }, {2, 12}),
      reordered("flatten middle", {2, 3, 2, 2}, [](X x) { return x.flatten(1, -2); }, {2, 6, 2}),
      reordered("flatten scalar", {}, [](X x) { return x.flatten(); }, {1}),
      reordered("unflatten", {2, 6},
                [](X x) {
                  return x.unflatten(-1, {3, -1});
                },
                {2, 3, 2}),
      reordered("squeeze", {1, 3, 1, 2}, [](X x) { return x.squeeze(); }, {3, 2}),
      reordered("squeeze 2", {1, 3, 1, 2}, [](X x) { return x.squeeze(-2); }, {1, 3, 2}),
      reordered("squeeze nothing", {3, 2}, [](X x) { return x.squeeze(0); }, {3, 2}),
      reordered("unsqueeze", {3, 2}, [](X x) { return x.unsqueeze(0); }, {1, 3, 2}),
      reordered("unsqueeze -1", {3, 2}, [](X x) { return x.unsqueeze(-1); }, {3, 2, 1}),
      {"transpose",
       {2, 3, 4},
       [](X x) { return x.transpose(0, -1); },
       {4, 3, 2},
       [](I i) {
         return Shape{i[2], i[1], i[0]};
       }},
      {"t",
       {2, 3},
       [](X x) { return x.t(); },
       {3, 2},
       [](I i) {
         return Shape{i[1], i[0]};
       }},
      {"permute",
       {2, 3, 4, 2},
       [](X x) {
         return x.permute({1, -1, 0, 2});
       },
       {3, 2, 2, 4},
       [](I i) {
         return Shape{i[2], i[0], i[3], i[1]};
       }},
      {"expand",
       {3, 1},
       [](X x) {
         return x.expand({2, -1, 4});
       },
       {2, 3, 4},
       [](I i) {
         return Shape{i[1], 0};
       }},
      {"expand scalar",
       {},
       [](X x) {
         return x.expand({2, 2});
       },
       {2, 2},
       [](I) { return Shape(); }},
      {"select",
       {2, 3, 4},
       [](X x) { return x.select(1, -1); },
       {2, 4},
       [](I i) {
         return Shape{i[0], 2, i[1]};
       }},
      {"[]",
       {2, 3},
       [](X x) { return x[1]; },
       {3},
       [](I i) {
         return Shape{1, i[0]};
       }},
      {"slice",
       {2, 7},
       [](X x) { return x.slice(1, 1, -1, 2); },
       {2, 3},
       [](I i) {
         return Shape{i[0], 1 + 2 * i[1]};
       }},
      {"slice clamped",
       {5},
       [](X x) { return x.slice(0, -100, 100, 3); },
       {2},
       [](I i) { return Shape{3 * i[0]}; }},
      {"slice empty", {2, 3}, [](X x) { return x.slice(1, 2, 1); }, {2, 0}, [](I i) { return i; }},
      {"narrow",
       {2, 3, 4, 2},
       [](X x) { return x.narrow(-3, 1, 2); },
       {2, 2, 4, 2},
       [](I i) {
         return Shape{i[0], i[1] + 1, i[2], i[3]};
       }},
      {"narrow end",
       {5},
       [](X x) { return x.narrow(0, -2, 2); },
       {2},
       [](I i) { return Shape{i[0] + 3}; }},
      {"diagonal",
       {3, 4},
       [](X x) { return x.diagonal(); },
       {3},
       [](I i) {
         return Shape{i[0], i[0]};
       }},
      {"diagonal above",
       {3, 2, 4},
       [](X x) { return x.diagonal(2, 0, -1); },
       {2, 2},
       [](I i) {
         return Shape{i[1], i[0], i[1] + 2};
       }},
      {"diagonal below",
       {3, 4},
       [](X x) { return x.diagonal(-1, 1, 0); },
       {3},
       [](I i) {
         return Shape{i[0], i[0] + 1};
       }},
      {"diagonal empty", {3, 4}, [](X x) { return x.diagonal(9); }, {0}, [](I i) { return i; }},
      {"index",
       {3, 2, 4},
       [](X x) {
         return x.index({1, None, Ellipsis, Slice(1, Slice::none, 2)});
       },
       {1, 2, 2},
       [](I i) {
         return Shape{1, i[1], 1 + 2 * i[2]};
       }},
      {"split",
       {2, 5},
       [](X x) { return x.split(2, 1)[1]; },
       {2, 2},
       [](I i) {
         return Shape{i[0], i[1] + 2};
       }},
      {"split by sizes",
       {4, 3},
       [](X x) {
         return x.split({1, 0, 3})[2];
       },
       {3, 3},
       [](I i) {
         return Shape{i[0] + 1, i[1]};
       }},
      {"chunk",
       {7, 2},
       [](X x) { return x.chunk(3)[2]; },
       {1, 2},
       [](I i) {
         return Shape{6, i[1]};
       }},
      {"unbind",
       {2, 3},
       [](X x) { return x.unbind(-1)[1]; },
       {2},
       [](I i) {
         return Shape{i[0], 1};
       }},
  };
}

std::vector<double> random_values(const Shape& shape) {
  return randn(shape, float64).to_vector<double>();
}

}  // namespace

BOOST_AUTO_TEST_CASE(views_show_the_elements_they_name) {
  for (const View& view : views()) {
    const Tensor numbers = arange(view.in.numel());
    std::vector<int64_t> expected;
    for_each_index(view.out, [&](const Shape& index, int64_t) {
      expected.push_back(offset_of(view.source(index), contiguous_strides(view.in)));
    });
    for (const Strides& strides : layouts(view.in)) {
      BOOST_TEST_CONTEXT(view.name << " of strides " << strides) {
        const Tensor y = view.op(laid_out(numbers.to_vector<int64_t>(), view.in, strides));
        BOOST_TEST(y.shape() == view.out);
        BOOST_TEST(y.to_vector<int64_t>() == expected, per_element());
        BOOST_TEST(y.contiguous().to_vector<int64_t>() == expected, per_element());
        BOOST_TEST(!y.requires_grad());
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(views_have_derivatives_of_any_order) {
  for (const View& view : views())
    for (const Strides& strides : layouts(view.in)) {
      const Tensor x = laid_out(random_values(view.in), view.in, strides).requires_grad_();
      check_gradients([&](const std::vector<Tensor>& in) { return view.op(in[0]).square(); }, {x},
                      view.name);
    }
}

BOOST_AUTO_TEST_CASE(views_share_memory) {
  const Tensor x = zeros({2, 3, 4});
  const std::vector<Tensor> shared = {
      x.view({6, 4}),
      x.reshape({-1}),
      x.flatten(1),
      x.unflatten(2, {2, 2}),
      x.transpose(0, 1),
      x.expand({2, 2, 3, 4}),
      x.squeeze(),
      x.unsqueeze(0),
      x[0],
      x.slice(1, 0, 2),
      x.narrow(2, 0, 1),
      x.diagonal(),
      x.split(1)[0],
      x.unbind(1)[0],
      x.index({Ellipsis, 0}),
      x.permute({2, 1, 0}),
  };
  no_grad guard;
  for (const Tensor& view : shared) {
    BOOST_TEST(view.raw_data() == x.raw_data());
    BOOST_TEST(view.impl()->is_view);
  }
  x.view({24}).slice(0, 5, 6).fill_(7);
  BOOST_TEST(x.index({0, 1, 1}).item() == 7);
}

BOOST_AUTO_TEST_CASE(view_needs_strides_that_allow_it) {
  const Tensor x = zeros({2, 3, 4});
  BOOST_TEST((x.transpose(0, 1).view({3, 2, 2, 2}).shape() == Shape{3, 2, 2, 2}));
  BOOST_TEST((x.slice(2, 0, 2).view({6, 2}).strides() == Strides{4, 1}));
  BOOST_TEST((zeros({0, 3}).view({3, 0, 5}).shape() == Shape{3, 0, 5}));
  BOOST_CHECK_EXCEPTION(x.transpose(0, 1).view({6, 4}), ShapeError,
                        saying("view: shape [3, 2, 4] with strides [4, 12, 1] can't be seen as "
                               "[6, 4] without a copy; use reshape()"));
  BOOST_TEST((x.transpose(0, 1).reshape({6, 4}).is_contiguous()));
}

BOOST_AUTO_TEST_CASE(nothing_is_recorded_without_need) {
  const Tensor x = randn({2, 3}, float64).requires_grad_();
  {
    no_grad guard;
    BOOST_TEST(!x[0].requires_grad());
    BOOST_TEST(!x.split(1)[0].requires_grad());
    BOOST_TEST(!x.clone().requires_grad());
  }
  BOOST_TEST(x[0].grad_fn() == "select");
  BOOST_TEST(!x.to(int64).requires_grad());
  BOOST_TEST(x.to(float32).grad_fn() == "to");
}

BOOST_AUTO_TEST_CASE(pieces_without_gradient_count_as_zeros) {
  const Tensor x = randn({3, 2}).requires_grad_();
  (x.unbind()[1] * 2).sum().backward();
  BOOST_TEST(x.grad().to_vector() == (std::vector<float>{0, 0, 2, 2, 0, 0}), per_element());
  x.set_grad({});
  (x.split({1, 2})[1] * 3).sum().backward();
  BOOST_TEST(x.grad().to_vector() == (std::vector<float>{0, 0, 3, 3, 3, 3}), per_element());
}

BOOST_AUTO_TEST_CASE(chunks_are_as_even_as_pytorchs) {
  const auto sizes = [](const std::vector<Tensor>& pieces) {
    std::vector<int64_t> all;
    for (const Tensor& t : pieces) all.push_back(t.size(0));
    return all;
  };
  BOOST_TEST(sizes(zeros(10).chunk(4)) == (std::vector<int64_t>{3, 3, 3, 1}), per_element());
  BOOST_TEST(sizes(zeros(5).chunk(4)) == (std::vector<int64_t>{2, 2, 1}), per_element());
  BOOST_TEST(sizes(zeros(0).chunk(2)) == (std::vector<int64_t>{0, 0}), per_element());
  BOOST_TEST(sizes(zeros(7).split(3)) == (std::vector<int64_t>{3, 3, 1}), per_element());
  BOOST_TEST(sizes(zeros(0).split(3)) == (std::vector<int64_t>{0}), per_element());
  BOOST_TEST(zeros({0, 2}).unbind().empty());
}

BOOST_AUTO_TEST_CASE(errors) {
  const Tensor x = zeros({2, 3}), scalar = zeros({});
  using S = ShapeError;
  using I = IndexError;
  BOOST_CHECK_EXCEPTION(Tensor().view({1}), Error, saying("view: the input is undefined"));
  BOOST_CHECK_EXCEPTION(x.reshape({4, 2}), S,
                        saying("reshape: shape [2, 3] holds 6 elements, which do not make [4, 2]"));
  BOOST_CHECK_EXCEPTION(x.view({-1, 4}), S, saying("which do not make [-1, 4]"));
  BOOST_CHECK_EXCEPTION(x.view({-1, -1}), S, saying("view: only one size can be -1"));
  BOOST_CHECK_EXCEPTION(x.view({-2, -3}), S, saying("which do not make [-2, -3]"));
  BOOST_CHECK_EXCEPTION(zeros({0}).view({-1, 0}), S, saying("which do not make [-1, 0]"));
  BOOST_CHECK_EXCEPTION(x.flatten(1, 0), S, saying("flatten: dimension 1 comes after dimension 0"));
  BOOST_CHECK_EXCEPTION(x.unflatten(1, {2, 2}), S, saying("unflatten: shape [3] holds 3 elements"));
  BOOST_CHECK_EXCEPTION(x.transpose(0, 2), I, saying("transpose: dimension 2 is out of range"));
  BOOST_CHECK_EXCEPTION(x.unsqueeze(0).t(), S, saying("t: expected at most 2 dimensions, got"));
  BOOST_CHECK_EXCEPTION(x.permute({0}), S, saying("permute: expected 2 dimensions"));
  BOOST_CHECK_EXCEPTION(x.permute({0, -2}), S, saying("permute: dimension 0 appears twice"));
  BOOST_CHECK_EXCEPTION(x.expand({3}), S, saying("expand: shape [2, 3] has more dimensions"));
  BOOST_CHECK_EXCEPTION(x.expand({4, 3}), S,
                        saying("expand: shape [2, 3] does not expand to [4, 3] (dimension 0)"));
  BOOST_CHECK_EXCEPTION(x.expand({-1, 2, 3}), S, saying("does not expand to [-1, 2, 3]"));
  BOOST_CHECK_EXCEPTION(scalar[0], S, saying("select: a tensor of rank 0 has no dimension"));
  BOOST_CHECK_EXCEPTION(x[2], I,
                        saying("select: index 2 is out of range for dimension 0 of shape [2, 3]"));
  BOOST_CHECK_EXCEPTION(x.slice(0, 0, 2, 0), Error, saying("slice: expected a step > 0, got 0"));
  BOOST_CHECK_EXCEPTION(x.narrow(1, 2, 2), I, saying("narrow: 2 elements from 2 on exceed"));
  BOOST_CHECK_EXCEPTION(x.narrow(1, 0, -1), I, saying("narrow: -1 elements"));
  BOOST_CHECK_EXCEPTION(x.split({1, 2}), S, saying("split: the sizes add up to 3, dimension 0"));
  BOOST_CHECK_EXCEPTION(x.split({-1, 3}), S, saying("split: a piece can't have size -1"));
  BOOST_CHECK_EXCEPTION(x.split(0), S, saying("split: expected a size > 0, got 0"));
  BOOST_CHECK_EXCEPTION(x.chunk(0), S, saying("chunk: expected chunks > 0, got 0"));
  BOOST_CHECK_EXCEPTION(x[0].diagonal(), S, saying("diagonal: expected at least 2 dimensions"));
  BOOST_CHECK_EXCEPTION(x.diagonal(0, 1, -1), S, saying("expected two different dimensions"));
  BOOST_CHECK_EXCEPTION(zeros(Shape::filled(16, 1)).unsqueeze(0), S,
                        saying("at most 16 dimensions are supported, got 17"));
}

// Convolutions lay their results out channels last, which a port of `x.view({n, -1})` can't see.
BOOST_AUTO_TEST_CASE(views_of_what_convolutions_give) {
  const Tensor x = randn({2, 3, 8, 8, 8}, float64).requires_grad_();
  const auto images = [](const Tensor& v) { return v.select(4, 0); };
  const std::vector<std::pair<const char*, std::function<Tensor()>>> makers = {
      {"conv1d",
       [&] {
         return conv1d(images(x).select(3, 0), ones({16, 3, 3}, float64));
       }},
      {"conv2d",
       [&] {
         return conv2d(images(x), ones({16, 3, 3, 3}, float64));
       }},
      {"conv3d",
       [&] {
         return conv3d(x, ones({16, 3, 3, 3, 3}, float64));
       }},
      {"one image",
       [&] {
         return conv2d(images(x)[0], ones({16, 3, 3, 3}, float64));
       }},
      {"transposed",
       [&] {
         return conv_transpose2d(images(x), ones({3, 16, 3, 3}, float64));
       }},
      {"pooled", [&] {
         return max_pool2d(relu(conv2d(images(x), ones({16, 3, 3, 3}, float64))), 2);
       }}};
  for (const bool recorded : {true, false})
    for (const auto& [name, make] : makers) {
      BOOST_TEST_CONTEXT(name << (recorded ? "" : ", not recorded")) {
        const GradMode mode(recorded);
        const Tensor y = make();
        const Tensor flat = y.view({y.size(0), -1});
        BOOST_TEST(equal(flat, y.reshape({y.size(0), -1})));
        if (recorded) {
          x.set_grad({});
          flat.square().sum().backward();
          const Tensor dx = x.grad();
          x.set_grad({});
          make().square().sum().backward();
          BOOST_TEST(allclose(dx, x.grad()));
        }
      }
    }
}

BOOST_AUTO_TEST_CASE(copies_that_view_makes_are_not_changed_unseen) {
  Tensor y = zeros({2, 4, 3, 3}).contiguous(MemoryFormat::channels_last);
  Tensor flat = y.view({2, -1});
  const auto saying_so = saying("view() has copied this tensor of shape");
  BOOST_CHECK_EXCEPTION(flat.add_(1), AutogradError, saying_so);
  BOOST_CHECK_EXCEPTION(flat[0] = 1, AutogradError, saying_so);
  BOOST_CHECK_EXCEPTION(y.view({-1}).zero_(), AutogradError, saying_so);
  y = Tensor();  // nobody is left to see the change
  flat.add_(1);
  BOOST_TEST(flat.sum().item() == 72);
  // What was turned by its user is not copied.
  BOOST_CHECK_THROW(zeros({2, 3}).t().view({-1}), ShapeError);
}
