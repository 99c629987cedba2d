// GPU threads are fibers: own stacks on one operating system thread, switched by hand in a few nanoseconds.
#pragma once
#include <stddef.h>

namespace emulator {

// Saves the running fiber's registers on its stack and its stack pointer at *save, and goes on where `to` was saved.
extern "C" void emulator_switch(void** save, void* to);

// Prepares a stack, growing down from `top`, on which the first switch calls entry(); entry never returns.
void* prepareFiber(char* top, void (*entry)());

}  // namespace emulator
