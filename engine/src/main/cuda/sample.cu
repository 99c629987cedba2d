// Chooses a token for each of several rows of logits, as the engine's sampling package does on the host, bit for bit from equal
// logits: penalties and bias, then temperature, min_p, top_k, top_p, and a draw by inverse CDF over ids.
//
// A token's weight is exp((value - max) / temperature), in double from + and * alone. Sums of weights are taken in whole quanta of
// 2^-43, as integers, so that they do not depend on their order.
//
// Rows that ask for log-probabilities are told of their largest logits and the mass of all, before penalties and bias; the host takes
// the logarithm. Rows that ask for the probabilities of what is allowed are told of the tokens that have enough, and of their mass.
#include "device.cuh"

struct SampleRow {
  double per_temperature, top_p, min_p;
  double repetition, presence, frequency;
  uint64_t seed, position;  // key and counter of the random draw
  int32_t greedy;           // not 0: the likeliest, nothing else
  int32_t top_k;            // 0: all
  int32_t adjust_from, adjust_count;
  int32_t details;          // how many of the likeliest tokens are told of, at most 20, beside the chosen one; negative: not even that
  int32_t weights;          // where its weights go; negative: nowhere
  double least;             // above 0: tokens of a smaller probability have no place among the weights
};

struct SampleAdjustment {
  int32_t id;
  int32_t count;  // in the output; -1: neither in prompt nor output
  float bias;     // 0: none
  float logit;    // room for the value as it was
};

constexpr int kMostDetails = 20;

// What a row without NaN gave, before penalties and bias.
struct SampleDetails {
  uint64_t quanta;  // of all tokens at temperature 1
  float max;        // where infinite logits share all probability, they count as 0, others as -infinity, here and below
  int32_t infinite;
  float logit;      // of the chosen token
  int32_t unused;
  int32_t ids[kMostDetails];  // the likeliest, descending, the lowest id first among equals
  float logits[kMostDetails];
};

constexpr int kMostWeights = 1024;

// What the allowed tokens of a row without NaN have of its probability, before penalties and bias.
struct SampleWeights {
  uint64_t quanta;  // of all of them at temperature 1
  float max;        // of them; how values count says `kind`
  float chosen;     // value of the chosen token
  int32_t count;    // -1: the row has NaN, or nothing above -infinity
  int32_t kind;     // 0: as they are; 1: infinite ones share all probability; 2: none has a logit above -infinity, so they are alike
  int32_t ids[kMostWeights];  // of at least the row's least probability, ascending: as there are at most 1 / least of them, they fit
  float values[kMostWeights];
};

struct SampleParams {
  float* logits;  // [rows, vocabulary]; replaced by the adjusted values
  const SampleRow* rows;
  SampleAdjustment* adjustments;
  const uint32_t* masks;  // [rows, vocabulary / 32 rounded up], bit 1: allowed; null: everything is
  int32_t* tokens;        // [rows]; -1 where a row holds NaN or nothing above -infinity
  SampleDetails* details; // [rows]; null where no row asks for any
  SampleWeights* weights; // likewise, at the rows' places
  int32_t vocabulary;
};

// grid: one block a row; block: 128 threads. Ids of a row's adjustments are all different.
extern "C" __global__ void __launch_bounds__(128) sample_adjust(const __grid_constant__ SampleParams p) {
  const SampleRow& row = p.rows[blockIdx.x];
  float* logits = p.logits + (size_t)blockIdx.x * p.vocabulary;
  for (int i = threadIdx.x; i < row.adjust_count; i += 128) {
    SampleAdjustment& adjustment = p.adjustments[row.adjust_from + i];
    float value = logits[adjustment.id];
    adjustment.logit = value;
    if (adjustment.count >= 0) {
      double penalised = value;
      penalised = penalised < 0 ? penalised * row.repetition : penalised / row.repetition;
      if (adjustment.count > 0) penalised -= row.presence + row.frequency * adjustment.count;
      value = (float)penalised;
    }
    logits[adjustment.id] = value + adjustment.bias;
  }
}

