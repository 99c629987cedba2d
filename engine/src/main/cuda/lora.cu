// What LoRA adapters add to a product: B (scale * A x) for the rows that have an adapter. One launch serves all adapters of a step, and
// all experts: blocks walk tiles of rows that share matrices. lora_shrink makes scale * A x, lora_expand multiplies that by B.
//
// Batch invariance: an element of A x is summed over the width in steps of 16, in four parts that the width alone decides, which are added
// in order; an element of the other product is summed over the rank in steps of 16. A row's neighbours in a tile are other columns of the
// same instructions, and have no part in its sums.
#include "gemm.cuh"
#include "lora.cuh"

namespace lora {

constexpr int kWarps = 4, kThreads = 32 * kWarps;
constexpr int kColumnTiles = kTileRows / 8;  // of an mma's 8 columns, which are rows of the step
constexpr int kStepTiles = activations::kColumns / 16;
constexpr int kRowTilesEach = 8;  // of lora_expand's blocks

// One adapter's matrices for one product, or for one part of a product's rows.
struct LowRank {
  const uint4* a;      // [experts][rank tile][column tile][lane]: A fragments of 16 x 16
  const uint4* b;      // [experts][row tile][rank tile][lane]: likewise; rows in the order of the base matrix
  int32_t rank_tiles;  // 0: nothing is added
  float scale;
};

// The block's tiles: those of its group, taken in turn with the blocks beside it.
template <class Use>
DEVICE void for_each_tile(const Tiles& tiles, const Use& use) {
  const int4* from = tiles.tiles + tiles.firsts[blockIdx.y];
  const int count = tiles.counts[blockIdx.y];
  for (int i = blockIdx.z; i < count; i += gridDim.z) use(from[i]);
}

DEVICE void fragment(uint32_t (&a)[1][4], const uint4& q) { a[0][0] = q.x, a[0][1] = q.y, a[0][2] = q.z, a[0][3] = q.w; }

}  // namespace lora

struct LoraShrinkParams {
  const lora::LowRank* matrices;  // [adapters][parts]
  const bf16* activations;        // [room, width], as in activations.cuh
  bf16* low;                      // [places of tiles.rows][parts][rank]: scale * A x, as far as the adapter's own rank tiles go
  lora::Tiles tiles;
  int32_t width;                  // a multiple of 16
  int32_t room;                   // rows that the activations have room for
  int32_t parts;
  int32_t rank;                   // that low has room for, a multiple of 16
};

// grid: (parts * rank / 16, groups, any); block: 128 threads, a warp a part of the width.
extern "C" __global__ void __launch_bounds__(lora::kThreads) lora_shrink(const __grid_constant__ LoraShrinkParams p) {
  using namespace lora;
  __shared__ float4 sums[kWarps][kColumnTiles][32];
  const int lane = threadIdx.x % 32, warp = threadIdx.x / 32;
  const int part = blockIdx.x / (p.rank / 16), rank_tile = blockIdx.x % (p.rank / 16);
  const int column_tiles = p.width / 16, steps = gemm::up(column_tiles, kStepTiles), of_warp = gemm::up(steps, kWarps);
  const int first = warp * of_warp, end = gemm::minimum(first + of_warp, steps);
  for_each_tile(p.tiles, [&](const int4& tile) {
    const LowRank matrix = p.matrices[tile.y * p.parts + part];
    if (rank_tile >= matrix.rank_tiles) return;
    const uint4* a_from = matrix.a + (((size_t)tile.x * matrix.rank_tiles + rank_tile) * column_tiles + first * kStepTiles) * 32 + lane;
    // The lane's two elements of a row in the first chunk of a step; the other chunks are exchanged by the row's number.
    const bf16* from[kColumnTiles];
    int chunk[kColumnTiles];
#pragma unroll
    for (int n = 0; n < kColumnTiles; n++) {
      const int place = n * 8 + lane / 4, row = p.tiles.rows[tile.z + (place < tile.w ? place : 0)];
      from[n] = place < tile.w ? p.activations + ((size_t)first * p.room + row) * activations::kColumns + lane % 4 * 2 : nullptr;
      chunk[n] = row % 8 * 8;
    }
    float sum[1][kColumnTiles][4] = {};
#pragma unroll 1
    for (int step = first; step < end; step++) {
      uint4 a[kStepTiles];
      uint32_t b[kStepTiles][kColumnTiles][2];
#pragma unroll
      for (int k = 0; k < kStepTiles; k++) {
        const bool inside = step * kStepTiles + k < column_tiles;
        a[k] = inside ? a_from[k * 32] : make_uint4(0, 0, 0, 0);
#pragma unroll
        for (int n = 0; n < kColumnTiles; n++) {
#pragma unroll
          for (int half = 0; half < 2; half++) {
            b[k][n][half] = inside && from[n] ? *reinterpret_cast<const uint32_t*>(from[n] + (chunk[n] ^ (2 * k + half) * 8)) : 0;
          }
        }
      }
#pragma unroll
      for (int k = 0; k < kStepTiles; k++) {
        uint32_t rows[1][4];
        fragment(rows, a[k]);
        mma_bf16(sum, rows, b[k]);
      }
      a_from += kStepTiles * 32;
#pragma unroll
      for (int n = 0; n < kColumnTiles; n++) {
        if (from[n]) from[n] += (size_t)p.room * activations::kColumns;
      }
    }
#pragma unroll
    for (int n = 0; n < kColumnTiles; n++) sums[warp][n][lane] = make_float4(sum[0][n][0], sum[0][n][1], sum[0][n][2], sum[0][n][3]);
    __syncthreads();
    if (warp < kColumnTiles) {
      float4 total = sums[0][warp][lane];
#pragma unroll
      for (int w = 1; w < kWarps; w++) {
        const float4 more = sums[w][warp][lane];
        total.x += more.x, total.y += more.y, total.z += more.z, total.w += more.w;
      }
      const int place = warp * 8 + lane % 4 * 2;
      bf16* to = p.low + ((size_t)(tile.z + place) * p.parts + part) * p.rank + rank_tile * 16 + lane / 4;
      if (place < tile.w) {
        to[0] = float_to_bf16(total.x * matrix.scale);
        to[8] = float_to_bf16(total.z * matrix.scale);
      }
      if (place + 1 < tile.w) {
        to[p.parts * p.rank] = float_to_bf16(total.y * matrix.scale);
        to[p.parts * p.rank + 8] = float_to_bf16(total.w * matrix.scale);
      }
    }
    __syncthreads();  // the sums of the next tile overwrite these
  });
}

