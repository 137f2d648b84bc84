#include <limits>
#include <thread>

#include "inplace_cases.h"

using namespace rw;
using namespace rw::test;

BOOST_AUTO_TEST_SUITE(views)

BOOST_AUTO_TEST_CASE(change_their_base) {
  const Tensor x = from<float>({{1, 2}, {3, 4}}).requires_grad_();
  const Tensor z = from<float>({5, 6}).requires_grad_();
  Tensor y = x * 2;
  y[0] += z;
  BOOST_TEST(y.to_vector() == (std::vector<float>{7, 10, 6, 8}));
  BOOST_TEST(y.grad_fn() == "add_");
  y.sum().backward();
  BOOST_TEST(x.grad().to_vector() == (std::vector<float>{2, 2, 2, 2}));
  BOOST_TEST(z.grad().to_vector() == (std::vector<float>{1, 1}));
}

BOOST_AUTO_TEST_CASE(derivatives_of_all_changes) {
  const Tensor x = random_leaf({3, 4}), row = random_leaf({4}), one = random_leaf({});
  const Tensor positive = (rand({4}, float64) + 0.5).requires_grad_();
  const auto check_row = [&](const char* what, auto change, const Tensor& other) {
    check_change(what, [&](Tensor& y, Inputs in) { change(y[1], in[1]); }, {x, other});
    check_change(what, [&](Tensor& y, Inputs in) { change(y.narrow(0, 1, 2), in[1]); }, {x, other});
    check_change(what, [&](Tensor& y, Inputs in) { change(y, in[1]); }, {x, other});
  };
  check_row(
      "add_", [](Tensor v, const Tensor& w) { v.add_(w, 0.5); }, row);
  check_row(
      "sub_", [](Tensor v, const Tensor& w) { v.sub_(w); }, row);
  check_row(
      "mul_", [](Tensor v, const Tensor& w) { v.mul_(w); }, row);
  check_row(
      "div_", [](Tensor v, const Tensor& w) { v.div_(w); }, positive);
  check_row(
      "copy_", [](Tensor v, const Tensor& w) { v.copy_(w); }, row);
  check_row(
      "copy_ of one", [](Tensor v, const Tensor& w) { v.copy_(w * w); }, one);
  check_row(
      "relu_", [](Tensor v, const Tensor& w) { v.add_(w).relu_(); }, row);
  check_row(
      "clamp_", [](Tensor v, const Tensor&) { v.clamp_(0.1, 0.8); }, row);
  check_row(
      "fill_", [](Tensor v, const Tensor& w) { v.mul_(w).fill_(0.5); }, row);
  check_row(
      "zero_", [](Tensor v, const Tensor&) { v.zero_(); }, row);
  check_row(
      "numbers", [](Tensor v, const Tensor& w) { v.add_(2).mul_(3).mul_(w).div_(4).sub_(1); }, row);
  check_row(
      "masked_fill_",
      [](Tensor v, const Tensor& w) {
        v.masked_fill_(mask_of({1, 0, 0, 1}, {4}), 2).mul_(w);
      },
      row);
}

BOOST_AUTO_TEST_CASE(derivatives_of_all_views) {
  const Tensor x = random_leaf({3, 4}), w = random_leaf({});
  const std::vector<std::pair<const char*, std::function<Tensor(const Tensor&)>>> views = {
      {"select", [](const Tensor& y) { return y.select(1, -1); }},
      {"slice", [](const Tensor& y) { return y.slice(1, 0, 4, 3); }},
      {"index",
       [](const Tensor& y) {
         return y.index({Slice(1), None, Slice(0, 3, 2)});
       }},
      {"t", [](const Tensor& y) { return y.t(); }},
      {"permute",
       [](const Tensor& y) {
         return y.permute({1, 0});
       }},
      {"unsqueeze", [](const Tensor& y) { return y.unsqueeze(1); }},
      {"squeeze", [](const Tensor& y) { return y.narrow(0, 1, 1).squeeze(); }},
      {"unflatten",
       [](const Tensor& y) {
         return y.unflatten(1, {2, 2}).select(1, 1);
       }},
      {"diagonal", [](const Tensor& y) { return y.diagonal(1); }},
      {"empty", [](const Tensor& y) { return y.narrow(0, 1, 0); }},
      {"all", [](const Tensor& y) { return y.slice(0, 0); }},
      {"view of a view", [](const Tensor& y) { return y.t().narrow(0, 1, 2).select(1, 2); }},
  };
  for (const auto& [what, view] : views)
    check_change(what, [&view = view](Tensor& y, Inputs in) { view(y).mul_(in[1]).add_(1); },
                 {x, w});
  check_change("operators",
               [](Tensor& y, Inputs in) {
                 y[0] += in[1];
                 y[1] -= 2;
                 y.t()[1] *= in[1];
                 y.diagonal().div_(3);
               },
               {x, w});
  check_gradients(
      [](Inputs in) {
        const Tensor y = in[0] * 2;
        y.view({2, 6})[0].mul_(in[1]);
        y.flatten().narrow(0, 5, 4).mul_(in[1]);
        return y * y;
      },
      {x, w}, "view, flatten");
}

