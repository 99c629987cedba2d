// The one header that kernel files include: storage types and thin wrappers of the PTX instructions they use. Under another compiler
// than nvcc (the test-only emulator, engine/src/test/cuda-emulator) the same names have twins there, so kernels hold no #ifdef.
#pragma once
#include <stdint.h>

typedef uint16_t bf16;  // storage only: arithmetic is done in float32

// From sm_90 on there are mbarriers and bulk copies. Kernels that need them stand between #if DEVICE_HAS_BULK_COPY and #endif, and what takes
// their place before sm_90 between #if DEVICE_LACKS_BULK_COPY and #endif. The emulator has both.
#if !defined(__CUDACC__) || !defined(__CUDA_ARCH__)
#define DEVICE_HAS_BULK_COPY 1
#define DEVICE_LACKS_BULK_COPY 1
#else
#define DEVICE_HAS_BULK_COPY (__CUDA_ARCH__ >= 900)
#define DEVICE_LACKS_BULK_COPY (__CUDA_ARCH__ < 900)
#endif
// wgmma is of sm_90a alone: what comes after has other instructions. Kernels that need it stand between #if DEVICE_HAS_WGMMA and #endif.
#if !defined(__CUDACC__) || defined(__CUDA_ARCH_FEAT_SM90_ALL)
#define DEVICE_HAS_WGMMA 1
#else
#define DEVICE_HAS_WGMMA 0
#endif

#ifndef __CUDACC__
#include "emulated_ptx.h"
#else

// Not static: nvcc would put a hash of the build's folder into the names, and the file would differ from machine to machine.
#define DEVICE __device__ __forceinline__

// Dynamic shared memory of the block, 128-byte aligned, as an array of T.
#define DYNAMIC_SHARED(T, name)                              \
  extern __shared__ __align__(128) unsigned char dynamic_shared_[]; \
  T* name = reinterpret_cast<T*>(dynamic_shared_)

DEVICE float bf16_to_float(bf16 x) { return __uint_as_float((uint32_t)x << 16); }
DEVICE bf16 float_to_bf16(float f) {
  bf16 r;
  asm("cvt.rn.bf16.f32 %0, %1;" : "=h"(r) : "f"(f));
  return r;
}
DEVICE uint32_t pack_bf16(float low, float high) {
  uint32_t r;
  asm("cvt.rn.bf16x2.f32 %0, %1, %2;" : "=r"(r) : "f"(high), "f"(low));
  return r;
}

// 2^x to two units in the last place; results below 2^-126 are 0.
DEVICE float exp2_approximate(float x) {
  float r;
  asm("ex2.approx.ftz.f32 %0, %1;" : "=f"(r) : "f"(x));
  return r;
}

// Two products at once. Before sm_90 there is only the fused form; adding -0 keeps the sign of a zero product.
DEVICE uint32_t mul_bf16x2(uint32_t a, uint32_t b) {
  uint32_t r;
#if __CUDA_ARCH__ >= 900
  asm("mul.rn.bf16x2 %0, %1, %2;" : "=r"(r) : "r"(a), "r"(b));
#else
  asm("fma.rn.bf16x2 %0, %1, %2, %3;" : "=r"(r) : "r"(a), "r"(b), "r"(0x80008000u));
#endif
  return r;
}

DEVICE uint32_t shared_address(const void* p) { return (uint32_t)__cvta_generic_to_shared(p); }

// 16 bytes from global to shared memory, past the L1 cache. They may be read after copy_async_wait and a barrier.
DEVICE void copy_async16(void* shared, const void* global) {
  asm volatile("cp.async.cg.shared.global [%0], [%1], 16;" ::"r"(shared_address(shared)), "l"(global) : "memory");
}
// As copy_async16, but writes zeros and reads nothing where `inside` is false; `global` has to be 16-byte aligned all the same.
DEVICE void copy_async16_or_zero(void* shared, const void* global, bool inside) {
  asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;" ::"r"(shared_address(shared)), "l"(global), "r"(inside ? 16 : 0)
               : "memory");
}
DEVICE void copy_async_commit() { asm volatile("cp.async.commit_group;" ::: "memory"); }
// Waits until at most N of this thread's committed groups are under way.
template <int N>
DEVICE void copy_async_wait() { asm volatile("cp.async.wait_group %0;" ::"n"(N) : "memory"); }

