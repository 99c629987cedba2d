package io.github.gptoss.spark.internal.engine;

import io.github.gptoss.engine.EngineConfig;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;

/** Engine settings by the names that options have. */
final class SettingsDiff {
  private SettingsDiff() {}

  /** Those of {@code config} that {@code other} has otherwise, for instance {@code threads=3}. */
  static String differing(EngineConfig config, EngineConfig other) {
    List<String> settings = new ArrayList<>();
    for (RecordComponent setting : EngineConfig.class.getRecordComponents()) {
      Object value = value(setting, config);
      if (!Objects.equals(value, value(setting, other))) {
        settings.add(optionName(setting.getName()) + "=" + value);
      }
    }
    return String.join(", ", settings);
  }

  private static Object value(RecordComponent setting, EngineConfig config) {
    try {
      return setting.getAccessor().invoke(config);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("a public record can be read", e);
    }
  }

  private static String optionName(String component) {
    return component.replaceAll("([A-Z])", "_$1").toLowerCase(Locale.ROOT);
  }
}
