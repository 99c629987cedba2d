// Included by the unit that build.sh writes for each kernel file: makes its kernels known to the runtime by name.
#pragma once
#include <type_traits>
#include <utility>

#include "abi.h"

namespace emulator {

// Calls a kernel with the values that the driver copied at the launch, and knows their sizes.
template <auto Function>
struct Trampoline;
template <class... Parameters, void (*Function)(Parameters...)>
struct Trampoline<Function> {
  static constexpr uint32_t kBytes[sizeof...(Parameters) + 1] = {sizeof(Parameters)..., 0};
  static constexpr int kCount = sizeof...(Parameters);
  template <size_t... I>
  static void apply(void* const* p, std::index_sequence<I...>) {
    Function(*static_cast<std::remove_reference_t<Parameters>*>(p[I])...);
  }
  static void call(void* const* p) { apply(p, std::index_sequence_for<Parameters...>()); }
};

struct Registration {
  KernelEntry entry;
  Registration(const char* name, void (*call)(void* const*), int parameters, const uint32_t* bytes)
      : entry{name, call, parameters, bytes} {
    emulator_register_kernel(&entry);
  }
};

}  // namespace emulator

#define EMULATOR_KERNEL(function)                                                                                \
  static const emulator::Registration emulator_registration_##function{                                         \
      #function, emulator::Trampoline<function>::call, emulator::Trampoline<function>::kCount,                  \
      emulator::Trampoline<function>::kBytes};
