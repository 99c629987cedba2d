// What g++ calls in the checked kernel library, compiled with -fsanitize=thread,alignment but never linked with a sanitizer's runtime.
#include <stdio.h>

#include "checks.h"

using emulator::AccessKind;
using emulator::checkAccess;

#define HOOK(name, bytes, kind) \
  extern "C" void name(void* address) { checkAccess(address, bytes, kind, __builtin_return_address(0)); }
#define HOOKS(bytes)                                                   \
  HOOK(__tsan_read##bytes, bytes, AccessKind::kRead)                   \
  HOOK(__tsan_write##bytes, bytes, AccessKind::kWrite)                 \
  HOOK(__tsan_unaligned_read##bytes, bytes, AccessKind::kRead)         \
  HOOK(__tsan_unaligned_write##bytes, bytes, AccessKind::kWrite)       \
  HOOK(__tsan_volatile_read##bytes, bytes, AccessKind::kRead)          \
  HOOK(__tsan_volatile_write##bytes, bytes, AccessKind::kWrite)
HOOKS(1)
HOOKS(2)
HOOKS(4)
HOOKS(8)
HOOKS(16)

extern "C" void __tsan_read_range(void* address, size_t bytes) {
  checkAccess(address, bytes, AccessKind::kRead, __builtin_return_address(0));
}
extern "C" void __tsan_write_range(void* address, size_t bytes) {
  checkAccess(address, bytes, AccessKind::kWrite, __builtin_return_address(0));
}
extern "C" void __tsan_init() {}
extern "C" void __tsan_func_entry(void*) {}
extern "C" void __tsan_func_exit() {}
extern "C" void __tsan_vptr_update(void**, void*) {}
extern "C" void __tsan_atomic_thread_fence(int) { __atomic_thread_fence(__ATOMIC_SEQ_CST); }

// The handler's data begins as libubsan's TypeMismatchData does: source location, type, log2 of the alignment, kind of access.
struct TypeMismatch {
  const char* file;
  uint32_t line, column;
  const void* type;
  uint8_t logAlignment, kind;
};

extern "C" void __ubsan_handle_type_mismatch_v1(TypeMismatch* data, uintptr_t address) {
  if (!emulator_thread) return;
  const char* name = data->file;
  for (const char* c = name; *c; c++) name = *c == '/' ? c + 1 : name;
  char text[400];
  if (address) {
    snprintf(text, sizeof text, "access of a misaligned address: %p has to be a multiple of %d at %s:%u", (void*)address,
             1 << data->logAlignment, name, data->line);
    emulator::stopKernel(emulator::kMisalignedAddress, text);
  }
  snprintf(text, sizeof text, "access through a null pointer at %s:%u", name, data->line);
  emulator::stopKernel(emulator::kIllegalAddress, text);
}
extern "C" void __ubsan_handle_type_mismatch_v1_abort(TypeMismatch* data, uintptr_t address) {
  __ubsan_handle_type_mismatch_v1(data, address);
}
