#include <rewind/tensor/tensor.h>
