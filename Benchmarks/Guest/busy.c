// Half a second of work with arrays and branches, and next to no calls: a sieve, again and again.
#include "user/user.h"

enum { LIMIT = 20000, ROUNDS = 1200 };
static char composite[LIMIT];

int main(void) {
  int primes = 0;
  for (int round = 0; round < ROUNDS; round++) {
    memset(composite, 0, LIMIT);
    primes = 0;
    for (int i = 2; i < LIMIT; i++) {
      if (composite[i]) continue;
      primes++;
      for (int j = 2 * i; j < LIMIT; j += i) composite[j] = 1;
    }
  }
  return primes == 2262 ? 0 : 1;
}
