#pragma once

#include "tutorial.h"

void find_slow(const Tutorial& tutorial);
void find_nan(const Tutorial& tutorial);
void find_lost_gradients(const Tutorial& tutorial);
