// Brings weights from a checkpoint's order into the fragment order of gemm.cuh, once at load. A launch takes a range of whole row tiles;
// tiles that no launch takes, up to a whole group of them, are left as they are.
#include "gemm.cuh"

namespace shuffle {

constexpr int kThreads = 256;

// Which row of the checkpoint a row of the tiles is.
enum Order {
  kPlain,
  kRotary,  // rows g and g + 8 of a tile are the two elements of a rotary pair: d and d + head / 2
  kGateUp,  // rows g and g + 8 are gate (even row) and up (odd row) of one output
};

DEVICE int source_row(int order, int head, int row) {
  const int tile = row / 16, r = row % 16;
  if (order == kRotary) {
    const int first = tile * 16 / head * head, within = tile * 16 % head / 2;
    return first + within + (r < 8 ? r : head / 2 + r - 8);
  }
  if (order == kGateUp) return tile * 16 + (r < 8 ? 2 * r : 2 * (r - 8) + 1);
  return row;
}

}  // namespace shuffle

struct ShuffleBf16Params {
  const bf16* source;  // [rows, columns], or [columns, stride] where transposed: the first of this launch's rows
  uint4* target;       // the matrix: [tile][4][lane]
  int64_t stride;      // elements from one row, or column where transposed, to the next
  int32_t rows;        // there are zeros beyond, up to a whole tile
  int32_t columns;     // likewise, up to a multiple of 64
  int32_t order, head;
  int32_t transposed;
  int32_t first_tile;  // of rows, of this launch
};

// grid: any; block: 256 threads. A thread makes a lane's 16 bytes of one fragment.
extern "C" __global__ void __launch_bounds__(shuffle::kThreads) shuffle_bf16(const __grid_constant__ ShuffleBf16Params p) {
  using namespace shuffle;
  const int steps = gemm::up(p.columns, gemm::kStep), k_tiles = 4 * steps;
  const int64_t fragments = (int64_t)((p.rows + 15) / 16) * k_tiles * 32;
  for (int64_t i = (int64_t)blockIdx.x * kThreads + threadIdx.x; i < fragments; i += (int64_t)gridDim.x * kThreads) {
    const int lane = (int)(i % 32), k_tile = (int)(i / 32 % k_tiles), row_tile = (int)(i / 32 / k_tiles);
    uint32_t registers[4];
#pragma unroll
    for (int r = 0; r < 4; r++) {
      const int row = row_tile * 16 + lane / 4 + r % 2 * 8, column = k_tile * 16 + lane % 4 * 2 + r / 2 * 8;
      const int from = source_row(p.order, p.head, row);
      uint32_t pair = 0;
#pragma unroll
      for (int e = 0; e < 2; e++) {
        if (from < p.rows && column + e < p.columns) {
          const int64_t at = p.transposed ? (int64_t)(column + e) * p.stride + from : (int64_t)from * p.stride + column + e;
          pair |= (uint32_t)p.source[at] << (16 * e);
        }
      }
      registers[r] = pair;
    }
    const size_t tile = gemm::tile_number(p.first_tile + row_tile, p.first_tile + row_tile + 1, k_tile / 4, steps);
    p.target[(tile * 4 + k_tile % 4) * 32 + lane] = make_uint4(registers[0], registers[1], registers[2], registers[3]);
  }
}

struct ShuffleMxfp4Params {
  const uint8_t* blocks;  // [rows, columns / 32, 16], the even element in the low nibble
  const uint8_t* scales;  // [rows, columns / 32]
  uint4* codes;           // [tile][lane]
  uint32_t* exponents;    // [tile][8]
  int32_t rows, columns;  // zeros beyond, up to whole tiles; columns a multiple of 32
  int32_t order;
  int32_t shift;  // taken from every scale, so that none exceeds 128
};

