#include <rewind/ops/softmax.h>