namespace sample {

constexpr int kThreads = 512, kWarps = kThreads / 32, kBins = 256, kNone = 0x7fffffff;
constexpr float kInfinity = INFINITY;

// exp(x) for x from -104 to 0: a polynomial for exp(x / 512), then nine squarings.
DEVICE double exponential(double x) {
  const double t = x * 0x1p-9;
  double y = 1 / 362880.0;
  y = y * t + 1 / 40320.0;
  y = y * t + 1 / 5040.0;
  y = y * t + 1 / 720.0;
  y = y * t + 1 / 120.0;
  y = y * t + 1 / 24.0;
  y = y * t + 1 / 6.0;
  y = y * t + 0.5;
  y = y * t + 1;
  y = y * t + 1;
#pragma unroll
  for (int i = 0; i < 9; i++) y *= y;
  return y;
}

// Doubles around it are 2^-43 apart, so adding and subtracting it rounds to a quantum.
DEVICE uint64_t quanta_of(double weight) { return (uint64_t)(int64_t)(((weight + 768.0) - 768.0) * 0x1p43); }

// Orders as the value does; -0 equals 0.
DEVICE uint32_t key_of(float value) {
  const uint32_t bits = __float_as_uint(value + 0.0f);
  return bits & 0x80000000u ? ~bits : bits | 0x80000000u;
}

// One row as the draw sees it.
struct Values {
  const float* logits;
  const uint32_t* mask;
  float max;  // of the values
  bool infinite;  // whether infinite logits share all probability
  double per_temperature;
  bool alike = false;  // whether the mask's tokens are: where none of them has a logit above -infinity

