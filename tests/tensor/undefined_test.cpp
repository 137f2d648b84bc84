// Every member and every factory on an undefined tensor.

#include <boost/test/unit_test.hpp>
#include <functional>
#include <map>
#include <string>

#include <rewind/rewind.h>

using namespace rw;

namespace {

struct Call {
  const char* member;
  std::function<void(Tensor&)> call;
};

// What a call says, or nothing where it throws nothing.
std::string message_of(const std::function<void(Tensor&)>& call) {
  Tensor undefined;
  try {
    call(undefined);
  } catch (const Error& e) {
    return e.what();
  }
  return "";
}

void check_all(const std::vector<Call>& calls) {
  for (const Call& c : calls) {
    const std::string message = message_of(c.call);
    BOOST_TEST(message.rfind(c.member + std::string(": "), 0) == 0,
               c.member << " says: " << message);
    BOOST_TEST(message.find("undefined") != std::string::npos, c.member << " says: " << message);
  }
}

const Tensor defined = ones({2, 2});

}  // namespace

#define CALL(member, ...)                                                 \
  {                                                                       \
#member, [](Tensor & u) { static_cast<void>(u.member(__VA_ARGS__)); } \
  }

BOOST_AUTO_TEST_CASE(what_it_is_and_its_data) {
  check_all({CALL(shape),
             CALL(sizes),
             CALL(strides),
             CALL(size, 0),
             CALL(stride, 0),
             CALL(dim),
             CALL(numel),
             CALL(dtype),
             CALL(itemsize),
             CALL(nbytes),
             CALL(is_floating_point),
             CALL(is_contiguous),
             CALL(raw_data),
             CALL(item),
             CALL(to_vector),
             CALL(to, float64),
             CALL(contiguous),
             CALL(clone),
             {"data", [](Tensor& u) { u.data<float>(); }},
             {"accessor", [](Tensor& u) { u.accessor<float, 1>(); }},
             {"item", [](Tensor& u) { static_cast<void>(u.item_scalar()); }},
             {"type_as", [](Tensor& u) { static_cast<void>(defined.type_as(u)); }}});
  BOOST_TEST(!Tensor().defined());
  BOOST_TEST(!Tensor().is_same(defined));
  BOOST_TEST(to_string(Tensor()) == "tensor(undefined)");
}

BOOST_AUTO_TEST_CASE(the_tape) {
  check_all({CALL(requires_grad),
             CALL(is_leaf),
             CALL(requires_grad_),
             CALL(grad),
             CALL(set_grad, defined),
             CALL(set_data, defined),
             CALL(retain_grad),
             CALL(detach),
             CALL(backward),
             CALL(grad_fn),
             {"set_data", [](Tensor& u) { ones(2).set_data(u); }}});
}

BOOST_AUTO_TEST_CASE(views) {
  check_all({CALL(view, Shape{1}),
             CALL(reshape, Shape{1}),
             CALL(flatten),
             CALL(unflatten, 0, 1),
             CALL(transpose, 0, 1),
             CALL(t),
             CALL(permute, Dims{0}),
             CALL(expand, Shape{1}),
             CALL(squeeze),
             CALL(squeeze, 0),
             CALL(unsqueeze, 0),
             CALL(select, 0, 0),
             CALL(slice, 0, 0),
             CALL(narrow, 0, 0, 1),
             CALL(split, 1),
             CALL(split, std::vector<int64_t>{1}),
             CALL(chunk, 1),
             CALL(unbind),
             CALL(diagonal),
             CALL(expand_as, defined),
             {"select", [](Tensor& u) { static_cast<void>(u[0]); }},
             {"index", [](Tensor& u) { u.index({0}); }},
             {"index", [](Tensor& u) { defined.index({u}); }},
             {"expand_as", [](Tensor& u) { static_cast<void>(defined.expand_as(u)); }}});
}

BOOST_AUTO_TEST_CASE(computing) {
  check_all({CALL(abs),
             CALL(neg),
             CALL(exp),
             CALL(log),
             CALL(log1p),
             CALL(sqrt),
             CALL(rsqrt),
             CALL(reciprocal),
             CALL(square),
             CALL(sin),
             CALL(cos),
             CALL(tanh),
             CALL(sigmoid),
             CALL(erf),
             CALL(relu),
             CALL(pow, defined),
             CALL(pow, 2),
             CALL(clamp, 0, 1),
             CALL(masked_fill, defined, 0),
             CALL(eq, defined),
             CALL(matmul, defined),
             CALL(gather, 0, defined),
             CALL(index_select, 0, defined)});
  check_all({CALL(sum),          CALL(sum, 0),     CALL(mean),          CALL(mean, 0),
             CALL(var),          CALL(std),        CALL(var, Dims{0}),  CALL(std, Dims{0}),
             CALL(amax),         CALL(amin),       CALL(max),           CALL(min),
             CALL(max, 0),       CALL(min, 0),     CALL(argmax),        CALL(argmax, 0),
             CALL(argmin),       CALL(argmin, 0),  CALL(prod),          CALL(prod, 0),
             CALL(logsumexp, 0), CALL(all),        CALL(all, 0),        CALL(any),
             CALL(any, 0),       CALL(softmax, 0), CALL(log_softmax, 0)});
}

BOOST_AUTO_TEST_CASE(in_place) {
  check_all({CALL(add_, defined),
             CALL(add_, 1),
             CALL(sub_, defined),
             CALL(sub_, 1),
             CALL(mul_, defined),
             CALL(mul_, 1),
             CALL(div_, defined),
             CALL(div_, 1),
             CALL(copy_, defined),
             CALL(fill_, 0),
             CALL(relu_),
             CALL(clamp_, 0, 1),
             CALL(masked_fill_, defined, 0),
             CALL(uniform_),
             CALL(normal_),
             CALL(bernoulli_),
             {"fill_", [](Tensor& u) { u.zero_(); }},
             {"index_put_", [](Tensor& u) { u.index_put_({0}, defined); }}});
}

BOOST_AUTO_TEST_CASE(factories) {
  check_all({{"empty_like", [](Tensor& u) { empty_like(u); }},
             {"zeros_like", [](Tensor& u) { zeros_like(u); }},
             {"ones_like", [](Tensor& u) { ones_like(u); }},
             {"full_like", [](Tensor& u) { full_like(u, 1); }},
             {"rand_like", [](Tensor& u) { rand_like(u); }},
             {"randn_like", [](Tensor& u) { randn_like(u); }},
             {"empty_like", [](Tensor& u) { empty_like(u, float64); }}});
}