BOOST_AUTO_TEST_CASE(that_overlap) {
  check_change("two parts",
               [](Tensor& y, Inputs in) {
                 Tensor a = y.narrow(0, 0, 2), b = y.narrow(0, 1, 2), c = y.select(1, 0);
                 a.mul_(in[1]);
                 c.add_(b.select(1, 1).sum());
                 b.mul_(a);
                 a.copy_(b);
                 c.mul_(c);
               },
               {random_leaf({3, 4}), random_leaf({4})});
}

BOOST_AUTO_TEST_CASE(see_what_happened_to_their_base) {
  const Tensor x = random_leaf({3, 4}), w = random_leaf({4});
  check_gradients(
      [](Inputs in) {
        Tensor y = in[0] * 2;
        const Tensor part = y[1], before = (part + 0).square(), wide = y[2].expand({5, 4});
        y.mul_(in[1]);
        const Tensor scaled = (part + 0).sin() + wide.sum(0);
        y.t()[3].mul_(3);
        return before * scaled + part * part;
      },
      {x, w}, "the base changed");
  check_gradients(
      [](Inputs in) {
        Tensor y = in[0] * 2, part = y[1];
        part.mul_(in[1]);
        const Tensor once = part + 0;
        part.mul_(in[1]);
        return part * once + y.sum(0);
      },
      {x, w}, "the view itself changed");
  Tensor y = x * 2;
  const Tensor part = y[1];
  BOOST_TEST(part.grad_fn() == "select");
  y.add_(1);
  BOOST_TEST(part.grad_fn() == "as_strided");
  BOOST_TEST(grad({part.sum()}, {x})[0].to_vector() ==
             (std::vector<float>{0, 0, 0, 0, 2, 2, 2, 2, 0, 0, 0, 0}));
}

BOOST_AUTO_TEST_CASE(of_a_constant_bring_it_onto_the_tape) {
  const Tensor x = random_leaf({4}), w = random_leaf({2});
  check_gradients(
      [](Inputs in) {
        Tensor buffer = zeros({3, 4}, float64), first = buffer[0];
        buffer[1].copy_(in[0]);
        BOOST_TEST(first.requires_grad() == buffer.requires_grad());
        buffer[2].narrow(0, 1, 2).add_(in[1]);
        first.copy_((buffer[1] + 0) * (buffer[2] + 0));
        return buffer * buffer;
      },
      {x, w});
  const Tensor buffer = zeros({3, 4}, float64);
  const Tensor first = buffer[0];
  BOOST_TEST(!first.requires_grad());
  buffer[1].copy_(x);
  BOOST_TEST(buffer.requires_grad());
  BOOST_TEST(!buffer.is_leaf());
  BOOST_TEST(first.requires_grad());
  first.detach().fill_(3);
  buffer.sum().backward();
  BOOST_TEST(x.grad().to_vector() == (std::vector<float>{1, 1, 1, 1}));
}

BOOST_AUTO_TEST_CASE(made_within_an_op_are_tensors_of_their_own) {
  const Tensor x = random_leaf({2, 3}), w = random_leaf({3});
  check_gradients(
      [](Inputs in) {
        Tensor sum = in[0].sum(0);
        sum.mul_(in[1]);
        Tensor mean = in[0].mean(1);
        mean[0].mul_(2);
        return sum * sum * mean.sum();
      },
      {x, w});
  Tensor sum = [&] {
    const no_grad guard;
    return x.sum(0);
  }();
  sum.add_(w);
  BOOST_TEST(sum.requires_grad());
}

BOOST_AUTO_TEST_CASE(in_steps_of_a_recurrence) {
  check_gradients(
      [](Inputs in) {
        const Tensor states = zeros({5, 3}, float64);
        Tensor h = in[0];
        for (int64_t t = 0; t < 5; ++t) {
          h = (h * in[1]).tanh();
          states[t].copy_(h);
        }
        return states * states;
      },
      {random_leaf({3}), random_leaf({3})});
}