struct LoraExpandParams {
  const lora::LowRank* matrices;  // [adapters][parts]
  const bf16* low;                // as lora_shrink wrote it
  float* output;                  // [tokens or slots, rows], of which the tiles' are written
  lora::Tiles tiles;
  int32_t rows;                   // of all parts together, a multiple of 16
  int32_t second, third;          // first rows of the parts after the first, multiples of 16; rows where there are none
  int32_t parts;
  int32_t rank;
  int32_t adds;                   // to what the output holds; 0: overwrites it
};

// grid: (rows / 128 rounded up, groups, any); block: 128 threads, a warp two row tiles, one after the other.
extern "C" __global__ void __launch_bounds__(lora::kThreads) lora_expand(const __grid_constant__ LoraExpandParams p) {
  using namespace lora;
  const int lane = threadIdx.x % 32, warp = threadIdx.x / 32, row_tiles = p.rows / 16;
  for_each_tile(p.tiles, [&](const int4& tile) {
    int rows[kColumnTiles][2];  // where the lane's columns go; -1: nowhere
    const bf16* from[kColumnTiles];
#pragma unroll
    for (int n = 0; n < kColumnTiles; n++) {
      const int read = n * 8 + lane / 4, write = n * 8 + lane % 4 * 2;
      from[n] = read < tile.w ? p.low + (size_t)(tile.z + read) * p.parts * p.rank + lane % 4 * 2 : nullptr;
#pragma unroll
      for (int e = 0; e < 2; e++) rows[n][e] = write + e < tile.w ? p.tiles.rows[tile.z + write + e] : -1;
    }
#pragma unroll
    for (int i = warp; i < kRowTilesEach; i += kWarps) {
      const int row_tile = blockIdx.x * kRowTilesEach + i, row = row_tile * 16;
      if (row_tile >= row_tiles) return;
      const int part = (row >= p.second) + (row >= p.third), first = part == 0 ? 0 : part == 1 ? p.second : p.third;
      const int part_rows = (part == 0 ? p.second : part == 1 ? p.third : p.rows) - first;
      const LowRank matrix = p.matrices[tile.y * p.parts + part];
      const uint4* b_from = matrix.b + ((size_t)tile.x * (part_rows / 16) + (row - first) / 16) * matrix.rank_tiles * 32 + lane;
      // A part that the adapter leaves alone gets -0: x + -0 is x, whatever x.
      float sum[1][kColumnTiles][4];
#pragma unroll
      for (int n = 0; n < kColumnTiles; n++) {
#pragma unroll
        for (int e = 0; e < 4; e++) sum[0][n][e] = -0.0f;
      }
#pragma unroll 1
      for (int k = 0; k < matrix.rank_tiles; k++) {
        uint32_t a[1][4], b[kColumnTiles][2];
        fragment(a, b_from[k * 32]);
#pragma unroll
        for (int n = 0; n < kColumnTiles; n++) {
#pragma unroll
          for (int half = 0; half < 2; half++) {
            b[n][half] = from[n] ? *reinterpret_cast<const uint32_t*>(from[n] + part * p.rank + k * 16 + half * 8) : 0;
          }
        }
        mma_bf16(sum, a, b);
      }
#pragma unroll
      for (int n = 0; n < kColumnTiles; n++) {
#pragma unroll
        for (int e = 0; e < 4; e++) {
          if (rows[n][e % 2] < 0) continue;
          float* to = p.output + (size_t)rows[n][e % 2] * p.rows + row + lane / 4 + e / 2 * 8;
          *to = p.adds ? *to + sum[0][n][e] : sum[0][n][e];
        }
      }
    }
  });
}
