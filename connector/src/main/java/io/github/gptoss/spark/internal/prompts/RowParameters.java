package io.github.gptoss.spark.internal.prompts;

import io.github.gptoss.engine.constraint.LruMap;
import io.github.gptoss.engine.constraint.TurnSpec;
import io.github.gptoss.engine.error.ConstraintException;
import io.github.gptoss.engine.error.InvalidConfigException;
import io.github.gptoss.engine.error.InvalidRequestException;
import io.github.gptoss.spark.internal.options.OptionKey;
import io.github.gptoss.spark.internal.options.OptionValues;
import java.util.EnumMap;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * The options of one call as each of its rows sees them. What is expensive, a renderer with its
 * parsed tools, depends on few options and is kept for as many combinations as occur together; a
 * column of distinct seeds costs a row no more than reading its numbers. Thread-safe.
 */
public final class RowParameters {
  private static final int RENDERERS = 64;
  private static final int TEMPLATES = 256;

  private final OptionValues options;
  private final Part<PromptRenderer> renderers;
  private final Part<RequestTemplate> templates;

  public RowParameters(OptionValues options, Function<OptionValues, PromptRenderer> renderers) {
    this.options = options;
    this.renderers = new Part<>(OptionKey::isRendering, renderers, RENDERERS);
    this.templates =
        new Part<>(
            OptionKey::isSampling, own -> new RequestTemplate(own).check(TurnSpec.FREE), TEMPLATES);
  }

  /**
   * How the row's prompt is rendered.
   *
   * @throws InvalidRequestException {@code invalid_parameter} if an option of the row's own is
   *     wrong
   */
  public PromptRenderer renderer(PromptRow row) {
    return renderers.of(row.overrides());
  }

  /** How the row's tokens are chosen; same terms as {@link #renderer}. */
  public RequestTemplate template(PromptRow row) {
    return templates.of(row.overrides());
  }

  /** What depends on some of the options, for the combinations used last. */
  private final class Part<T> {
    private final Predicate<OptionKey> mine;
    private final Function<OptionValues, T> maker;
    private final T unchanged;
    private final Map<Map<OptionKey, String>, T> used;

    Part(Predicate<OptionKey> mine, Function<OptionValues, T> maker, int most) {
      this.mine = mine;
      this.maker = maker;
      unchanged = maker.apply(options);
      used = new LruMap<>(most);
    }

    T of(Map<OptionKey, String> overrides) {
      if (overrides.isEmpty()) {
        return unchanged;
      }
      EnumMap<OptionKey, String> own = new EnumMap<>(OptionKey.class);
      overrides.forEach(
          (key, value) -> {
            if (value != null && mine.test(key)) {
              own.put(key, value);
            }
          });
      if (own.isEmpty()) {
        return unchanged;
      }
      synchronized (used) {
        T known = used.get(own);
        if (known == null) {
          known = make(own);
          used.put(own, known);
        }
        return known;
      }
    }

    private T make(Map<OptionKey, String> own) {
      try {
        return maker.apply(options.with(own));
      } catch (InvalidConfigException e) {
        throw new InvalidRequestException("invalid_parameter", e.getMessage(), e);
      } catch (ConstraintException e) {
        throw new InvalidRequestException(e.code().text(), e.getMessage(), e);
      }
    }
  }
}
