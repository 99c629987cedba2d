// Driver API: start, devices, contexts, and the tests' control channel.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <algorithm>
#include <set>

#include "driver.h"
#include "memory.h"
#include "threads.h"

namespace emulator {
namespace {

struct State {
  std::recursive_mutex lock;
  bool initialised = false;
  std::vector<Context*> primary;
  std::set<Context*> contexts;  // the live ones
};
State& state() {
  static State* one = new State;  // never destroyed: the JVM's threads may still call at exit
  return *one;
}
thread_local std::vector<Context*> currentContexts;

Context* makeContext(int device, bool primary) {
  auto* context = new Context(device, primary);
  state().contexts.insert(context);
  return context;
}

// Handles may outlive what they name, so nothing is freed: a use of a destroyed context is an error, not a crash.
void destroy(Context* context) {
  context->destroyed = true;
  state().contexts.erase(context);
  for (Context* other : state().contexts) {
    if (other->device == context->device) return;
  }
  memory::releaseDevice(context->device);
}

}  // namespace

Call::Call(Needs needs) : guard_(state().lock) {
  if (needs == kNothing) return;
  if (!state().initialised) {
    error = kNotInitialized;
    return;
  }
  if (needs != kContext) return;
  context = currentContexts.empty() ? nullptr : currentContexts.back();
  if (!context) {
    error = kInvalidContext;
  } else if (context->destroyed) {
    error = kContextIsDestroyed;
  } else {
    error = context->error;
  }
}

bool isInitialised() { return state().initialised; }
bool isDevice(int device) { return device >= 0 && device < settings.devices; }

Context* primaryContext(int device) {
  auto& primary = state().primary;
  if ((int)primary.size() < settings.devices) primary.resize((size_t)settings.devices);
  Context*& context = primary[(size_t)device];
  if (!context || context->destroyed) context = makeContext(device, true);
  return context;
}

Stream* streamOf(Context* context, Stream* handle) {
  if (!handle || handle == reinterpret_cast<Stream*>(1)) return &context->legacy;
  for (Context* live : state().contexts) {
    if (std::find(live->streams.begin(), live->streams.end(), handle) != live->streams.end()) return handle;
  }
  return nullptr;
}

void configure(const Settings& next) {
  while (!state().contexts.empty()) destroy(*state().contexts.begin());
  state().primary.clear();
  memory::reset();
  settings = next;
}

}  // namespace emulator

using namespace emulator;

API cuInit(unsigned) {
  Call call(Call::kNothing);
  if (state().initialised) return kSuccess;
  if (const char* text = getenv("CUDA_EMULATOR")) {
    Settings next;
    if (!parseSettings(text, &next)) {
      fprintf(stderr, "cuda-emulator: cannot read CUDA_EMULATOR=%s\n", text);
      return kInvalidValue;
    }
    configure(next);
  }
  installFaultHandlers();
  state().initialised = true;
  return kSuccess;
}

// The control channel: cuDeviceGetByPCIBusId("emulator:devices=2,memory=64,...") sets the machine up anew. It needs no line of JNI.
API cuDeviceGetByPCIBusId(int* device, const char* id) {
  Call call(Call::kInitialised);
  if (call.error) return call.error;
  const char* prefix = "emulator:";
  Settings next;
  if (strncmp(id, prefix, strlen(prefix)) || !parseSettings(id + strlen(prefix), &next)) return kInvalidValue;
  configure(next);
  *device = 0;
  return kSuccess;
}

API cuDeviceGetPCIBusId(char* id, int length, int device) {
  Call call(Call::kInitialised);
  if (call.error || !isDevice(device)) return call.error ? call.error : kInvalidDevice;
  snprintf(id, (size_t)length, "0000:%02x:00.0", device + 1);
  return kSuccess;
}

API cuDriverGetVersion(int* version) {
  *version = settings.driverVersion;
  return kSuccess;
}

API cuDeviceGetCount(int* count) {
  Call call(Call::kInitialised);
  if (!call.error) *count = settings.devices;
  return call.error;
}

API cuDeviceGet(int* device, int ordinal) {
  Call call(Call::kInitialised);
  if (call.error || !isDevice(ordinal)) return call.error ? call.error : kInvalidDevice;
  *device = ordinal;
  return kSuccess;
}

API cuDeviceGetName(char* name, int length, int device) {
  Call call(Call::kInitialised);
  if (call.error || !isDevice(device)) return call.error ? call.error : kInvalidDevice;
  snprintf(name, (size_t)length, "Emulated GPU %d", device);
  return kSuccess;
}

API cuDeviceTotalMem_v2(size_t* bytes, int device) {
  Call call(Call::kInitialised);
  if (call.error || !isDevice(device)) return call.error ? call.error : kInvalidDevice;
  *bytes = settings.memoryOf(device);
  return kSuccess;
}

API cuDeviceComputeCapability(int* major, int* minor, int) {
  *major = settings.computeCapability / 10;
  *minor = settings.computeCapability % 10;
  return kSuccess;
}

