package io.github.gptoss.engine.backend.cpu;

import io.github.gptoss.engine.backend.Step;
import io.github.gptoss.engine.lora.Target;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * What adapters add to the products of a step's rows: for each group of rows with one adapter, A x
 * before the base weights are multiplied, and B (A x) where their product is. The base weights are
 * read once, whoever's rows there are.
 *
 * <p>What is added to a row is the same whatever its group: elements of A x and of B (A x) are
 * chains over ascending columns as those of every other product, see {@link AdapterMatrix}.
 */
final class AdapterProducts {
  /** Rows of a group that one item of a parallel loop takes. */
  private static final int BLOCK_ROWS = 64;

  private final List<CpuAdapter> adapters;
  private final Kernels kernels;
  private final Workers workers;
  private final int rank; // the largest
  private final RowGroups tokens; // rows are those of the step
  private final RowGroups slots; // rows are those of Routing
  private final Multiplier[] multipliers;
  private final TiledRows[] tiledRows; // by worker
  private final int[][] offsets; // by worker
  private final Map<Target, float[]> lows = new EnumMap<>(Target.class); // [places, rank]

  private int[] adapterOfToken = new int[0]; // [T]
  private int[] lowOffsets = new int[0]; // [places]

  AdapterProducts(List<CpuAdapter> adapters, Kernels kernels, Workers workers) {
    this.adapters = adapters;
    this.kernels = kernels;
    this.workers = workers;
    rank = adapters.stream().mapToInt(CpuAdapter::maxRank).max().orElse(0);
    tokens = new RowGroups(adapters.size());
    slots = new RowGroups(adapters.size());
    multipliers = new Multiplier[workers.threads()];
    Arrays.setAll(multipliers, worker -> new Multiplier(kernels));
    tiledRows = new TiledRows[workers.threads()];
    Arrays.setAll(tiledRows, worker -> new TiledRows(kernels));
    offsets = new int[workers.threads()][0];
    for (Target target : Target.values()) {
      lows.put(target, new float[0]);
    }
  }

  /** Groups the rows of a step. */
  void begin(Step step) {
    tokens.clear();
    slots.clear();
    if (adapters.isEmpty()) {
      return;
    }
    if (adapterOfToken.length < step.tokens()) {
      adapterOfToken = new int[step.tokens()];
    }
    for (int s = 0; s < step.sequences(); s++) {
      Arrays.fill(adapterOfToken, step.starts()[s], step.starts()[s + 1], step.adapters()[s]);
    }
    tokens.add(0, 0, step.tokens(), row -> adapterOfToken[row]);
  }

  /** Groups the pairs of rows and experts of one layer. */
  void group(Routing routing) {
    slots.clear();
    if (tokens.groups() == 0) {
      return;
    }
    for (int i = 0; i < routing.activeExperts(); i++) {
      int expert = routing.activeExpert(i);
      slots.add(
          expert,
          routing.start(expert),
          routing.start(expert + 1),
          slot -> adapterOfToken[routing.token(slot)]);
    }
  }

  /**
   * Computes A x for all grouped rows, whose inputs begin at these offsets of x, as the targets'
   * adapters have it.
   */
  void project(int layer, float[] x, int[] xOffsets, Target... targets) {
    RowGroups groups = groups(targets[0]);
    if (groups.groups() == 0) {
      return;
    }
    int size = groups.size() * rank;
    for (Target target : targets) {
      if (lows.get(target).length < size) {
        lows.put(target, new float[size]);
      }
    }
    if (lowOffsets.length < groups.size()) {
      lowOffsets = new int[groups.size()];
      Arrays.setAll(lowOffsets, place -> place * rank);
    }
    int[] blocks = blocks(groups);
    int items = blocks.length / 2;
    workers.run(
        items * targets.length,
        operations(adapters, layer, groups, targets),
        (item, worker) -> {
          int group = blocks[2 * (item / targets.length)];
          int from = blocks[2 * (item / targets.length) + 1];
          Target target = targets[item % targets.length];
          AdapterMatrix matrix = adapters.get(groups.adapter(group) - 1).matrix(layer, target);
          if (matrix != null) {
            int count = Math.min(BLOCK_ROWS, groups.start(group + 1) - from);
            project(matrix, groups, group, from, count, x, xOffsets, lows.get(target), worker);
          }
        });
  }

