#include "settings.h"

#include <stdlib.h>

#include <sstream>

namespace emulator {

Settings settings;

namespace {

bool parseNumber(const std::string& text, long low, long high, long* out) {
  char* end;
  long value = strtol(text.c_str(), &end, 10);
  if (text.empty() || *end || value < low || value > high) return false;
  *out = value;
  return true;
}

bool parseOrder(const std::string& text, Order* out) {
  if (text == "forward") return *out = Order::kForward, true;
  if (text == "reverse") return *out = Order::kReverse, true;
  if (text == "random") return *out = Order::kRandom, true;
  return false;
}

bool parseMemory(const std::string& text, std::vector<size_t>* out) {
  out->clear();
  std::istringstream parts(text);
  for (std::string part; std::getline(parts, part, '/');) {
    long mebibytes;
    if (!parseNumber(part, 1, 1 << 20, &mebibytes)) return false;
    out->push_back((size_t)mebibytes << 20);
  }
  return !out->empty();
}

bool parseFaults(const std::string& text, std::vector<int>* out) {
  std::istringstream parts(text);
  for (std::string part; std::getline(parts, part, '/');) {
    long code;
    if (!parseNumber(part, 1, 999, &code)) return false;
    out->push_back((int)code);
  }
  return !out->empty();
}

bool parseSetting(const std::string& key, const std::string& value, Settings* out) {
  if (key == "order") return parseOrder(value, &out->order);
  if (key == "memory") return parseMemory(value, &out->memoryBytes);
  if (key == "fault") return parseFaults(value, &out->faults);
  if (key == "fault_folder") return out->faultFolder = value, !value.empty();
  long number;
  if (!parseNumber(value, 0, 1l << 40, &number)) return false;
  if (key == "devices") return number >= 1 && number <= 64 && (out->devices = (int)number, true);
  if (key == "cc") return out->computeCapability = (int)number, true;
  if (key == "driver") return out->driverVersion = (int)number, true;
  if (key == "processors") return number >= 1 && (out->processors = (int)number, true);
  if (key == "fault_launch") return out->faultLaunch = (uint64_t)number, true;
  if (key == "seed") return out->seed = (uint64_t)number, true;
  if (key == "checked") return out->checked = number, true;
  if (key == "races") return out->races = number, true;
  if (key == "uninitialised") return out->uninitialised = number, true;
  if (key == "deferred") return out->deferred = number, true;
  if (key == "quiet") return out->quiet = number, true;
  return false;
}

}  // namespace

bool parseSettings(const std::string& text, Settings* out) {
  *out = Settings();
  std::istringstream parts(text);
  for (std::string part; std::getline(parts, part, ',');) {
    size_t equals = part.find('=');
    if (equals == std::string::npos || !parseSetting(part.substr(0, equals), part.substr(equals + 1), out)) return false;
  }
  return true;
}

}  // namespace emulator
