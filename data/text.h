#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <rewind/data/dataset.h>
#include <rewind/tensor/tensor.h>

// Texts as numbers, for models that say what comes next.

#pragma GCC visibility push(default)

namespace rw::data {

/// The bytes of a file. Throws IOError where it can't be read.
std::string read_text(const std::string& path);

/// A text as its bytes, [length] of int64 in [0, 256): the vocabulary that needs no table and knows
/// every text.
Tensor encode_bytes(std::string_view text);
/// The text of such bytes, of any dtype of integers. Throws IndexError for numbers that are none.
std::string decode_bytes(const Tensor& bytes);

/// The characters of a text, numbered from 0 in the order of their code points (UTF-8).
class Characters {
 public:
  /// Those of `text`. Throws Error where it is not UTF-8, naming the place.
  explicit Characters(std::string_view text);

  /// How many there are.
  int64_t size() const { return static_cast<int64_t>(characters_.size()); }
  /// The numbers of a text's characters, [length], int64. Throws Error for one that is unknown.
  Tensor encode(std::string_view text) const;
  /// The text of such numbers, of any dtype of integers. Throws IndexError for unknown ones.
  std::string decode(const Tensor& numbers) const;

 private:
  std::vector<std::string> characters_;
  std::map<std::string, int64_t, std::less<>> numbers_;
};

/// Pieces of a text, each with what comes next at every place: `data` [N, length] and `target`
/// [N, length], the same one further.
class TextDataset {
 public:
  /// All pieces of `length` numbers (1-dimensional, int64) that begin `stride` apart; `length` by
  /// default. Shares the memory of `numbers` where that is contiguous, and sees changes. Throws
  /// where there is not even one.
  TextDataset(const Tensor& numbers, int64_t length, int64_t stride = 0);

  /// The number of pieces.
  int64_t size() const { return size_; }
  /// One piece, without the first dimension. Throws IndexError, as batch does, where there is none.
  Batch get(int64_t index) const;
  /// Copies of the pieces at these indices.
  Batch batch(std::span<const int64_t> indices) const;

 private:
  Tensor numbers_;
  int64_t length_, stride_, size_;
};

}  // namespace rw::data

#pragma GCC visibility pop
