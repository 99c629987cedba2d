// Driver API: device memory, pinned memory, copies and fills.
#include <string.h>

#include "driver.h"
#include "memory.h"

using namespace emulator;

namespace {

using DevicePointer = unsigned long long;

Finding illegal(const char* what, uintptr_t address, size_t bytes) {
  const Allocation* a = memory::find(address);
  return {kIllegalAddress, std::string(what) + " of " + std::to_string(bytes) + " bytes" + (a ? " in " + a->describe() : ""), nullptr};
}

// Copies that were valid when queued can meet memory that was freed meanwhile.
Finding copyNow(uintptr_t to, uintptr_t from, size_t bytes, bool toDevice, bool fromDevice) {
  Allocation* target = toDevice ? memory::range(to, bytes) : nullptr;
  Allocation* source = fromDevice ? memory::range(from, bytes) : nullptr;
  if (toDevice && !target) return illegal("copy to freed memory", to, bytes);
  if (fromDevice && !source) return illegal("copy from freed memory", from, bytes);
  memmove(reinterpret_cast<void*>(to), reinterpret_cast<void*>(from), bytes);
  if (!target || target->initialised.empty()) return {};
  if (source && !source->initialised.empty()) {
    memmove(&target->initialised[to - target->address], &source->initialised[from - source->address], bytes);
  } else {
    target->markInitialised(to, bytes);
  }
  return {};
}

Result wait(Stream* stream, Work work) {
  std::shared_ptr<Operation> operation;
  Result result = submit(stream, std::move(work), &operation);
  return result || !operation ? result : complete(operation);
}

template <class Value>
Result fill(DevicePointer to, Value value, size_t count, Stream* handle) {
  Call call(Call::kContext);
  if (call.error) return call.error;
  Stream* stream = streamOf(call.context, handle);
  size_t bytes = count * sizeof(Value);
  if (!stream) return kInvalidHandle;
  if (!count) return kSuccess;
  if (to % sizeof(Value) || !memory::range(to, bytes)) return kInvalidValue;
  return submit(stream, [=]() -> Finding {
    Allocation* target = memory::range(to, bytes);
    if (!target) return illegal("fill of freed memory", to, bytes);
    auto* values = reinterpret_cast<Value*>(to);
    for (size_t i = 0; i < count; i++) values[i] = value;
    target->markInitialised(to, bytes);
    return {};
  });
}

Result copyBetweenDevices(DevicePointer to, DevicePointer from, size_t bytes, Stream* handle) {
  Call call(Call::kContext);
  if (call.error) return call.error;
  Stream* stream = streamOf(call.context, handle);
  if (!stream) return kInvalidHandle;
  if (!bytes) return kSuccess;
  if (!memory::range(to, bytes) || !memory::range(from, bytes)) return kInvalidValue;
  return submit(stream, [=] { return copyNow(to, from, bytes, true, true); });
}

Result releaseNow(uintptr_t address, bool host, Context* context) {
  Finding finding;
  Result result = memory::release(address, host, &finding);
  if (!finding.result) return result;
  context->error = finding.result;
  report(finding);
  return finding.result;
}

}  // namespace

API cuMemAlloc_v2(DevicePointer* out, size_t bytes) {
  Call call(Call::kContext);
  return call.error ? call.error : memory::allocate(bytes, call.context->device, reinterpret_cast<void**>(out));
}

API cuMemFree_v2(DevicePointer address) {
  Call call(Call::kContext);
  if (call.error || !address) return call.error;
  if (Result result = synchronise(call.context)) return result;
  return releaseNow(address, false, call.context);
}

API cuMemAllocAsync(DevicePointer* out, size_t bytes, Stream* handle) {
  Call call(Call::kContext);
  if (call.error) return call.error;
  if (!streamOf(call.context, handle)) return kInvalidHandle;
  return memory::allocate(bytes, call.context->device, reinterpret_cast<void**>(out));
}

API cuMemFreeAsync(DevicePointer address, Stream* handle) {
  Call call(Call::kContext);
  if (call.error || !address) return call.error;
  Stream* stream = streamOf(call.context, handle);
  if (!stream) return kInvalidHandle;
  if (!memory::range(address, 1)) return kInvalidValue;
  return submit(stream, [address]() -> Finding {
    Finding finding;
    memory::release(address, false, &finding);
    return finding;
  });
}

API cuMemGetInfo_v2(size_t* freeBytes, size_t* totalBytes) {
  Call call(Call::kContext);
  if (call.error) return call.error;
  *totalBytes = settings.memoryOf(call.context->device);
  *freeBytes = memory::freeBytes(call.context->device);
  return kSuccess;
}

API cuMemHostAlloc(void** out, size_t bytes, unsigned) {
  Call call(Call::kContext);
  return call.error ? call.error : memory::allocate(bytes, kHostMemory, out);
}
API cuMemAllocHost_v2(void** out, size_t bytes) { return cuMemHostAlloc(out, bytes, 0); }