  private RowGroups groups(Target target) {
    return target == Target.GATE_UP || target == Target.DOWN ? slots : tokens;
  }

  /** Multiply-adds of A x for all groups and targets. */
  static long operations(
      List<CpuAdapter> adapters, int layer, RowGroups groups, Target... targets) {
    long operations = 0;
    for (int g = 0; g < groups.groups(); g++) {
      long rows = groups.start(g + 1) - groups.start(g);
      for (Target target : targets) {
        AdapterMatrix matrix = adapters.get(groups.adapter(g) - 1).matrix(layer, target);
        operations += matrix == null ? 0 : rows * matrix.rank() * matrix.inputs();
      }
    }
    return operations;
  }

  /** Pairs of a group and the place at which a block of its rows begins. */
  private static int[] blocks(RowGroups groups) {
    int[] blocks = new int[2 * (groups.groups() + groups.size() / BLOCK_ROWS)];
    int n = 0;
    for (int g = 0; g < groups.groups(); g++) {
      for (int from = groups.start(g); from < groups.start(g + 1); from += BLOCK_ROWS) {
        blocks[n++] = g;
        blocks[n++] = from;
      }
    }
    return Arrays.copyOf(blocks, n);
  }

  private void project(
      AdapterMatrix matrix,
      RowGroups groups,
      int group,
      int from,
      int count,
      float[] x,
      int[] xOffsets,
      float[] low,
      int worker) {
    int pieces = matrix.pieces();
    if (offsets[worker].length < count * pieces) {
      offsets[worker] = new int[count * pieces];
    }
    int[] starts = offsets[worker];
    for (int t = 0; t < count; t++) {
      for (int p = 0; p < pieces; p++) {
        starts[t * pieces + p] = xOffsets[groups.row(from + t)] + matrix.pieceStart(p);
      }
    }
    PackedMatrix a = matrix.a()[groups.expert(group)];
    TiledRows rows = tiledRows[worker];
    rows.fill(x, starts, matrix.pieceColumns(), 0, count * pieces);
    float[] product =
        multipliers[worker].multiply(a, 0, a.panels(), rows.data(), 0, count * pieces);
    for (int t = 0; t < count; t++) {
      for (int r = 0; r < matrix.rank(); r++) {
        float sum = 0;
        for (int p = 0; p < pieces; p++) {
          int panel = r / Kernels.PANEL_ROWS;
          int lane = pieces == 1 ? r % Kernels.PANEL_ROWS : p * matrix.pieceRows() + r;
          sum += product[((panel * count + t) * pieces + p) * Kernels.PANEL_ROWS + lane];
        }
        low[(from + t) * rank + r] = sum * matrix.scale();
      }
    }
  }

  /**
   * Adds B (A x) to a strip's product [panels, count, 32] of the rows from {@code from} on, which
   * are one expert's where there are several.
   */
  void add(
      int layer,
      Target target,
      int expert,
      Strip strip,
      float[] product,
      int from,
      int count,
      int worker) {
    RowGroups groups = groups(target);
    for (int g = groups.firstOf(expert); g < groups.groups() && groups.expert(g) == expert; g++) {
      AdapterMatrix matrix = adapters.get(groups.adapter(g) - 1).matrix(layer, target);
      int first = groups.firstFrom(g, from);
      int n = groups.firstFrom(g, from + count) - first;
      if (matrix == null || n == 0) {
        continue;
      }
      TiledRows rows = tiledRows[worker];
      rows.fill(lows.get(target), lowOffsets, matrix.rank(), first, n);
      float[] delta =
          multipliers[worker].multiply(
              matrix.b()[expert], strip.first(), strip.panels(), rows.data(), 0, n);
      for (int i = 0; i < strip.panels(); i++) {
        for (int t = 0; t < n; t++) {
          int to = (i * count + groups.row(first + t) - from) * Kernels.PANEL_ROWS;
          kernels.add(product, to, delta, (i * n + t) * Kernels.PANEL_ROWS, Kernels.PANEL_ROWS);
        }
      }
    }
  }
}
