package io.github.gptoss.engine.backend.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.offset;
import static org.assertj.core.api.Assertions.withinPercentage;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The vector kernels against the scalar ones, bit for bit, and both against double precision. */
class KernelsTest {
  /** Tests that take minutes where nothing is compiled. */
  static final String LONG = "long";

  private static final float CANARY = Float.NaN;
  private static final long SEED = 20260117;

  private final Kernels scalar = new ScalarKernels();
  private final Kernels vector = new VectorKernels();
  private final Random random = new Random(SEED);

  private float[] floats(int n) {
    float[] out = new float[n];
    for (int i = 0; i < n; i++) {
      out[i] = (float) random.nextGaussian();
    }
    return out;
  }

  /** Random words from which every format makes sense of all it finds. */
  private PackedMatrix matrix(PackedMatrix.Format format, int rows, int columns) {
    return matrix(format, rows, columns, VectorDecoder.MOST_TILE_SCALE);
  }

  private PackedMatrix matrix(PackedMatrix.Format format, int rows, int columns, int mostScale) {
    int from = 7;
    int[] words = new int[from + (int) PackedMatrix.words(format, rows, columns)];
    PackedMatrix matrix = new PackedMatrix(format, rows, columns, words, from, mostScale);
    for (int i = from; i < words.length; i++) {
      words[i] =
          switch (format) {
            case MXFP4 -> nibbles();
            case BF16 ->
                Float.floatToRawIntBits(gaussian()) >>> 16
                    | Float.floatToRawIntBits(gaussian()) & 0xFFFF0000;
            case F16 -> finiteHalf() | finiteHalf() << 16;
            case F32 -> Float.floatToRawIntBits(gaussian());
          };
    }
    if (format == PackedMatrix.Format.MXFP4) {
      for (int panel = 0; panel < matrix.panels(); panel++) {
        for (int k = 0; k < columns; k += PackedMatrix.GROUP) {
          for (int r = 0; r < matrix.panelRows(panel); r++) {
            words[matrix.groupOffset(panel, k) + r] =
                scale(mostScale)
                    | scale(mostScale) << 8
                    | scale(mostScale) << 16
                    | scale(mostScale) << 24;
          }
        }
      }
    }
    return matrix;
  }

  private float gaussian() {
    return (float) random.nextGaussian();
  }

  private int nibbles() {
    int word = 0;
    for (int i = 0; i < 8; i++) {
      word = word << 4 | random.nextInt(16);
    }
    return word;
  }

  /** Ordinary scales and, now and then, the smallest and the largest. */
  private int scale(int most) {
    return switch (random.nextInt(40)) {
      case 0 -> 0;
      case 1 -> most;
      default -> 118 + random.nextInt(11);
    };
  }

  /** Zeros and subnormal numbers too. */
  private int finiteHalf() {
    return random.nextInt() & 0x83FF | random.nextInt(31) << 10;
  }

  /** By the definition of IEEE 754. */
  private static double half(short bits) {
    int exponent = bits >> 10 & 0x1F;
    int mantissa = bits & 0x3FF;
    double value =
        exponent == 0 ? mantissa * 0x1p-24 : (1 + mantissa / 1024.0) * Math.pow(2, exponent - 15.0);
    return bits < 0 ? -value : value;
  }

  @ParameterizedTest
  @EnumSource(PackedMatrix.Format.class)
  void decodeTheSameFloats(PackedMatrix.Format format) {
    for (int mostScale : new int[] {VectorDecoder.MOST_TILE_SCALE, VectorDecoder.MOST_SCALE, 254}) {
      for (int rows : new int[] {32, 40, 64}) {
        PackedMatrix m = matrix(format, rows, 352, mostScale);
        for (int panel = 0; panel < m.panels(); panel++) {
          for (int kFrom : new int[] {0, 128, 256}) {
            int columns = Math.min(224, 352 - kFrom);
            float[] expected = new float[columns * 32 + 1];
            float[] actual = new float[columns * 32 + 1];
            Arrays.fill(actual, CANARY);
            scalar.decode(m, panel, kFrom, kFrom + columns, expected);
            vector.decode(m, panel, kFrom, kFrom + columns, actual);
            expected[columns * 32] = CANARY;
            assertThat(actual).as("%s rows %d panel %d", format, rows, panel).isEqualTo(expected);
          }
        }
      }
    }
  }