API cuDeviceGetAttribute(int* value, int attribute, int device) {
  Call call(Call::kInitialised);
  if (call.error || !isDevice(device)) return call.error ? call.error : kInvalidDevice;
  switch (attribute) {  // CUdevice_attribute
    case 1:             // MAX_THREADS_PER_BLOCK
    case 2:             // MAX_BLOCK_DIM_X
    case 3:             // MAX_BLOCK_DIM_Y
      *value = kMaxBlockThreads;
      break;
    case 4:  // MAX_BLOCK_DIM_Z
      *value = 64;
      break;
    case 5:  // MAX_GRID_DIM_X
      *value = 0x7fffffff;
      break;
    case 6:  // MAX_GRID_DIM_Y
    case 7:  // MAX_GRID_DIM_Z
      *value = 65535;
      break;
    case 8:  // MAX_SHARED_MEMORY_PER_BLOCK
      *value = 48 << 10;
      break;
    case 10:  // WARP_SIZE
      *value = kWarpThreads;
      break;
    case 12:  // MAX_REGISTERS_PER_BLOCK
    case 82:  // MAX_REGISTERS_PER_MULTIPROCESSOR
      *value = 65536;
      break;
    case 16:  // MULTIPROCESSOR_COUNT
      *value = settings.processors;
      break;
    case 31:  // CONCURRENT_KERNELS
    case 41:  // UNIFIED_ADDRESSING
      *value = 1;
      break;
    case 39:  // MAX_THREADS_PER_MULTIPROCESSOR
      *value = 2048;
      break;
    case 75:  // COMPUTE_CAPABILITY_MAJOR
      *value = settings.computeCapability / 10;
      break;
    case 76:  // COMPUTE_CAPABILITY_MINOR
      *value = settings.computeCapability % 10;
      break;
    case 81:  // MAX_SHARED_MEMORY_PER_MULTIPROCESSOR
      *value = (int)kMaxSharedBytes + 1024;
      break;
    case 97:  // MAX_SHARED_MEMORY_PER_BLOCK_OPTIN
      *value = settings.computeCapability == 80 ? 163 << 10 : settings.computeCapability >= 120 ? 99 << 10 : (int)kMaxSharedBytes;
      break;
    default:
      *value = 0;
  }
  return kSuccess;
}

API cuDeviceCanAccessPeer(int* can, int, int) {
  *can = 0;  // so that layers split over devices copy explicitly
  return kSuccess;
}

API cuDevicePrimaryCtxRetain(Context** context, int device) {
  Call call(Call::kInitialised);
  if (call.error || !isDevice(device)) return call.error ? call.error : kInvalidDevice;
  *context = primaryContext(device);
  return kSuccess;
}

API cuDevicePrimaryCtxRelease_v2(int) { return kSuccess; }
API cuDevicePrimaryCtxSetFlags_v2(int, unsigned) { return kSuccess; }

// No profiler watches, which is no error.
API cuProfilerStart() { return Call(Call::kContext).error; }
API cuProfilerStop() { return Call(Call::kContext).error; }

API cuDevicePrimaryCtxReset_v2(int device) {
  Call call(Call::kInitialised);
  if (call.error || !isDevice(device)) return call.error ? call.error : kInvalidDevice;
  destroy(primaryContext(device));
  return kSuccess;
}

API cuCtxCreate_v2(Context** context, unsigned, int device) {
  Call call(Call::kInitialised);
  if (call.error || !isDevice(device)) return call.error ? call.error : kInvalidDevice;
  *context = makeContext(device, false);
  currentContexts.push_back(*context);
  return kSuccess;
}

API cuCtxDestroy_v2(Context* context) {
  Call call(Call::kInitialised);
  if (call.error) return call.error;
  if (!state().contexts.count(context)) return kInvalidContext;
  synchronise(context);
  destroy(context);
  if (!currentContexts.empty() && currentContexts.back() == context) currentContexts.pop_back();
  return kSuccess;
}

API cuCtxSetCurrent(Context* context) {
  Call call(Call::kInitialised);
  if (call.error) return call.error;
  if (context && !state().contexts.count(context)) return kInvalidContext;
  if (currentContexts.empty()) {
    currentContexts.push_back(context);
  } else {
    currentContexts.back() = context;
  }
  return kSuccess;
}

API cuCtxGetCurrent(Context** context) {
  *context = currentContexts.empty() ? nullptr : currentContexts.back();
  return kSuccess;
}

API cuCtxPushCurrent_v2(Context* context) {
  Call call(Call::kInitialised);
  if (call.error) return call.error;
  if (!state().contexts.count(context)) return kInvalidContext;
  currentContexts.push_back(context);
  return kSuccess;
}

API cuCtxPopCurrent_v2(Context** context) {
  if (currentContexts.empty()) return kInvalidContext;
  if (context) *context = currentContexts.back();
  currentContexts.pop_back();
  return kSuccess;
}

API cuCtxGetDevice(int* device) {
  Call call(Call::kContext);
  if (call.context) *device = call.context->device;
  return call.error;
}

API cuCtxSynchronize() {
  Call call(Call::kContext);
  return call.error ? call.error : synchronise(call.context);
}
