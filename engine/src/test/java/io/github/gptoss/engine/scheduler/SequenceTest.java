package io.github.gptoss.engine.scheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class SequenceTest {
  @Test
  void growsToItsDeclaredLength() {
    Sequence sequence = Sequence.generating(1, new int[] {3}, 1000);
    for (int i = 0; i < 1000; i++) {
      sequence.append(i);
    }
    assertThat(sequence.length()).isEqualTo(1001).isEqualTo(sequence.maxLength());
    assertThat(sequence.token(1000)).isEqualTo(999);
    assertThat(sequence.promptLength()).isEqualTo(1);
    assertThatIllegalArgumentException().isThrownBy(() -> sequence.append(0));
    assertThatThrownBy(() -> sequence.token(1001)).isInstanceOf(IndexOutOfBoundsException.class);
  }

  @Test
  void keepsItsOwnCopyOfThePrompt() {
    int[] prompt = {1, 2};
    Sequence sequence = Sequence.generating(1, prompt, 1);
    prompt[0] = 9;
    assertThat(sequence.token(0)).isEqualTo(1);
  }

  @Test
  void rejectsWhatCannotBeComputed() {
    assertThatIllegalArgumentException().isThrownBy(() -> Sequence.generating(1, new int[0], 5));
    assertThatIllegalArgumentException().isThrownBy(() -> Sequence.generating(1, new int[] {1}, 0));
    assertThatIllegalArgumentException().isThrownBy(() -> Sequence.scoring(1, new int[] {1}, 1));
    assertThatIllegalArgumentException().isThrownBy(() -> Sequence.scoring(1, new int[] {1}, -1));
  }
}