  DEVICE float operator[](int id) const {
    if (mask && (mask[id / 32] >> (id % 32) & 1u) == 0) return -kInfinity;
    if (alike) return 0.0f;
    const float value = logits[id];
    return infinite ? (value == kInfinity ? 0.0f : -kInfinity) : value;
  }
  DEVICE double weight(float value) const {
    const double exponent = ((double)value - max) * per_temperature;
    return exponential(exponent < -104.0 ? -104.0 : exponent);
  }
};

// What truncation leaves: values above the cut, and of those that equal it the first ones by id.
struct Cut {
  uint32_t key;
  int ties;      // how many of those that equal it stay, the lowest ids
  double min_p;  // weights below it go
};

DEVICE uint64_t block_sum(uint64_t value) {
  __shared__ uint64_t warps[kWarps];
#pragma unroll
  for (int lanes = 16; lanes; lanes >>= 1) value += __shfl_xor_sync(0xffffffffu, value, lanes);
  if (threadIdx.x % 32 == 0) warps[threadIdx.x / 32] = value;
  __syncthreads();
  uint64_t total = 0;
  for (int w = 0; w < kWarps; w++) total += warps[w];
  __syncthreads();
  return total;
}

// The largest value and the lowest id that has it; id kNone where nothing exceeds -infinity; false where a value is NaN.
DEVICE bool likeliest(const Values& values, int vocabulary, float& best, int& id) {
  __shared__ float warp_best[kWarps];
  __shared__ int warp_id[kWarps];
  best = -kInfinity, id = kNone;
  int nan = 0;
  for (int i = threadIdx.x; i < vocabulary; i += kThreads) {
    const float value = values[i];
    nan |= value != value;
    if (value > best) best = value, id = i;
  }
#pragma unroll
  for (int lanes = 16; lanes; lanes >>= 1) {
    const float other = __shfl_xor_sync(0xffffffffu, best, lanes);
    const int other_id = __shfl_xor_sync(0xffffffffu, id, lanes);
    if (other > best || (other == best && other_id < id)) best = other, id = other_id;
  }
  if (threadIdx.x % 32 == 0) warp_best[threadIdx.x / 32] = best, warp_id[threadIdx.x / 32] = id;
  nan = __syncthreads_or(nan);
  for (int w = 0; w < kWarps; w++) {
    if (warp_best[w] > best || (warp_best[w] == best && warp_id[w] < id)) best = warp_best[w], id = warp_id[w];
  }
  __syncthreads();
  return nan == 0;
}

// Adds masses to a histogram, one of each lane that is `here`; all lanes of the warp call it. Logits lie close together, so that most
// lanes may have the same bin: the first bins are summed over the warp and added once. 64-bit additions to shared memory are loops that
// try again while other threads change the same sum.
DEVICE void add_to_bins(unsigned long long* sums, unsigned* counts, bool here, uint32_t bin, uint64_t mass) {
  constexpr uint32_t kAll = 0xffffffffu, kLow = (1u << 22) - 1;
  constexpr int kSummedBins = 2;
  const int lane = threadIdx.x % 32;
  uint32_t open = __ballot_sync(kAll, here);
#pragma unroll
  for (int i = 0; i < kSummedBins && open != 0; i++) {
    const int first = __ffs((int)open) - 1;
    const uint32_t bin_of_first = __shfl_sync(kAll, bin, first);
    const bool mine = (open >> lane & 1u) != 0 && bin == bin_of_first;
    const uint32_t peers = __ballot_sync(kAll, mine);
    // In two halves: a mass is at most 2^43, and 32 of its halves fit 32 bits.
    const uint32_t low = __reduce_add_sync(kAll, mine ? (uint32_t)mass & kLow : 0u);
    const uint32_t high = __reduce_add_sync(kAll, mine ? (uint32_t)(mass >> 22) : 0u);
    const unsigned long long sum = ((unsigned long long)high << 22) + low;
    if (lane == first) {
      if (sum != 0) atomicAdd(&sums[bin], sum);
      atomicAdd(&counts[bin], (unsigned)__popc(peers));
    }
    open &= ~peers;
  }
  if ((open >> lane & 1u) != 0) {
    if (mass != 0) atomicAdd(&sums[bin], (unsigned long long)mass);
    atomicAdd(&counts[bin], 1u);
  }
}

// The key at which a running sum of masses, from the smallest key on, first exceeds the limit; the largest key where it never does.
// `mass(value)` is 0 for values that are out already. Left is what the limit has left below that key, and equal how many have it.
template <class Mass>
DEVICE uint32_t find_key(const Values& values, int vocabulary, uint64_t limit, const Mass& mass, uint64_t& left, int& equal) {
  __shared__ unsigned long long sums[kBins];
  __shared__ unsigned counts[kBins];
  __shared__ uint32_t chosen;
  __shared__ uint64_t rest;
  uint32_t key = 0;
  left = limit;
  for (int shift = 24; shift >= 0; shift -= 8) {
    for (int bin = threadIdx.x; bin < kBins; bin += kThreads) sums[bin] = 0, counts[bin] = 0;
    __syncthreads();
    for (int from = 0; from < vocabulary; from += kThreads) {
      const int i = from + threadIdx.x;
      const float value = i < vocabulary ? values[i] : 0.0f;
      const uint32_t mine = key_of(value);
      // Compared in 64 bits: a shift by 32 is none.
      const bool here = i < vocabulary && (uint64_t)(mine ^ key) >> (shift + 8) == 0;
      add_to_bins(sums, counts, here, mine >> shift & 0xffu, here ? mass(value) : 0);
    }
    __syncthreads();
    if (threadIdx.x == 0) {
      uint64_t remaining = left;
      uint32_t bin = 0, last = 0;
      bool found = false;
      for (; bin < kBins; bin++) {
        if (counts[bin] == 0) continue;
        last = bin;
        if (sums[bin] > remaining) {
          found = true;
          break;
        }
        remaining -= sums[bin];
      }
      if (!found) {
        bin = last;
        remaining += sums[last];  // the last bin is looked into, not passed
      }
      chosen = bin;
      rest = remaining;
    }
    __syncthreads();
    key |= chosen << shift;
    left = rest;
    equal = (int)counts[chosen];
    __syncthreads();
  }
  return key;
}

DEVICE uint64_t random_bits(uint64_t seed, uint64_t position) {  // Philox4x32-10, counter (position, 0), key seed
  uint32_t c0 = (uint32_t)position, c1 = (uint32_t)(position >> 32), c2 = 0, c3 = 0;
  uint32_t k0 = (uint32_t)seed, k1 = (uint32_t)(seed >> 32);
  for (int round = 0; round < 10; round++) {
    const uint64_t product0 = (uint64_t)0xD2511F53u * c0, product1 = (uint64_t)0xCD9E8D57u * c2;
    c0 = (uint32_t)(product1 >> 32) ^ c1 ^ k0;
    c1 = (uint32_t)product1;
    c2 = (uint32_t)(product0 >> 32) ^ c3 ^ k1;
    c3 = (uint32_t)product0;
    k0 += 0x9E3779B9u;
    k1 += 0xBB67AE85u;
  }
  return c0 | (uint64_t)c1 << 32;
}

// A token's quanta after truncation; `tied` counts the tokens before it that equal the cut.
DEVICE uint64_t kept(const Values& values, const Cut& cut, float value, int tied) {
  const uint32_t key = key_of(value);
  if (key < cut.key || (key == cut.key && tied >= cut.ties)) return 0;
  const double weight = values.weight(value);
  return weight < cut.min_p ? 0 : quanta_of(weight);
}

// Ids in ranges, a whole number of 32 of them for each warp, in order.
struct Range {
  int from, to;

