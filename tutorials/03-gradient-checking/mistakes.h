#pragma once

#include "tutorial.h"

/// Three pullbacks for the same op, of which one is right.
void find_mistakes(const Tutorial& tutorial);
/// A wrong gradient, a right one and differences.
void draw_mistake(const Tutorial& tutorial);
