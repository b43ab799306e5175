// For programs written for xv6.
#include "../guest.h"
