#pragma once
// Derivatives of functions, as in JAX and torch.func: what takes a function here gives its
// derivative, which is again a function or the value of one.
//
// The function may be any callable. It takes its tensors one by one, `f(x, y)`, or as one
// `const std::vector<Tensor>&`, and returns a tensor, or several in a vector. `inputs` is a tensor,
// or several in a vector or in braces: `jacobian(f, {x, y})`. Whatever there is one of for each
// input or output comes as a tensor where that is one tensor, and as a vector where it is a vector.
//
// - Inputs are left alone: their requires_grad does not matter, and nothing goes into any grad().
//   They are floating; those the function does not depend on get zeros (`strict`: an error).
// - Inside the function ops are recorded, under no_grad as well.
// - Results are on the tape by the rule for all ops: if the caller records, and if they depend on a
//   tensor outside that requires a gradient, be it an input or one that the function captures. So
//   derivatives nest, `grad(grad(f))(x)`, and losses can contain them; where nobody can ask for
//   more, no second tape is written. PyTorch's create_graph, in other words, is chosen by need.

#include <concepts>
#include <functional>
#include <initializer_list>
#include <type_traits>
#include <utility>
#include <vector>

#include <rewind/tensor/tensor.h>

#pragma GCC visibility push(default)

namespace rw {

/// A function in its most general form.
using TensorFunction = std::function<std::vector<Tensor>(const std::vector<Tensor>&)>;

namespace detail {

using Tensors = std::vector<Tensor>;

/// What comes for a T: one tensor for one, several for several.
template <class T>
using Like = std::conditional_t<std::is_convertible_v<const T&, Tensor>, Tensor, Tensors>;

inline Tensors listed(Tensor t) { return {std::move(t)}; }
inline Tensors listed(Tensors t) { return t; }

template <class T>
T unlisted(Tensors t) {
  if constexpr (std::is_same_v<T, Tensor>)
    return std::move(t[0]);
  else
    return t;
}

template <class F, size_t... i>
auto call_with(const F& f, const Tensors& in, std::index_sequence<i...>) -> decltype(f(in[i]...)) {
  return f(in[i]...);
}

template <class F, size_t n>
concept TakesTensors = requires(const F& f, const Tensors& in) {
  call_with(f, in, std::make_index_sequence<n>());
};

/// How many tensors f takes one by one; 0 where that can't be seen.
template <class F, size_t n = 1>
constexpr size_t arity() {
  if constexpr (TakesTensors<F, n>)
    return n;
  else if constexpr (n < 8)
    return arity<F, n + 1>();
  else
    return 0;
}

void check_arity(const char* op, size_t inputs, size_t arity);

template <class F>
auto call(const char*, const F& f, const Tensor& x) {
  return f(x);
}
template <class F>
auto call(const char* op, const F& f, const Tensors& in) {
  if constexpr (std::is_invocable_v<const F&, const Tensors&>) {
    return f(in);
  } else {
    constexpr size_t n = arity<F>();
    static_assert(n > 0, "expected a function of up to 8 tensors, or of a std::vector<Tensor>");
    check_arity(op, in.size(), n);
    return call_with(f, in, std::make_index_sequence<n>());
  }
}

template <class F, class In>
using Output = Like<decltype(call("", std::declval<const F&>(), std::declval<const Like<In>&>()))>;

template <class In, class F>
TensorFunction on_lists(const char* op, const F& f) {
  return [op, &f](const Tensors& in) { return listed(call(op, f, unlisted<Like<In>>(in))); };
}

// The work, on lists. All but `value_and_grads` name themselves in messages.
struct ValueAndGrads {
  Tensor value;
  Tensors grads;
};
ValueAndGrads value_and_grads(const char* op, const TensorFunction& f, const Tensors& inputs,
                              const std::vector<int>& argnums);
ValueAndGrads value_and_all_grads(const char* op, const TensorFunction& f, const Tensors& inputs);

struct Products {
  Tensors outputs;
  Tensors products;
};
Products vjp(const TensorFunction& f, const Tensors& inputs, const Tensors& v, bool strict);
Products jvp(const TensorFunction& f, const Tensors& inputs, const Tensors& tangents, bool strict);
Products hvp(const TensorFunction& f, const Tensors& inputs, const Tensors& v, bool strict);

using Blocks = std::vector<Tensors>;
Blocks jacobian(const TensorFunction& f, const Tensors& inputs, bool strict);
Blocks hessian(const TensorFunction& f, const Tensors& inputs, bool strict);

/// Blocks by row and column, without the dimension in which there is one tensor, not a list.
template <class Row, class Column>
auto unlisted_blocks(Blocks blocks) {
  if constexpr (std::is_same_v<Column, Tensor>) {
    Tensors column;
    for (Tensors& row : blocks) column.push_back(std::move(row[0]));
    return unlisted<Row>(std::move(column));
  } else if constexpr (std::is_same_v<Row, Tensor>) {
    return std::move(blocks[0]);
  } else {
    return blocks;
  }
}

template <class F, class... T>
concept GivesTensor = std::is_invocable_r_v<Tensor, const F&, const T&...>;

template <class F, class Argnums>
concept TakesList = std::is_same_v<Argnums, int> && GivesTensor<F, Tensors>;

/// What grad and value_and_grad return. Argnums is int for one gradient, a vector for several.
template <bool with_value, class F, class Argnums>
class Gradient {
 public:
  Gradient(F f, Argnums argnums) : f_(std::move(f)), argnums_(std::move(argnums)) {}

