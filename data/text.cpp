#include <rewind/data/text.h>

#include <algorithm>
#include <set>

#include <rewind/io/file.h>
#include <rewind/io/utf8.h>
#include <rewind/tensor/check.h>
#include <rewind/tensor/factories.h>

namespace rw::data {

namespace {

template <class F>
void for_each_character(const char* op, std::string_view text, const F& f) {
  for (size_t i = 0; i < text.size();) {
    const size_t n = io::character_at(text, i);
    check(n > 0, "{}: the text is not UTF-8 at byte {}", op, i);
    f(text.substr(i, n));
    i += n;
  }
}

std::vector<int64_t> checked_numbers(const char* op, const Tensor& numbers, int64_t size) {
  check(numbers.defined(), "{}: an undefined tensor", op);
  check<DTypeError>(is_integer(numbers.dtype()), "{}: expected integers, got {}", op,
                    numbers.dtype());
  std::vector<int64_t> all = numbers.to_vector<int64_t>();
  check<IndexError>(size > 0 || all.empty(), "{}: there are no characters, got {} numbers", op,
                    all.size());
  for (const int64_t n : all)
    check<IndexError>(0 <= n && n < size, "{}: expected numbers from 0 to {}, got {}", op, size - 1,
                      n);
  return all;
}

}  // namespace

std::string read_text(const std::string& path) { return io::read_file("read_text", path); }

Tensor encode_bytes(std::string_view text) {
  Tensor bytes = empty({static_cast<int64_t>(text.size())}, int64);
  std::transform(text.begin(), text.end(), bytes.data<int64_t>(),
                 [](char c) { return static_cast<unsigned char>(c); });
  return bytes;
}

std::string decode_bytes(const Tensor& bytes) {
  std::string text;
  for (const int64_t b : checked_numbers("decode_bytes", bytes, 256)) text += static_cast<char>(b);
  return text;
}

Characters::Characters(std::string_view text) {
  std::set<std::string, std::less<>> seen;  // in UTF-8, bytes are in the order of code points
  for_each_character("Characters", text, [&](std::string_view c) {
    if (!seen.contains(c)) seen.emplace(c);
  });
  for (const std::string& c : seen) {
    numbers_.emplace(c, size());
    characters_.push_back(c);
  }
}

Tensor Characters::encode(std::string_view text) const {
  std::vector<int64_t> numbers;
  for_each_character("encode", text, [&](std::string_view c) {
    const auto known = numbers_.find(c);
    check(known != numbers_.end(), "encode: '{}' is none of the {} characters", c, size());
    numbers.push_back(known->second);
  });
  Tensor out = empty({static_cast<int64_t>(numbers.size())}, int64);
  std::copy(numbers.begin(), numbers.end(), out.data<int64_t>());
  return out;
}

std::string Characters::decode(const Tensor& numbers) const {
  std::string text;
  for (const int64_t n : checked_numbers("decode", numbers, size()))
    text += characters_[static_cast<size_t>(n)];
  return text;
}

TextDataset::TextDataset(const Tensor& numbers, int64_t length, int64_t stride)
    : length_(length), stride_(stride == 0 ? length : stride) {
  check(numbers.defined(), "TextDataset: an undefined tensor");
  check<DTypeError>(numbers.dtype() == int64, "TextDataset: expected int64, got {}",
                    numbers.dtype());
  check<ShapeError>(numbers.dim() == 1, "TextDataset: expected one dimension, got shape {}",
                    numbers.shape());
  check(length > 0 && stride >= 0,
        "TextDataset: expected a positive length and stride, got {} and {}", length, stride);
  check(numbers.numel() > length, "TextDataset: {} numbers are too few for one piece of {}",
        numbers.numel(), length);
  numbers_ = numbers.contiguous();
  size_ = (numbers_.numel() - 1 - length_) / stride_ + 1;
}

Batch TextDataset::get(int64_t index) const {
  detail::check_index(index, size_);
  const auto [data, target] = batch({&index, 1});
  return {data[0], target[0]};
}

Batch TextDataset::batch(std::span<const int64_t> indices) const {
  const Shape shape{static_cast<int64_t>(indices.size()), length_};
  const Batch out{empty(shape, int64), empty(shape, int64)};
  auto *data = out.data.data<int64_t>(), *target = out.target.data<int64_t>();
  const int64_t* from = numbers_.data<int64_t>();
  for (const int64_t i : indices) {
    detail::check_index(i, size_, "batch");
    data = std::copy_n(from + i * stride_, length_, data);
    target = std::copy_n(from + i * stride_ + 1, length_, target);
  }
  return out;
}

}  // namespace rw::data
