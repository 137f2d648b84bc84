#pragma once

#include <functional>
#include <string>

#include <rewind/data/text.h>
#include <rewind/rewind.h>

#include "drawing.h"
#include "tutorial.h"

/// Bytes to learn from, and bytes that no network has seen.
struct Texts {
  std::string learn, held_out;
};

/// Scores of the next byte, [N, L, 256], for pieces of a text [N, L].
using Scores = std::function<rw::Tensor(const rw::Tensor& pieces)>;

/// The cross-entropy of what comes next, in bits a byte.
double bits(const Scores& scores, const std::string& text);
/// Trains on pieces of `length` bytes; the bits that held-out bytes take as it goes on.
Series train(const std::string& name, rw::nn::Module& model, const Scores& scores,
             const Texts& texts, int64_t length, int64_t steps);

/// A long short-term memory that reads and writes a text.
Series recurrent(const Tutorial& tutorial, const Texts& texts);
/// A small GPT that does.
Series transformer(const Tutorial& tutorial, const Texts& texts);