API cuMemFreeHost(void* address) {
  Call call(Call::kContext);
  if (call.error || !address) return call.error;
  if (Result result = synchronise(call.context)) return result;
  return releaseNow(reinterpret_cast<uintptr_t>(address), true, call.context);
}

API cuMemHostRegister_v2(void* address, size_t bytes, unsigned) {
  Call call(Call::kContext);
  return call.error ? call.error : memory::registerHost(address, bytes);
}

API cuMemHostUnregister(void* address) {
  Call call(Call::kContext);
  if (call.error) return call.error;
  if (Result result = synchronise(call.context)) return result;
  return memory::unregisterHost(address);
}

API cuMemHostGetDevicePointer_v2(DevicePointer* out, void* address, unsigned) {
  Call call(Call::kContext);
  if (call.error) return call.error;
  if (!memory::range(reinterpret_cast<uintptr_t>(address), 1, true)) return kInvalidValue;
  *out = reinterpret_cast<uintptr_t>(address);
  return kSuccess;
}

API cuMemcpyHtoDAsync_v2(DevicePointer to, const void* from, size_t bytes, Stream* handle) {
  Call call(Call::kContext);
  if (call.error) return call.error;
  Stream* stream = streamOf(call.context, handle);
  if (!stream) return kInvalidHandle;
  if (!bytes) return kSuccess;
  if (!memory::range(to, bytes)) return kInvalidValue;
  uintptr_t source = reinterpret_cast<uintptr_t>(from);
  if (memory::range(source, bytes, true)) return submit(stream, [=] { return copyNow(to, source, bytes, true, false); });
  // Pageable memory is staged before the call returns, so the caller may reuse it.
  auto staged = std::make_shared<std::string>(static_cast<const char*>(from), bytes);
  return submit(stream, [=] { return copyNow(to, reinterpret_cast<uintptr_t>(staged->data()), bytes, true, false); });
}

API cuMemcpyDtoHAsync_v2(void* to, DevicePointer from, size_t bytes, Stream* handle) {
  Call call(Call::kContext);
  if (call.error) return call.error;
  Stream* stream = streamOf(call.context, handle);
  if (!stream) return kInvalidHandle;
  if (!bytes) return kSuccess;
  if (!memory::range(from, bytes)) return kInvalidValue;
  uintptr_t target = reinterpret_cast<uintptr_t>(to);
  Work work = [=] { return copyNow(target, from, bytes, false, true); };
  // A copy into pageable memory returns when it is done.
  return memory::range(target, bytes, true) ? submit(stream, work) : wait(stream, work);
}

API cuMemcpyHtoD_v2(DevicePointer to, const void* from, size_t bytes) {
  Call call(Call::kContext);
  if (call.error) return call.error;
  if (!bytes) return kSuccess;
  if (!memory::range(to, bytes)) return kInvalidValue;
  return wait(&call.context->legacy, [=] { return copyNow(to, reinterpret_cast<uintptr_t>(from), bytes, true, false); });
}

API cuMemcpyDtoH_v2(void* to, DevicePointer from, size_t bytes) {
  Call call(Call::kContext);
  if (call.error) return call.error;
  if (!bytes) return kSuccess;
  if (!memory::range(from, bytes)) return kInvalidValue;
  return wait(&call.context->legacy, [=] { return copyNow(reinterpret_cast<uintptr_t>(to), from, bytes, false, true); });
}

API cuMemcpyDtoD_v2(DevicePointer to, DevicePointer from, size_t bytes) { return copyBetweenDevices(to, from, bytes, nullptr); }
API cuMemcpyDtoDAsync_v2(DevicePointer to, DevicePointer from, size_t bytes, Stream* stream) {
  return copyBetweenDevices(to, from, bytes, stream);
}
API cuMemcpyPeer(DevicePointer to, Context*, DevicePointer from, Context*, size_t bytes) {
  return copyBetweenDevices(to, from, bytes, nullptr);
}
API cuMemcpyPeerAsync(DevicePointer to, Context*, DevicePointer from, Context*, size_t bytes, Stream* stream) {
  return copyBetweenDevices(to, from, bytes, stream);
}

API cuMemsetD8_v2(DevicePointer to, unsigned char value, size_t count) { return fill(to, value, count, nullptr); }
API cuMemsetD16_v2(DevicePointer to, unsigned short value, size_t count) { return fill(to, value, count, nullptr); }
API cuMemsetD32_v2(DevicePointer to, unsigned value, size_t count) { return fill(to, value, count, nullptr); }
API cuMemsetD8Async(DevicePointer to, unsigned char value, size_t count, Stream* s) { return fill(to, value, count, s); }
API cuMemsetD16Async(DevicePointer to, unsigned short value, size_t count, Stream* s) { return fill(to, value, count, s); }
API cuMemsetD32Async(DevicePointer to, unsigned value, size_t count, Stream* s) { return fill(to, value, count, s); }