BOOST_AUTO_TEST_CASE(of_a_tensor_with_gaps) {
  check_gradients(
      [](Inputs in) {
        const Tensor buffer = zeros({4, 6}, float64).narrow(1, 1, 4).detach();
        buffer[1].copy_(in[0]);
        buffer.t().narrow(1, 1, 2).mul_(in[1]);
        return buffer * buffer;
      },
      {random_leaf({4}), random_leaf({2})});
}

BOOST_AUTO_TEST_CASE(of_channels_last_and_other_types) {
  for (const DType dtype : {float32, bfloat16}) {
    const Tensor x = randn({2, 3, 2, 2}).to(dtype).requires_grad_();
    Tensor y = (x * 2).contiguous(MemoryFormat::channels_last);
    y.select(1, 1).mul_(3);
    y.sum().backward();
    const Tensor g = x.grad();
    BOOST_TEST((g.dtype() == dtype));
    BOOST_TEST(g.select(1, 1).sum().item() == 48);
    BOOST_TEST(g.sum().item() == 48 + 2 * 16);
  }
}

BOOST_AUTO_TEST_CASE(leave_gradients_that_others_see) {
  const Tensor x = random_leaf({2, 3}), w = random_leaf({2, 3});
  Tensor y = x * 1;
  y.retain_grad();
  const Tensor before = y * 1;
  before.retain_grad();
  Tensor z = before * 1;
  z[0].zero_();
  z.retain_grad();
  const Tensor seed = ones({2, 3}, float64);
  (z * 1).backward(seed);
  BOOST_TEST(seed.sum().item() == 6);
  BOOST_TEST(z.grad().sum().item() == 6);
  BOOST_TEST(x.grad().to_vector() == (std::vector<float>{0, 0, 0, 1, 1, 1}));
}

BOOST_AUTO_TEST_CASE(are_read_by_several_threads) {
  const Tensor x = random_leaf({64, 8});
  Tensor y = x * 2;
  std::vector<Tensor> rows;
  for (int64_t i = 0; i < 64; ++i) rows.push_back(y[i]);
  y.mul_(3);
  std::vector<std::thread> threads;
  std::vector<Tensor> sums(4);
  for (size_t k = 0; k < sums.size(); ++k)
    threads.emplace_back([&, k] {
      Tensor sum = zeros({8}, float64);
      for (const Tensor& row : rows) sum = sum + row;
      sums[k] = sum;
    });
  for (std::thread& t : threads) t.join();
  for (const Tensor& sum : sums) sum.sum().backward({}, true);
  BOOST_TEST(x.grad().sum().item() == 4 * 6 * 64 * 8);
}

