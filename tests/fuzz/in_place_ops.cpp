#include <cmath>

#include "changed.h"

namespace rw::fuzz {
namespace {

template <class F>
Op in_place(const char* name, F f, unsigned rule = plain) {
  return {name, pointwise | rule, [=](Draw& d) {
            const Tensor x = d.tensor(d.shape());
            return Call({x}, [f, part = d.one_of({0, 1, 2}), s = d.scalar()](In a) {
              return changed(a, part, [&](Tensor& t) { f(t, s); });
            });
          }};
}

template <class F>
Op in_place_by(const char* name, F f) {
  return {
      name, pointwise, [=](Draw& d) {
        const Shape shape = d.shape();
        const Tensor x = d.tensor(shape), y = d.tensor(d.broadcast_with(shape));
        return Call({x, y}, [f](In a, In b) { return changed(a, 0, [&](Tensor& t) { f(t, b); }); });
      }};
}

// Of integers, and perhaps bool.
template <class F>
Op of_bits_by(const char* name, F f) {
  return {name, pointwise, [=](Draw& d) {
            if (!d.wild && d.floating()) d.dtype = d.one_of({int64, int32, int16, int8, uint8});
            const Shape shape = d.shape();
            const Tensor x = d.tensor(shape), y = d.tensor(d.broadcast_with(shape));
            const Scalar s = d.number(-3, 9);
            return Call({x, y},
                        [=](In a, In b) { return changed(a, 0, [&](Tensor& t) { f(t, b, s); }); });
          }};
}

Ops bits_in_place() {
  return {
      of_bits_by("Tensor::bitwise_and_", [](Tensor& t, In b, Scalar) { t.bitwise_and_(b); }),
      of_bits_by("Tensor::bitwise_and_", [](Tensor& t, In, Scalar s) { t.bitwise_and_(s); }),
      of_bits_by("Tensor::bitwise_or_", [](Tensor& t, In b, Scalar) { t.bitwise_or_(b); }),
      of_bits_by("Tensor::bitwise_or_", [](Tensor& t, In, Scalar s) { t.bitwise_or_(s); }),
      of_bits_by("Tensor::bitwise_xor_", [](Tensor& t, In b, Scalar) { t.bitwise_xor_(b); }),
      of_bits_by("Tensor::bitwise_xor_", [](Tensor& t, In, Scalar s) { t.bitwise_xor_(s); }),
      of_bits_by("Tensor::bitwise_not_", [](Tensor& t, In, Scalar) { t.bitwise_not_(); }),
      of_bits_by("Tensor::bitwise_left_shift_",
                 [](Tensor& t, In b, Scalar) { t.bitwise_left_shift_(b); }),
      of_bits_by("Tensor::bitwise_left_shift_",
                 [](Tensor& t, In, Scalar s) { t.bitwise_left_shift_(s); }),
      of_bits_by("Tensor::bitwise_right_shift_",
                 [](Tensor& t, In b, Scalar) { t.bitwise_right_shift_(b); }),
      of_bits_by("Tensor::bitwise_right_shift_",
                 [](Tensor& t, In, Scalar s) { t.bitwise_right_shift_(s); }),
      of_bits_by("Tensor::gcd_", [](Tensor& t, In b, Scalar) { t.gcd_(b); }),
      of_bits_by("Tensor::lcm_", [](Tensor& t, In b, Scalar) { t.lcm_(b); }),
  };
}

// The same of a view: `y[0] += b`.
template <class F>
Op row_by(const char* name, F f) {
  return {
      name, pointwise, [=](Draw& d) {
        const Shape shape = d.shape(1);
        Shape row = shape;
        row.erase(0);
        const Tensor x = d.tensor(shape), y = d.tensor(d.broadcast_with(row));
        return Call({x, y}, [f](In a, In b) { return changed(a, 0, [&](Tensor& t) { f(t, b); }); });
      }};
}

Op put(const char* name, bool accumulate) {
  return {name, plain, [=](Draw& d) {
            const Tensor x = d.tensor(d.shape(2, 3));
            const int64_t n = d.size();
            // Without adding, the same place twice is undefined.
            Tensor rows = accumulate || d.wild ? d.indices({n}, x.size(0)) : arange(x.size(0));
            const Tensor values = d.tensor(Shape{rows.numel()});
            return Call({x, rows, values}, [=](In a, In i, In v) {
              return changed(a, 0, [&](Tensor& t) {
                t.index_put_({i, 0}, a.dim() == 2 ? v : v.unsqueeze(-1), accumulate);
              });
            });
          }};
}

Ops random_fills() {
  return {
      in_place(
          "Tensor::uniform_",
          [](Tensor& t, Scalar s) { t.uniform_(s.to_double(), s.to_double() + 2); }, random),
      in_place(
          "Tensor::normal_",
          [](Tensor& t, Scalar s) { t.normal_(s.to_double(), std::abs(s.to_double())); }, random),
      in_place(
          "Tensor::bernoulli_", [](Tensor& t, Scalar s) { t.bernoulli_(s.to_double()); }, random),
  };
}

}  // namespace

Ops in_place_ops() {
  Ops all = random_fills();
  const Ops bits = bits_in_place();
  all.insert(all.end(), bits.begin(), bits.end());
  const Ops more = {
      {"Tensor::add_", pointwise,
       [](Draw& d) {
         const Shape shape = d.shape();
         const Tensor x = d.tensor(shape), y = d.tensor(d.broadcast_with(shape));
         return Call({x, y}, [s = d.scalar()](In a, In b) {
           return changed(a, 0, [&](Tensor& t) { t.add_(b, s); });
         });
       }},
      in_place("Tensor::add_", [](Tensor& t, Scalar s) { t.add_(s); }),
      in_place_by("Tensor::sub_", [](Tensor& t, In b) { t.sub_(b, 2); }),
      in_place("Tensor::sub_", [](Tensor& t, Scalar s) { t.sub_(s); }),
      in_place_by("Tensor::mul_", [](Tensor& t, In b) { t.mul_(b); }),
      in_place_by("Tensor::mul_, by itself", [](Tensor& t, In) { t.mul_(t); }),
      in_place("Tensor::mul_", [](Tensor& t, Scalar s) { t.mul_(s); }),
      in_place_by("Tensor::div_", [](Tensor& t, In b) { t.div_(b); }),
      in_place("Tensor::div_", [](Tensor& t, Scalar s) { t.div_(s); }),
      in_place_by("Tensor::copy_", [](Tensor& t, In b) { t.copy_(b); }),
      in_place("Tensor::fill_", [](Tensor& t, Scalar s) { t.fill_(s); }),
      in_place("Tensor::zero_", [](Tensor& t, Scalar) { t.zero_(); }),
      in_place("Tensor::relu_", [](Tensor& t, Scalar) { t.relu_(); }),
      in_place("Tensor::clamp_", [](Tensor& t, Scalar s) { t.clamp_(-1, s.to_double()); }),
      in_place_by("Tensor::masked_fill_",
                  [](Tensor& t, In b) { t.masked_fill_(b.detach() > 0, 2); }),
      put("Tensor::index_put_", false),
      put("Tensor::index_put_, adding", true),
      in_place_by("operator+=", [](Tensor& t, In b) { t += b; }),
      in_place("operator+=", [](Tensor& t, Scalar s) { t += s; }),
      row_by("operator+=", [](Tensor& t, In b) { t[0] += b; }),
      in_place_by("operator-=", [](Tensor& t, In b) { t -= b; }),
      in_place("operator-=", [](Tensor& t, Scalar s) { t -= s; }),
      row_by("operator-=", [](Tensor& t, In b) { t[0] -= b; }),
      in_place_by("operator*=", [](Tensor& t, In b) { t *= b; }),
      in_place("operator*=", [](Tensor& t, Scalar s) { t *= s; }),
      row_by("operator*=", [](Tensor& t, In b) { t[0] *= b; }),
      in_place_by("operator/=", [](Tensor& t, In b) { t /= b; }),
      in_place("operator/=", [](Tensor& t, Scalar s) { t /= s; }),
      row_by("operator/=", [](Tensor& t, In b) { t[0] /= b; }),
  };
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

}  // namespace rw::fuzz
