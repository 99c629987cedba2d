package io.github.gptoss.engine.constraint.lexeme;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;

/**
 * Conditions of a number, compared exactly.
 *
 * @param isInteger whether only integers without a fraction are written
 * @param min null for none
 * @param isMinExcluded whether {@code min} itself is too small
 * @param max null for none
 * @param isMaxExcluded whether {@code max} itself is too large
 * @param step the number is a multiple of it; null for none
 */
public record NumberBounds(
    boolean isInteger,
    BigDecimal min,
    boolean isMinExcluded,
    BigDecimal max,
    boolean isMaxExcluded,
    BigDecimal step) {
  public static final NumberBounds INTEGER = new NumberBounds(true, null, false, null, false, null);
  public static final NumberBounds NUMBER = new NumberBounds(false, null, false, null, false, null);

  /** Whether every number, or every integer, fits. */
  public boolean isFree() {
    return min == null && max == null && step == null;
  }

  /** What fits both conditions. */
  public NumberBounds and(NumberBounds other) {
    boolean otherMin =
        min == null
            || other.min != null
                && (other.min.compareTo(min) > 0
                    || other.min.compareTo(min) == 0 && other.isMinExcluded);
    boolean otherMax =
        max == null
            || other.max != null
                && (other.max.compareTo(max) < 0
                    || other.max.compareTo(max) == 0 && other.isMaxExcluded);
    return new NumberBounds(
        isInteger || other.isInteger,
        otherMin ? other.min : min,
        otherMin ? other.isMinExcluded : isMinExcluded,
        otherMax ? other.max : max,
        otherMax ? other.isMaxExcluded : isMaxExcluded,
        step == null ? other.step : other.step == null ? step : commonMultiple(step, other.step));
  }

  /** The least number that is a multiple of both. */
  static BigDecimal commonMultiple(BigDecimal a, BigDecimal b) {
    int scale = Math.max(0, Math.max(a.scale(), b.scale()));
    BigInteger x = a.setScale(scale).unscaledValue();
    BigInteger y = b.setScale(scale).unscaledValue();
    return new BigDecimal(x.divide(x.gcd(y)).multiply(y), scale);
  }

  /** Whether a number fits. */
  public boolean contains(BigDecimal number) {
    return (min == null || number.compareTo(min) >= (isMinExcluded ? 1 : 0))
        && (max == null || number.compareTo(max) <= (isMaxExcluded ? -1 : 0))
        && (!isInteger || isMultiple(number, BigDecimal.ONE))
        && (step == null || isMultiple(number, step));
  }

  private static boolean isMultiple(BigDecimal number, BigDecimal step) {
    return number.remainder(step).signum() == 0;
  }

  /** Whether a number that is at least {@code from} and below {@code to} fits. */
  boolean meets(BigDecimal from, BigDecimal to, boolean isFromExcluded) {
    BigDecimal low = from;
    boolean isLowExcluded = isFromExcluded;
    if (min != null && min.compareTo(low) >= 0) {
      isLowExcluded = min.compareTo(low) == 0 ? isLowExcluded || isMinExcluded : isMinExcluded;
      low = min;
    }
    BigDecimal high = to;
    boolean isHighExcluded = true;
    if (max != null && max.compareTo(high) < 0) {
      high = max;
      isHighExcluded = isMaxExcluded;
    }
    BigDecimal grid =
        !isInteger ? step : step == null ? BigDecimal.ONE : commonMultiple(step, BigDecimal.ONE);
    if (grid == null) {
      int order = low.compareTo(high);
      return order < 0 || order == 0 && !isLowExcluded && !isHighExcluded;
    }
    BigDecimal first = low.divide(grid, 0, RoundingMode.CEILING).multiply(grid);
    if (isLowExcluded && first.compareTo(low) == 0) {
      first = first.add(grid);
    }
    int order = first.compareTo(high);
    return order < 0 || order == 0 && !isHighExcluded;
  }

  /** Whether all numbers that are at least {@code from} and below {@code to} are in range. */
  boolean covers(BigDecimal from, BigDecimal to) {
    return (min == null || from.compareTo(min) >= (isMinExcluded ? 1 : 0))
        && (max == null || to.compareTo(max) <= 0);
  }

  /** The same for numbers with a minus sign, by their magnitudes. */
  NumberBounds negated() {
    return new NumberBounds(
        isInteger,
        max == null ? null : max.negate(),
        isMaxExcluded,
        min == null ? null : min.negate(),
        isMinExcluded,
        step);
  }

  /** Whether no number fits, of however many digits. */
  public boolean isEmpty() {
    BigDecimal limit = BigDecimal.TEN.pow(NumberLexeme.MAX_DIGITS);
    return !meets(BigDecimal.ZERO, limit, false) && !negated().meets(BigDecimal.ZERO, limit, true);
  }
}