  DEVICE explicit Range(int vocabulary) {
    const int each = (vocabulary + 32 * kWarps - 1) / (32 * kWarps) * 32;
    from = threadIdx.x / 32 * each;
    to = from + each < vocabulary ? from + each : vocabulary;
  }
};

// How many tokens in the ranges of the warps before this one have a key.
DEVICE int before_in_block(const Values& values, const Range& range, uint32_t key) {
  __shared__ int warps[kWarps];
  const int lane = threadIdx.x % 32, warp = threadIdx.x / 32;
  int own = 0;
  for (int i = range.from; i < range.to; i += 32) {
    own += __popc(__ballot_sync(0xffffffffu, i + lane < range.to && key_of(values[i + lane]) == key));
  }
  if (lane == 0) warps[warp] = own;
  __syncthreads();
  int before = 0;
  for (int w = 0; w < warp; w++) before += warps[w];
  __syncthreads();
  return before;
}

// Lays the quanta out in order of ids and finds whose the target is.
DEVICE int draw(const Values& values, int vocabulary, const Cut& cut, const SampleRow& row) {
  __shared__ uint64_t warp_quanta[kWarps];
  __shared__ int token;
  const int lane = threadIdx.x % 32, warp = threadIdx.x / 32;
  if (threadIdx.x == 0) token = -1;
  const Range range(vocabulary);
  const int ties_before = before_in_block(values, range, cut.key);
  uint64_t target = 0;
  for (int pass = 0; pass < 2; pass++) {
    // First how much each warp has; then the warp that has the target looks for it.
    int tied = ties_before;
    uint64_t before = 0;
    if (pass == 1) {
      uint64_t total = 0;
      for (int w = 0; w < kWarps; w++) {
        if (w < warp) before += warp_quanta[w];
        total += warp_quanta[w];
      }
      target = __umul64hi(random_bits(row.seed, row.position) >> 1, total << 1);
      if (target < before || target >= before + warp_quanta[warp]) break;
    }
    uint64_t sum = 0;
    for (int i = range.from; i < range.to; i += 32) {
      const bool here = i + lane < range.to;
      const float value = here ? values[i + lane] : 0.0f;
      const uint32_t votes = __ballot_sync(0xffffffffu, here && key_of(value) == cut.key);
      uint64_t quanta = here ? kept(values, cut, value, tied + __popc(votes & ((1u << lane) - 1u))) : 0;
      tied += __popc(votes);
      if (pass == 0) {
        sum += quanta;
        continue;
      }
      uint64_t through = quanta;  // with those of the lanes before
#pragma unroll
      for (int lanes = 1; lanes < 32; lanes <<= 1) {
        const uint64_t other = __shfl_up_sync(0xffffffffu, through, lanes);
        if (lane >= lanes) through += other;
      }
      if (target >= before + through - quanta && target < before + through) token = i + lane;
      before += __shfl_sync(0xffffffffu, through, 31);
    }
    if (pass == 0) {
#pragma unroll
      for (int lanes = 16; lanes; lanes >>= 1) sum += __shfl_xor_sync(0xffffffffu, sum, lanes);
      if (lane == 0) warp_quanta[warp] = sum;
      __syncthreads();
    }
  }
  __syncthreads();
  return token;
}

// The `count` largest values, descending, the lowest id first among equals.
DEVICE void likeliest(const Values& values, int vocabulary, int count, int32_t* ids, float* logits) {
  __shared__ int found_ids[kMostDetails];
  __shared__ float found[kMostDetails];
  __shared__ unsigned places;
  uint64_t left;
  int equal;
  // Of those that equal the last one, as many as are not left out below it.
  const uint32_t last =
      find_key(values, vocabulary, (uint64_t)(vocabulary - count), [](float) { return (uint64_t)1; }, left, equal);
  const int ties = equal - (int)left, lane = threadIdx.x % 32;
  if (threadIdx.x == 0) places = 0;
  const Range range(vocabulary);
  int tied = before_in_block(values, range, last);
  for (int i = range.from; i < range.to; i += 32) {
    const bool here = i + lane < range.to;
    const float value = here ? values[i + lane] : 0.0f;
    const uint32_t key = key_of(value), votes = __ballot_sync(0xffffffffu, here && key == last);
    if (here && (key > last || (key == last && tied + __popc(votes & ((1u << lane) - 1u)) < ties))) {
      const unsigned place = atomicAdd(&places, 1u);
      found_ids[place] = i + lane;
      found[place] = value;
    }
    tied += __popc(votes);
  }
  __syncthreads();
  if (threadIdx.x < count) {
    const float mine = found[threadIdx.x];
    const int id = found_ids[threadIdx.x];
    int rank = 0;
    for (int i = 0; i < count; i++) rank += found[i] > mine || (found[i] == mine && found_ids[i] < id);
    ids[rank] = id;
    logits[rank] = mine;
  }
}

// A logit where infinite ones share all probability.
DEVICE float share(float logit) { return logit == kInfinity ? 0.0f : -kInfinity; }

// The row's token, and what the model itself gave it.
DEVICE void finish(const SampleParams& p, const SampleRow& row, int token) {
  if (threadIdx.x == 0) p.tokens[blockIdx.x] = token;
  if (token < 0 || (row.details < 0 && row.weights < 0)) return;
  __shared__ float logit;
  if (threadIdx.x == 0) logit = p.logits[(size_t)blockIdx.x * p.vocabulary + token];
  __syncthreads();
  for (int i = threadIdx.x; i < row.adjust_count; i += kThreads) {
    const SampleAdjustment& adjustment = p.adjustments[row.adjust_from + i];
    if (adjustment.id == token) logit = adjustment.logit;
  }
  __syncthreads();
  if (threadIdx.x == 0 && row.details >= 0) {
    SampleDetails& details = p.details[blockIdx.x];
    details.logit = details.infinite ? share(logit) : logit;
  }
  if (threadIdx.x == 0 && row.weights >= 0) {
    SampleWeights& weights = p.weights[row.weights];
    weights.chosen = weights.kind == 2 ? 0.0f : weights.kind == 1 ? share(logit) : logit;
  }
}

// Lists the tokens for which `listed` is true in order of their ids, and returns how many they are.
template <class Listed>
DEVICE int list(const Values& values, int vocabulary, const Listed& listed, int32_t* ids, float* found) {
  __shared__ int warps[kWarps];
  const int lane = threadIdx.x % 32, warp = threadIdx.x / 32;
  const Range range(vocabulary);
  auto votes = [&](int i) { return __ballot_sync(0xffffffffu, i + lane < range.to && listed(values[i + lane])); };
  int own = 0;
  for (int i = range.from; i < range.to; i += 32) own += __popc(votes(i));
  if (lane == 0) warps[warp] = own;
  __syncthreads();
  int place = 0, total = 0;
  for (int w = 0; w < kWarps; w++) {
    if (w < warp) place += warps[w];
    total += warps[w];
  }
  for (int i = range.from; own != 0 && i < range.to; i += 32) {
    const uint32_t here = votes(i);
    if (here >> lane & 1u) {
      const int mine = place + __popc(here & ((1u << lane) - 1u));
      ids[mine] = i + lane;
      found[mine] = values[i + lane];
    }
    place += __popc(here);
  }
  return total;
}

}  // namespace sample

