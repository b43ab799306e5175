// For programs written for xv6: calls and library.
#include "../kernel/types.h"
