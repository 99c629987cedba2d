// Compiled into each kernel library: tells the runtime which build it is and where its static __shared__ segment lies.
#include "abi.h"

namespace {

#ifdef EMULATOR_CHECKED
constexpr bool kChecked = true;
#else
constexpr bool kChecked = false;
#endif

thread_local char anchor;

void* anchorAddress() { return &anchor; }

struct LibraryRegistration {
  LibraryRegistration() { emulator_register_library(kChecked, anchorAddress); }
} registration;

}  // namespace
