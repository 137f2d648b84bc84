#include <algorithm>
#include <array>
#include <string_view>

#include <rewind/ops/matmul.h>
#include <rewind/ops/pointwise.h>
#include <rewind/ops/products.h>
#include <rewind/ops/reduction.h>
#include <rewind/tensor/check.h>

// einsum: each operand becomes a tensor with a label for each dimension, labels that are alone are
// summed over, and pairs of operands are joined by bmm, or by mul where nothing is summed.

namespace rw {

namespace {

// --- The equation -------------------------------------------------------------------------------

// 0 … 51 are letters, A first; those after them the dimensions of an ellipsis, the last one first.
using Label = int;
constexpr Label letters = 52, most_labels = letters + Shape::max_rank;

using Labels = std::vector<Label>;

bool has(const Labels& labels, Label l) {
  return std::find(labels.begin(), labels.end(), l) != labels.end();
}

// What stands for one operand, or for the result.
struct Term {
  Labels before, after;  // an ellipsis, or all of it
  bool has_ellipsis = false;

  // With `dims` dimensions for the ellipsis.
  Labels labels(int dims) const {
    Labels all = before;
    for (int i = dims; has_ellipsis && i > 0; --i) all.push_back(letters + i - 1);
    all.insert(all.end(), after.begin(), after.end());
    return all;
  }
  int count() const { return static_cast<int>(before.size() + after.size()); }
};

Term parse_term(std::string_view text, std::string_view equation) {
  Term term;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == ' ') continue;
    if (text.substr(i).starts_with("...")) {
      check(!term.has_ellipsis, "einsum: two ellipses in one operand of \"{}\"", equation);
      term.has_ellipsis = true;
      i += 2;
      continue;
    }
    const bool upper = 'A' <= c && c <= 'Z', lower = 'a' <= c && c <= 'z';
    check(upper || lower, "einsum: expected letters or an ellipsis, got '{}' in \"{}\"", c,
          equation);
    (term.has_ellipsis ? term.after : term.before).push_back(upper ? c - 'A' : c - 'a' + 26);
  }
  return term;
}

struct Equation {
  std::vector<Term> operands;
  bool has_result = false;
  Term result;

  explicit Equation(std::string_view text) {
    const size_t arrow = text.find("->");
    std::string_view left = text.substr(0, arrow);
    if (arrow != text.npos) {
      has_result = true;
      result = parse_term(text.substr(arrow + 2), text);
    }
    for (;;) {
      const size_t comma = left.find(',');
      operands.push_back(parse_term(left.substr(0, comma), text));
      if (comma == left.npos) return;
      left.remove_prefix(comma + 1);
    }
  }
};

// --- Operands -----------------------------------------------------------------------------------

struct Operand {
  Tensor t;
  Labels labels;

  int dim_of(Label l) const {
    return static_cast<int>(std::find(labels.begin(), labels.end(), l) - labels.begin());
  }
  bool has(Label l) const { return rw::has(labels, l); }
  int64_t size(Label l) const { return t.shape()[dim_of(l)]; }
  void drop(int dim) { labels.erase(labels.begin() + dim); }

  // Dimensions with one label become their diagonal.
  void take_diagonals() {
    for (size_t i = 0; i < labels.size(); ++i)
      for (size_t k = i + 1; k < labels.size(); ++k) {
        if (labels[i] != labels[k]) continue;
        const Label l = labels[i];
        const auto a = static_cast<int>(i), b = static_cast<int>(k);
        check<ShapeError>(t.shape()[a] == t.shape()[b],
                          "einsum: a letter stands for sizes {} and {} of shape {}", t.shape()[a],
                          t.shape()[b], t.shape());
        t = t.diagonal(0, a, b);
        drop(b);
        drop(a);
        labels.push_back(l);
        return take_diagonals();
      }
  }

  // With dimensions in this order, which has all labels of the operand. Others have size 1.
  Tensor in_order(const Labels& order) const {
    Dims dims;
    for (const Label l : order)
      if (has(l)) dims.push_back(dim_of(l));
    Tensor y = t;
    if (!std::is_sorted(dims.begin(), dims.end())) y = t.permute(dims);
    for (size_t i = 0; i < order.size(); ++i)
      if (!has(order[i])) y = y.unsqueeze(static_cast<int64_t>(i));
    return y;
  }
};

// How often each label occurs among operands.
using Counts = std::array<int, most_labels>;