  /** The layout by its words: what {@link PackedMatrix#value} says, said another way. */
  @Test
  void valuesFollowTheLayout() {
    double[] e2m1 = {0, 0.5, 1, 1.5, 2, 3, 4, 6, -0.0, -0.5, -1, -1.5, -2, -3, -4, -6};
    PackedMatrix m = matrix(PackedMatrix.Format.MXFP4, 40, 160);
    int at = m.from() + 32 * (160 / 8 + 2); // the second panel has 8 rows
    for (int k = 0; k < 160; k++) {
      int row = k < 128 ? 1 + k / 8 : 1 + 128 / 8 + 1 + (k - 128) / 8;
      int scales = k < 128 ? 0 : 1 + 128 / 8;
      int shift = k % 8 / 2 * 4 + k % 2 * 16;
      int code = m.words()[at + row * 8 + 5] >>> shift & 0xF;
      int scale = m.words()[at + scales * 8 + 5] >>> (k / 32 % 4 * 8) & 0xFF;
      assertThat((double) m.value(1, 5, k)).isEqualTo(e2m1[code] * Math.pow(2, scale - 127));
    }
    m = matrix(PackedMatrix.Format.F16, 40, 5);
    for (int k = 0; k < 5; k++) {
      int word = m.words()[m.from() + 16 * 5 + 4 * k + 1]; // rows 1 and 5 of the second panel
      assertThat((double) m.value(1, 1, k)).isEqualTo(half((short) word));
      assertThat((double) m.value(1, 5, k)).isEqualTo(half((short) (word >>> 16)));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 15, 16, 17, 24, 31})
  void multiplyTheSameBits(int tokens) {
    int columns = 96;
    float[] panel = floats(columns * 32 + 3);
    float[] x = floats(tokens * 130 + 7);
    int[] offsets = new int[tokens + 1];
    for (int t = 0; t < tokens; t++) {
      offsets[t + 1] = ((t * 5) % tokens) * 130;
    }
    for (boolean accumulate : new boolean[] {false, true}) {
      float[] before = floats(tokens * 48 + 3);
      float[] expected = before.clone();
      float[] actual = before.clone();
      scalar.multiply(panel, 3, columns, x, offsets, 1, 7, tokens, expected, 3, 48, accumulate);
      vector.multiply(panel, 3, columns, x, offsets, 1, 7, tokens, actual, 3, 48, accumulate);
      assertThat(actual).as("accumulate %s", accumulate).isEqualTo(expected);
      for (int t = 0; t < tokens; t++) {
        for (int r = 0; r < Kernels.PANEL_ROWS; r++) {
          double exact = accumulate ? before[3 + t * 48 + r] : 0;
          for (int k = 0; k < columns; k++) {
            exact += (double) x[offsets[1 + t] + 7 + k] * panel[3 + k * 32 + r];
          }
          assertThat((double) actual[3 + t * 48 + r]).isCloseTo(exact, offset(1e-4));
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource(PackedMatrix.Format.class)
  @Tag(LONG)
  void multiplierGivesTheBitsOfPlainDecodeAndMultiply(PackedMatrix.Format format) {
    assertPlainBits(
        format, new int[] {32, 128, 416}, new int[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 17, 24, 25});
  }

  /** Short enough for an interpreter. */
  @ParameterizedTest
  @EnumSource(PackedMatrix.Format.class)
  void eachTileGivesTheBitsOfPlainDecodeAndMultiply(PackedMatrix.Format format) {
    assertPlainBits(format, new int[] {32}, new int[] {1, 2, 3, 4, 5, 6, 8});
  }

  private void assertPlainBits(PackedMatrix.Format format, int[] widths, int[] counts) {
    Multiplier multiplier = new Multiplier(vector);
    TiledRows rows = new TiledRows(vector);
    for (int columns : widths) {
      boolean large = columns == 32 && widths.length > 1;
      int mostScale = large ? VectorDecoder.MOST_SCALE : VectorDecoder.MOST_TILE_SCALE;
      PackedMatrix m = matrix(format, 72, columns, mostScale);
      for (int tokens : counts) {
        float[] x = floats(tokens * columns + 3);
        int[] offsets = new int[tokens + 1];
        for (int t = 0; t < tokens; t++) {
          offsets[t + 1] = (t * 5) % tokens * columns + 3;
        }
        rows.fill(x, offsets, columns, 1, tokens);
        int size = tokens * 32;
        float[] expected = new float[m.panels() * size];
        for (int p = 0; p < m.panels(); p++) {
          float[] panel = new float[columns * 32];
          scalar.decode(m, p, 0, columns, panel);
          scalar.multiply(
              panel, 0, columns, x, offsets, 1, 0, tokens, expected, p * size, 32, false);
        }
        for (int first = 0; first < m.panels(); first++) {
          for (int panels = 1; first + panels <= m.panels(); panels++) {
            float[] actual = multiplier.multiply(m, first, panels, rows.data(), 0, tokens);
            assertThat(Arrays.copyOf(actual, panels * size))
                .as("%s, %d columns, %d tokens, panel %d", format, columns, tokens, first)
                .isEqualTo(Arrays.copyOfRange(expected, first * size, (first + panels) * size));
          }
        }
      }
    }
  }

  /** Two groups, of which the second is longer than a tile, filled by two threads. */
  @Test
  void tilesHoldEachColumnOfTheirRowsSideBySide() {
    int columns = 1100;
    int[] starts = {0, 3, 3, 22};
    float[] x = floats(23 * columns);
    int[] offsets = new int[22];
    for (int r = 0; r < offsets.length; r++) {
      offsets[r] = (r * 7 + 1) % 23 * columns;
    }
    TiledRows rows = new TiledRows(vector);
    try (Workers workers = new Workers(2)) {
      rows.fill(x, offsets, columns, starts, 3, workers);
    }
    for (int g = 0; g < 3; g++) {
      for (int r = starts[g], width; r < starts[g + 1]; r += width) {
        width = vector.tileRows(starts[g + 1] - r);
        assertThat(width).isBetween(1, starts[g + 1] - r);
        for (int i = 0; i < width; i++) {
          for (int k = 0; k < columns; k++) {
            assertThat(rows.data()[rows.offset(r) + k * width + i])
                .isEqualTo(x[offsets[r + i] + k]);
          }
        }
      }
    }
  }

  @Test
  void fewTokensAndFloat32AreMultipliedPacked() {
    assertThat(vector.multipliesPacked(matrix(PackedMatrix.Format.MXFP4, 40, 64), 0, 1)).isTrue();
    assertThat(vector.multipliesPacked(matrix(PackedMatrix.Format.BF16, 40, 64), 0, 1)).isTrue();
    assertThat(vector.multipliesPacked(matrix(PackedMatrix.Format.BF16, 40, 64), 1, 1)).isFalse();
    assertThat(vector.multipliesPacked(matrix(PackedMatrix.Format.F16, 40, 64), 0, 1)).isFalse();
    assertThat(vector.multipliesPacked(matrix(PackedMatrix.Format.F32, 40, 64), 0, 9999)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 7, 8, 15, 16, 17, 31, 32, 33, 100, 128, 2880})
  void rowFunctionsGiveTheSameBits(int n) {
    float[] x = floats(n + 5);
    float[] y = floats(n + 5);
    double squares = 0;
    double largest = Double.NEGATIVE_INFINITY;
    for (int i = 5; i < n + 5; i++) {
      squares += (double) x[i] * x[i];
      largest = Math.max(largest, x[i]);
    }
    assertThat(vector.sumOfSquares(x, 5, n)).isEqualTo(scalar.sumOfSquares(x, 5, n));
    assertThat((double) scalar.sumOfSquares(x, 5, n)).isCloseTo(squares, withinPercentage(1e-3));
    assertThat(vector.max(x, 5, n)).isEqualTo(scalar.max(x, 5, n)).isEqualTo((float) largest);
    for (float max : new float[] {0, 4, 200}) {
      float[] expected = x.clone();
      float[] actual = x.clone();
      actual[5] = expected[5] = Float.NEGATIVE_INFINITY;
      float sum = scalar.expAndSum(expected, 5, n, max);
      assertThat(vector.expAndSum(actual, 5, n, max)).isEqualTo(sum);
      assertThat(actual).isEqualTo(expected);
      assertThat(actual[5]).isZero();
      double exact = 0;
      for (int i = 6; i < n + 5; i++) {
        double e = Math.exp((double) x[i] - max);
        assertThat((double) actual[i]).isCloseTo(e, offset(1e-3 * e + 1e-37));
        exact += e;
      }
      assertThat((double) sum).isCloseTo(exact, offset(1e-3 * exact + 1e-37));
    }
    float[] expected = x.clone();
    float[] actual = x.clone();
    scalar.addScaled(expected, 5, 0.3f, y, 2, n);
    vector.addScaled(actual, 5, 0.3f, y, 2, n);
    scalar.add(expected, 5, y, 1, n);
    vector.add(actual, 5, y, 1, n);
    assertThat(actual).isEqualTo(expected);
    for (int i = 0; i < n; i++) {
      double exact = x[5 + i] + 0.3 * y[2 + i] + y[1 + i];
      assertThat((double) actual[5 + i]).isCloseTo(exact, offset(1e-5));
    }
    scalar.scale(x, 5, 1.7f, y, expected, 2, n);
    vector.scale(x, 5, 1.7f, y, actual, 2, n);
    assertThat(actual).isEqualTo(expected);
    for (int i = 0; i < n; i++) {
      assertThat((double) actual[2 + i]).isCloseTo(1.7 * x[5 + i] * y[i], offset(1e-5));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 8, 15, 16})
  void swigluGivesTheSameBits(int n) {
    float[] in = floats(40);
    for (int i = 0; i < in.length; i++) {
      in[i] *= 8;
    }
    float[] expected = new float[20];
    float[] actual = new float[20];
    scalar.swiglu(in, 8, 7, expected, 2, n);
    vector.swiglu(in, 8, 7, actual, 2, n);
    assertThat(actual).isEqualTo(expected);
    for (int i = 0; i < n; i++) {
      double g = Math.min(in[8 + i], 7);
      double u = Math.max(-7, Math.min(7, in[24 + i]));
      assertThat((double) actual[2 + i])
          .isCloseTo(g / (1 + Math.exp(-1.702 * g)) * (u + 1), withinPercentage(1e-3));
    }
  }

  @ParameterizedTest
  @CsvSource({"-87.3,88.3"})
  void expIsAccurate(double least, double most) {
    for (int i = 0; i < 20_000; i++) {
      float x = (float) (least + random.nextDouble() * (most - least));
      double exact = StrictMath.exp(x);
      assertThat(Math.abs(ScalarMath.exp(x) - exact) / exact).as("exp(%s)", x).isLessThan(2.4e-7);
    }
    assertThat(ScalarMath.exp(0)).isEqualTo(1);
    assertThat(ScalarMath.exp(-200)).isZero();
    assertThat(ScalarMath.exp(Float.NaN)).isNaN();
  }

  @ParameterizedTest
  @ValueSource(ints = {0x00000000, 0x76543210, 0xFEDCBA98, 0x12345678, 0x88888888})
  void codesKeepTheirValuesAndMove(int word) {
    int packed = Packer.packCodes(word);
    for (int i = 0; i < 8; i++) {
      assertThat(packed >>> PackedMatrix.nibble(i) & 0xF).isEqualTo(word >>> (4 * i) & 0xF);
    }
  }
}
