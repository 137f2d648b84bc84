#pragma once

#include <cstdint>
#include <vector>

#include <rewind/kernels/recurrent/cell_kernel.h>

namespace rw::kernels {

/// A layer that goes through sequences in one direction. The rows of all steps lie one after
/// another: those of step t are the first batch_sizes[t] sequences, which are no more than at the
/// step before. N is the number of all rows, B that of sequences, G that of gates, H the hidden
/// size, P that of h, which is H unless LSTM projects it. All is contiguous; T is float or double.
template <class T>
struct Recurrence {
  Cell cell;
  int64_t hidden, output;            ///< H and P
  std::vector<int64_t> batch_sizes;  ///< at least one
  bool reverse;                      ///< begins at the last step of each sequence
  int64_t features;                  ///< I: those of the input
  const T* w_ih;                     ///< [G H, I]
  const T* b_ih;                     ///< [G H] or null
  const T* w_hh;                     ///< [G H, P]
  const T* b_hh;                     ///< [G H] or null
  const T* w_hr;                     ///< [P, H], or null without a projection

  /// N.
  int64_t rows() const;
};

template <class T>
struct RecurrentForward {
  const T* x;   ///< [N, I]
  T* gates;     ///< [N, G H]: takes the gates; of RNN the output
  T* h;         ///< [B, P]: the state at first; becomes the last one
  T* c;         ///< LSTM: [B, H], the same
  T* output;    ///< [N, P]: h after each step
  T* h_before;  ///< [N, P]: takes h before each step; may be null, as those below
  T* c_before;  ///< LSTM: [N, H], the same
  T* kept;      ///< GRU: [N, H], see CellStep
};

template <class T>
struct RecurrentBackward {
  const T* gates;    ///< as forward left them
  const T* before;   ///< c_before of LSTM and h_before of GRU
  const T* kept;     ///< GRU
  const T* doutput;  ///< [N, P] or null
  T* dh;             ///< [B, P]: gradient of the last h, becomes that of the first
  T* dc;             ///< LSTM: [B, H], the same
  T* dgates;         ///< [N, G H]: takes the gradient of the input's share
  T* drecurrent;     ///< GRU: that of the state's share
  T* cells;          ///< LSTM with a projection: [N, H], takes what is projected
  T* dprojected;     ///< and [N, P], the gradient of what that gave
};

/// Sequences are shared out over threads; what comes out does not depend on their number.
template <class T>
void recurrent_forward(const Recurrence<T>& r, const RecurrentForward<T>& f);
template <class T>
void recurrent_backward(const Recurrence<T>& r, const RecurrentBackward<T>& b);

}  // namespace rw::kernels
