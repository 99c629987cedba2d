package io.github.gptoss.cli;

import io.github.gptoss.engine.ByteCount;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads options of bytes as the connector reads its own. */
final class ByteCountConverter implements ITypeConverter<Long> {
  @Override
  public Long convert(String value) {
    return ByteCount.parse(value)
        .orElseThrow(() -> new TypeConversionException("'" + value + "' is not " + ByteCount.FORM));
  }
}
