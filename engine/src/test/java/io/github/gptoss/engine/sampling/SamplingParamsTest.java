package io.github.gptoss.engine.sampling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.gptoss.engine.error.InvalidRequestException;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SamplingParamsTest {
  private static final double NAN = Double.NaN;
  private static final double INFINITY = Double.POSITIVE_INFINITY;

  @Test
  void rejectsValuesOutsideTheirRange() {
    for (double value : new double[] {NAN, -0.1, INFINITY, -INFINITY, 1000.5}) {
      assertRejected("temperature", value, b -> b.temperature(value));
    }
    for (double value : new double[] {NAN, -0.1, 1.0000001, INFINITY}) {
      assertRejected("top_p", value, b -> b.topP(value));
    }
    assertRejected("top_k", -2, b -> b.topK(-2));
    for (double value : new double[] {NAN, -0.1, 1.1, INFINITY}) {
      assertRejected("min_p", value, b -> b.minP(value));
    }
    for (double value : new double[] {NAN, 0, -1, 1e-60, 1e60, INFINITY}) {
      assertRejected("repetition_penalty", value, b -> b.repetitionPenalty(value));
    }
    for (double value : new double[] {NAN, -2.1, 2.1, INFINITY}) {
      assertRejected("presence_penalty", value, b -> b.presencePenalty(value));
      assertRejected("frequency_penalty", value, b -> b.frequencyPenalty(value));
    }
    assertRejected("logprobs", -2, b -> b.logprobs(-2));
    assertRejected("logprobs", 21, b -> b.logprobs(21));
  }

  @Test
  void acceptsTheEndsOfTheRanges() {
    assertThatCode(
            () -> {
              SamplingParams.builder().temperature(0).topP(0).topK(0).minP(0).logprobs(0).build();
              SamplingParams.builder()
                  .temperature(1000)
                  .topP(1)
                  .topK(Integer.MAX_VALUE)
                  .minP(1)
                  .presencePenalty(-2)
                  .frequencyPenalty(2)
                  .logprobs(20)
                  .build();
            })
        .doesNotThrowAnyException();
  }

  @Test
  void rejectsBiasOutsideTheVocabulary() {
    SamplingParams params =
        SamplingParams.builder().logitBias(LogitBias.of(Map.of(3, 1.0, 32, 2.0))).build();
    assertThatThrownBy(() -> params.checkVocabulary(32))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("token id 32")
        .hasMessageContaining("0 to 31");
    params.checkVocabulary(33);
    assertThatThrownBy(() -> LogitBias.of(Map.of(-1, 1.0)))
        .isInstanceOf(InvalidRequestException.class);
    assertThatThrownBy(() -> LogitBias.of(Map.of(1, NAN)))
        .isInstanceOf(InvalidRequestException.class);
    assertThatThrownBy(() -> LogitBias.of(Map.of(1, 1e60)))
        .isInstanceOf(InvalidRequestException.class);
  }

  @Test
  void builderOfParamsRebuildsThem() {
    SamplingParams params =
        new SamplingParams(0.5, 0.9, 7, 0.1, 1.1, 0.2, 0.3, LogitBias.of(Map.of(1, 2)), 42, 5);
    assertThat(params.toBuilder().build()).isEqualTo(params);
  }

  @Test
  void everyParameterIsReadAndSetByItsName() {
    SamplingParams params =
        new SamplingParams(0.5, 0.9, 7, 0.1, 1.1, 0.2, 0.3, LogitBias.NONE, 42, 5);
    SamplingParams.Builder copy = SamplingParams.builder();
    for (SamplingParameter parameter : SamplingParameter.values()) {
      assertThat(parameter.of(params)).isNotEqualTo(parameter.of(SamplingParams.GREEDY));
      assertThat(SamplingParameter.named(parameter.key())).contains(parameter);
      parameter.set(copy, parameter.of(params));
    }
    assertThat(copy.build()).isEqualTo(params);
    assertThat(SamplingParameter.named("logit_bias")).isEmpty();
  }

  @Test
  void samplesHaveSeedsOfTheirOwn() {
    SamplingParams params = SamplingParams.builder().temperature(0.5).topK(3).seed(7).build();
    assertThat(params.ofSample(0)).isEqualTo(params);
    assertThat(params.ofSample(2)).isEqualTo(params.toBuilder().seed(0x3C6EF372FE94F831L).build());
    // Those of a column of seeds that counts up meet none of its neighbours'.
    assertThat(
            IntStream.range(0, 1000)
                .mapToObj(seed -> SamplingParams.builder().seed(seed).build())
                .flatMap(row -> IntStream.range(0, 128).mapToObj(row::ofSample))
                .map(SamplingParams::seed))
        .doesNotHaveDuplicates();
  }

  private static void assertRejected(
      String parameter, Object value, UnaryOperator<SamplingParams.Builder> change) {
    assertThatThrownBy(() -> change.apply(SamplingParams.builder()).build())
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageStartingWith(parameter + " is " + value + ": it must be ")
        .extracting(e -> ((InvalidRequestException) e).code())
        .isEqualTo("invalid_parameter");
  }
}
