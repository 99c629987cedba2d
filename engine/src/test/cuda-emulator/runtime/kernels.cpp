#include "kernels.h"

#include <dlfcn.h>
#include <link.h>
#include <stdio.h>

namespace emulator {
namespace {

Library* opening = nullptr;  // the library whose constructors register kernels now

std::string folderOf(const void* address) {
  Dl_info info;
  if (!dladdr(address, &info) || !info.dli_fname) return ".";
  std::string path = info.dli_fname;
  size_t slash = path.rfind('/');
  return slash == std::string::npos ? "." : path.substr(0, slash);
}

// What the dynamic linker knows of the library that holds an address.
struct Found {
  uintptr_t address;
  uintptr_t low = UINTPTR_MAX, high = 0;
  Segment threadLocal;
};

int inspect(dl_phdr_info* info, size_t, void* data) {
  Found& found = *static_cast<Found*>(data);
  uintptr_t low = UINTPTR_MAX, high = 0;
  bool holds = false;
  for (int i = 0; i < info->dlpi_phnum; i++) {
    const auto& header = info->dlpi_phdr[i];
    if (header.p_type != PT_LOAD) continue;
    uintptr_t start = info->dlpi_addr + header.p_vaddr, end = start + header.p_memsz;
    low = std::min(low, start);
    high = std::max(high, end);
    holds |= found.address >= start && found.address < end;
  }
  if (!holds) return 0;
  found.low = low;
  found.high = high;
  for (int i = 0; i < info->dlpi_phnum; i++) {
    const auto& header = info->dlpi_phdr[i];
    if (header.p_type == PT_TLS) found.threadLocal = {reinterpret_cast<uintptr_t>(info->dlpi_tls_data), header.p_memsz};
  }
  return 1;
}

Found inspectLibrary(const Library& library) {
  library.anchor();  // the linker makes a thread's segment at its first use
  Found found{reinterpret_cast<uintptr_t>(library.anchor), UINTPTR_MAX, 0, {}};
  dl_iterate_phdr(inspect, &found);
  return found;
}

std::string runAndRead(const std::string& command) {
  std::string out;
  if (FILE* pipe = popen(command.c_str(), "r")) {
    char buffer[512];
    while (fgets(buffer, sizeof buffer, pipe)) out += buffer;
    pclose(pipe);
  }
  return out;
}

}  // namespace

const Library* openLibrary(bool checked, std::string* why) {
  static Library* libraries[2] = {};
  Library*& library = libraries[checked];
  if (library) return library;
  std::string path = folderOf(reinterpret_cast<void*>(openLibrary)) + (checked ? "/libkernels-checked.so" : "/libkernels.so");
  opening = new Library;
  void* handle = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!handle || !opening->anchor || opening->checked != checked) {
    *why = handle ? path + " is not a kernel library of the emulator" : dlerror();
    opening = nullptr;
    return nullptr;
  }
  library = opening;
  opening = nullptr;
  for (auto& [name, kernel] : library->kernels) kernel.library = library;
  Found found = inspectLibrary(*library);
  library->low = found.low;
  library->high = found.high;
  return library;
}

Segment staticShared(const Library& library) {
  static thread_local std::map<const Library*, Segment> known;
  auto at = known.find(&library);
  if (at == known.end()) at = known.emplace(&library, inspectLibrary(library).threadLocal).first;
  return at->second;
}

std::string sourceLine(const void* programCounter) {
  Dl_info info;
  if (!programCounter || !dladdr(programCounter, &info) || !info.dli_fname) return "";
  // A return address is that of the next instruction; one byte before it lies in the call.
  unsigned long offset = (unsigned long)(static_cast<const char*>(programCounter) - static_cast<const char*>(info.dli_fbase)) - 1;
  char command[1200];
  snprintf(command, sizeof command, "addr2line -s -i -e '%s' 0x%lx 2>/dev/null", info.dli_fname, offset);
  std::string lines = runAndRead(command);
  // Innermost first: the wrappers in headers, then the line of the kernel file.
  for (size_t start = 0, end; (end = lines.find('\n', start)) != std::string::npos; start = end + 1) {
    std::string line = lines.substr(start, end - start);
    size_t extension = line.find(".cu:");
    if (extension != std::string::npos) return line.substr(0, line.find(' '));
  }
  char fallback[600];
  const char* name = info.dli_fname;
  for (const char* c = name; *c; c++) name = *c == '/' ? c + 1 : name;
  snprintf(fallback, sizeof fallback, "%s+0x%lx", name, offset);
  return fallback;
}

}  // namespace emulator

extern "C" void emulator_register_kernel(const emulator::KernelEntry* entry) {
  if (emulator::opening) emulator::opening->kernels[entry->name] = {entry, nullptr};
}

extern "C" void emulator_register_library(bool checked, void* (*anchor)()) {
  if (!emulator::opening) return;
  emulator::opening->checked = checked;
  emulator::opening->anchor = anchor;
}
