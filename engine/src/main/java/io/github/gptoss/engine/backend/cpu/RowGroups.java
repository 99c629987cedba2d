package io.github.gptoss.engine.backend.cpu;

import java.util.Arrays;

/**
 * The rows of a product that have an adapter, grouped: first by expert, where there are several,
 * then by adapter. The rows of a group ascend, and none is in two groups.
 */
final class RowGroups {
  private int[] rows = new int[0];
  private int count;

  private int[] adapters = new int[8]; // [groups]
  private int[] experts = new int[8]; // [groups]
  private int[] starts = new int[9]; // [groups + 1], in rows
  private int groups;

  private final int[] perAdapter;

  RowGroups(int adapters) {
    perAdapter = new int[adapters + 2];
  }

  void clear() {
    count = 0;
    groups = 0;
    starts[0] = 0;
  }

  /** Groups the rows [from, to) of one expert, after those of lower ones. */
  void add(int expert, int from, int to, AdapterOfRow adapterOf) {
    Arrays.fill(perAdapter, 0);
    for (int row = from; row < to; row++) {
      perAdapter[adapterOf.adapter(row) + 1]++;
    }
    perAdapter[1] = 0; // rows without an adapter are in no group
    for (int a = 1; a < perAdapter.length - 1; a++) {
      if (perAdapter[a + 1] > 0) {
        addGroup(a, expert, perAdapter[a + 1]);
      }
      perAdapter[a + 1] += perAdapter[a];
    }
    int added = perAdapter[perAdapter.length - 1];
    if (rows.length < count + added) {
      rows = Arrays.copyOf(rows, Math.max(count + added, 2 * rows.length));
    }
    for (int row = from; row < to; row++) {
      int adapter = adapterOf.adapter(row);
      if (adapter > 0) {
        rows[count + perAdapter[adapter]++] = row;
      }
    }
    count += added;
  }

  /** The adapter of a row, from 1; 0 for none. */
  @FunctionalInterface
  interface AdapterOfRow {
    int adapter(int row);
  }

  private void addGroup(int adapter, int expert, int size) {
    if (groups == adapters.length) {
      adapters = Arrays.copyOf(adapters, 2 * groups);
      experts = Arrays.copyOf(experts, 2 * groups);
      starts = Arrays.copyOf(starts, 2 * groups + 1);
    }
    adapters[groups] = adapter;
    experts[groups] = expert;
    starts[groups + 1] = starts[groups] + size;
    groups++;
  }

  /** All grouped rows. */
  int size() {
    return count;
  }

  int groups() {
    return groups;
  }

  /** From 1. */
  int adapter(int group) {
    return adapters[group];
  }

  int expert(int group) {
    return experts[group];
  }

  /** First place of a group; its last is before {@code start(group + 1)}. */
  int start(int group) {
    return starts[group];
  }

  int row(int place) {
    return rows[place];
  }

  /** First place of a group whose row is at least this one, or the group's end. */
  int firstFrom(int group, int row) {
    int found = Arrays.binarySearch(rows, starts[group], starts[group + 1], row);
    return found >= 0 ? found : -found - 1;
  }

  /** First group of an expert, or of the next one that has any. */
  int firstOf(int expert) {
    int found = Arrays.binarySearch(experts, 0, groups, expert);
    if (found < 0) {
      return -found - 1;
    }
    while (found > 0 && experts[found - 1] == expert) {
      found--;
    }
    return found;
  }
}
