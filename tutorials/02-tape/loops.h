#pragma once

#include "tutorial.h"

/// A square root and its derivative, by as many steps as it takes.
void run_newton(const Tutorial& tutorial);
/// Finds the circle that is nearest to sixty points.
void fit_circle(const Tutorial& tutorial);
