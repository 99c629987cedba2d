package io.github.gptoss.engine.sampling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.gptoss.engine.error.InvalidRequestException;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class TokenHistoryTest {
  @Test
  void countsAsAMapDoes() {
    SplittableRandom random = new SplittableRandom(4);
    for (int vocabSize : new int[] {1, 16, 17, 33, 5_000, 201_088}) {
      TokenHistory history = new TokenHistory(vocabSize);
      Map<Integer, Integer> expected = new HashMap<>();
      int[] prompt = random.ints(vocabSize / 2, 0, vocabSize).toArray();
      history.addPrompt(prompt);
      for (int token : prompt) {
        expected.putIfAbsent(token, 0);
      }
      for (int i = 0; i < vocabSize; i++) {
        int token = random.nextInt(vocabSize);
        history.addOutput(token);
        expected.merge(token, 1, Integer::sum);
      }
      Map<Integer, Integer> counts = new HashMap<>();
      for (int i = 0; i < history.distinct(); i++) {
        counts.put(history.id(i), history.outputCount(i));
      }
      assertThat(counts).isEqualTo(expected).hasSize(history.distinct());
    }
  }

  @Test
  void rejectsTokensOutsideTheVocabulary() {
    TokenHistory history = new TokenHistory(10);
    for (int token : new int[] {-1, 10, Integer.MAX_VALUE}) {
      assertThatThrownBy(() -> history.addPrompt(new int[] {0, token}))
          .isInstanceOf(InvalidRequestException.class)
          .hasMessageContaining("token id " + token)
          .hasMessageContaining("0 to 9");
      assertThatThrownBy(() -> history.addOutput(token))
          .isInstanceOf(InvalidRequestException.class);
    }
  }
}
