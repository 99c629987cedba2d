package io.github.gptoss.engine.constraint.lexeme;

import java.math.BigDecimal;
import java.util.HashMap;
import java.util.Map;

/**
 * A decimal number without exponent between bounds. A state knows the digits only as long as a
 * bound or a step still depends on them, so most digits lead to states that others share.
 */
public final class NumberLexeme extends Lexeme {
  /** The most digits before the decimal point. */
  static final int MAX_DIGITS = 200;

  private static final int MAX_STATES = 4_096;

  private enum Place {
    START,
    /** Behind a minus sign. */
    SIGN,
    /** Behind a zero, or behind some digits. */
    ZERO,
    DIGITS,
    /** Behind the decimal point. */
    POINT,
    FRACTION
  }

  /** The states of one number. */
  private static final class Automaton {
    private final NumberBounds positive;
    private final NumberBounds negative;
    private final boolean isInteger;
    private final Map<Key, NumberLexeme> states = new HashMap<>();

    Automaton(NumberBounds bounds) {
      positive = bounds;
      negative = bounds.negated();
      isInteger = bounds.isInteger();
    }
  }

  /**
   * @param value the digits so far; null where no bound depends on them any more
   * @param digits how many they are, of the fraction in a fraction
   * @param least how many digits have to follow before the point, where value is null
   * @param most how many may follow, where value is null
   */
  private record Key(
      Place place, boolean isNegative, BigDecimal value, int digits, int least, int most) {}

  private final Automaton automaton;
  private final Key key;

  private NumberLexeme(Automaton automaton, Key key) {
    super(automaton, isComplete(automaton, key));
    this.automaton = automaton;
    this.key = key;
  }

  /** The state before the first byte; null if no number fits. */
  public static Lexeme start(NumberBounds bounds) {
    return bounds.isEmpty()
        ? null
        : new NumberLexeme(
            new Automaton(bounds), new Key(Place.START, false, BigDecimal.ZERO, 0, 0, 0));
  }

  private static boolean isComplete(Automaton automaton, Key key) {
    return switch (key.place) {
      case START, SIGN, POINT -> false;
      case ZERO, DIGITS, FRACTION ->
          key.value == null ? key.least == 0 : isValue(automaton, key.isNegative, key.value);
    };
  }

  private static boolean isValue(Automaton automaton, boolean isNegative, BigDecimal value) {
    return isNegative
        ? value.signum() != 0 && automaton.negative.contains(value)
        : automaton.positive.contains(value);
  }

  private NumberBounds bounds(boolean isNegative) {
    return isNegative ? automaton.negative : automaton.positive;
  }

  private NumberLexeme at(Key next) {
    if (automaton.states.size() == MAX_STATES) {
      automaton.states.values().forEach(Lexeme::forget);
      automaton.states.clear();
    }
    return automaton.states.computeIfAbsent(next, k -> new NumberLexeme(automaton, k));
  }

  @Override
  Lexeme after(int b) {
    boolean isDigit = b >= '0' && b <= '9';
    return switch (key.place) {
      case START -> b == '-' ? sign() : isDigit ? first(false, b - '0') : null;
      case SIGN -> isDigit ? first(true, b - '0') : null;
      case ZERO -> b == '.' ? point() : null;
      case DIGITS -> isDigit ? digit(b - '0') : b == '.' ? point() : null;
      case POINT, FRACTION -> isDigit ? fraction(b - '0') : null;
    };
  }

  private Lexeme sign() {
    BigDecimal limit = BigDecimal.TEN.pow(MAX_DIGITS);
    return automaton.negative.meets(BigDecimal.ZERO, limit, true)
        ? at(new Key(Place.SIGN, true, BigDecimal.ZERO, 0, 0, 0))
        : null;
  }

  private Lexeme first(boolean isNegative, int digit) {
    BigDecimal value = BigDecimal.valueOf(digit);
    if (digit > 0) {
      return digits(isNegative, value, 1);
    }
    return bounds(isNegative).meets(value, BigDecimal.ONE, isNegative)
        ? at(new Key(Place.ZERO, isNegative, value, 1, 0, 0))
        : null;
  }

