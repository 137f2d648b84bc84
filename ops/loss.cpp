#include <rewind/ops/loss.h>
