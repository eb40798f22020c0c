/* The entries of the exec family: machine code, because only there nothing of what the caller passed is touched,
 * however many arguments there are. Each keeps the registers in which arguments can be, lets exec_enter look at the
 * call, takes them back and jumps to the C library's function, which sees the caller's own stack and return address.
 *
 * exec_enter gets the number of the function, the kept registers, and the address of the arguments on the stack. */
#include "functions.h"

#if defined(__x86_64__)

/* rdi rsi rdx rcx r8 r9 hold arguments, and al how many vector registers an ellipsis has used: none ever is. The seven
 * words and the return address are 64 bytes, so the stack stays aligned. */
__asm__(".text\n"
        ".p2align 4\n"
        ".type exec_gate, @function\n"
        "exec_gate:\n"
        "    push %rax\n"
        "    push %r9\n"
        "    push %r8\n"
        "    push %rcx\n"
        "    push %rdx\n"
        "    push %rsi\n"
        "    push %rdi\n"
        "    mov %r11d, %edi\n"
        "    mov %rsp, %rsi\n"
        "    lea 64(%rsp), %rdx\n"
        "    call exec_enter\n"
        "    mov %rax, %r11\n"
        "    pop %rdi\n"
        "    pop %rsi\n"
        "    pop %rdx\n"
        "    pop %rcx\n"
        "    pop %r8\n"
        "    pop %r9\n"
        "    pop %rax\n"
        "    jmp *%r11\n"
        ".size exec_gate, . - exec_gate\n");

#define ENTRY_CODE(number)                                                                                             \
    "    endbr64\n"                                                                                                    \
    "    mov $" #number ", %r11d\n"                                                                                    \
    "    jmp exec_gate\n"

#elif defined(__aarch64__)

/* x0 to x7 hold arguments, x8 the place of a large result: there is none, but it is nobody else's to change. x16 and
 * x17 are free between functions, and a branch by x16 may land where a call may. The hints sign and check the return
 * address where the processor can, and are nothing elsewhere; the first is a landing place as well. */
__asm__(".text\n"
        ".p2align 4\n"
        ".type exec_gate, %function\n"
        "exec_gate:\n"
        "    hint #25\n" /* paciasp */
        "    stp x29, x30, [sp, #-96]!\n"
        "    mov x29, sp\n"
        "    stp x0, x1, [sp, #16]\n"
        "    stp x2, x3, [sp, #32]\n"
        "    stp x4, x5, [sp, #48]\n"
        "    stp x6, x7, [sp, #64]\n"
        "    str x8, [sp, #80]\n"
        "    mov w0, w16\n"
        "    add x1, sp, #16\n"
        "    add x2, sp, #96\n"
        "    bl exec_enter\n"
        "    mov x16, x0\n"
        "    ldp x0, x1, [sp, #16]\n"
        "    ldp x2, x3, [sp, #32]\n"
        "    ldp x4, x5, [sp, #48]\n"
        "    ldp x6, x7, [sp, #64]\n"
        "    ldr x8, [sp, #80]\n"
        "    ldp x29, x30, [sp], #96\n"
        "    hint #29\n" /* autiasp */
        "    br x16\n"
        ".size exec_gate, . - exec_gate\n");

#define ENTRY_CODE(number)                                                                                             \
    "    hint #34\n" /* bti c */                                                                                       \
    "    mov w16, #" #number "\n"                                                                                      \
    "    b exec_gate\n"

#elif defined(__i386__)

/* All arguments are on the stack, above the return address. Three words align it again for the call. */
__asm__(".text\n"
        ".p2align 4\n"
        ".type exec_gate, @function\n"
        "exec_gate:\n"
        "    lea 4(%esp), %edx\n"
        "    push %edx\n"
        "    push %edx\n"
        "    push %eax\n"
        "    call exec_enter\n"
        "    add $12, %esp\n"
        "    jmp *%eax\n"
        ".size exec_gate, . - exec_gate\n");

#define ENTRY_CODE(number)                                                                                             \
    "    endbr32\n"                                                                                                    \
    "    mov $" #number ", %eax\n"                                                                                     \
    "    jmp exec_gate\n"

#else
#error "This processor has no entries yet: x86-64, aarch64 and i386 have."
#endif

#define ENTRY(name, number)                                                                                            \
    __asm__(".text\n"                                                                                                  \
            ".p2align 4\n"                                                                                             \
            ".globl " #name "\n"                                                                                       \
            ".type " #name ", %function\n" #name ":\n" ENTRY_CODE(number) ".size " #name ", . - " #name "\n");

EXEC_ENTRIES(ENTRY)
