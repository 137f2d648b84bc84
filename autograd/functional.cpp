#include <rewind/autograd/functional.h>

#include <algorithm>
#include <numeric>
#include <unordered_set>

#include <rewind/autograd/autograd.h>
#include <rewind/tensor/check.h>
#include <rewind/tensor/factories.h>

namespace rw::detail {

namespace {

// A call of f on inputs of its own, and the tape from them to the outputs.
class Evaluation {
 public:
  // Inputs at `wanted` will be differentiated by; f gets the others as they are.
  Evaluation(const char* op, const TensorFunction& f, Tensors inputs,
             const std::vector<size_t>& wanted)
      : op_(op), caller_records_(is_grad_enabled()) {
    const enable_grad guard;
    for (const size_t i : wanted) inputs_.push_back(inputs[i] = own(inputs[i], i));
    first_ = inputs_.front().impl()->node->sequence();
    outputs_ = f(inputs);
    for (const Tensor& y : outputs_) {
      check(y.defined(), "{}: the function returned an undefined tensor", op);
      check<DTypeError>(y.is_floating_point(),
                        "{}: the function returned {}; only floating tensors have derivatives", op,
                        y.dtype());
    }
  }

  Evaluation(const char* op, const TensorFunction& f, const Tensors& inputs)
      : Evaluation(op, f, inputs, all_positions(op, inputs.size())) {}

  const Tensors& inputs() const { return inputs_; }
  const Tensors& outputs() const { return outputs_; }

  const Tensors& one_element() const {
    check<ShapeError>(outputs_.size() == 1,
                      "{}: expected a function that returns one tensor, got {}", op_,
                      outputs_.size());
    check<ShapeError>(outputs_[0].numel() == 1,
                      "{}: expected a function that returns one element, got shape {}; reduce it, "
                      "as by sum(), or use jacobian",
                      op_, outputs_[0].shape());
    return outputs_;
  }

  // Whether what is computed from these may be differentiated again.
  bool again(const Tensors& outputs, const Tensors& v = {}) const {
    return caller_records_ && (leads_out(outputs) || leads_out(v));
  }

  // A result as the caller gets it: off the tape if that only leads to inputs of this call's own.
  Tensor finish(const Tensor& t) const {
    return !t.requires_grad() || (caller_records_ && leads_out({t})) ? t : t.detach();
  }
  Tensors finish(Tensors all) const {
    for (Tensor& t : all) t = finish(t);
    return all;
  }

  static std::vector<size_t> all_positions(const char* op, size_t n) {
    check(n > 0, "{}: expected at least one input", op);
    std::vector<size_t> all(n);
    std::iota(all.begin(), all.end(), 0);
    return all;
  }

 private:
  // The same data at a place of its own on the tape: behind the caller's if there is one.
  Tensor own(const Tensor& x, size_t i) const {
    check(x.defined(), "{}: input {} is undefined", op_, i);
    check<DTypeError>(x.is_floating_point(),
                      "{}: input {} is {}; only floating tensors have derivatives, so convert it, "
                      "as by to(float32)",
                      op_, i, x.dtype());
    if (caller_records_ && x.requires_grad()) return x.expand(x.shape());
    return x.detach().requires_grad_();
  }

  // Whether the tape leads to something older than this call.
  bool leads_out(const Tensors& from) const {
    std::vector<const Node*> open;
    std::unordered_set<const Node*> seen;
    for (const Tensor& t : from)
      if (t.defined() && t.requires_grad()) open.push_back(t.impl()->node);
    while (!open.empty()) {
      const Node* node = open.back();
      open.pop_back();
      if (!seen.insert(node).second) continue;
      if (node->sequence() < first_) return true;
      for (const Edge& e : node->inputs())
        if (e.node) open.push_back(e.node.get());
    }
    return false;
  }

