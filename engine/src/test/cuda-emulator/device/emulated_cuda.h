// The CUDA device language for g++: qualifiers, vector types, built-in variables and functions. device.cuh includes it when the
// compiler is not nvcc. A kernel that uses a built-in missing here does not compile: add the twin, with its test.
#pragma once
#include <math.h>
#include <string.h>

#include "abi.h"

#define EMULATED_INLINE static inline __attribute__((always_inline, unused))

#ifndef EMULATOR_LISTS_KERNELS  // build.sh finds kernels by this word, after preprocessing
#define __global__
#endif
#define __device__
#define __host__
#define __forceinline__ inline __attribute__((always_inline))
#define __noinline__ __attribute__((noinline))
#define __restrict__ __restrict
#define __launch_bounds__(...)
#define __grid_constant__
#define __align__(n) __attribute__((aligned(n)))
// A block runs on one operating system thread from start to end, so that thread's storage is the block's.
#define __shared__ static thread_local
#define __constant__ static

struct alignas(8) float2 { float x, y; };
struct alignas(16) float4 { float x, y, z, w; };
struct alignas(8) int2 { int x, y; };
struct alignas(16) int4 { int x, y, z, w; };
struct alignas(8) uint2 { unsigned x, y; };
struct alignas(16) uint4 { unsigned x, y, z, w; };
EMULATED_INLINE float2 make_float2(float x, float y) { return {x, y}; }
EMULATED_INLINE float4 make_float4(float x, float y, float z, float w) { return {x, y, z, w}; }
EMULATED_INLINE int2 make_int2(int x, int y) { return {x, y}; }
EMULATED_INLINE int4 make_int4(int x, int y, int z, int w) { return {x, y, z, w}; }
EMULATED_INLINE uint2 make_uint2(unsigned x, unsigned y) { return {x, y}; }
EMULATED_INLINE uint4 make_uint4(unsigned x, unsigned y, unsigned z, unsigned w) { return {x, y, z, w}; }

#define threadIdx (emulator_thread->threadIndex)
#define blockIdx (emulator_thread->blockIndex)
#define blockDim (emulator_thread->blockDimension)
#define gridDim (emulator_thread->gridDimension)
#define warpSize 32

#define EMULATED_TEXT(x) #x
#define EMULATED_LINE(x) EMULATED_TEXT(x)
#define EMULATED_WHERE __FILE__ ":" EMULATED_LINE(__LINE__)

#define __syncthreads() ((void)emulator_sync_block(emulator::BlockVote::kNone, 0, EMULATED_WHERE))
#define __syncthreads_or(p) emulator_sync_block(emulator::BlockVote::kOr, p, EMULATED_WHERE)
#define __syncthreads_and(p) emulator_sync_block(emulator::BlockVote::kAnd, p, EMULATED_WHERE)
#define __syncthreads_count(p) emulator_sync_block(emulator::BlockVote::kCount, p, EMULATED_WHERE)
#define __trap() emulator_device_trap("__trap at " EMULATED_WHERE)

EMULATED_INLINE void __syncwarp(uint32_t mask = 0xffffffffu) { emulator_sync_warp(mask); }
EMULATED_INLINE uint32_t __ballot_sync(uint32_t mask, int p) { return emulator_vote(mask, p, emulator::Vote::kBallot); }
EMULATED_INLINE int __any_sync(uint32_t mask, int p) { return (int)emulator_vote(mask, p, emulator::Vote::kAny); }
EMULATED_INLINE int __all_sync(uint32_t mask, int p) { return (int)emulator_vote(mask, p, emulator::Vote::kAll); }

