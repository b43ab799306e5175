# Where a guest program begins, and the doors to the kernel.
#
# The kernel hands over a0 = argc, a1 = argv = sp and zeroes elsewhere. A call takes its number in
# a7 and its arguments in a0 to a5, and keeps every register but a0; so a stub is two instructions
# and a return. Each stub has a section of its own, and a program holds only those that it uses.

    .section .text.start, "ax", @progbits
    .globl _start
    .type _start, @function
_start:
    .option push
    .option norelax
    la gp, __global_pointer$
    .option pop
    andi sp, sp, -16
    call main
    tail main_returned
    .size _start, . - _start

# The names are weak, so that programs may have functions of their own by them.
.macro CALL number, name
    .section .text.\name, "ax", @progbits
    .weak \name
    .type \name, @function
\name:
    li a7, \number
    ecall
    ret
    .size \name, . - \name
.endm

# The kernel looks at the second argument, which tells it when pages are to come.
.macro SBRK name, type
    .section .text.\name, "ax", @progbits
    .weak \name
    .type \name, @function
\name:
    li a1, \type
    li a7, 12
    ecall
    ret
    .size \name, . - \name
.endm

# The mark of a program that is built for this machine's calls: who has none and makes one of the
# calls from 22 up may mean another by that number, and is told so.
    .section .note.drydock, "a", @note
    .balign 4
    .word 8, 4, 1
    .asciz "Drydock"
    .word 1

    CALL 1, fork
    CALL 2, guest_exit
# Where `main` returns to; the C library has one of its own, for a program with functions to be called at its end.
    .weak main_returned
    .set main_returned, guest_exit
    CALL 3, wait
    CALL 4, pipe
    CALL 5, read
    CALL 6, kill
    CALL 7, exec
    CALL 8, fstat
    CALL 9, chdir
    CALL 10, dup
    CALL 11, getpid
    CALL 12, sys_sbrk
    SBRK sbrk, 1
    SBRK sbrklazy, 2
    CALL 13, sleep
    CALL 13, pause
    CALL 14, uptime
    CALL 15, open
    CALL 16, write
    CALL 17, mknod
    CALL 18, unlink
    CALL 19, link
    CALL 20, mkdir
    CALL 21, close
    CALL 22, setroot
    CALL 22, chroot
    CALL 23, maxproc
    CALL 24, cm_create_and_enter
    CALL 25, cm_setroot
    CALL 26, cm_maxproc
    CALL 27, getcid
    CALL 28, shm_get
    CALL 29, shm_rem
    CALL 30, mutex_create
    CALL 31, mutex_delete
    CALL 32, mutex_lock
    CALL 33, mutex_unlock
    CALL 34, cv_wait
    CALL 35, cv_signal
    CALL 36, prio_set
    CALL 37, prio_get
    CALL 38, cm_join
    CALL 39, cm_info
    CALL 40, ps
    CALL 41, mount
    CALL 42, umount
    CALL 43, socket
    CALL 44, bind
    CALL 45, listen
    CALL 46, accept
    CALL 47, connect
    CALL 48, sendto
    CALL 49, recvfrom
    CALL 50, shutdown
    CALL 51, getsockname
    CALL 52, getpeername
    CALL 53, poll
    CALL 54, cm_network
    CALL 55, clone
    CALL 56, join
    CALL 57, futex
    CALL 58, gettid
