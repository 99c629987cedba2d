package io.github.gptoss.engine.scheduler;

import java.util.Arrays;

/**
 * The known tokens of one request (prompt, then sampled and forced ones) and how many of them have
 * keys and values. A step that computes the last known token yields the logits that choose the next
 * one, so prefill, decode, forced tokens and recomputation are all "compute what is known".
 */
public final class Sequence {
  enum State {
    NEW,
    WAITING,
    RUNNING,
    FINISHED
  }

  private final long id;
  private final int promptLength;
  private final int maxLength;
  private final boolean scoring;
  private final int adapter;
  private int[] tokens;
  private int length;
  private int cachedTokens = -1;

  /** Whether the last of the tokens is a stand-in for one that is being sampled. */
  private boolean pending;

  /** First position whose logits row a scoring sequence still owes. */
  private int scoredFrom;

  State state = State.NEW;

  /** Place in the order of arrival. */
  long arrival;

  /** Place among those that came from one arrival. */
  int branch;

  /** How many sequences have taken this one's place after it. */
  int branches;

  /** Tokens that have keys and values. */
  int computed;

  /** Whether the known tokens have all been computed since admission. */
  boolean decoding;

  /** Whether its logits have been yielded and the token chosen from them is not appended yet. */
  boolean awaitsToken;

  /** A block that an older sequence is about to compute and this one waits to share, or null. */
  PrefixNode awaited;

  final SequenceBlocks blocks = new SequenceBlocks();

  private Sequence(
      long id, int[] tokens, int maxLength, boolean scoring, int scoredFrom, int adapter) {
    if (tokens.length == 0) {
      throw new IllegalArgumentException("a sequence has at least one token");
    }
    this.id = id;
    this.tokens = tokens.clone();
    this.length = tokens.length;
    this.promptLength = tokens.length;
    this.maxLength = maxLength;
    this.scoring = scoring;
    this.scoredFrom = scoredFrom;
    this.adapter = adapter;
  }

  /**
   * A sequence that samples up to maxNewTokens, at least 1, after a prompt of at least one token,
   * which is copied. The id is the caller's name for it.
   */
  public static Sequence generating(long id, int[] prompt, int maxNewTokens) {
    return generating(id, prompt, maxNewTokens, 0);
  }

  /** As above, computed with an adapter. */
  public static Sequence generating(long id, int[] prompt, int maxNewTokens, int adapter) {
    if (maxNewTokens < 1) {
      throw new IllegalArgumentException("maxNewTokens is " + maxNewTokens);
    }
    int maxLength = (int) Math.min(Integer.MAX_VALUE, (long) prompt.length + maxNewTokens);
    return new Sequence(id, prompt, maxLength, false, 0, adapter);
  }

  /**
   * A sequence that samples nothing: it yields one logits row for every position from {@code
   * logitsFrom} on, each exactly once and in order, and finishes with the last one. Its tokens, at
   * least one, are copied.
   */
  public static Sequence scoring(long id, int[] tokens, int logitsFrom) {
    return scoring(id, tokens, logitsFrom, 0);
  }

  /** As above, computed with an adapter. */
  public static Sequence scoring(long id, int[] tokens, int logitsFrom, int adapter) {
    if (logitsFrom < 0 || logitsFrom >= tokens.length) {
      throw new IllegalArgumentException(
          "logitsFrom is " + logitsFrom + " of " + tokens.length + " tokens");
    }
    return new Sequence(id, tokens, tokens.length, true, logitsFrom, adapter);
  }

  public long id() {
    return id;
  }

  /**
   * 0, or the number of the adapter that changes this sequence's keys and values: sequences share
   * them only where this is the same.
   */
  public int adapter() {
    return adapter;
  }

  /** Known tokens. */
  public int length() {
    return length;
  }

  public int promptLength() {
    return promptLength;
  }

  /** Most tokens that this sequence may come to have. */
  public int maxLength() {
    return maxLength;
  }

  public int token(int position) {
    if (position >= length) {
      throw new IndexOutOfBoundsException(position);
    }
    return tokens[position];
  }

  public boolean isScoring() {
    return scoring;
  }

  /** Whether the scheduler is done with this sequence, for whatever reason. */
  public boolean isFinished() {
    return state == State.FINISHED;
  }

  /** Prompt tokens that another sequence had computed when this one was first admitted. */
  public int cachedTokens() {
    return Math.max(0, cachedTokens);
  }

  void append(int... source) {
    int count = source.length;
    if (length + (long) count > maxLength) {
      throw new IllegalArgumentException(
          "sequence " + id + " grows to " + (length + (long) count) + " of " + maxLength);
    }
    if (length + count > tokens.length) {
      long grown = Math.max(length + (long) count, tokens.length * 3L / 2 + 16);
      tokens = Arrays.copyOf(tokens, (int) Math.min(grown, maxLength));
    }
    System.arraycopy(source, 0, tokens, length, count);
    length += count;
    awaitsToken = false;
  }

  void appendPending(int standIn) {
    append(standIn);
    pending = true;
  }

  /** Puts the token in the place of its stand-in. */
  void resolve(int token) {
    tokens[length - 1] = token;
    pending = false;
  }

  /** Whether the last token is a stand-in; see {@link Scheduler#appendPending}. */
  public boolean isPending() {
    return pending;
  }

  /** Tokens whose values are known: all but a stand-in at the end. */
  int knownLength() {
    return pending ? length - 1 : length;
  }

  /** The backing array of the known tokens, valid in [0, length). */
  int[] tokens() {
    return tokens;
  }

  int remaining() {
    return length - computed;
  }

  /** First position that must be computed even if it is cached, since its logits are wanted. */
  int logitsFrom() {
    return scoring ? scoredFrom : length - 1;
  }

  void onAdmitted(int hitTokens) {
    state = State.RUNNING;
    computed = hitTokens;
    decoding = false;
    awaited = null;
    if (cachedTokens < 0) {
      cachedTokens = hitTokens;
    }
  }

  void onPreempted() {
    state = State.WAITING;
    computed = 0;
    decoding = false;
  }

  void onComputed(int count) {
    computed += count;
    scoredFrom = Math.max(scoredFrom, computed);
    decoding |= computed == length;
    awaitsToken = computed == length && !scoring;
  }
}