EMULATED_INLINE unsigned __reduce_add_sync(uint32_t m, unsigned v) { return emulator_reduce(m, v, emulator::Reduction::kAdd); }
EMULATED_INLINE int __reduce_add_sync(uint32_t m, int v) { return (int)emulator_reduce(m, (uint32_t)v, emulator::Reduction::kAdd); }
EMULATED_INLINE int __reduce_min_sync(uint32_t m, int v) { return (int)emulator_reduce(m, (uint32_t)v, emulator::Reduction::kMin); }
EMULATED_INLINE int __reduce_max_sync(uint32_t m, int v) { return (int)emulator_reduce(m, (uint32_t)v, emulator::Reduction::kMax); }
EMULATED_INLINE unsigned __reduce_min_sync(uint32_t m, unsigned v) { return emulator_reduce(m, v, emulator::Reduction::kMinUnsigned); }
EMULATED_INLINE unsigned __reduce_max_sync(uint32_t m, unsigned v) { return emulator_reduce(m, v, emulator::Reduction::kMaxUnsigned); }
EMULATED_INLINE unsigned __reduce_and_sync(uint32_t m, unsigned v) { return emulator_reduce(m, v, emulator::Reduction::kAnd); }
EMULATED_INLINE unsigned __reduce_or_sync(uint32_t m, unsigned v) { return emulator_reduce(m, v, emulator::Reduction::kOr); }
EMULATED_INLINE unsigned __reduce_xor_sync(uint32_t m, unsigned v) { return emulator_reduce(m, v, emulator::Reduction::kXor); }
EMULATED_INLINE unsigned __match_any_sync(uint32_t m, unsigned v) { return emulator_match(m, v); }
EMULATED_INLINE unsigned __match_any_sync(uint32_t m, int v) { return emulator_match(m, (uint32_t)v); }
EMULATED_INLINE unsigned __match_any_sync(uint32_t m, unsigned long long v) { return emulator_match(m, v); }
template <class T>
EMULATED_INLINE T emulated_shuffle(uint32_t mask, T value, int source, int width, emulator::Shuffle kind) {
  static_assert(sizeof(T) <= 8, "a shuffle moves at most 8 bytes");
  uint64_t bits = 0;
  memcpy(&bits, &value, sizeof value);
  bits = emulator_shuffle(mask, bits, source, width, kind);
  memcpy(&value, &bits, sizeof value);
  return value;
}
template <class T>
EMULATED_INLINE T __shfl_sync(uint32_t mask, T v, int lane, int width = 32) {
  return emulated_shuffle(mask, v, lane, width, emulator::Shuffle::kIndex);
}
template <class T>
EMULATED_INLINE T __shfl_up_sync(uint32_t mask, T v, int lanes, int width = 32) {
  return emulated_shuffle(mask, v, lanes, width, emulator::Shuffle::kUp);
}
template <class T>
EMULATED_INLINE T __shfl_down_sync(uint32_t mask, T v, int lanes, int width = 32) {
  return emulated_shuffle(mask, v, lanes, width, emulator::Shuffle::kDown);
}
template <class T>
EMULATED_INLINE T __shfl_xor_sync(uint32_t mask, T v, int lanes, int width = 32) {
  return emulated_shuffle(mask, v, lanes, width, emulator::Shuffle::kXor);
}

EMULATED_INLINE float atomicAdd(float* p, float v) { return emulator_atomic_add_float(p, v); }
EMULATED_INLINE unsigned atomicAdd(unsigned* p, unsigned v) { return emulator_atomic(p, v, emulator::Atomic::kAdd); }
EMULATED_INLINE int atomicAdd(int* p, int v) { return (int)emulator_atomic((uint32_t*)p, (uint32_t)v, emulator::Atomic::kAdd); }
EMULATED_INLINE unsigned long long atomicAdd(unsigned long long* p, unsigned long long v) {
  return emulator_atomic_add_wide((uint64_t*)p, v);
}
EMULATED_INLINE unsigned atomicMax(unsigned* p, unsigned v) { return emulator_atomic(p, v, emulator::Atomic::kMax); }
EMULATED_INLINE unsigned atomicMin(unsigned* p, unsigned v) { return emulator_atomic(p, v, emulator::Atomic::kMin); }
EMULATED_INLINE unsigned atomicExch(unsigned* p, unsigned v) { return emulator_atomic(p, v, emulator::Atomic::kExchange); }
EMULATED_INLINE unsigned atomicOr(unsigned* p, unsigned v) { return emulator_atomic(p, v, emulator::Atomic::kOr); }
EMULATED_INLINE unsigned atomicAnd(unsigned* p, unsigned v) { return emulator_atomic(p, v, emulator::Atomic::kAnd); }
EMULATED_INLINE unsigned atomicCAS(unsigned* p, unsigned expected, unsigned v) { return emulator_atomic_swap_if(p, expected, v); }
EMULATED_INLINE void __threadfence() { __atomic_thread_fence(__ATOMIC_SEQ_CST); }
EMULATED_INLINE void __threadfence_block() { __atomic_thread_fence(__ATOMIC_SEQ_CST); }
EMULATED_INLINE void __nanosleep(unsigned) { emulator_yield(); }