  private Lexeme digit(int digit) {
    if (key.value == null) {
      return key.most == 0
          ? null
          : at(
              new Key(
                  Place.DIGITS, key.isNegative, null, 0, Math.max(0, key.least - 1), key.most - 1));
    }
    return key.digits == MAX_DIGITS
        ? null
        : digits(key.isNegative, appended(digit), key.digits + 1);
  }

  private BigDecimal appended(int digit) {
    return key.value.multiply(BigDecimal.TEN).add(BigDecimal.valueOf(digit));
  }

  /**
   * The state behind digits before the point. With j more digits the number is at least value *
   * 10^j and below (value + 1) * 10^j.
   */
  private Lexeme digits(boolean isNegative, BigDecimal value, int digits) {
    NumberBounds bounds = bounds(isNegative);
    BigDecimal from = value;
    BigDecimal to = value.add(BigDecimal.ONE);
    boolean isAlive = false;
    boolean dependsOnDigits = bounds.step() != null;
    int least = -1;
    int most = -1;
    for (int more = 0; more <= MAX_DIGITS - digits; more++) {
      if (bounds.max() != null && from.compareTo(bounds.max()) > 0) {
        break;
      }
      if (bounds.meets(from, to, false)) {
        isAlive = true;
        if (bounds.covers(from, to)) {
          least = least < 0 ? more : least;
          most = more;
          if (bounds.max() == null) {
            most = MAX_DIGITS - digits;
            break;
          }
        } else {
          dependsOnDigits |= !(bounds.isInteger() && coversIntegers(bounds, from, to));
          if (bounds.isInteger() && coversIntegers(bounds, from, to)) {
            least = least < 0 ? more : least;
            most = more;
          }
        }
      }
      if (isAlive && dependsOnDigits) {
        break;
      }
      from = from.multiply(BigDecimal.TEN);
      to = to.multiply(BigDecimal.TEN);
    }
    if (!isAlive) {
      return null;
    }
    return at(
        dependsOnDigits
            ? new Key(Place.DIGITS, isNegative, value, digits, 0, 0)
            : new Key(Place.DIGITS, isNegative, null, 0, least, most));
  }

  private static boolean coversIntegers(NumberBounds bounds, BigDecimal from, BigDecimal to) {
    return bounds.contains(from) && bounds.contains(to.subtract(BigDecimal.ONE));
  }

  private Lexeme point() {
    if (automaton.isInteger) {
      return null;
    }
    if (key.value == null) {
      return key.least == 0 ? at(new Key(Place.POINT, key.isNegative, null, 0, 0, 0)) : null;
    }
    return bounds(key.isNegative)
            .meets(key.value, key.value.add(BigDecimal.ONE), isMinusZero(key.value))
        ? at(new Key(Place.POINT, key.isNegative, key.value, 0, 0, 0))
        : null;
  }

  private boolean isMinusZero(BigDecimal value) {
    return key.isNegative && value.signum() == 0;
  }

  private Lexeme fraction(int digit) {
    if (key.value == null) {
      return at(new Key(Place.FRACTION, key.isNegative, null, 0, 0, 0));
    }
    int digits = key.digits + 1;
    BigDecimal unit = BigDecimal.ONE.movePointLeft(digits);
    BigDecimal value = key.value.add(unit.multiply(BigDecimal.valueOf(digit)));
    NumberBounds bounds = bounds(key.isNegative);
    BigDecimal to = value.add(unit);
    if (!bounds.meets(value, to, isMinusZero(value))) {
      return null;
    }
    boolean isFree = bounds.step() == null && bounds.covers(value, to) && !isMinusZero(value);
    if (isFree) {
      return at(new Key(Place.FRACTION, key.isNegative, null, 0, 0, 0));
    }
    boolean isZero = digit == 0 && key.place == Place.FRACTION && isSettled(bounds);
    // Zeros behind the last digit that matters change nothing.
    return isZero ? this : at(new Key(Place.FRACTION, key.isNegative, value, digits, 0, 0));
  }

  /** Whether only zeros may follow, since the step has no more digits. */
  private boolean isSettled(NumberBounds bounds) {
    return bounds.step() != null && key.digits >= Math.max(0, bounds.step().scale());
  }
}
