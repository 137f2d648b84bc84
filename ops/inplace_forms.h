#pragma once
// Private to ops: forms that changes in place come in.

#include <functional>
#include <initializer_list>

#include <rewind/autograd/record.h>
#include <rewind/ops/pointwise_result.h>

namespace rw::detail {

/// `other` in memory of its own where it shares that of `self`: its old values count, while reading
/// and in the pullback.
Tensor apart(const Tensor& self, const Tensor& other);

/// `other` for a change of `self` in place: it broadcasts to self's shape and fits its dtype.
Tensor fitting(const char* op, const Tensor& self, const Tensor& other);

void check_scalar(const char* op, const Tensor& self, Scalar s);

// Of the old elements, and of other operands.
using UnaryForm = std::function<Tensor(const Tensor&)>;
using BinaryForm = std::function<Tensor(const Tensor&, const Tensor&)>;
using TernaryForm = std::function<Tensor(const Tensor&, const Tensor&, const Tensor&)>;

/// Puts f(self) in place of the elements. It is computed, and checked, before anything changes.
/// What f saves of the old values is a copy, where it is recorded: as `others`, what else it
/// depends on, may ask for as well.
Tensor& put_result(const char* name, Tensor& self, const UnaryForm& f,
                   std::initializer_list<TensorRef> others = {});

/// Puts what `draw` gives, which does not depend on the elements, in place of them.
Tensor& put_drawn(const char* name, Tensor& self, const std::function<Tensor()>& draw);

/// As put_result, by a kernel alone where nothing is recorded: op(self), op(self, other) and
/// op(self, other, third), which f is with a tape.
Tensor& put_unary(const char* name, Tensor& self, UnaryOp op, const UnaryForm& f,
                  Parameters p = {});
Tensor& put_binary(const char* name, Tensor& self, const Tensor& other, BinaryOp op,
                   const BinaryForm& f, Parameters p = {});
Tensor& put_ternary(const char* name, Tensor& self, const Tensor& other, const Tensor& third,
                    TernaryOp op, const TernaryForm& f, Parameters p = {});

}  // namespace rw::detail
