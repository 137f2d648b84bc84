#pragma once

#include <concepts>
#include <cstddef>

#include <rewind/tensor/size.h>

#pragma GCC visibility push(default)

namespace rw {

namespace detail {
/// Whether it is "same" rather than "valid"; throws for another word.
bool is_same_padding(const char* word);
}  // namespace detail

/// How many pixels a convolution over N axes adds at borders: one number for all, one for each axis
/// as `{1, 0}`, others before and after by sides(), none by "valid", or by "same" as many as make
/// the result as large as the input, an odd one more after. "same" takes a stride of 1.
template <std::size_t N>
class ConvPadding {
 public:
  /// Numbers for both sides of each axis.
  template <std::integral... T>
  requires(sizeof...(T) == 1 || sizeof...(T) == N) constexpr ConvPadding(T... each)
      : before_(each...), after_(each...) {}
  /// Numbers for both sides of each axis.
  constexpr ConvPadding(const Size<N>& each) : before_(each), after_(each) {}
  /// "same" or "valid".
  ConvPadding(const char* word) : same_(detail::is_same_padding(word)) {}
  /// Numbers before the first and after the last pixel of each axis.
  static constexpr ConvPadding sides(const Size<N>& before, const Size<N>& after) {
    ConvPadding padding(before);
    padding.after_ = after;
    return padding;
  }

  ///@{
  /// The numbers; zeros where it is "same".
  constexpr const Size<N>& before() const { return before_; }
  constexpr const Size<N>& after() const { return after_; }
  ///@}
  /// Whether the result is to be as large as the input.
  constexpr bool is_same() const { return same_; }

 private:
  Size<N> before_, after_;
  bool same_ = false;
};

}  // namespace rw

#pragma GCC visibility pop
