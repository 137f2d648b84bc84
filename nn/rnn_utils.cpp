#include <rewind/nn/rnn_utils.h>

#include <algorithm>
#include <numeric>
#include <utility>

#include <rewind/nn/packed_order.h>
#include <rewind/ops/indexing.h>
#include <rewind/ops/joining.h>
#include <rewind/ops/scattering.h>
#include <rewind/tensor/check.h>
#include <rewind/tensor/factories.h>
#include <rewind/tensor/from.h>

namespace rw::nn {

void detail::check_packed_order(const std::string& op, const char* what, const Tensor& order,
                                int64_t batch) {
  if (!order.defined()) return;
  check<DTypeError>(is_integer(order.dtype()), "{}: expected integer {}, got {}", op, what,
                    order.dtype());
  check<ShapeError>(order.dim() == 1 && order.size(0) == batch,
                    "{}: expected {} of shape [{}], one for each sequence, got {}", op, what, batch,
                    order.shape());
  std::vector<bool> seen(static_cast<size_t>(batch));
  for (const int64_t i : order.to_vector<int64_t>()) {
    check(0 <= i && i < batch && !seen[static_cast<size_t>(i)],
          "{}: expected {} with each number below {} once, got {}{}", op, what, batch, i,
          0 <= i && i < batch ? " twice" : "");
    seen[static_cast<size_t>(i)] = true;
  }
}

namespace utils::rnn {
namespace {

using Numbers = std::vector<int64_t>;

Numbers numbers_in(const char* op, const char* what, const Tensor& t) {
  check(t.defined(), "{}: {} are undefined", op, what);
  check<DTypeError>(is_integer(t.dtype()), "{}: expected integer {}, got {}", op, what, t.dtype());
  check<ShapeError>(t.dim() == 1, "{}: expected a vector of {}, got shape {}", op, what, t.shape());
  return t.to_vector<int64_t>();
}

void check_lengths(const char* op, const Numbers& lengths, int64_t batch, int64_t steps,
                   int64_t least) {
  check<ShapeError>(std::ssize(lengths) == batch,
                    "{}: expected {} lengths, one for each sequence, "
                    "got {}",
                    op, batch, lengths.size());
  for (const int64_t length : lengths)
    check(least <= length && length <= steps, "{}: expected lengths from {} to {}, got {}", op,
          least, steps, length);
}

Tensor by_steps(const Tensor& t, bool batch_first) { return batch_first ? t.transpose(0, 1) : t; }

// How many of the lengths, which never grow, go beyond each step.
Numbers batch_sizes_of(const Numbers& lengths) {
  Numbers sizes(static_cast<size_t>(lengths.empty() ? 0 : lengths.front()));
  for (const int64_t length : lengths)
    for (int64_t t = 0; t < length; ++t) ++sizes[static_cast<size_t>(t)];
  return sizes;
}

Numbers lengths_of(const Numbers& batch_sizes) {
  Numbers lengths(static_cast<size_t>(batch_sizes.empty() ? 0 : batch_sizes.front()));
  for (const int64_t n : batch_sizes)
    for (int64_t i = 0; i < n; ++i) ++lengths[static_cast<size_t>(i)];
  return lengths;
}

// The rows in a packed sequence, as places in [T, B] with `batch` sequences.
Tensor places_of(const Numbers& batch_sizes, int64_t batch) {
  Numbers places;
  for (size_t t = 0; t < batch_sizes.size(); ++t)
    for (int64_t i = 0; i < batch_sizes[t]; ++i)
      places.push_back(static_cast<int64_t>(t) * batch + i);
  return from<int64_t>(places);
}

// [T, B, …] as [T B, …].
Tensor as_rows(const Tensor& t) { return t.flatten(0, 1); }

Numbers checked_batch_sizes(const char* op, const PackedSequence& s) {
  check(s.data.defined(), "{}: the data of the packed sequence is undefined", op);
  Numbers sizes = numbers_in(op, "batch sizes", s.batch_sizes);
  const bool falls = std::is_sorted(sizes.rbegin(), sizes.rend());
  check(!sizes.empty() && falls && sizes.back() > 0,
        "{}: expected batch sizes that are positive and never grow", op);
  const int64_t rows = std::accumulate(sizes.begin(), sizes.end(), int64_t{0});
  check<ShapeError>(s.data.dim() >= 1 && s.data.size(0) == rows,
                    "{}: batch sizes add up to {}, but data has shape {}", op, rows,
                    s.data.shape());
  return sizes;
}

Numbers inverse_of(const Numbers& order) {
  Numbers inverse(order.size());
  for (size_t i = 0; i < order.size(); ++i)
    inverse[static_cast<size_t>(order[i])] = static_cast<int64_t>(i);
  return inverse;
}

// The order of sequences in `packed`, which gets it where they need not be sorted; `lengths` become
// those of that order, which never grow.
Numbers put_in_order(const char* op, bool enforce_sorted, Numbers& lengths,
                     PackedSequence& packed) {
  Numbers order(lengths.size());
  std::iota(order.begin(), order.end(), 0);
  if (enforce_sorted) {
    check(std::is_sorted(lengths.rbegin(), lengths.rend()),
          "{}: expected lengths that never grow; enforce_sorted = false sorts the sequences", op);
    return order;
  }
  const auto length = [given = lengths](int64_t i) { return given[static_cast<size_t>(i)]; };
  std::stable_sort(order.begin(), order.end(),
                   [&](int64_t a, int64_t b) { return length(a) > length(b); });
  std::transform(order.begin(), order.end(), lengths.begin(), length);
  packed.sorted_indices = from<int64_t>(order);
  packed.unsorted_indices = from<int64_t>(inverse_of(order));
  return order;
}

// Throws unless sequences differ in their lengths alone, which are returned.
Numbers lengths_of_alike(const char* op, const std::vector<Tensor>& sequences) {
  check(!sequences.empty(), "{}: expected one sequence or more, got none", op);
  Numbers lengths;
  for (const Tensor& s : sequences) {
    check(s.defined(), "{}: a sequence is undefined", op);
    check<ShapeError>(s.dim() >= 1, "{}: expected sequences [length, …], got shape {}", op,
                      s.shape());
    Shape shape = sequences.front().shape();
    shape[0] = s.size(0);
    check<ShapeError>(s.shape() == shape,
                      "{}: expected sequences of one shape but for their lengths, got {} and {}",
                      op, sequences.front().shape(), s.shape());
    lengths.push_back(s.size(0));
  }
  return lengths;
}

}  // namespace

PackedSequence pack_padded_sequence(const Tensor& input, const std::vector<int64_t>& given,
                                    const PackOptions& options) {
  constexpr const char* op = "pack_padded_sequence";
  check(input.defined(), "{}: the input is undefined", op);
  check<ShapeError>(input.dim() >= 2, "{}: expected an input of rank 2 or more, got shape {}", op,
                    input.shape());
  Tensor steps = by_steps(input, options.batch_first);
  check<ShapeError>(steps.size(1) > 0, "{}: expected one sequence or more, got shape {}", op,
                    input.shape());
  check_lengths(op, given, steps.size(1), steps.size(0), 1);
  Numbers lengths = given;
  PackedSequence packed;
  put_in_order(op, options.enforce_sorted, lengths, packed);
  if (packed.sorted_indices.defined()) steps = index_select(steps, 1, packed.sorted_indices);
  const Numbers sizes = batch_sizes_of(lengths);
  packed.data = index_select(as_rows(steps), 0, places_of(sizes, steps.size(1)));
  packed.batch_sizes = from<int64_t>(sizes);
  return packed;
}

PackedSequence pack_padded_sequence(const Tensor& input, const Tensor& lengths,
                                    const PackOptions& options) {
  return pack_padded_sequence(input, numbers_in("pack_padded_sequence", "lengths", lengths),
                              options);
}

PaddedSequence pad_packed_sequence(const PackedSequence& sequence, const UnpackOptions& options) {
  constexpr const char* op = "pad_packed_sequence";
  const Numbers sizes = checked_batch_sizes(op, sequence);
  const int64_t longest = std::ssize(sizes), batch = sizes.front();
  detail::check_packed_order(op, "unsorted_indices", sequence.unsorted_indices, batch);
  const int64_t steps = options.total_length.value_or(longest);
  check(steps >= longest,
        "{}: expected a total_length of at least {}, that of the longest "
        "sequence, got {}",
        op, longest, steps);
  const Tensor& data = sequence.data;
  const Shape row(data.shape().data() + 1, static_cast<size_t>(data.dim() - 1));
  Shape rows = row, shape = row;
  rows.insert(0, steps * batch);
  shape.insert(0, batch);
  shape.insert(0, steps);
  const Tensor padding = full(rows, options.padding_value, {.dtype = data.dtype()});
  Tensor output = index_copy(padding, 0, places_of(sizes, batch), data).view(shape);
  Tensor lengths = from<int64_t>(lengths_of(sizes));
  if (sequence.unsorted_indices.defined()) {
    output = index_select(output, 1, sequence.unsorted_indices);
    lengths = index_select(lengths, 0, sequence.unsorted_indices);
  }
  return {by_steps(output, options.batch_first), lengths};
}

Tensor pad_sequence(const std::vector<Tensor>& sequences, const PadOptions& options) {
  const Numbers lengths = lengths_of_alike("pad_sequence", sequences);
  const int64_t longest = *std::max_element(lengths.begin(), lengths.end());
  Shape shape = sequences.front().shape();
  std::vector<Tensor> padded;
  for (const Tensor& s : sequences) {
    shape[0] = longest - s.size(0);
    const Tensor padding = full(shape, options.padding_value, {.dtype = sequences.front().dtype()});
    const Tensor same = s.to(sequences.front().dtype());
    padded.push_back(options.padding_side == PaddingSide::right ? cat({same, padding})
                                                                : cat({padding, same}));
  }
  return stack(padded, options.batch_first ? 0 : 1);
}

std::vector<Tensor> unpad_sequence(const Tensor& padded_sequences, const Tensor& lengths,
                                   bool batch_first) {
  constexpr const char* op = "unpad_sequence";
  check(padded_sequences.defined(), "{}: the padded sequences are undefined", op);
  check<ShapeError>(padded_sequences.dim() >= 2,
                    "{}: expected padded sequences of rank 2 or more, got shape {}", op,
                    padded_sequences.shape());
  const Tensor steps = by_steps(padded_sequences, batch_first);
  const Numbers each = numbers_in(op, "lengths", lengths);
  check_lengths(op, each, steps.size(1), steps.size(0), 0);
  std::vector<Tensor> sequences;
  for (size_t i = 0; i < each.size(); ++i)
    sequences.push_back(steps.select(1, static_cast<int64_t>(i)).narrow(0, 0, each[i]));
  return sequences;
}

// Not by way of padding, which one long sequence among many short ones makes large.
PackedSequence pack_sequence(const std::vector<Tensor>& sequences, bool enforce_sorted) {
  constexpr const char* op = "pack_sequence";
  Numbers lengths = lengths_of_alike(op, sequences);
  check_lengths(op, lengths, std::ssize(lengths), *std::max_element(lengths.begin(), lengths.end()),
                1);
  Numbers begins(lengths.size()), rows;
  std::exclusive_scan(lengths.begin(), lengths.end(), begins.begin(), int64_t{0});
  std::vector<Tensor> all;
  for (const Tensor& s : sequences) all.push_back(s.to(sequences.front().dtype()));
  PackedSequence packed;
  const Numbers order = put_in_order(op, enforce_sorted, lengths, packed);
  const Numbers sizes = batch_sizes_of(lengths);
  for (size_t t = 0; t < sizes.size(); ++t)
    for (size_t i = 0; std::cmp_less(i, sizes[t]); ++i)
      rows.push_back(begins[static_cast<size_t>(order[i])] + static_cast<int64_t>(t));
  packed.data = index_select(cat(all), 0, from<int64_t>(rows));
  packed.batch_sizes = from<int64_t>(sizes);
  return packed;
}

std::vector<Tensor> unpack_sequence(const PackedSequence& packed_sequences) {
  constexpr const char* op = "unpack_sequence";
  const Numbers sizes = checked_batch_sizes(op, packed_sequences);
  const Tensor& unsorted = packed_sequences.unsorted_indices;
  detail::check_packed_order(op, "unsorted_indices", unsorted, sizes.front());
  Numbers order(static_cast<size_t>(sizes.front())), begins(sizes.size()), each, rows;
  std::iota(order.begin(), order.end(), 0);
  if (unsorted.defined()) order = unsorted.to_vector<int64_t>();
  std::exclusive_scan(sizes.begin(), sizes.end(), begins.begin(), int64_t{0});
  const Numbers lengths = lengths_of(sizes);
  for (const int64_t i : order) {
    each.push_back(lengths[static_cast<size_t>(i)]);
    for (size_t t = 0; std::cmp_less(t, each.back()); ++t) rows.push_back(begins[t] + i);
  }
  std::vector<Tensor> sequences =
      index_select(packed_sequences.data, 0, from<int64_t>(rows)).split(each);
  for (Tensor& s : sequences) s = s.clone();  // a piece can't be changed in place
  return sequences;
}

}  // namespace utils::rnn
}  // namespace rw::nn
