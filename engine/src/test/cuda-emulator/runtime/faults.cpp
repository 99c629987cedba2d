// How a kernel ends before its time: stopped by a check, or by a fault of the hardware on a guard page.
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "fibers.h"
#include "threads.h"

namespace emulator {
namespace {

struct sigaction previousSegv, previousBus;

// A fault on a GPU thread is the kernel's; every other one is the JVM's, which uses SIGSEGV for its null checks and safepoints.
void onFault(int signal, siginfo_t* info, void* context) {
  if (Thread* thread = currentThread()) {
    char text[160];
    const char* address = static_cast<char*>(info->si_addr);
    if (address >= thread->stackLow - 4096 && address < thread->stackLow) {
      snprintf(text, sizeof text, "the GPU thread's stack overflowed");
    } else {
      snprintf(text, sizeof text, "fault at address %p", static_cast<const void*>(address));
    }
    // The kernel library calls us at an instruction, not at a call: one past it is what a return address would be.
    const void* instruction = reinterpret_cast<void*>(static_cast<ucontext_t*>(context)->uc_mcontext.gregs[REG_RIP] + 1);
    stopKernel(kIllegalAddress, text, instruction);
  }
  struct sigaction& previous = signal == SIGSEGV ? previousSegv : previousBus;
  if (previous.sa_flags & SA_SIGINFO) {
    previous.sa_sigaction(signal, info, context);
  } else if (previous.sa_handler != SIG_DFL && previous.sa_handler != SIG_IGN) {
    previous.sa_handler(signal);
  } else {
    ::signal(signal, SIG_DFL);
    raise(signal);
  }
}

}  // namespace

void stopKernel(Result result, const std::string& what, const void* programCounter) {
  Thread* thread = currentThread();
  char place[200];
  const Dim3 &b = thread->blockIndex, &t = thread->threadIndex;
  snprintf(place, sizeof place, " [kernel %s, block (%u,%u,%u), thread (%u,%u,%u)]", worker->block.launch->kernel->entry->name, b.x, b.y,
           b.z, t.x, t.y, t.z);
  worker->finding = {result, what + place, programCounter};
  emulator_thread = nullptr;
  // The abandoned stacks run no destructors: what lies on them holds nothing but memory of a failed test.
  void* abandoned;
  emulator_switch(&abandoned, worker->mainStackPointer);
  abort();
}

void prepareFaultStack() {
  stack_t stack = {};
  stack.ss_size = 64 << 10;
  stack.ss_sp = malloc(stack.ss_size);
  sigaltstack(&stack, nullptr);
}

void installFaultHandlers() {
  static bool installed = false;
  if (installed) return;
  installed = true;
  struct sigaction action = {};
  action.sa_sigaction = onFault;
  // Not deferred, since stopKernel leaves the handler without returning from it.
  action.sa_flags = SA_SIGINFO | SA_NODEFER | SA_ONSTACK | SA_RESTART;
  sigaction(SIGSEGV, &action, &previousSegv);
  sigaction(SIGBUS, &action, &previousBus);
}

}  // namespace emulator
