package io.github.gptoss.engine.constraint.grammar;

import io.github.gptoss.engine.constraint.grammar.ObjectRule.Progress;
import io.github.gptoss.engine.constraint.lexeme.Lexeme;
import java.util.List;

/** A place between two lexemes of one nesting level, and where a byte that is no space leads. */
sealed interface Place {
  void read(int b, Moves moves);

  /** Where a byte leads from a place. */
  interface Moves {
    /** How many brackets may still be opened inside the place's level. */
    int room();

    /** The byte is a lexeme of its own. */
    void to(Place place);

    /** The byte begins a lexeme, behind which {@code behind} lies. */
    void into(Lexeme lexeme, Place behind);

    /** The byte opens a level that begins with {@code inside}. */
    void open(Place inside, Place behind);

    /** The byte closes the level. */
    void close();
  }

  /** Reads the first byte of a value. */
  static void readValue(Value value, int b, Place behind, Moves moves) {
    for (Lexeme scalar : value.scalars) {
      readScalar(scalar, b, behind, moves);
    }
    if (b == '[') {
      for (ArrayRule rule : value.arrays) {
        if (rule.minDepth() <= moves.room()) {
          moves.open(new Item(rule, 0, 0, ItemAt.FIRST), behind);
        }
      }
    }
    if (b == '{') {
      for (ObjectRule rule : value.objects) {
        if (rule.minDepth() <= moves.room()) {
          moves.open(new Name(rule, rule.start(), true), behind);
        }
      }
    }
  }

  private static void readScalar(Lexeme start, int b, Place behind, Moves moves) {
    if (start.isQuoted()) {
      if (b == '"') {
        moves.into(start, behind);
      }
      return;
    }
    Lexeme next = start.step(b);
    if (next != null) {
      moves.into(next, behind);
    }
  }

  /** Before the whole value. */
  record Root(Value value) implements Place {
    @Override
    public void read(int b, Moves moves) {
      readValue(value, b, END, moves);
    }
  }

  /** Behind the whole value. */
  record End() implements Place {
    @Override
    public void read(int b, Moves moves) {
      // Nothing follows.
    }
  }

  Place END = new End();

  /** Where an array is around an item. */
  enum ItemAt {
    /** Behind the opening bracket. */
    FIRST,
    /** Behind a comma. */
    NEXT,
    /** Behind an item. */
    BEHIND
  }

  /**
   * Around an item of an array.
   *
   * @param count the items before this place
   * @param used which of the distinct values have occurred, a bit each
   */
  record Item(ArrayRule rule, int count, long used, ItemAt at) implements Place {
    @Override
    public void read(int b, Moves moves) {
      if (at == ItemAt.BEHIND) {
        if (b == ',' && hasNext(moves.room())) {
          moves.to(new Item(rule, count, used, ItemAt.NEXT));
        }
        if (b == ']' && count >= rule.min) {
          moves.close();
        }
        return;
      }
      if (b == ']' && at == ItemAt.FIRST && rule.min == 0) {
        moves.close();
      }
      if (hasNext(moves.room())) {
        if (rule.distinct == null) {
          readValue(rule.item(count), b, behind(used), moves);
        } else {
          readDistinct(b, moves);
        }
      }
    }

    private boolean hasNext(int room) {
      return count < rule.max && (rule.distinct != null || rule.item(count).fits(room));
    }

    private void readDistinct(int b, Moves moves) {
      List<Lexeme> values = rule.distinct;
      for (int i = 0; i < values.size(); i++) {
        if ((used >>> i & 1) == 0) {
          readScalar(values.get(i), b, behind(used | 1L << i), moves);
        }
      }
    }

    private Item behind(long nowUsed) {
      return new Item(rule, rule.counted(count + 1), nowUsed, ItemAt.BEHIND);
    }
  }

  /** Before the name of a member: behind the opening bracket, or behind a comma. */
  record Name(ObjectRule rule, Progress progress, boolean isFirst) implements Place {
    @Override
    public void read(int b, Moves moves) {
      if (b == '}' && isFirst && rule.canClose(progress)) {
        moves.close();
      }
      if (b != '"') {
        return;
      }
      int last = Math.min(rule.nextRequired(progress.next()), rule.members.size() - 1);
      for (int i = progress.next(); i <= last; i++) {
        if (rule.canTake(progress, i, moves.room())) {
          ObjectRule.Member member = rule.members.get(i);
          moves.into(member.name(), new Colon(rule, rule.behind(progress, i), member.value()));
        }
      }
      if (rule.nextRequired(progress.next()) == rule.members.size()) {
        for (ObjectRule.Others other : rule.others) {
          if (rule.canTakeOther(progress, other, moves.room())) {
            moves.into(other.names(), new Colon(rule, rule.behindOther(progress), other.value()));
          }
        }
      }
    }

    /** Whether a name may stand here. */
    private boolean isPossible(int room) {
      int last = Math.min(rule.nextRequired(progress.next()), rule.members.size() - 1);
      for (int i = progress.next(); i <= last; i++) {
        if (rule.canTake(progress, i, room)) {
          return true;
        }
      }
      return rule.nextRequired(progress.next()) == rule.members.size()
          && rule.others.stream().anyMatch(other -> rule.canTakeOther(progress, other, room));
    }
  }

  /** Behind a name. */
  record Colon(ObjectRule rule, Progress progress, Value value) implements Place {
    @Override
    public void read(int b, Moves moves) {
      if (b == ':') {
        moves.to(new MemberValue(rule, progress, value));
      }
    }
  }

  /** Behind a name and its colon. */
  record MemberValue(ObjectRule rule, Progress progress, Value value) implements Place {
    @Override
    public void read(int b, Moves moves) {
      readValue(value, b, new BehindMember(rule, progress), moves);
    }
  }

  /** Behind a member. */
  record BehindMember(ObjectRule rule, Progress progress) implements Place {
    @Override
    public void read(int b, Moves moves) {
      if (b == '}' && rule.canClose(progress)) {
        moves.close();
      }
      if (b == ',') {
        Name next = new Name(rule, progress, false);
        if (next.isPossible(moves.room())) {
          moves.to(next);
        }
      }
    }
  }
}