// grid: one block a row; block: 512 threads; before sample_adjust, where a row asks for details.
extern "C" __global__ void __launch_bounds__(sample::kThreads) sample_details(const __grid_constant__ SampleParams p) {
  using namespace sample;
  const SampleRow& row = p.rows[blockIdx.x];
  if (row.details < 0) return;
  Values values{p.logits + (size_t)blockIdx.x * p.vocabulary, nullptr, 0, false, 1};
  int best;
  if (!likeliest(values, p.vocabulary, values.max, best) || best == kNone) return;
  values.infinite = values.max == kInfinity;
  if (values.infinite) values.max = 0;
  uint64_t sum = 0;
  for (int i = threadIdx.x; i < p.vocabulary; i += kThreads) sum += quanta_of(values.weight(values[i]));
  sum = block_sum(sum);
  SampleDetails& details = p.details[blockIdx.x];
  if (threadIdx.x == 0) {
    details.quanta = sum;
    details.max = values.max;
    details.infinite = values.infinite;
  }
  const int count = row.details < p.vocabulary ? row.details : p.vocabulary;
  if (count > 0) likeliest(values, p.vocabulary, count, details.ids, details.logits);
}

// grid: one block a row; block: 512 threads; before sample_adjust, where a row asks for weights.
extern "C" __global__ void __launch_bounds__(sample::kThreads) sample_weights(const __grid_constant__ SampleParams p) {
  using namespace sample;
  const SampleRow& row = p.rows[blockIdx.x];
  if (row.weights < 0) return;
  SampleWeights& weights = p.weights[row.weights];
  const int words = (p.vocabulary + 31) / 32;
  Values values{p.logits + (size_t)blockIdx.x * p.vocabulary, nullptr, 0, false, 1};
  int best;
  bool sound = likeliest(values, p.vocabulary, values.max, best) && best != kNone;
  if (sound && p.masks) {
    values.mask = p.masks + (size_t)blockIdx.x * words;
    likeliest(values, p.vocabulary, values.max, best);
    values.alike = best == kNone;
    if (values.alike) sound = likeliest(values, p.vocabulary, values.max, best) && best != kNone;
  }
  if (!sound) {
    if (threadIdx.x == 0) weights.count = -1;
    return;
  }
  values.infinite = values.max == kInfinity;
  if (values.infinite) values.max = 0;
  uint64_t sum = 0;
  for (int i = threadIdx.x; i < p.vocabulary; i += kThreads) sum += quanta_of(values.weight(values[i]));
  sum = block_sum(sum);
  const double mass = (double)(int64_t)sum * 0x1p-43;
  auto listed = [&](float value) { return (double)value - values.max > -104.0 && values.weight(value) / mass >= row.least; };
  const int count = list(values, p.vocabulary, listed, weights.ids, weights.values);
  if (threadIdx.x == 0) {
    weights.quanta = sum;
    weights.max = values.max;
    weights.count = count;
    weights.kind = values.alike ? 2 : values.infinite ? 1 : 0;
  }
}

