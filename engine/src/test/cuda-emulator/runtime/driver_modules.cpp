// Driver API: modules, functions, launches.
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "driver.h"
#include "kernels.h"

using namespace emulator;

namespace {

// A kernel as a context sees it. Handles stay valid as long as the process, as stale ones must not crash a test.
struct Function {
  const Kernel* kernel;
  Context* context;
  int sharedLimit = 48 << 10;
  int carveout = -1;  // percent of L1 and shared memory together; -1 leaves it to the driver
};

struct Module {
  Context* context;
  const Library* library;
  std::map<std::string, Function> functions;
};

uint32_t launches = 0;

// A fault of the hardware, where the settings have this launch end with one that no other process has had.
Finding injectedFault(const Kernel* kernel) {
  if (!settings.faultLaunch || --settings.faultLaunch) return {};
  for (int code : settings.faults) {
    std::string file = settings.faultFolder + "/" + std::to_string(code);
    int made = settings.faultFolder.empty() ? -1 : open(file.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
    if (made < 0 && !settings.faultFolder.empty()) continue;
    if (made >= 0) close(made);
    return {(Result)code, "a fault that the settings ask for [kernel " + std::string(kernel->entry->name) + "]", nullptr};
  }
  return {};
}

// The kernels come from the emulator's own library, by name; the image only has to be one that a driver could load.
Result checkImage(const void* image) {
  constexpr uint32_t kFatbin = 0xBA55ED50u, kElf = 0x464C457Fu;
  if (!image) return kInvalidValue;
  uint32_t magic;
  memcpy(&magic, image, 4);
  // The build's placeholder for a fatbin is good enough here: machines without nvcc can still run the kernels.
  bool placeholder = !strncmp(static_cast<const char*>(image), "built without CUDA kernels", 26);
  if (magic != kFatbin && magic != kElf && !placeholder) return kInvalidImage;
  if (settings.driverVersion < 12000) return kUnsupportedPtxVersion;
  return settings.computeCapability < 80 ? kNoBinaryForGpu : kSuccess;
}

// The parameters of a launch, copied when it is queued: pointers to the values, then the values, 16-byte aligned.
struct Parameters {
  std::vector<__int128> storage;
  size_t bytes = 0, pointerBytes = 0;

  char* base() { return reinterpret_cast<char*>(storage.data()); }
  void* const* pointers() { return reinterpret_cast<void* const*>(base()); }
};

constexpr size_t align(size_t offset) { return (offset + 15) & ~size_t{15}; }

std::shared_ptr<Parameters> copyParameters(const KernelEntry& entry, void** given) {
  auto copy = std::make_shared<Parameters>();
  copy->pointerBytes = align((size_t)entry.parameters * sizeof(void*));
  copy->bytes = copy->pointerBytes;
  for (int i = 0; i < entry.parameters; i++) copy->bytes = align(copy->bytes) + entry.parameterBytes[i];
  copy->storage.resize(copy->bytes / 16 + 1);
  size_t offset = copy->pointerBytes;
  for (int i = 0; i < entry.parameters; i++) {
    if (!given || !given[i]) return nullptr;
    offset = align(offset);
    reinterpret_cast<void**>(copy->base())[i] = copy->base() + offset;
    memcpy(copy->base() + offset, given[i], entry.parameterBytes[i]);
    offset += entry.parameterBytes[i];
  }
  return copy;
}

// CU_LAUNCH_PARAM_BUFFER_POINTER: one buffer, which has to be exactly the kernel's one parameter struct.
std::shared_ptr<Parameters> copyBuffer(const KernelEntry& entry, void** extra) {
  void* buffer = nullptr;
  size_t bytes = 0;
  for (int i = 0; extra[i]; i += 2) {
    if (extra[i] == reinterpret_cast<void*>(1)) buffer = extra[i + 1];
    if (extra[i] == reinterpret_cast<void*>(2)) bytes = *static_cast<size_t*>(extra[i + 1]);
  }
  if (!buffer || entry.parameters != 1 || bytes != entry.parameterBytes[0]) return nullptr;
  return copyParameters(entry, &buffer);
}

bool isPossible(const Function& function, Dim3 grid, Dim3 block, unsigned sharedBytes) {
  uint64_t threads = (uint64_t)block.x * block.y * block.z;
  return grid.x && grid.y && grid.z && grid.x <= 0x7fffffff && grid.y <= 65535 && grid.z <= 65535 && threads && threads <= kMaxBlockThreads &&
         block.z <= 64 && sharedBytes <= (unsigned)function.sharedLimit;
}

}  // namespace

API cuModuleLoadData(Module** out, const void* image) {
  Call call(Call::kContext);
  if (call.error) return call.error;
  if (Result result = checkImage(image)) return result;
  std::string why;
  const Library* library = openLibrary(settings.checked, &why);
  if (!library) {
    report({kNotFound, why, nullptr});
    return kNotFound;
  }
  auto* module = new Module{call.context, library, {}};
  for (const auto& [name, kernel] : library->kernels) module->functions.emplace(name, Function{&kernel, call.context});
  *out = module;
  return kSuccess;
}
API cuModuleLoadDataEx(Module** out, const void* image, unsigned, void*, void**) { return cuModuleLoadData(out, image); }
API cuModuleLoadFatBinary(Module** out, const void* image) { return cuModuleLoadData(out, image); }
API cuModuleUnload(Module*) { return kSuccess; }

API cuModuleGetFunction(Function** out, Module* module, const char* name) {
  Call call(Call::kContext);
  if (call.error) return call.error;
  if (!module || module->context != call.context) return kInvalidHandle;
  auto found = module->functions.find(name);
  if (found == module->functions.end()) return kNotFound;
  *out = &found->second;
  return kSuccess;
}

API cuFuncSetAttribute(Function* function, int attribute, int value) {
  Call call(Call::kContext);
  if (call.error) return call.error;
  if (!function) return kInvalidHandle;
  if (attribute == 9) {  // PREFERRED_SHARED_MEMORY_CARVEOUT
    if (value < -1 || value > 100) return kInvalidValue;
    function->carveout = value;
    return kSuccess;
  }
  if (attribute != 8) return kSuccess;  // MAX_DYNAMIC_SHARED_SIZE_BYTES
  if (value < 0 || (size_t)value > kMaxSharedBytes) return kInvalidValue;
  function->sharedLimit = value;
  return kSuccess;
}

API cuFuncGetAttribute(int* value, int attribute, Function* function) {
  Call call(Call::kContext);
  if (call.error) return call.error;
  if (!function) return kInvalidHandle;
  *value = attribute == 0 ? kMaxBlockThreads : attribute == 8 ? function->sharedLimit : attribute == 9 ? function->carveout : 0;
  return kSuccess;
}

API cuFuncSetCacheConfig(Function*, int) { return kSuccess; }

API cuOccupancyMaxActiveBlocksPerMultiprocessor(int* blocks, Function* function, int threads, size_t sharedBytes) {
  Call call(Call::kContext);
  if (call.error) return call.error;
  if (!function || threads <= 0 || threads > kMaxBlockThreads) return kInvalidValue;
  size_t byShared = (kMaxSharedBytes + 1024) / (sharedBytes + 1024), byThreads = 2048 / (size_t)threads;
  *blocks = (int)std::min({byShared, byThreads, size_t{32}});
  return kSuccess;
}
API cuOccupancyMaxActiveBlocksPerMultiprocessorWithFlags(int* blocks, Function* function, int threads, size_t sharedBytes, unsigned) {
  return cuOccupancyMaxActiveBlocksPerMultiprocessor(blocks, function, threads, sharedBytes);
}

API cuLaunchKernel(Function* function, unsigned gridX, unsigned gridY, unsigned gridZ, unsigned blockX, unsigned blockY, unsigned blockZ,
                   unsigned sharedBytes, Stream* handle, void** parameters, void** extra) {
  Call call(Call::kContext);
  if (call.error) return call.error;
  Stream* stream = streamOf(call.context, handle);
  if (!function || !stream || function->context != call.context || stream->context != call.context) return kInvalidHandle;
  Dim3 grid{gridX, gridY, gridZ}, block{blockX, blockY, blockZ};
  if (!isPossible(*function, grid, block, sharedBytes)) return kInvalidValue;
  const Kernel* kernel = function->kernel;
  auto values = extra ? copyBuffer(*kernel->entry, extra) : copyParameters(*kernel->entry, parameters);
  if (!values) return kInvalidValue;
  int device = call.context->device;
  return submit(stream, [=]() -> Finding {
    Launch launch;
    launch.kernel = kernel;
    launch.parameters = values->pointers();
    launch.parametersLow = values->base();
    launch.parametersHigh = values->base() + values->bytes;
    launch.grid = grid;
    launch.block = block;
    launch.sharedBytes = sharedBytes;
    launch.device = device;
    launch.serial = ++launches;
    if (Finding fault = injectedFault(kernel); fault.result) return fault;
    runLaunch(launch);
    return launch.finding;
  });
}