  const char* op_;
  bool caller_records_;
  uint64_t first_ = 0;  // sequence number of this call's first node
  Tensors inputs_, outputs_;
};

// Derivatives of the outputs, weighed by v, by the inputs; undefined for those that do not matter.
// The tape is kept for a next time with `retain`, and the results are on it with `create`.
Tensors pull_back(const Tensors& outputs, const Tensors& inputs, const Tensors& v, bool retain,
                  bool create) {
  Tensors active, weights;
  for (size_t k = 0; k < outputs.size(); ++k) {
    if (!outputs[k].defined() || !outputs[k].requires_grad()) continue;
    active.push_back(outputs[k]);
    weights.push_back(v[k]);
  }
  if (active.empty()) return Tensors(inputs.size());
  return rw::grad(active, inputs, weights, retain, create, /*allow_unused=*/true);
}

// Zeros for derivatives that are undefined, or with `strict` an error: there is one for each
// `what`.
void complete(const char* op, const char* what, Tensors& derivatives, const Tensors& like,
              bool strict = false) {
  for (size_t i = 0; i < like.size(); ++i) {
    if (derivatives[i].defined()) continue;
    check<AutogradError>(!strict, "{}: {} {} has no part in the derivatives, as strict asks for",
                         op, what, i);
    derivatives[i] = zeros_like(like[i]);
  }
}

// Vectors to multiply with, each shaped as one of `like`.
void check_vectors(const char* op, const char* name, const Tensors& v, const char* what,
                   const Tensors& like) {
  check(v.size() == like.size(), "{}: expected {} of {} tensors, one for each {}, got {}", op, name,
        like.size(), what, v.size());
  for (size_t i = 0; i < v.size(); ++i) {
    check(v[i].defined(), "{}: tensor {} of {} is undefined", op, i, name);
    check<ShapeError>(v[i].shape() == like[i].shape(),
                      "{}: tensor {} of {} has shape {}, but {} {} has {}", op, i, name,
                      v[i].shape(), what, i, like[i].shape());
    check<DTypeError>(v[i].dtype() == like[i].dtype(), "{}: tensor {} of {} is {}, but {} {} is {}",
                      op, i, name, v[i].dtype(), what, i, like[i].dtype());
  }
}

std::vector<size_t> positions(const char* op, const std::vector<int>& argnums, size_t n) {
  check(!argnums.empty(), "{}: expected at least one argnum", op);
  std::vector<size_t> found;
  for (const int a : argnums) {
    const auto count = static_cast<int>(n);
    check<IndexError>(a >= -count && a < count, "{}: argnum {} is out of range for {} tensors", op,
                      a, n);
    found.push_back(static_cast<size_t>(a < 0 ? a + count : a));
    check(std::count(found.begin(), found.end(), found.back()) == 1, "{}: argnum {} is given twice",
          op, a);
  }
  return found;
}

ValueAndGrads differentiate(const char* op, const Evaluation& e) {
  const Tensors& y = e.one_element();
  const bool again = e.again(y);
  Tensors grads = pull_back(y, e.inputs(), {Tensor()}, again, again);
  complete(op, "input", grads, e.inputs());
  return {e.finish(y[0]), e.finish(std::move(grads))};
}

// A one at element i, zeros elsewhere.
Tensor unit(const Tensor& like, int64_t i) {
  Tensor u = zeros(like.shape(), like.dtype());
  u.view(-1).select(0, i).fill_(1);
  return u;
}

// Rows, each shaped as `x`, one under another, with the dimensions `outer` to count them. Undefined
// ones are zeros.   d rows[i] = g[i]
Tensor stacked(const Tensors& rows, const Shape& outer, const Tensor& x) {
  Tensor out = make_tensor({outer.numel(), x.numel()}, x.dtype());
  for (size_t i = 0; i < rows.size(); ++i) {
    const no_grad guard;
    Tensor row = out.select(0, static_cast<int64_t>(i)).view(x.shape());
    if (rows[i].defined())
      row.copy_(rows[i]);
    else
      row.zero_();
  }
  const auto pullback = [n = rows.size(), inner = x.shape()](const Tensor& g,
                                                             Needs needs) -> Grads {
    Tensors grads(n);
    for (size_t i = 0; i < n; ++i)
      if (needs[i]) grads[i] = g.select(0, static_cast<int64_t>(i)).reshape(inner);
    return grads;
  };
  Shape shape = outer;
  for (const int64_t n : x.shape()) shape.push_back(n);
  return record("jacobian", out, rows, pullback).reshape(shape);
}

// `what` the outputs are, for messages.
Blocks jacobian_of(const char* op, const char* what, const TensorFunction& f, const Tensors& inputs,
                   bool strict) {
  const Evaluation e(op, f, inputs);
  const bool again = e.again(e.outputs());
  Blocks blocks;
  for (size_t k = 0; k < e.outputs().size(); ++k) {
    const Tensor& y = e.outputs()[k];
    for (const Tensor& x : inputs)
      check<ShapeError>(y.dim() + x.dim() <= Shape::max_rank,
                        "{}: {} {} of shape {} by an input of shape {} makes more than {} dims; "
                        "flatten them",
                        op, what, k, y.shape(), x.shape(), Shape::max_rank);
    std::vector<Tensors> rows(inputs.size());  // of each block
    for (int64_t i = 0; i < y.numel(); ++i) {
      Tensors row = pull_back({y}, e.inputs(), {unit(y, i)}, /*retain=*/true, again);
      for (size_t j = 0; j < row.size(); ++j) {
        check<AutogradError>(row[j].defined() || !strict, "{}: {} {} does not depend on input {}",
                             op, what, k, j);
        rows[j].push_back(std::move(row[j]));
      }
    }
    Tensors& line = blocks.emplace_back();
    for (size_t j = 0; j < inputs.size(); ++j)
      line.push_back(e.finish(stacked(rows[j], y.shape(), inputs[j])));
  }
  return blocks;
}

}  // namespace

void check_arity(const char* op, size_t inputs, size_t arity) {
  check(inputs == arity, "{}: the function takes {} tensors, got {} inputs", op, arity, inputs);
}

ValueAndGrads value_and_grads(const char* op, const TensorFunction& f, const Tensors& inputs,
                              const std::vector<int>& argnums) {
  return differentiate(op, Evaluation(op, f, inputs, positions(op, argnums, inputs.size())));
}

ValueAndGrads value_and_all_grads(const char* op, const TensorFunction& f, const Tensors& inputs) {
  return differentiate(op, Evaluation(op, f, inputs));
}

Products vjp(const TensorFunction& f, const Tensors& inputs, const Tensors& v, bool strict) {
  const Evaluation e("vjp", f, inputs);
  const Tensors& y = e.outputs();
  const bool left_out = v.empty() || (v.size() == 1 && !v[0].defined());
  if (left_out)
    check<ShapeError>(y.size() == 1 && y[0].numel() == 1,
                      "vjp: only for a function that returns one element v may be left out");
  else
    check_vectors("vjp", "v", v, "output", y);
  const bool again = e.again(y, v);
  Tensors products =
      pull_back(y, e.inputs(), left_out ? Tensors{ones_like(y[0])} : v, again, again);
  complete("vjp", "input", products, e.inputs(), strict);
  return {e.finish(y), e.finish(std::move(products))};
}

Products jvp(const TensorFunction& f, const Tensors& inputs, const Tensors& tangents, bool strict) {
  check_vectors("jvp", "tangents", tangents, "input", inputs);
  const Evaluation e("jvp", f, inputs);
  const Tensors& y = e.outputs();
  const bool again = e.again(y, tangents);
  Tensors u;
  for (const Tensor& t : y) u.push_back(zeros_like(t).requires_grad_());
  const Tensors linear = pull_back(y, e.inputs(), u, /*retain=*/true, /*create=*/true);
  Tensors products = pull_back(linear, u, tangents, again, again);
  complete("jvp", "output", products, y, strict);
  return {e.finish(y), e.finish(std::move(products))};
}

Products hvp(const TensorFunction& f, const Tensors& inputs, const Tensors& v, bool strict) {
  check_vectors("hvp", "v", v, "input", inputs);
  const Evaluation e("hvp", f, inputs);
  const Tensors& y = e.one_element();
  const bool again = e.again(y, v);
  const Tensors gradient = pull_back(y, e.inputs(), {Tensor()}, /*retain=*/true, /*create=*/true);
  Tensors products = pull_back(gradient, e.inputs(), v, again, again);
  complete("hvp", "input", products, e.inputs(), strict);
  return {e.finish(y), e.finish(std::move(products))};
}

Blocks jacobian(const TensorFunction& f, const Tensors& inputs, bool strict) {
  return jacobian_of("jacobian", "output", f, inputs, strict);
}

Blocks hessian(const TensorFunction& f, const Tensors& inputs, bool strict) {
  const TensorFunction gradient = [&f](const Tensors& in) {
    return value_and_all_grads("hessian", f, in).grads;
  };
  return jacobian_of("hessian", "gradient", gradient, inputs, strict);
}

}  // namespace rw::detail
