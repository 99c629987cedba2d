// Driver API: error names and texts. The text of a fault is what the emulator found.
#include <stdio.h>

#include <map>

#include "driver.h"
#include "kernels.h"

namespace emulator {
namespace {

struct Description {
  const char *name, *text;
};

const std::map<int, Description>& descriptions() {
  static const auto* all = new std::map<int, Description>{
      {kSuccess, {"CUDA_SUCCESS", "no error"}},
      {kInvalidValue, {"CUDA_ERROR_INVALID_VALUE", "invalid argument"}},
      {kOutOfMemory, {"CUDA_ERROR_OUT_OF_MEMORY", "out of memory"}},
      {kNotInitialized, {"CUDA_ERROR_NOT_INITIALIZED", "initialization error"}},
      {kInvalidDevice, {"CUDA_ERROR_INVALID_DEVICE", "invalid device ordinal"}},
      {kInvalidImage, {"CUDA_ERROR_INVALID_IMAGE", "device kernel image is invalid"}},
      {kInvalidContext, {"CUDA_ERROR_INVALID_CONTEXT", "invalid device context"}},
      {kNoBinaryForGpu, {"CUDA_ERROR_NO_BINARY_FOR_GPU", "no kernel image is available for execution on the device"}},
      {kEccUncorrectable, {"CUDA_ERROR_ECC_UNCORRECTABLE", "uncorrectable ECC error encountered"}},
      {kUnsupportedPtxVersion, {"CUDA_ERROR_UNSUPPORTED_PTX_VERSION", "the provided PTX was compiled with an unsupported toolchain."}},
      {kInvalidHandle, {"CUDA_ERROR_INVALID_HANDLE", "invalid resource handle"}},
      {kNotFound, {"CUDA_ERROR_NOT_FOUND", "named symbol not found"}},
      {kNotReady, {"CUDA_ERROR_NOT_READY", "device not ready"}},
      {kIllegalAddress, {"CUDA_ERROR_ILLEGAL_ADDRESS", "an illegal memory access was encountered"}},
      {kLaunchOutOfResources, {"CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES", "too many resources requested for launch"}},
      {kContextIsDestroyed, {"CUDA_ERROR_CONTEXT_IS_DESTROYED", "context is destroyed"}},
      {kHostMemoryAlreadyRegistered,
       {"CUDA_ERROR_HOST_MEMORY_ALREADY_REGISTERED", "part or all of the requested memory range is already mapped"}},
      {kHostMemoryNotRegistered, {"CUDA_ERROR_HOST_MEMORY_NOT_REGISTERED", "pointer does not correspond to a registered memory region"}},
      {kMisalignedAddress, {"CUDA_ERROR_MISALIGNED_ADDRESS", "misaligned address"}},
      {kLaunchFailed, {"CUDA_ERROR_LAUNCH_FAILED", "unspecified launch failure"}},
      {kNotSupported, {"CUDA_ERROR_NOT_SUPPORTED", "operation not supported by the emulator"}},
      {kCaptureUnsupported, {"CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED", "operation not permitted when stream is capturing"}},
      {kCaptureInvalidated, {"CUDA_ERROR_STREAM_CAPTURE_INVALIDATED", "operation failed due to a previous error during capture"}},
  };
  return *all;
}

// The last finding of each code; leaked, as C strings handed out have to stay valid.
std::map<int, const std::string*>& findings() {
  static auto* all = new std::map<int, const std::string*>;
  return *all;
}

}  // namespace

void report(const Finding& finding) {
  std::string line = sourceLine(finding.programCounter);
  auto* text = new std::string(finding.text + (line.empty() ? "" : " at " + line));
  findings()[finding.result] = text;
  if (!settings.quiet) fprintf(stderr, "cuda-emulator: %s\n", text->c_str());
}

}  // namespace emulator

using namespace emulator;

API cuGetErrorName(int result, const char** out) {
  auto found = descriptions().find(result);
  *out = found == descriptions().end() ? nullptr : found->second.name;
  return *out ? kSuccess : kInvalidValue;
}

API cuGetErrorString(int result, const char** out) {
  Call call(Call::kNothing);
  auto found = descriptions().find(result);
  auto finding = findings().find(result);
  *out = finding != findings().end() ? finding->second->c_str() : found != descriptions().end() ? found->second.text : nullptr;
  return *out ? kSuccess : kInvalidValue;
}
