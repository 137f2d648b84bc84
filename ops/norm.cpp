#include <rewind/ops/norm.h>
