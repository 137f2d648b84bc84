#pragma once
// Everything but data loading: include this and write models.

#include <rewind/autograd/autograd.h>
#include <rewind/tensor/factories.h>
#include <rewind/tensor/tensor.h>
