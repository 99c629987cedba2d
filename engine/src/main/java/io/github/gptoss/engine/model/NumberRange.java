package io.github.gptoss.engine.model;

/** Ranges of the real numbers in a configuration; none holds NaN or infinity. */
enum NumberRange {
  POSITIVE("a positive finite number", 0, Float.MAX_VALUE),
  FRACTION("a number above 0 and at most 1", 0, 1),
  /** Everything from 1 up, 1 included. */
  FROM_ONE("a finite number of at least 1", Math.nextDown(1.0), Float.MAX_VALUE);

  private final String description;
  private final double above;
  private final double atMost;

  NumberRange(String description, double above, double atMost) {
    this.description = description;
    this.above = above;
    this.atMost = atMost;
  }

  /** Whether the number is in range, in float32 too. */
  boolean contains(double number) {
    return number > above && number <= atMost && (float) number > 0;
  }

  String description() {
    return description;
  }
}