Counts count_labels(const std::vector<Operand>& operands) {
  Counts counts{};
  for (const Operand& o : operands)
    for (const Label l : o.labels) ++counts[static_cast<size_t>(l)];
  return counts;
}

// Sums over what is in one operand only, and not asked for.
void sum_alone(std::vector<Operand>& operands, const Labels& wanted) {
  const Counts counts = count_labels(operands);
  for (Operand& o : operands) {
    Dims dims;
    for (int d = static_cast<int>(o.labels.size()) - 1; d >= 0; --d) {
      const Label l = o.labels[static_cast<size_t>(d)];
      if (counts[static_cast<size_t>(l)] > 1 || has(wanted, l)) continue;
      dims.push_back(d);
      o.drop(d);
    }
    if (!dims.empty()) o.t = sum(o.t, dims);
  }
}

// Sizes of 1 are left out where another operand has more for the label.
void leave_out_ones(std::vector<Operand>& operands) {
  std::array<int64_t, most_labels> sizes;
  sizes.fill(1);
  for (const Operand& o : operands)
    for (const Label l : o.labels) {
      int64_t& n = sizes[static_cast<size_t>(l)];
      check<ShapeError>(n == 1 || o.size(l) == 1 || o.size(l) == n,
                        "einsum: sizes {} and {} do not fit, the latter of an operand of shape {}",
                        n, o.size(l), o.t.shape());
      if (o.size(l) != 1) n = o.size(l);
    }
  for (Operand& o : operands)
    for (int d = static_cast<int>(o.labels.size()) - 1; d >= 0; --d) {
      if (o.t.shape()[d] != 1 || sizes[static_cast<size_t>(o.labels[static_cast<size_t>(d)])] == 1)
        continue;
      o.t = o.t.squeeze(d);
      o.drop(d);
    }
}

// --- Pairs --------------------------------------------------------------------------------------

// Labels of two operands by what becomes of them.
struct Pair {
  Labels batch, summed, of_a, of_b;

  // `elsewhere` has what the result or other operands need.
  template <class Elsewhere>
  Pair(const Operand& a, const Operand& b, const Elsewhere& elsewhere) {
    for (const Label l : a.labels) (!b.has(l) ? of_a : elsewhere(l) ? batch : summed).push_back(l);
    for (const Label l : b.labels)
      if (!a.has(l)) of_b.push_back(l);
  }
  Labels result() const {
    Labels all = batch;
    all.insert(all.end(), of_a.begin(), of_a.end());
    all.insert(all.end(), of_b.begin(), of_b.end());
    return all;
  }
};

int64_t numel_of(const Operand& o, const Labels& labels) {
  int64_t n = 1;
  for (const Label l : labels) n *= o.size(l);
  return n;
}

Labels chained(const Labels& a, const Labels& b, const Labels& c) {
  Labels all = a;
  all.insert(all.end(), b.begin(), b.end());
  all.insert(all.end(), c.begin(), c.end());
  return all;
}

Tensor shaped(const Tensor& t, const Shape& shape) {
  return t.shape() == shape ? t : t.reshape(shape);
}

// As matrices: those of a have the summed dimensions as columns, those of b as rows.
Operand multiplied(const Operand& a, const Operand& b, const Pair& p) {
  const int64_t batch = numel_of(a, p.batch), k = numel_of(a, p.summed);
  const int64_t m = numel_of(a, p.of_a), n = numel_of(b, p.of_b);
  const Tensor x = a.in_order(chained(p.batch, p.of_a, p.summed));
  const Tensor y = b.in_order(chained(p.batch, p.summed, p.of_b));
  Shape shape;
  for (const Label l : p.batch) shape.push_back(a.size(l));
  for (const Label l : p.of_a) shape.push_back(a.size(l));
  for (const Label l : p.of_b) shape.push_back(b.size(l));
  const Tensor z = p.batch.empty() ? mm(shaped(x, {m, k}), shaped(y, {k, n}))
                                   : bmm(shaped(x, {batch, m, k}), shaped(y, {batch, k, n}));
  return {shaped(z, shape), p.result()};
}

// `order` is how the result may lie: that of einsum's result, if this is the last pair.
Operand joined(const Operand& a, const Operand& b, const Pair& p, const Labels& order) {
  if (!p.summed.empty()) return multiplied(a, b, p);
  return {mul(a.in_order(order), b.in_order(order)), order};
}

