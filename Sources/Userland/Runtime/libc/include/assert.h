// May be included again after NDEBUG has changed.
#undef assert
#ifdef NDEBUG
#define assert(condition) ((void)0)
#else
#define assert(condition)                                                                          \
  ((condition) ? (void)0 : __assert_fail(#condition, __FILE__, __LINE__, __func__))
#endif

#ifndef LIBC_ASSERT
#define LIBC_ASSERT
_Noreturn void __assert_fail(const char *condition, const char *file, unsigned int line,
                             const char *function);
#if __STDC_VERSION__ < 202311L && !defined(__cplusplus)
#undef static_assert
#define static_assert _Static_assert
#endif
#endif
