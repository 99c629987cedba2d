// How activations and the KV cache lie in memory: what a product or attention takes at once is contiguous, and the eight rows that an
// ldmatrix reads lie in different banks of shared memory, where they are copied to as they are.
#pragma once
#include "device.cuh"

// bfloat16 in blocks of 64 columns, [width / 64 rounded up][rows][64], each row's eight 16-byte chunks exchanged by the row's number. Rows
// are those that the buffer has room for. Columns beyond the width are finite.
namespace activations {

constexpr int kColumns = 64;
constexpr int kRowBytes = 2 * kColumns;

// Where an element is. Eight columns from a multiple of eight on are neighbours.
DEVICE size_t at(int rows, int row, int column) {
  return ((size_t)(column / kColumns) * rows + row) * kColumns + (column / 8 ^ row) % 8 * 8 + column % 8;
}

}  // namespace activations

// bfloat16 [block][KV head][block tokens][head], each row's 16-byte chunks exchanged by its position.
namespace kv {

// How many chunks change places with each other: as many as make eight rows' lie in different banks.
DEVICE constexpr int spread(int head) {
  const int chunks = head / 8, power = chunks & -chunks;
  return power < 8 ? power : 8;
}
// Chunk c of the row of a position is at chunk c ^ turn.
DEVICE constexpr int turn(int head, int position) { return position * spread(head) / 8 % spread(head); }
// The same for chunk base + step, base < 2, step even: cheap where the step is known to the compiler.
DEVICE constexpr int turned(int head, int position, int base, int step) {
  return ((base ^ turn(head, position)) ^ step % spread(head)) + step / spread(head) * spread(head);
}

}  // namespace kv
