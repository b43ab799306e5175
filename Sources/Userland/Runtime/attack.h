// What the programs have in common that try to get out of a container. Each goes through families of
// ways, says of each family how many it has tried and how many worked, and ends with a verdict over
// all of them. A way that works is named at once.
#pragma once

#include "guest.h"

// The program's name, which begins its lines.
void attack_begin(const char *program);

// One way was tried.
void attack_try(int worked, const char *way);
// The same with a text or a number in it.
void attack_try_text(int worked, const char *way, const char *text);
void attack_try_number(int worked, const char *way, long number);

// A family is complete: says what came of it.
void attack_family(const char *family);

// Says what came of everything. The exit status: 0 if nothing worked.
int attack_verdict(void);

// For what a child tries: `child` is what fork returned. In the child this starts counting anew and
// returns 1, and the child ends with attack_leave; in the parent it waits, adds what the child has
// counted, and returns 0.
int attack_enter(int child);
_Noreturn void attack_leave(void);

// Whether the child that attack_enter has waited for was ended by the kernel.
int attack_was_ended(void);

// For a program that begins outside: what enters a container cannot use the console any more. So the
// caller goes on as a child whose output is passed on, and whose status is taken over.
void attack_from_outside(void);