// grid: one block a row; block: 512 threads; after sample_adjust.
extern "C" __global__ void __launch_bounds__(sample::kThreads) sample_rows(const __grid_constant__ SampleParams p) {
  using namespace sample;
  const SampleRow& row = p.rows[blockIdx.x];
  const int words = (p.vocabulary + 31) / 32;
  Values values{p.logits + (size_t)blockIdx.x * p.vocabulary, p.masks ? p.masks + (size_t)blockIdx.x * words : nullptr, 0, false,
                row.per_temperature};
  int best;
  bool sound = likeliest(values, p.vocabulary, values.max, best);
  if (sound && best == kNone && values.mask) {
    values.alike = true;
    sound = likeliest(values, p.vocabulary, values.max, best);
  }
  if (!sound || best == kNone || row.greedy) {
    finish(p, row, sound && best != kNone ? best : -1);
    return;
  }
  values.infinite = values.max == kInfinity;
  if (values.infinite) values.max = 0;
  Cut cut{0, kNone, row.min_p};
  uint64_t left;
  int equal;
  if (row.top_k > 0 && row.top_k < p.vocabulary) {
    cut.key = find_key(values, p.vocabulary, (uint64_t)(p.vocabulary - row.top_k), [](float) { return (uint64_t)1; }, left, equal);
  }
  if (row.top_p < 1) {
    auto mass = [&](float value) { return kept(values, cut, value, 0); };
    uint64_t sum = 0;
    for (int i = threadIdx.x; i < p.vocabulary; i += kThreads) sum += mass(values[i]);
    const uint64_t total = block_sum(sum);
    const uint64_t limit = (uint64_t)(int64_t)((1.0 - row.top_p) * (double)(int64_t)total);
    const uint32_t key = find_key(values, p.vocabulary, limit, mass, left, equal);
    // Of equals the highest ids go first, as many as the limit has room for; one always stays.
    const float value = __uint_as_float(key & 0x80000000u ? key & 0x7fffffffu : ~key);
    const uint64_t quanta = kept(values, cut, value, 0);
    const uint64_t gone = quanta == 0 ? (uint64_t)(equal - 1) : left / quanta;
    cut.key = key;
    cut.ties = equal - (int)(gone < (uint64_t)equal ? gone : (uint64_t)(equal - 1));
  }
  finish(p, row, draw(values, p.vocabulary, cut, row));
}