// 8x8 matrices of 16-bit elements into fragments; lane i gives the 16-byte aligned address of row i % 8 of matrix i / 8.
DEVICE void load_matrix_x4(uint32_t (&r)[4], const void* row) {
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];"
               : "=r"(r[0]), "=r"(r[1]), "=r"(r[2]), "=r"(r[3]) : "r"(shared_address(row)) : "memory");
}
DEVICE void load_matrix_x4_transposed(uint32_t (&r)[4], const void* row) {
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0, %1, %2, %3}, [%4];"
               : "=r"(r[0]), "=r"(r[1]), "=r"(r[2]), "=r"(r[3]) : "r"(shared_address(row)) : "memory");
}
DEVICE void load_matrix_x2(uint32_t (&r)[2], const void* row) {
  asm volatile("ldmatrix.sync.aligned.m8n8.x2.shared.b16 {%0, %1}, [%2];"
               : "=r"(r[0]), "=r"(r[1]) : "r"(shared_address(row)) : "memory");
}
DEVICE void load_matrix_x2_transposed(uint32_t (&r)[2], const void* row) {
  asm volatile("ldmatrix.sync.aligned.m8n8.x2.trans.shared.b16 {%0, %1}, [%2];"
               : "=r"(r[0]), "=r"(r[1]) : "r"(shared_address(row)) : "memory");
}

