#include "fibers.h"

#include <stdint.h>

#ifndef __x86_64__
#error "The emulator runs on x86-64 only: JCuda has natives for no other Linux, so a port of the switch would have no user."
#endif

// The System V ABI lets a called function lose every register but these six and the stack pointer. The floating-point control words
// are kept by nobody: neither kernels nor the runtime change them.
asm(R"(
.text
.globl emulator_switch
.hidden emulator_switch
.type emulator_switch, @function
emulator_switch:
  pushq %rbp
  pushq %rbx
  pushq %r12
  pushq %r13
  pushq %r14
  pushq %r15
  movq %rsp, (%rdi)
  movq %rsi, %rsp
  popq %r15
  popq %r14
  popq %r13
  popq %r12
  popq %rbx
  popq %rbp
  ret
.size emulator_switch, .-emulator_switch

.hidden emulator_fiber_start
.type emulator_fiber_start, @function
emulator_fiber_start:
  xorl %ebp, %ebp
  andq $-16, %rsp
  call *%rbx
  ud2
.size emulator_fiber_start, .-emulator_fiber_start
)");

extern "C" void emulator_fiber_start();

namespace emulator {

void* prepareFiber(char* top, void (*entry)()) {
  void** stack = reinterpret_cast<void**>(reinterpret_cast<uintptr_t>(top) & ~uintptr_t{15});
  *--stack = reinterpret_cast<void*>(emulator_fiber_start);  // where the switch returns to
  *--stack = nullptr;                                        // rbp
  *--stack = reinterpret_cast<void*>(entry);                 // rbx
  for (int saved = 0; saved < 4; saved++) *--stack = nullptr;  // r12 to r15
  return stack;
}

}  // namespace emulator
