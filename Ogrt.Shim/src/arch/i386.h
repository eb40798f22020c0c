/* Raw system calls on i386: number in eax, arguments in ebx ecx edx esi edi ebp, the answer in eax.
 * The answer is the result, or a negative error number. Nothing touches errno.
 *
 * Six arguments and the number are all registers that there are, and ebx and ebp may have other work (position
 * independent code, the frame), so the arguments are taken from memory and those two are put back.
 * int 0x80 and not the faster way through the kernel's own object, whose address nobody hands to a library. */
#ifndef OGRT_ARCH_I386_H
#define OGRT_ARCH_I386_H

static inline long system_call(long number, long a, long b, long c, long d, long e, long f)
{
    const long arguments[6] = {a, b, c, d, e, f}, *first = arguments;
    long result = number;
    __asm__ volatile("pushl %%ebx\n\t"
                     "pushl %%ebp\n\t"
                     "movl (%%edi), %%ebx\n\t"
                     "movl 4(%%edi), %%ecx\n\t"
                     "movl 8(%%edi), %%edx\n\t"
                     "movl 12(%%edi), %%esi\n\t"
                     "movl 20(%%edi), %%ebp\n\t"
                     "movl 16(%%edi), %%edi\n\t"
                     "int $0x80\n\t"
                     "popl %%ebp\n\t"
                     "popl %%ebx"
                     : "+a"(result), "+D"(first)
                     :
                     : "ecx", "edx", "esi", "memory", "cc");
    return result;
}

/* Programs that were built to the old rule keep the stack at a multiple of 4, and the compiler counts on 16. */
#define ARCH_ENTRY __attribute__((force_align_arg_pointer))

#endif
