// The driver's result codes that the emulator returns, with their numbers from cuda.h, and what a kernel was stopped for.
#pragma once
#include <string>

namespace emulator {

enum Result : int {
  kSuccess = 0,
  kInvalidValue = 1,
  kOutOfMemory = 2,
  kNotInitialized = 3,
  kInvalidDevice = 101,
  kInvalidImage = 200,
  kInvalidContext = 201,
  kNoBinaryForGpu = 209,
  kEccUncorrectable = 214,
  kUnsupportedPtxVersion = 222,
  kInvalidHandle = 400,
  kNotFound = 500,
  kNotReady = 600,
  kIllegalAddress = 700,
  kLaunchOutOfResources = 701,
  kPeerAccessNotEnabled = 705,
  kContextIsDestroyed = 709,
  kAssert = 710,
  kHostMemoryAlreadyRegistered = 712,
  kHostMemoryNotRegistered = 713,
  kMisalignedAddress = 716,
  kLaunchFailed = 719,
  kNotSupported = 801,
  kCaptureUnsupported = 900,
  kCaptureInvalidated = 901,
};

// A fault of a kernel or of the host's use of the driver: the code that CUDA has for it and, unlike CUDA, what exactly happened.
struct Finding {
  Result result = kSuccess;
  std::string text;
  const void* programCounter = nullptr;  // in a kernel library, to be turned into file and line
};

// Prints the finding unless settings.quiet, and keeps it for cuGetErrorString.
void report(const Finding& finding);

}  // namespace emulator
