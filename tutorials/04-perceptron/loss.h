#pragma once

#include "tutorial.h"

/// Holds cross_entropy, and the gradient that the tape finds, to their formulas.
void show_gradient(const Tutorial& tutorial);
