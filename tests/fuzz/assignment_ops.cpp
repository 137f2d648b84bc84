// Parts of a tensor that are assigned to: `x[0] = y`, `x.index({mask}) += 2`.

#include <algorithm>
#include <numeric>

#include "changed.h"

namespace rw::fuzz {
namespace {

// How a part is named.
enum class By : uint8_t { number, select, slice, narrow, mixed, mask, whole_mask, indices, index };

bool needs_tensor(By by) { return by >= By::mask; }

struct Place {
  By by;
  int64_t dim, i, j, step;

  Selection of(const Tensor& x, const Tensor& index) const {
    switch (by) {
      case By::number:
        return x[i];
      case By::select:
        return x.select(dim, i);
      case By::slice:
        return x.slice(dim, i, j, step);
      case By::narrow:
        return x.narrow(dim, i, j);
      case By::mixed:
        return x.index({Slice(i, j), None, Ellipsis, -1});
      case By::indices:
        return x.index({Ellipsis, index});
      case By::index:
        return x[index];
      default:
        return x.index({index});
    }
  }
};

// Different numbers below n, or any where the same place may come twice.
Tensor places(Draw& d, int64_t n, bool twice) {
  std::vector<int64_t> all(static_cast<size_t>(n));
  std::iota(all.begin(), all.end(), int64_t{0});
  for (size_t i = all.size(); i > 1; --i)
    std::swap(all[i - 1], all[static_cast<size_t>(d.below(static_cast<int64_t>(i)))]);
  all.resize(static_cast<size_t>(n > 0 ? d.below(n + 1) : 0));
  return twice || d.wild ? d.indices({n > 0 ? d.size() : 0}, n) : from(all);
}

Tensor tensor_for(Draw& d, By by, const Tensor& x, bool twice) {
  if (by == By::whole_mask) return d.mask(x.shape());
  if (by == By::mask) return d.mask(Shape{x.size(0)});
  return places(d, x.size(by == By::indices ? -1 : 0), twice);
}

struct Drawn {
  Tensor x, index;  ///< the latter of rank 0 where it is not needed
  Place place;
  Shape shape;  ///< of the part
};

Drawn drawn(Draw& d, bool twice) {
  const Tensor x = d.tensor(d.shape(1, 4));
  const By by = d.one_of({By::number, By::select, By::slice, By::narrow, By::mixed, By::mask,
                          By::whole_mask, By::indices, By::index});
  const int64_t dim = by == By::number ? 0 : d.below(x.dim()), n = x.size(dim);
  // Without their numbers extreme, so that more than errors comes of them.
  const Place place = {by, d.number(dim, dim), n > 0 ? d.number(-n, n - 1) : 0, d.number(0, n),
                       d.number(1, 2)};
  const Tensor index = needs_tensor(by) ? tensor_for(d, by, x, twice) : zeros({}, int64);
  Shape shape;
  try {
    shape = place.of(x, index).shape();
  } catch (const Error&) {  // the call will fail as well
  }
  return {x, index, place, shape};
}

// f(part, values)
template <class F>
Op by_tensor(const char* name, F f) {
  return {name, pointwise, [=](Draw& d) {
            const Drawn a = drawn(d, false);
            const Tensor values = d.tensor(d.broadcast_with(a.shape));
            return Call({a.x, a.index, values}, [f, place = a.place](In x, In index, In v) {
              return changed(x, 0, [&](Tensor& t) { f(place.of(t, index), v); });
            });
          }};
}

template <class F>
Op by_number(const char* name, F f) {
  return {name, pointwise, [=](Draw& d) {
            const Drawn a = drawn(d, true);
            return Call({a.x, a.index}, [f, place = a.place, s = d.scalar()](In x, In index) {
              return changed(x, 0, [&](Tensor& t) { f(place.of(t, index), s); });
            });
          }};
}

// Of the same memory as what is written: as if it had been copied before.
template <class F>
Op overlapping(const char* name, F f) {
  return {name, pointwise, [=](Draw& d) {
            const Tensor x = d.tensor(d.shape(1, 4));
            const int64_t dim = d.below(x.dim()), n = x.size(dim);
            // Not the very same: the gradient of x / x is a difference of equal numbers.
            const int64_t length = d.below(std::max<int64_t>(n, 1)), starts = n - length + 1;
            const int64_t to = d.below(starts),
                          from = n > 0 ? (to + d.between(1, starts - 1)) % starts : 0;
            return Call({x}, [=](In a) {
              const auto part = [=](In t, int64_t i) { return t.narrow(dim, i, length); };
              const Tensor y = changed(a, 0, [&](Tensor& t) { f(part(t, to), part(t, from)); });
              const Tensor copied =
                  changed(a, 0, [&](Tensor& t) { f(part(t, to), part(t, from).clone()); });
              if (!same_bits(y, copied)) throw Failure{"overlap", "is not as of a copy"};
              return y;
            });
          }};
}

template <class F>
Ops assigned(const char* name, F f) {
  return {by_tensor(name, f), by_number(name, f), overlapping(name, f)};
}

}  // namespace

Ops assignment_ops() {
  Ops all;
  for (const Ops& more :
       {assigned("Selection::operator=", [](Selection&&part, auto v) { std::move(part) = v; }),
        assigned("Selection::operator+=", [](Selection&&part, auto v) { std::move(part) += v; }),
        assigned("Selection::operator-=", [](Selection&&part, auto v) { std::move(part) -= v; }),
        assigned("Selection::operator*=", [](Selection&&part, auto v) { std::move(part) *= v; }),
        assigned("Selection::operator/=", [](Selection&&part, auto v) { std::move(part) /= v; })})
    all.insert(all.end(), more.begin(), more.end());
  return all;
}

}  // namespace rw::fuzz
