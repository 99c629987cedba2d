// Twins of the PTX wrappers in device.cuh: the same names, parameters and results, on the emulator's runtime.
#pragma once
#include "emulated_cuda.h"

// Not static, as it also stands before members; hidden, so that the __shared__ variables within are this library's own.
#define DEVICE inline __attribute__((always_inline, unused, visibility("hidden")))
#define DYNAMIC_SHARED(T, name) T* name = reinterpret_cast<T*>(emulator_thread->dynamicShared)

DEVICE float bf16_to_float(uint16_t x) { return __uint_as_float((uint32_t)x << 16); }

// Round to nearest, ties to even; every NaN becomes the canonical one, as cvt.rn.bf16.f32 does.
DEVICE uint16_t float_to_bf16(float f) {
  uint32_t bits = __float_as_uint(f);
  if ((bits & 0x7fffffffu) > 0x7f800000u) return 0x7fff;
  return (uint16_t)((bits + 0x7fffu + (bits >> 16 & 1)) >> 16);
}
DEVICE uint32_t pack_bf16(float low, float high) { return float_to_bf16(low) | (uint32_t)float_to_bf16(high) << 16; }

// The product of two bf16 is exact in float, so one rounding follows; infinities and subnormals behave as on the device.
DEVICE uint32_t mul_bf16x2(uint32_t a, uint32_t b) {
  return pack_bf16(bf16_to_float((uint16_t)a) * bf16_to_float((uint16_t)b),
                   bf16_to_float((uint16_t)(a >> 16)) * bf16_to_float((uint16_t)(b >> 16)));
}

DEVICE float exp2_approximate(float x) {
  const float r = exp2f(x);
  return r < 0x1p-126f ? 0.0f : r;  // NaN stays
}

DEVICE void copy_async16(void* shared, const void* global) { emulator_copy_async(shared, global, 16, 16); }
DEVICE void copy_async16_or_zero(void* shared, const void* global, bool inside) {
  emulator_copy_async(shared, global, 16, inside ? 16 : 0);
}
DEVICE void copy_async_commit() { emulator_copy_commit(); }
template <int N>
DEVICE void copy_async_wait() { emulator_copy_wait(N); }

DEVICE void load_matrix_x4(uint32_t (&r)[4], const void* row) { emulator_load_matrix(r, row, 4, false); }
DEVICE void load_matrix_x4_transposed(uint32_t (&r)[4], const void* row) { emulator_load_matrix(r, row, 4, true); }
DEVICE void load_matrix_x2(uint32_t (&r)[2], const void* row) { emulator_load_matrix(r, row, 2, false); }
DEVICE void load_matrix_x2_transposed(uint32_t (&r)[2], const void* row) { emulator_load_matrix(r, row, 2, true); }

DEVICE void mma_bf16(float (&d)[4], const uint32_t (&a)[4], const uint32_t (&b)[2]) { emulator_mma_bf16(d, a, b, 1, 1); }
template <int M, int N>
DEVICE void mma_bf16(float (&d)[M][N][4], const uint32_t (&a)[M][4], const uint32_t (&b)[N][2]) {
  emulator_mma_bf16(&d[0][0][0], &a[0][0], &b[0][0], M, N);
}

#define named_barrier_sync(barrier, threads) emulator_named_barrier(barrier, threads, true, EMULATED_WHERE)
#define named_barrier_arrive(barrier, threads) emulator_named_barrier(barrier, threads, false, EMULATED_WHERE)

DEVICE void barrier_init(uint64_t* barrier, int arrivals) { emulator_barrier_init(barrier, arrivals); }
DEVICE void shared_proxy_fence() { emulator_proxy_fence(false); }
DEVICE void async_proxy_fence() { emulator_proxy_fence(true); }
DEVICE void barrier_arrive(uint64_t* barrier) { emulator_barrier_arrive(barrier, 0); }
DEVICE void barrier_arrive_expect(uint64_t* barrier, uint32_t bytes) { emulator_barrier_arrive(barrier, bytes); }
#define barrier_wait(barrier, parity) emulator_barrier_wait(barrier, parity, EMULATED_WHERE)
DEVICE bool elect_one() { return threadIdx.x % 32 == 0; }
DEVICE void copy_bulk(void* shared, const void* global, uint32_t bytes, uint64_t* barrier) {
  emulator_copy_bulk(shared, global, bytes, barrier);
}

// Addresses as descriptors have them; of dynamic shared memory alone.
DEVICE uint32_t shared_address(const void* p) { return emulator_shared_address(p); }
DEVICE void wgmma_fence() { emulator_wgmma_fence(); }
DEVICE void wgmma_commit() { emulator_wgmma_commit(); }
template <int N>
DEVICE void wgmma_wait() { emulator_wgmma_wait(N); }
DEVICE uint64_t wgmma_descriptor(const void* tile) {
  return (uint64_t)((shared_address(tile) & 0x3ffff) >> 4) | (uint64_t)1 << 16 | (uint64_t)64 << 32 | (uint64_t)1 << 62;
}
template <int N>
DEVICE void wgmma_bf16(float (&d)[N][4], const uint32_t (&a)[4], uint64_t b) { emulator_wgmma_bf16(&d[0][0], a, b, 1, N); }
template <int M, int N>
DEVICE void wgmma_bf16(float (&d)[M][N][4], const uint32_t (&a)[M][4], uint64_t b) {
  emulator_wgmma_bf16(&d[0][0][0], &a[0][0], b, M, N);
}
