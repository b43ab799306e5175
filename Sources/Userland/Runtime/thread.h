// The calls about threads. They are not in guest.h, since programs have functions of their own by such names.
#pragma once

// `stack` is the top of the new thread's stack, aligned to 16 bytes. It ends when `function` returns, with that value.
int clone(int (*function)(void *), void *argument, void *stack);
// Waits for a thread of one's own process to end, and takes its status.
int join(int thread, int *status);
// Operation 0 sleeps while the int is `value`, at most so many ticks (0: for ever); 1 wakes up to `value` sleepers.
int futex(int *address, int operation, int value, int ticks);
int gettid(void);