BOOST_AUTO_TEST_CASE(are_freed_with_their_base) {
  Storage* storage = nullptr;
  Tensor memory;
  {
    const Tensor x = random_leaf({4, 4});
    Tensor y = x * 2;
    Tensor a = y[0], b = a.narrow(0, 1, 2);
    a.mul_(y[1] * 3);
    b.relu_();
    y.add_(a);
    BOOST_TEST(b.requires_grad());
    memory = y.detach();
    storage = memory.impl()->storage.get();
    BOOST_TEST(storage->use_count() > 1);
  }
  BOOST_TEST(storage->use_count() == 1);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(refusals)

BOOST_AUTO_TEST_CASE(of_views_of_leaves) {
  const Tensor x = random_leaf({2, 3});
  BOOST_CHECK_EXCEPTION(x[0].add_(1), AutogradError,
                        saying("add_: a view of a leaf of shape [2, 3] that requires grad"));
  BOOST_CHECK_EXCEPTION(x.t()[0].copy_(zeros({2}, float64)), AutogradError,
                        saying("copy_: a view of a leaf of shape [2, 3]"));
  BOOST_CHECK_EXCEPTION(Tensor(x).index_put_({0}, zeros({3}, float64)), AutogradError,
                        saying("index_put_: a leaf of shape [2, 3] that requires grad"));
  const Tensor constant = zeros({2, 3}, float64), leaf = constant[0].requires_grad_();
  BOOST_CHECK_EXCEPTION(leaf.narrow(0, 0, 2).add_(1), AutogradError, saying("a view of a leaf"));
  const no_grad guard;
  x[0].fill_(7);
  BOOST_TEST(x[0].sum().item() == 21);
}

BOOST_AUTO_TEST_CASE(of_views_made_under_no_grad) {
  const Tensor x = random_leaf({2, 3});
  Tensor y = x * 2;
  const Tensor view = [&] {
    const no_grad guard;
    return y[0];
  }();
  BOOST_TEST(!view.requires_grad());
  Tensor same = view;
  same.add_(1);  // off the tape
  BOOST_CHECK_EXCEPTION(same.add_(x[0]), AutogradError,
                        saying("add_: a view of shape [3] that was made under no_grad"));
  BOOST_CHECK_EXCEPTION(view.narrow(0, 0, 3).add_(x[0]), AutogradError,
                        saying("that was made under no_grad"));
  y.add_(x);
  BOOST_CHECK_EXCEPTION(view * x[0], AutogradError,
                        saying("a view of shape [3] is used after its base was changed in place "
                               "by 'add_'"));
}

BOOST_AUTO_TEST_CASE(of_pieces) {
  const Tensor x = random_leaf({4, 3});
  Tensor y = x * 2;
  for (Tensor piece : {y.unbind()[1], y.split(2)[1], Tensor(y.chunk(2)[0][0])})
    BOOST_CHECK_EXCEPTION(piece.mul_(2), AutogradError,
                          saying("that split, chunk or unbind made can't be changed in place"));
  const Tensor piece = y.chunk(2)[0];
  y.mul_(3);
  BOOST_TEST(grad({piece.sum()}, {x})[0].sum().item() == 36);
  const no_grad guard;
  y.unbind()[1].zero_();
  BOOST_TEST(y[1].sum().item() == 0);
}

// Off the tape as on it: which of several values one place ends up with would be anyone's guess.
BOOST_AUTO_TEST_CASE(of_expanded_tensors) {
  const Tensor mask = ones({3}, boolean);
  const std::vector<std::pair<const char*, std::function<void(Tensor&)>>> changes = {
      {"add_", [](Tensor& t) { t.add_(1); }},
      {"add_", [](Tensor& t) { t.add_(rand({3})); }},
      {"sub_", [](Tensor& t) { t.sub_(1); }},
      {"sub_", [](Tensor& t) { t.sub_(rand({3})); }},
      {"mul_", [](Tensor& t) { t.mul_(2); }},
      {"mul_", [](Tensor& t) { t.mul_(rand({3})); }},
      {"div_", [](Tensor& t) { t.div_(2); }},
      {"div_", [](Tensor& t) { t.div_(rand({3})); }},
      {"copy_",
       [](Tensor& t) {
         t.copy_(rand({2, 3}));
       }},
      {"fill_", [](Tensor& t) { t.fill_(2); }},
      {"fill_", [](Tensor& t) { t.zero_(); }},
      {"relu_", [](Tensor& t) { t.relu_(); }},
      {"clamp_", [](Tensor& t) { t.clamp_(0, 1); }},
      {"masked_fill_", [&](Tensor& t) { t.masked_fill_(mask, 2); }},
      {"index_put_", [](Tensor& t) { t.index_put_({0}, rand({3}, t.dtype())); }},
      {"index_put_",
       [](Tensor& t) {
         t.index_put_({from({0, 1})}, rand({2, 3}, t.dtype()));
       }},
      {"uniform_", [](Tensor& t) { t.uniform_(); }},
      {"normal_", [](Tensor& t) { t.normal_(); }},
      {"bernoulli_", [](Tensor& t) { t.bernoulli_(); }},
  };
  const Tensor x = rand({3}), row = rand({1, 3}), leaf = random_leaf({3});
  for (Tensor wide : {x.expand({2, 3}), row.expand({2, 3}), x.expand({2, 3}).detach(),
                      Tensor(x.expand({4, 2, 3})[1]), (leaf * 2).expand({2, 3})})
    for (const auto& [name, change] : changes) {
      BOOST_CHECK_EXCEPTION(change(wide), AutogradError,
                            saying(std::string(name) + ": an expanded tensor of shape [2, 3]"));
      const no_grad guard;
      BOOST_CHECK_THROW(change(wide), AutogradError);
    }
  Tensor one_row = x.expand({1, 3});  // shares nothing
  one_row.add_(1);
}

BOOST_AUTO_TEST_CASE(of_elements_that_share_memory) {
  const Tensor x = random_leaf({3});
  Tensor wide = (x * 2).expand({2, 3});
  BOOST_CHECK_EXCEPTION(wide.add_(1), AutogradError,
                        saying("add_: an expanded tensor of shape [2, 3]"));
}

BOOST_AUTO_TEST_CASE(of_what_a_pullback_saved) {
  const Tensor x = random_leaf({2, 3}), w = random_leaf({2, 3});
  Tensor y = x * 2;
  const Tensor z = y * w;
  y[0].add_(1);
  BOOST_CHECK_EXCEPTION(z.sum().backward(), AutogradError,
                        saying("mul: a tensor of shape [2, 3] that its backward needs was changed "
                               "in place by 'add_'"));
}

BOOST_AUTO_TEST_CASE(of_what_a_pullback_saved_by_other_data_in_the_same_memory) {
  const Tensor x = random_leaf({2, 2}), w = randn({2, 2}, float64);
  const Tensor y = x * w;
  w.set_data(w);
  y.sum().backward({}, true);
  BOOST_TEST(equal(x.grad(), w));
  w.set_data(w.t());
  BOOST_CHECK_EXCEPTION(y.sum().backward(), AutogradError,
                        saying("that its backward needs was changed in place by 'set_data'"));
}

// The elements of a view are none of its base's any more.
BOOST_AUTO_TEST_CASE(of_views_whose_base_has_other_data) {
  const Tensor w = random_leaf({2});
  const auto narrowed = [](const Tensor& x) { return x.detach().narrow(0, 0, 1); };
  for (const int64_t n : {4, 1, 0}) {  // 0: a part of the same memory
    const Tensor x = zeros({4}, float64);
    Tensor view = x.narrow(0, 2, 2);
    x.set_data(n > 0 ? zeros({n}, float64) : narrowed(x));
    BOOST_CHECK_EXCEPTION(
        view.mul_(w), AutogradError,
        saying("mul_: a view of shape [2], whose base set_data has given other data"));
    BOOST_TEST(!x.requires_grad());
    view.fill_(3);
    BOOST_TEST(view.sum().item() == 6);
  }
  Tensor x = zeros({4}, float64);
  const Tensor stale = x.narrow(0, 2, 2);
  x.set_data(narrowed(x));
  x.add_(w[0]);
  BOOST_CHECK_EXCEPTION(stale * w, AutogradError,
                        saying("a view of shape [2] is used after its base was changed in place"));
  // All of it is still there.
  Tensor whole = ones({4}, float64), part = whole.narrow(0, 2, 2);
  whole.set_data(whole.detach().view({2, 2}));
  part.mul_(w);
  whole.sum().backward();
  BOOST_TEST(equal(w.grad(), ones({2}, float64)));
}

BOOST_AUTO_TEST_CASE(data_that_can_not_have_the_gradient_of_a_leaf) {
  Tensor w = rand({3}).requires_grad_();
  for (const DType dtype : {int64, uint8, boolean})
    BOOST_CHECK_EXCEPTION(w.set_data(zeros({3}, dtype)), DTypeError,
                          saying("set_data: the tensor requires a gradient"));
  BOOST_CHECK_EXCEPTION(w.set_data(Tensor()), Error, saying("set_data: the data is an undefined"));
  w.set_data(zeros({2}, float64));
  BOOST_TEST((w.dtype() == float64 && w.requires_grad()));
  w.requires_grad_(false);
  w.set_data(zeros({2}, int64));
  BOOST_TEST((w.dtype() == int64));
}

// Only what a gradient needs is kept.
BOOST_AUTO_TEST_CASE(operands_that_no_gradient_needs_may_change) {
  const Tensor constant = rand({3}, float64) + 1;
  const auto changed_after = [&](const std::function<Tensor(const Tensor&)>& f) {
    const Tensor x = ones({3}, float64).requires_grad_();
    Tensor y = x * 1;
    const Tensor z = f(y);
    y.mul_(5);
    z.sum().backward();
    return x.grad();
  };
  BOOST_TEST(equal(changed_after([&](const Tensor& y) { return y * constant; }), constant));
  BOOST_TEST(equal(changed_after([&](const Tensor& y) { return constant * y; }), constant));
  BOOST_TEST(equal(changed_after([&](const Tensor& y) { return y / constant; }), 1 / constant));
  BOOST_TEST(equal(changed_after([&](const Tensor& y) { return matmul(y, constant); }), constant));
  BOOST_CHECK_THROW(changed_after([](const Tensor& y) { return y * y; }), AutogradError);
  BOOST_CHECK_THROW(changed_after([&](const Tensor& y) { return constant / y; }), AutogradError);
}

BOOST_AUTO_TEST_SUITE_END()
