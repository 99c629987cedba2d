package io.github.gptoss.engine.error;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class NearestNameTest {
  @Test
  void findsTheFewestEdits() {
    assertThat(NearestName.of("attn.sinks", List.of("attn.sunk", "attn.sink", "attn.norm")))
        .contains("attn.sink");
    assertThat(NearestName.of("kitten", List.of("sitten"))).contains("sitten");
  }

  @Test
  void prefersTheSameLengthAmongEquals() {
    assertThat(NearestName.of("--modle", List.of("--mode", "--model"))).contains("--model");
  }

  @Test
  void findsNothingFarAway() {
    assertThat(NearestName.of("attn.sinks", List.of("attn.qkv.weight", "ttn.xyzks"))).isEmpty();
    assertThat(NearestName.of("attn.sinks", List.of())).isEmpty();
    assertThat(NearestName.of("kitten", List.of("sitting"))).as("half of a short name").isEmpty();
  }

  @Test
  void findsNothingForALetter() {
    assertThat(NearestName.of("n", List.of("id", "m"))).isEmpty();
    assertThat(NearestName.of("h20", List.of("h200"))).contains("h200");
  }

  @Test
  void looksAtABoundedNumberOfCandidates() {
    List<String> many = new ArrayList<>(Collections.nCopies(100_000, "x"));
    many.add("attn.sink");
    assertThat(NearestName.of("attn.sinks", many)).isEmpty();
  }
}
