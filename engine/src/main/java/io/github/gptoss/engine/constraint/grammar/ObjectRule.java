package io.github.gptoss.engine.constraint.grammar;

import io.github.gptoss.engine.constraint.lexeme.Lexeme;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Objects: declared members in order, then any number of others, and a count. */
public final class ObjectRule {
  /** No upper bound of a count. */
  public static final int UNBOUNDED = Integer.MAX_VALUE;

  /** A member that is declared; its name's lexeme begins behind the quotation mark. */
  public record Member(Lexeme name, Value value, boolean isRequired) {}

  /** Members whose names are not declared. */
  public record Others(Lexeme names, Value value) {}

  final List<Member> members;
  final List<Others> others;
  private final int min;
  private final int max;

  /** Of the room that was asked for last, which is nearly always the same. */
  private volatile Ahead ahead;

  public ObjectRule(List<Member> members, List<Others> others, int min, int max) {
    this.members = List.copyOf(members);
    this.others = List.copyOf(others);
    this.min = min;
    this.max = max;
  }

  /** How far an object is: the next declared member, and what has been counted. */
  record Progress(int next, int declared, int undeclared) {}

  Progress start() {
    return new Progress(0, 0, 0);
  }

  Progress behind(Progress progress, int member) {
    return counted(member + 1, progress.declared + 1, progress.undeclared);
  }

  Progress behindOther(Progress progress) {
    return counted(members.size(), progress.declared, progress.undeclared + 1);
  }

  /** Counts that no bound asks for are left out, so that more objects share states. */
  private Progress counted(int next, int declared, int undeclared) {
    boolean hasMax = max != UNBOUNDED;
    return new Progress(
        next,
        hasMax || min > 0 ? declared : 0,
        hasMax ? undeclared : min > 0 ? Math.min(undeclared, 1) : 0);
  }

  /** Undeclared names may repeat, so all of them together count as one towards the minimum. */
  private static int distinct(Progress progress) {
    return progress.declared + Math.min(progress.undeclared, 1);
  }

  boolean canClose(Progress progress) {
    return nextRequired(progress.next) == members.size()
        && distinct(progress) >= min
        && progress.declared + progress.undeclared <= max;
  }

  /** The next required member; the number of members if there is none. */
  int nextRequired(int from) {
    int at = from;
    while (at < members.size() && !members.get(at).isRequired) {
      at++;
    }
    return at;
  }

  boolean canTake(Progress progress, int member, int room) {
    return progress.undeclared == 0
        && members.get(member).value.fits(room)
        && canEnd(behind(progress, member), room);
  }

  boolean canTakeOther(Progress progress, Others other, int room) {
    return other.value.fits(room) && canEnd(behindOther(progress), room);
  }

  /** Whether members can follow with which the object may be closed. */
  private boolean canEnd(Progress progress, int room) {
    Ahead ahead = ahead(room);
    int available = ahead.fitting[progress.next];
    if (progress.undeclared == 0 && ahead.fitsOther) {
      available++;
    }
    int least = Math.max(ahead.required[progress.next], min - distinct(progress));
    long most = Math.min(available, (long) max - progress.declared - progress.undeclared);
    return !ahead.lacksRequired[progress.next] && least <= most;
  }

  /** What lies from each member on, for a number of brackets that may still be opened. */
  private static final class Ahead {
    final int room;
    final int[] required;
    final int[] fitting;
    final boolean[] lacksRequired;
    final boolean fitsOther;

    Ahead(ObjectRule rule, int room) {
      this.room = room;
      int count = rule.members.size();
      required = new int[count + 1];
      fitting = new int[count + 1];
      lacksRequired = new boolean[count + 1];
      for (int i = count - 1; i >= 0; i--) {
        Member member = rule.members.get(i);
        boolean fits = member.value.fits(room);
        required[i] = required[i + 1] + (member.isRequired ? 1 : 0);
        fitting[i] = fitting[i + 1] + (fits ? 1 : 0);
        lacksRequired[i] = lacksRequired[i + 1] || member.isRequired && !fits;
      }
      fitsOther = rule.others.stream().anyMatch(other -> other.value.fits(room));
    }
  }

  private Ahead ahead(int room) {
    Ahead known = ahead;
    if (known == null || known.room != room) {
      known = new Ahead(this, room);
      ahead = known;
    }
    return known;
  }

  int minDepth() {
    int depth = 0;
    int count = 0;
    List<Integer> optional = new ArrayList<>();
    for (Member member : members) {
      if (member.isRequired) {
        depth = Math.max(depth, member.value.minDepth());
        count++;
      } else {
        optional.add(member.value.minDepth());
      }
    }
    others.stream().mapToInt(other -> other.value.minDepth()).min().ifPresent(optional::add);
    Collections.sort(optional);
    int missing = Math.max(0, min - count);
    if (count > max || missing > optional.size() || min > max) {
      return Value.IMPOSSIBLE;
    }
    if (missing > 0) {
      depth = Math.max(depth, optional.get(missing - 1));
    }
    return depth == Value.IMPOSSIBLE ? depth : depth + 1;
  }

  /**
   * Whether only repeated names could bring an object to its least number of members: undeclared
   * names may repeat, so all of them together count as one. Known once the values are settled.
   */
  public boolean needsRepeatedNames() {
    long declared = members.stream().filter(member -> member.value.isPossible()).count();
    return min > declared + 1 && others.stream().anyMatch(other -> other.value.isPossible());
  }
}
