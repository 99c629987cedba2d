package io.github.gptoss.spark.internal.grading;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import java.math.BigDecimal;

/**
 * A number: that of the last boxed group which is not empty, else the last one of the text. It is
 * right if it differs from the key by no more than the greater of the two tolerances, compared
 * exactly, as decimals. Commas may part digits in threes.
 *
 * @param tolerance in the key's unit
 * @param relativeTolerance as a share of the key
 */
record NumericGrader(BigDecimal tolerance, BigDecimal relativeTolerance) implements Grader {
  static final String NAME = "numeric";

  /** Beyond them a number is none: exact sums of 1 and 1e999999999 have a billion digits. */
  private static final int MOST_CHARS = 1000;

  private static final int MOST_EXPONENT = 1000;

  private static final String UNSIGNED =
      "((?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\\.[0-9]+)?|\\.[0-9]+)((?:[eE][-+]?[0-9]{1,9})?)";

  /** A dash after a letter, a digit or a bracket is no sign: 3-5, (1)-2. */
  private static final Pattern IN_TEXT =
      Pattern.compile("(?:(?:\\A|[^\\pL\\pN_)\\]}])([-+−]))?" + UNSIGNED);

  private static final Pattern WHOLE = Pattern.compile("([-+−]?)" + UNSIGNED);

  @Override
  public Grade grade(String response, String key) {
    String written = PythonText.strip(key);
    BigDecimal wanted = WHOLE.matches(written) ? decimal(written) : null;
    if (wanted == null) {
      throw GraderErrors.badKey(NAME, "a number");
    }
    if (response == null) {
      return Grade.NOTHING;
    }
    String boxed = Boxed.last(response);
    BigDecimal found = last(boxed == null ? response : boxed);
    return found == null ? Grade.NOTHING : Grade.of(found.toString(), isNear(found, wanted));
  }

  private boolean isNear(BigDecimal found, BigDecimal wanted) {
    BigDecimal allowed = tolerance.max(relativeTolerance.multiply(wanted.abs()));
    return found.subtract(wanted).abs().compareTo(allowed) <= 0;
  }

  /** The last number of a text; null where it has none. */
  private static BigDecimal last(String text) {
    Matcher matcher = IN_TEXT.matcher(text);
    String last = null;
    while (matcher.find()) {
      last =
          (matcher.group(1) == null ? "" : matcher.group(1)) + matcher.group(2) + matcher.group(3);
    }
    return last == null ? null : decimal(last);
  }

  /** Null where the number is beyond what is compared. */
  private static BigDecimal decimal(String text) {
    if (text.length() > MOST_CHARS) {
      return null;
    }
    BigDecimal value = new BigDecimal(text.replace(",", "").replace('−', '-'));
    return Math.abs((long) value.scale()) > MOST_EXPONENT ? null : value;
  }
}
