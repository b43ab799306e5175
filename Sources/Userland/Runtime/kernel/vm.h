// For programs written for xv6: types of growth.
#include "../guest.h"
