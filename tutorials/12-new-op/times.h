#pragma once

#include "tutorial.h"

/// Draws the time that each form takes, and holds the fast one to being fast.
void measure_times(const Tutorial& tutorial);
