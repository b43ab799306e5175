// Counts solutions of the queens puzzle by recursion over bit sets, and multiplies matrices of
// 64-bit words: calls, arithmetic, nested loops.
#include "guest.h"

enum { board = 12, order = 120, rounds = 60 };
static u64 left[order][order], right[order][order], product[order][order];

static u64 place(u32 columns, u32 up, u32 down) {
  u32 all = (1u << board) - 1;
  if (columns == all) return 1;
  u64 solutions = 0;
  for (u32 open = all & ~(columns | up | down); open != 0; open &= open - 1) {
    u32 queen = open & -open;
    solutions += place(columns | queen, (up | queen) << 1, (down | queen) >> 1);
  }
  return solutions;
}

static void multiply(void) {
  for (int i = 0; i < order; i++)
    for (int j = 0; j < order; j++) {
      u64 sum = 0;
      for (int k = 0; k < order; k++) sum += left[i][k] * right[k][j];
      product[i][j] = sum;
    }
}

void work(void) {
  u64 state = 7, sum = 0;
  sum = place(0, 0, 0) + 31 * place(0, 0, 0);
  for (int i = 0; i < order; i++)
    for (int j = 0; j < order; j++) left[i][j] = next_random(&state), right[i][j] = next_random(&state);
  for (int round = 0; round < rounds; round++) {
    multiply();
    for (int i = 0; i < order; i++)
      for (int j = 0; j < order; j++) left[i][j] ^= product[j][i], sum += product[i][j];
  }
  report("queens", sum);
}