EMULATED_INLINE float __uint_as_float(uint32_t bits) { float f; memcpy(&f, &bits, 4); return f; }
EMULATED_INLINE uint32_t __float_as_uint(float f) { uint32_t bits; memcpy(&bits, &f, 4); return bits; }
EMULATED_INLINE float __int_as_float(int bits) { float f; memcpy(&f, &bits, 4); return f; }
EMULATED_INLINE int __float_as_int(float f) { int bits; memcpy(&bits, &f, 4); return bits; }
EMULATED_INLINE int __popc(unsigned x) { return __builtin_popcount(x); }
EMULATED_INLINE int __clz(int x) { return x ? __builtin_clz((unsigned)x) : 32; }
EMULATED_INLINE int __ffs(int x) { return __builtin_ffs(x); }
EMULATED_INLINE unsigned __brev(unsigned x) {
  unsigned r = 0;
  for (int i = 0; i < 32; i++) r |= (x >> i & 1u) << (31 - i);
  return r;
}
EMULATED_INLINE unsigned __umulhi(unsigned a, unsigned b) { return (unsigned)((uint64_t)a * b >> 32); }
EMULATED_INLINE unsigned long long __umul64hi(unsigned long long a, unsigned long long b) {
  return (unsigned long long)((unsigned __int128)a * b >> 64);
}
EMULATED_INLINE unsigned __byte_perm(unsigned x, unsigned y, unsigned selector) {
  uint64_t bytes = (uint64_t)y << 32 | x;
  unsigned r = 0;
  for (int i = 0; i < 4; i++) {
    unsigned s = selector >> 4 * i & 0xf, byte = (unsigned)(bytes >> 8 * (s & 7)) & 0xff;
    if (s & 8) byte = byte & 0x80 ? 0xff : 0;
    r |= byte << 8 * i;
  }
  return r;
}
EMULATED_INLINE float __fdividef(float a, float b) { return a / b; }
EMULATED_INLINE float rsqrtf(float x) { return 1.0f / sqrtf(x); }
EMULATED_INLINE float __fsqrt_rn(float x) { return sqrtf(x); }
EMULATED_INLINE float __frcp_rn(float x) { return 1.0f / x; }
EMULATED_INLINE float __fmaf_rn(float a, float b, float c) { return fmaf(a, b, c); }
EMULATED_INLINE float __fmul_rn(float a, float b) { return a * b; }
EMULATED_INLINE float __fadd_rn(float a, float b) { return a + b; }
EMULATED_INLINE float __saturatef(float x) { return x < 0 ? 0.0f : x > 1 ? 1.0f : x; }
#define __expf expf
#define __logf logf
#define __powf powf
#define __sinf sinf
#define __cosf cosf
template <class T>
EMULATED_INLINE T __ldg(const T* p) { return *p; }
template <class T>
EMULATED_INLINE T __ldcs(const T* p) { return *p; }
template <class T>
EMULATED_INLINE void __stcs(T* p, T v) { *p = v; }
template <class T>
EMULATED_INLINE T min(T a, T b) { return b < a ? b : a; }
template <class T>
EMULATED_INLINE T max(T a, T b) { return a < b ? b : a; }
EMULATED_INLINE float min(float a, float b) { return fminf(a, b); }
EMULATED_INLINE float max(float a, float b) { return fmaxf(a, b); }