// Takes the pair with the smallest result out, the first of equal ones.
Operand join_best_pair(std::vector<Operand>& operands, const Labels& wanted) {
  const Counts counts = count_labels(operands);
  const auto elsewhere = [&](Label l) {
    return counts[static_cast<size_t>(l)] > 2 || has(wanted, l);
  };
  size_t first = 0, second = 1;
  double least = -1;
  for (size_t i = 0; operands.size() > 2 && i < operands.size(); ++i)
    for (size_t k = i + 1; k < operands.size(); ++k) {
      const Pair p(operands[i], operands[k], elsewhere);
      const double size = static_cast<double>(numel_of(operands[i], p.batch)) *
                          static_cast<double>(numel_of(operands[i], p.of_a)) *
                          static_cast<double>(numel_of(operands[k], p.of_b));
      if (least >= 0 && size >= least) continue;
      least = size;
      first = i;
      second = k;
    }
  const Operand a = operands[first], b = operands[second];
  operands.erase(operands.begin() + static_cast<std::ptrdiff_t>(second));
  operands.erase(operands.begin() + static_cast<std::ptrdiff_t>(first));
  const Pair p(a, b, elsewhere);
  return joined(a, b, p, operands.empty() ? wanted : p.result());
}

// --- The result ---------------------------------------------------------------------------------

// Without an arrow: letters that occur once, in alphabetical order.
Labels implied_result(const Equation& equation, int ellipsis) {
  std::array<int, letters> counts{};
  bool has_ellipsis = false;
  for (const Term& term : equation.operands) {
    has_ellipsis |= term.has_ellipsis;
    for (const Labels* part : {&term.before, &term.after})
      for (const Label l : *part) ++counts[static_cast<size_t>(l)];
  }
  Term result;
  result.has_ellipsis = has_ellipsis;
  for (Label l = 0; l < letters; ++l)
    if (counts[static_cast<size_t>(l)] == 1) result.after.push_back(l);
  return result.labels(ellipsis);
}

void check_result(const Labels& wanted, const std::vector<Operand>& operands,
                  const std::string& equation) {
  const Counts counts = count_labels(operands);
  for (size_t i = 0; i < wanted.size(); ++i) {
    check(counts[static_cast<size_t>(wanted[i])] > 0,
          "einsum: the result of \"{}\" has a letter that no operand has", equation);
    for (size_t k = 0; k < i; ++k)
      check(wanted[i] != wanted[k], "einsum: the result of \"{}\" has a letter twice", equation);
  }
  check<ShapeError>(wanted.size() <= Shape::max_rank,
                    "einsum: the result of \"{}\" has {} "
                    "dimensions, more than {}",
                    equation, wanted.size(), Shape::max_rank);
}

// Fits operands to their terms; gives the most dimensions that an ellipsis stands for.
int ellipsis_dims(const Equation& equation, const std::vector<Tensor>& operands,
                  const std::string& text) {
  check(operands.size() == equation.operands.size(), "einsum: \"{}\" is for {} operands, got {}",
        text, equation.operands.size(), operands.size());
  int most = 0;
  for (size_t i = 0; i < operands.size(); ++i) {
    check(operands[i].defined(), "einsum: operand {} is undefined", i);
    const Term& term = equation.operands[i];
    const int rest = operands[i].dim() - term.count();
    check<ShapeError>(rest == 0 || (rest > 0 && term.has_ellipsis),
                      "einsum: operand {} of shape {} does not have the dimensions that \"{}\" "
                      "names",
                      i, operands[i].shape(), text);
    most = std::max(most, rest);
  }
  return most;
}

}  // namespace

Tensor einsum(const std::string& equation, const std::vector<Tensor>& tensors) {
  const Equation parsed(equation);
  const int ellipsis = ellipsis_dims(parsed, tensors, equation);
  std::vector<Operand> operands;
  for (size_t i = 0; i < tensors.size(); ++i) {
    const Term& term = parsed.operands[i];
    operands.push_back({tensors[i], term.labels(tensors[i].dim() - term.count())});
    operands.back().take_diagonals();
  }
  const Labels wanted =
      parsed.has_result ? parsed.result.labels(ellipsis) : implied_result(parsed, ellipsis);
  check_result(wanted, operands, equation);
  leave_out_ones(operands);
  sum_alone(operands, wanted);
  while (operands.size() > 1) operands.push_back(join_best_pair(operands, wanted));
  const Tensor result = operands[0].in_order(wanted);
  return result.is_same(tensors[0]) ? result.view(result.shape()) : result;
}

}  // namespace rw