// d += a * b on tensor cores: a [16, 16] and b [16, 8] bfloat16 fragments, d [16, 8] float32.
DEVICE void mma_bf16(float (&d)[4], const uint32_t (&a)[4], const uint32_t (&b)[2]) {
  asm volatile("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
               : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
               : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
}
// All products of M fragments of a with N fragments of b. Kernels call this form: the emulator does it in one meeting of the warp.
template <int M, int N>
DEVICE void mma_bf16(float (&d)[M][N][4], const uint32_t (&a)[M][4], const uint32_t (&b)[N][2]) {
#pragma unroll
  for (int m = 0; m < M; m++) {
#pragma unroll
    for (int n = 0; n < N; n++) mma_bf16(d[m][n], a[m], b[n]);
  }
}

// Barriers 1 to 15 among `threads` threads of the block, a multiple of 32, whole warps only.
DEVICE void named_barrier_sync(int barrier, int threads) {
  asm volatile("barrier.cta.sync %0, %1;" ::"r"(barrier), "r"(threads) : "memory");
}
DEVICE void named_barrier_arrive(int barrier, int threads) {
  asm volatile("barrier.cta.arrive %0, %1;" ::"r"(barrier), "r"(threads) : "memory");
}

// From here on for sm_90 and later. Barriers in shared memory that count arrivals and copied bytes: one thread inits, fences, then the
// block syncs.
DEVICE void barrier_init(uint64_t* barrier, int arrivals) {
  asm volatile("mbarrier.init.shared::cta.b64 [%0], %1;" ::"r"(shared_address(barrier)), "r"(arrivals) : "memory");
}
// Bulk copies see what this thread has written to shared memory by ordinary stores, initialised barriers too, and overwrite it, after this
// and a barrier. Ordinary reads need the barrier alone.
DEVICE void shared_proxy_fence() { asm volatile("fence.proxy.async.shared::cta;" ::: "memory"); }
// The same for all memory. Earlier kernels' writes need no fence.
DEVICE void async_proxy_fence() { asm volatile("fence.proxy.async;" ::: "memory"); }
DEVICE void barrier_arrive(uint64_t* barrier) {
  asm volatile("mbarrier.arrive.shared::cta.b64 _, [%0];" ::"r"(shared_address(barrier)) : "memory");
}
// Arrives, and makes the phase wait for so many bytes of bulk copies too.
DEVICE void barrier_arrive_expect(uint64_t* barrier, uint32_t bytes) {
  asm volatile("mbarrier.arrive.expect_tx.shared::cta.b64 _, [%0], %1;" ::"r"(shared_address(barrier)), "r"(bytes) : "memory");
}
// Waits for the end of the phase with this parity: the barrier's first phase has parity 0.
DEVICE void barrier_wait(uint64_t* barrier, uint32_t parity) {
  asm volatile(
      "{\n"
      ".reg .pred done;\n"
      "again:\n"
      "mbarrier.try_wait.parity.shared::cta.b64 done, [%0], %1;\n"
      "@!done bra again;\n"
      "}\n" ::"r"(shared_address(barrier)), "r"(parity) : "memory");
}
// Whether the thread is the one that a whole warp lets do something. The compiler knows that there is one, and issues its copies without a
// loop over threads.
DEVICE bool elect_one() {
  uint32_t elected;
  asm volatile(
      "{\n"
      ".reg .pred elected;\n"
      "elect.sync _|elected, 0xffffffff;\n"
      "selp.u32 %0, 1, 0, elected;\n"
      "}\n" : "=r"(elected));
  return elected != 0;
}
// One contiguous copy, 16-byte aligned and sized, that counts its bytes on the barrier.
DEVICE void copy_bulk(void* shared, const void* global, uint32_t bytes, uint64_t* barrier) {
  asm volatile("cp.async.bulk.shared::cluster.global.mbarrier::complete_tx::bytes [%0], [%1], %2, [%3];" ::"r"(shared_address(shared)),
               "l"(global), "r"(bytes), "r"(shared_address(barrier)) : "memory");
}

#if DEVICE_HAS_WGMMA
// wgmma: products of a warpgroup, four warps from a multiple of four on, that are computed while the threads go on. A is in registers, as
// mma_bf16 has it, of each warp 16 rows; B [N, 16] is in shared memory, rows of 128 bytes along k, their 16-byte chunks exchanged by the row
// (chunk ^ row % 8), from a multiple of 1,024 bytes on. What threads have stored there needs a proxy fence and a barrier before.

// Before the first product, and between any access of a product's registers by other instructions and the product; sums need none from
// product to product.
DEVICE void wgmma_fence() { asm volatile("wgmma.fence.sync.aligned;" ::: "memory"); }
// Makes all products since the last group a group.
DEVICE void wgmma_commit() { asm volatile("wgmma.commit_group.sync.aligned;" ::: "memory"); }
// Waits until at most N of the warp's groups are under way. Until then their registers, a too, and their shared memory are theirs.
template <int N>
DEVICE void wgmma_wait() { asm volatile("wgmma.wait_group.sync.aligned %0;" ::"n"(N) : "memory"); }
// Where a matrix is: 128-byte swizzle, 1,024 bytes from 8 rows to the next 8. 16 columns further on it is 2 more. Source: PTX ISA,
// "Matrix Descriptor Format".
DEVICE uint64_t wgmma_descriptor(const void* tile) {
  return (uint64_t)((shared_address(tile) & 0x3ffff) >> 4) | (uint64_t)1 << 16 | (uint64_t)64 << 32 | (uint64_t)1 << 62;
}

#define OUTPUTS(j) "+f"(d[j][0]), "+f"(d[j][1]), "+f"(d[j][2]), "+f"(d[j][3])
// d [64, N] += a * b, N = 8 * the fragments of d.
DEVICE void wgmma_bf16(float (&d)[1][4], const uint32_t (&a)[4], uint64_t b) {
  asm volatile(
      "wgmma.mma_async.sync.aligned.m64n8k16.f32.bf16.bf16 {%0, %1, %2, %3}, {%4, %5, %6, %7}, %8, 1, 1, 1, 0;"
      : OUTPUTS(0)
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "l"(b));
}
DEVICE void wgmma_bf16(float (&d)[2][4], const uint32_t (&a)[4], uint64_t b) {
  asm volatile(
      "wgmma.mma_async.sync.aligned.m64n16k16.f32.bf16.bf16 {%0, %1, %2, %3, %4, %5, %6, %7}, {%8, %9, %10, %11}, %12, "
      "1, 1, 1, 0;"
      : OUTPUTS(0), OUTPUTS(1)
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "l"(b));
}
DEVICE void wgmma_bf16(float (&d)[4][4], const uint32_t (&a)[4], uint64_t b) {
  asm volatile(
      "wgmma.mma_async.sync.aligned.m64n32k16.f32.bf16.bf16 {%0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, "
      "%13, %14, %15}, {%16, %17, %18, %19}, %20, 1, 1, 1, 0;"
      : OUTPUTS(0), OUTPUTS(1), OUTPUTS(2), OUTPUTS(3)
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "l"(b));
}
DEVICE void wgmma_bf16(float (&d)[8][4], const uint32_t (&a)[4], uint64_t b) {
  asm volatile(
      "wgmma.mma_async.sync.aligned.m64n64k16.f32.bf16.bf16 {%0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, "
      "%13, %14, %15, %16, %17, %18, %19, %20, %21, %22, %23, %24, %25, %26, %27, %28, %29, %30, %31}, {%32, %33, %34, "
      "%35}, %36, 1, 1, 1, 0;"
      : OUTPUTS(0), OUTPUTS(1), OUTPUTS(2), OUTPUTS(3), OUTPUTS(4), OUTPUTS(5), OUTPUTS(6), OUTPUTS(7)
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "l"(b));
}
DEVICE void wgmma_bf16(float (&d)[16][4], const uint32_t (&a)[4], uint64_t b) {
  asm volatile(
      "wgmma.mma_async.sync.aligned.m64n128k16.f32.bf16.bf16 {%0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, "
      "%13, %14, %15, %16, %17, %18, %19, %20, %21, %22, %23, %24, %25, %26, %27, %28, %29, %30, %31, %32, %33, %34, "
      "%35, %36, %37, %38, %39, %40, %41, %42, %43, %44, %45, %46, %47, %48, %49, %50, %51, %52, %53, %54, %55, %56, "
      "%57, %58, %59, %60, %61, %62, %63}, {%64, %65, %66, %67}, %68, 1, 1, 1, 0;"
      : OUTPUTS(0), OUTPUTS(1), OUTPUTS(2), OUTPUTS(3), OUTPUTS(4), OUTPUTS(5), OUTPUTS(6), OUTPUTS(7), OUTPUTS(8),
        OUTPUTS(9), OUTPUTS(10), OUTPUTS(11), OUTPUTS(12), OUTPUTS(13), OUTPUTS(14), OUTPUTS(15)
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "l"(b));
}
DEVICE void wgmma_bf16(float (&d)[32][4], const uint32_t (&a)[4], uint64_t b) {
  asm volatile(
      "wgmma.mma_async.sync.aligned.m64n256k16.f32.bf16.bf16 {%0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, "
      "%13, %14, %15, %16, %17, %18, %19, %20, %21, %22, %23, %24, %25, %26, %27, %28, %29, %30, %31, %32, %33, %34, "
      "%35, %36, %37, %38, %39, %40, %41, %42, %43, %44, %45, %46, %47, %48, %49, %50, %51, %52, %53, %54, %55, %56, "
      "%57, %58, %59, %60, %61, %62, %63, %64, %65, %66, %67, %68, %69, %70, %71, %72, %73, %74, %75, %76, %77, %78, "
      "%79, %80, %81, %82, %83, %84, %85, %86, %87, %88, %89, %90, %91, %92, %93, %94, %95, %96, %97, %98, %99, %100, "
      "%101, %102, %103, %104, %105, %106, %107, %108, %109, %110, %111, %112, %113, %114, %115, %116, %117, %118, "
      "%119, %120, %121, %122, %123, %124, %125, %126, %127}, {%128, %129, %130, %131}, %132, 1, 1, 1, 0;"
      : OUTPUTS(0), OUTPUTS(1), OUTPUTS(2), OUTPUTS(3), OUTPUTS(4), OUTPUTS(5), OUTPUTS(6), OUTPUTS(7), OUTPUTS(8),
        OUTPUTS(9), OUTPUTS(10), OUTPUTS(11), OUTPUTS(12), OUTPUTS(13), OUTPUTS(14), OUTPUTS(15), OUTPUTS(16),
        OUTPUTS(17), OUTPUTS(18), OUTPUTS(19), OUTPUTS(20), OUTPUTS(21), OUTPUTS(22), OUTPUTS(23), OUTPUTS(24),
        OUTPUTS(25), OUTPUTS(26), OUTPUTS(27), OUTPUTS(28), OUTPUTS(29), OUTPUTS(30), OUTPUTS(31)
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "l"(b));
}
#undef OUTPUTS
// Products of M fragments of a with the same b.
template <int M, int N>
DEVICE void wgmma_bf16(float (&d)[M][N][4], const uint32_t (&a)[M][4], uint64_t b) {
#pragma unroll
  for (int m = 0; m < M; m++) wgmma_bf16(d[m], a[m], b);
}
#endif

#endif  // __CUDACC__

#if DEVICE_HAS_WGMMA
// From the first multiple of 1,024 bytes on.
DEVICE char* wgmma_aligned(char* shared) { return shared + (1024 - (shared_address(shared) & 1023)) % 1024; }
#endif