  template <std::convertible_to<Tensor>... T>
  requires GivesTensor<F, T...>
  auto operator()(const T&... x) const {
    const auto f = [&](const Tensors& in) {
      return listed(call_with(f_, in, std::index_sequence_for<T...>()));
    };
    using Grads = std::conditional_t<std::is_same_v<Argnums, int>, Tensor, Tensors>;
    return result<Grads>(value_and_grads(name, f, {x...}, {argnums_}));
  }

  /// Of a function of a list: gradients of the whole list.
  auto operator()(const Tensors& inputs) const requires TakesList<F, Argnums> {
    const auto f = [&](const Tensors& in) { return listed(f_(in)); };
    return result<Tensors>(value_and_all_grads(name, f, inputs));
  }

 private:
  static constexpr const char* name = with_value ? "value_and_grad" : "grad";

  template <class Grads>
  static auto result(ValueAndGrads r) {
    Grads grads = unlisted<Grads>(std::move(r.grads));
    if constexpr (with_value)
      return std::pair(std::move(r.value), std::move(grads));
    else
      return grads;
  }

  F f_;
  Argnums argnums_;
};

}  // namespace detail

///@{
/// The gradient of f, which returns one element, as a function of the same tensors:
/// `grad(f)(x, y)` is the derivative by x, `grad(f, 1)(x, y)` that by y, `grad(f, {0, 1})(x, y)`
/// the vector of both. Negative numbers count from the end. For a function of a std::vector<Tensor>
/// it gives a vector, the derivatives by all of them. Tensors other than those asked for may be of
/// any dtype. (For gradients of tensors there is `grad(outputs, inputs)`.)
template <class F>
auto grad(F f, int argnum = 0) {
  return detail::Gradient<false, F, int>(std::move(f), argnum);
}
template <class F>
auto grad(F f, std::initializer_list<int> argnums) {
  return detail::Gradient<false, F, std::vector<int>>(std::move(f), argnums);
}
///@}

///@{
/// The same with f's value: `const auto [loss, dw] = value_and_grad(f)(w, x);`.
template <class F>
auto value_and_grad(F f, int argnum = 0) {
  return detail::Gradient<true, F, int>(std::move(f), argnum);
}
template <class F>
auto value_and_grad(F f, std::initializer_list<int> argnums) {
  return detail::Gradient<true, F, std::vector<int>>(std::move(f), argnums);
}
///@}

/// f's outputs, and the product v^T J of `v`, shaped as they are, with f's Jacobian: shaped as the
/// inputs. `v` may be left out where f returns one element.
template <class F, class In = std::vector<Tensor>>
auto vjp(const F& f, const In& inputs, const detail::Output<F, In>& v = {}, bool strict = false) {
  using Out = detail::Output<F, In>;
  auto r = detail::vjp(detail::on_lists<In>("vjp", f), detail::listed(inputs), detail::listed(v),
                       strict);
  return std::pair(detail::unlisted<Out>(std::move(r.outputs)),
                   detail::unlisted<detail::Like<In>>(std::move(r.products)));
}

/// f's outputs, and the product J t of its Jacobian with `tangents`, shaped as the inputs: how the
/// outputs change as the inputs move that way. It is exact, and done by reverse mode twice: u^T J
/// is linear in u, so that its derivative by u, in the direction t, is J t (Townsend, "A new trick
/// for calculating Jacobian vector products", 2017).
template <class F, class In = std::vector<Tensor>>
auto jvp(const F& f, const In& inputs, const std::type_identity_t<detail::Like<In>>& tangents,
         bool strict = false) {
  using Out = detail::Output<F, In>;
  auto r = detail::jvp(detail::on_lists<In>("jvp", f), detail::listed(inputs),
                       detail::listed(tangents), strict);
  return std::pair(detail::unlisted<Out>(std::move(r.outputs)),
                   detail::unlisted<Out>(std::move(r.products)));
}

/// All derivatives of all outputs by all inputs, by one backward pass for every element of the
/// outputs. The derivatives of an output of shape S by an input of shape T have the shape S + T.
/// One output and one input give a tensor, several outputs or inputs a vector; several of both a
/// vector for each output.
template <class F, class In = std::vector<Tensor>>
auto jacobian(const F& f, const In& inputs, bool strict = false) {
  return detail::unlisted_blocks<detail::Output<F, In>, detail::Like<In>>(
      detail::jacobian(detail::on_lists<In>("jacobian", f), detail::listed(inputs), strict));
}

/// All second derivatives of f, which returns one element, as the Jacobian of its gradient: a
/// tensor of shape T + T for an input of shape T; for several inputs, a vector of rows of blocks,
/// where block [i][j] has the shape of input i and then that of input j.
template <class F, class In = std::vector<Tensor>>
auto hessian(const F& f, const In& inputs, bool strict = false) {
  return detail::unlisted_blocks<detail::Like<In>, detail::Like<In>>(
      detail::hessian(detail::on_lists<In>("hessian", f), detail::listed(inputs), strict));
}

/// f's value, which is one element, and the product H v of its Hessian with `v`, both shaped as the
/// inputs: one more backward pass, along the tape of the gradient. (That computes v^T H; the
/// Hessian is symmetric.)
template <class F, class In = std::vector<Tensor>>
auto hvp(const F& f, const In& inputs, const std::type_identity_t<detail::Like<In>>& v,
         bool strict = false) {
  using Out = detail::Output<F, In>;
  auto r = detail::hvp(detail::on_lists<In>("hvp", f), detail::listed(inputs), detail::listed(v),
                       strict);
  return std::pair(detail::unlisted<Out>(std::move(r.outputs)),
                   detail::unlisted<detail::Like<In>>(std::move(r.products)));
}

}  // namespace rw

#pragma GCC visibility pop
