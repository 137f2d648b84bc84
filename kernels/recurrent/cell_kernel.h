#pragma once

#include <cstdint>

namespace rw::kernels {

/// What takes the state of a sequence from one step to the next.
enum class Cell : uint8_t { rnn_tanh, rnn_relu, lstm, gru };

/// How many vectors of the hidden size its weights make.
constexpr int64_t gates_of(Cell cell) {
  if (cell == Cell::lstm) return 4;
  return cell == Cell::gru ? 3 : 1;
}

/// One step of some sequences, a row for each; rows lie one after another.
template <class T>
struct CellStep {
  int64_t rows, n;     ///< n is the hidden size
  T* gates;            ///< [rows, gates n]: the share of the input; becomes the gates, RNN's h
  const T* recurrent;  ///< the same: the share of the state
  T* h;                ///< [rows, n]: the state before (which LSTM does not read), and after
  T* c;                ///< LSTM: the same of its cells
  T* kept;             ///< GRU: takes the new gate's part of `recurrent`; may be null
};

/// The way back through it.
template <class T>
struct CellStepBack {
  int64_t rows, n;
  const T* gates;   ///< as they became
  const T* before;  ///< [rows, n]: the state before, LSTM's cells or GRU's h
  const T* kept;    ///< GRU: as above
  T* dh;            ///< [rows, n]: gradient of h; of GRU becomes what goes past the gates
  T* dc;            ///< LSTM: gradient of the cells after, becomes that of those before
  T* dgates;        ///< [rows, gates n]: gradient of the input's share
  T* drecurrent;    ///< GRU: of the state's share, which is dgates for the others
  T* h;             ///< LSTM: takes h again; may be null
};

/// T is float or double.
template <class T>
void cell_forward(Cell cell, const CellStep<T>& s);
template <class T>
void cell_backward(Cell cell, const CellStepBack<T>& s);

}  // namespace rw::kernels