// grid: any; block: 256 threads. A thread makes a lane's share of a tile of 16 rows and 64 columns.
extern "C" __global__ void __launch_bounds__(shuffle::kThreads) shuffle_mxfp4(const __grid_constant__ ShuffleMxfp4Params p) {
  using namespace shuffle;
  const int k_tiles = (p.columns + 63) / 64, blocks = p.columns / 32;
  const int64_t lanes = (int64_t)((p.rows + 15) / 16) * k_tiles * 32;
  for (int64_t i = (int64_t)blockIdx.x * kThreads + threadIdx.x; i < lanes; i += (int64_t)gridDim.x * kThreads) {
    const int lane = (int)(i % 32), k_tile = (int)(i / 32 % k_tiles), row_tile = (int)(i / 32 / k_tiles);
    uint32_t words[4];
#pragma unroll
    for (int k16 = 0; k16 < 4; k16++) {
      uint32_t word = 0;
#pragma unroll
      for (int r = 0; r < 4; r++) {
        const int row = source_row(p.order, 0, row_tile * 16 + lane / 4 + r % 2 * 8);
        const int column = k_tile * 64 + k16 * 16 + lane % 4 * 2 + r / 2 * 8;
        if (row < p.rows && column < p.columns) {
          const uint32_t pair = p.blocks[((int64_t)row * blocks + column / 32) * 16 + column % 32 / 2];
#pragma unroll
          for (int e = 0; e < 2; e++) {
            // Where gemm.cuh's shifts and masks look for sign, exponent and mantissa of register r.
            const uint32_t code = pair >> (4 * e) & 0xfu;
            const uint32_t sign = code >> 3, high = code >> 2 & 1u, low = code >> 1 & 1u, mantissa = code & 1u;
            const int at = 16 * e;
            if (r == 0) word |= sign << (at + 15) | high << (at + 8) | low << (at + 7) | mantissa << (at + 6);
            if (r == 1) word |= sign << (19 - at) | high << (at + 12) | low << (at + 11) | mantissa << (at + 10);
            if (r == 2) word |= sign << (at + 9) | high << (at + 2) | low << (at + 1) | mantissa << at;
            if (r == 3) word |= sign << (at + 13) | high << (at + 14) | low << (at + 5) | mantissa << (at + 4);
          }
        }
      }
      words[k16] = word;
    }
    const size_t tile = gemm::tile_number(row_tile, row_tile + 1, k_tile, k_tiles);
    p.codes[tile * 32 + lane] = make_uint4(words[0], words[1], words[2], words[3]);
    if (lane % 4 == 0) {
      uint32_t fields = 0;
#pragma unroll
      for (int b = 0; b < 4; b++) {
        const int row = source_row(p.order, 0, row_tile * 16 + lane / 4 + b % 2 * 8), block = k_tile * 2 + b / 2;
        if (row < p.rows && block < blocks) {
          const int field = (int)p.scales[(int64_t)row * blocks + block] + 126 - p.shift;
          fields |= (uint32_t)(field < 0 ? 0 : field) << (8 * b);
        }
      }
      p.exponents[tile * 8 + lane / 4] = fields;
    }
  }
}

struct ShuffleLowRankParams {
  const bf16* source;      // of this launch's experts and rows
  uint4* target;           // [row tile][column tile][lane], likewise: A fragments of 16 x 16
  int64_t expert_stride;   // elements of the source from one expert to the next; its rows and columns likewise
  int64_t row_stride;
  int64_t column_stride;
  int64_t target_stride;   // fragments of the target from one expert to the next
  int32_t experts;
  int32_t rows, columns;   // of an expert; zeros beyond, up to whole tiles
  int32_t order, head;
};

// grid: any; block: 256 threads. A thread makes a lane's 16 bytes of one fragment of an adapter's matrix.
extern "C" __global__ void __launch_bounds__(shuffle::kThreads) shuffle_low_rank(const __grid_constant__ ShuffleLowRankParams p) {
  using namespace shuffle;
  const int row_tiles = gemm::up(p.rows, 16), column_tiles = gemm::up(p.columns, 16);
  const int64_t of_expert = (int64_t)row_tiles * column_tiles * 32, fragments = p.experts * of_expert;
  for (int64_t i = (int64_t)blockIdx.x * kThreads + threadIdx.x; i < fragments; i += (int64_t)gridDim.x * kThreads) {
    const int64_t expert = i / of_expert;
    const int lane = (int)(i % 32), tile = (int)(i % of_expert / 32);
    uint32_t registers[4];
#pragma unroll
    for (int r = 0; r < 4; r++) {
      const int row = tile / column_tiles * 16 + lane / 4 + r % 2 * 8, column = tile % column_tiles * 16 + lane % 4 * 2 + r / 2 * 8;
      const int from = source_row(p.order, p.head, row);
      uint32_t pair = 0;
#pragma unroll
      for (int e = 0; e < 2; e++) {
        if (from < p.rows && column + e < p.columns) {
          pair |= (uint32_t)p.source[expert * p.expert_stride + from * p.row_stride + (column + e) * p.column_stride] << (16 * e);
        }
      }
      registers[r] = pair;
    }
    p.target[expert * p.target_stride + tile * 32 + lane] = make_uint4(registers[0], registers[1], registers[2], registers[3]);
  }
}
