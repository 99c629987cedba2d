package io.github.gptoss.spark.internal.grading;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;

/**
 * A key that is a regular expression of RE2's, to be found in the answer. What is extracted is the
 * first group that took part, or the whole match where no group did. RE2 matches in time linear in
 * the text, whatever the pattern.
 */
final class RegexGrader implements Grader {
  static final String NAME = "regex";

  private static final int MOST_CHARS = 8192;

  /** The pattern of a table is mostly the same in all rows. */
  private String compiledKey;

  private Pattern compiled;

  @Override
  public Grade grade(String response, String key) {
    Pattern pattern = pattern(key);
    if (response == null) {
      return Grade.NOTHING;
    }
    Matcher found = pattern.matcher(response);
    if (!found.find()) {
      return Grade.NOTHING;
    }
    for (int group = 1; group <= found.groupCount(); group++) {
      if (found.group(group) != null) {
        return Grade.of(found.group(group), true);
      }
    }
    return Grade.of(found.group(), true);
  }

  private synchronized Pattern pattern(String key) {
    if (!key.equals(compiledKey)) {
      if (key.length() > MOST_CHARS) {
        throw GraderErrors.badKey(
            NAME, "a regular expression of at most %,d characters".formatted(MOST_CHARS));
      }
      try {
        compiled = Pattern.compile(key);
        compiledKey = key;
      } catch (PatternSyntaxException e) {
        throw GraderErrors.badKey(
            NAME, "a regular expression of RE2's, which has neither lookaround nor backreferences");
      }
    }
    return compiled;
  }
}
