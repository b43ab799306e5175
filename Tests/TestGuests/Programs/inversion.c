// The example of the tutorial, for tests that want a container with locks, shared pages and refusals.
#include "../../../Examples/inversion.c"
