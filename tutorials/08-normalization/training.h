#pragma once

#include "tutorial.h"

/// Eight convolutions with batch norm, with group norm and without, at two learning rates.
void compare_trainings(const Tutorial& tutorial);
/// How much a picture's result varies with its company in a batch.
void show_small_batches(const Tutorial& tutorial);
