package io.github.gptoss.engine;

import io.github.gptoss.engine.backend.SampleRow;
import io.github.gptoss.engine.harmony.CallIds;
import io.github.gptoss.engine.harmony.Completion;
import io.github.gptoss.engine.harmony.MessageKind;
import io.github.gptoss.engine.harmony.ParseMode;
import io.github.gptoss.engine.harmony.Role;
import io.github.gptoss.engine.harmony.StreamableParser;
import io.github.gptoss.engine.harmony.ToolCall;
import io.github.gptoss.engine.model.ModelConfig;
import io.github.gptoss.engine.sampling.SampledLogprobs;
import io.github.gptoss.engine.sampling.TokenDetails;
import io.github.gptoss.engine.sampling.TokenHistory;
import io.github.gptoss.engine.sampling.TokenLogprob;
import io.github.gptoss.engine.sampling.TokenWeights;
import io.github.gptoss.engine.scheduler.Sequence;
import io.github.gptoss.engine.tokenizer.SpecialTokens;
import io.github.gptoss.engine.tokenizer.TokenList;
import io.github.gptoss.engine.tokenizer.Tokenizer;
import io.github.gptoss.engine.tokenizer.Utf8Decoder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;

/** What a request in the engine has generated; all but the future is the engine thread's. */
final class InFlight implements LogitsUser {
  private final GenerationRequest request;
  private final CompletableFuture<GenerationResult> future = new CompletableFuture<>();
  private final Sequence sequence;
  private final TokenHistory history;
  private final List<Integer> eosTokens;
  private final int maxTokens;

  private final TokenList output = new TokenList();
  private final List<TokenLogprobs> logprobs = new ArrayList<>();
  private final StreamableParser parser; // null for raw requests
  private final Utf8Decoder rawDecoder = new Utf8Decoder();
  private final StopStrings stops;
  private final LoopDetector loops;
  private final ReasoningBudget budget; // null for no limit
  private final ConstrainedTurn turn; // null where any token may follow any other
  private final AnswerOdds odds; // null where there are none
  private int reasoningTokens;
  private boolean hasSampled;

  /** Whether the answer has begun. */
  private boolean answers;

  /** Whether the message whose text goes on may be part of the response. */
  private boolean responds;

  /** How many of the output's tokens the sequence knows. */
  private int handedOver;

  /** The started step whose token for this request is not wanted. */
  private Object ignored;

  /**
   * @param form null where nothing of the turn is constrained
   * @param adapter see {@link Sequence#adapter}
   */
  InFlight(
      long id,
      GenerationRequest request,
      CompiledTurn form,
      int[] prompt,
      int adapter,
      ModelConfig model,
      EngineInfo info) {
    this.request = request;
    turn = form == null ? null : new ConstrainedTurn(form.grammar());
    odds = form == null || form.watched().paths().isEmpty() ? null : new AnswerOdds(form);
    maxTokens = Math.min(request.maxTokens(), info.maxModelLen() - prompt.length);
    sequence = Sequence.generating(id, prompt, maxTokens, adapter);
    eosTokens = model.eosTokenIds();
    parser =
        request.isHarmony() ? new StreamableParser(Role.ASSISTANT, ParseMode.BEST_EFFORT) : null;
    stops = new StopStrings(request.stop());
    loops = new LoopDetector(request.loopDetectionTokens());
    budget =
        request.maxReasoningTokens() < 0
            ? null
            : new ReasoningBudget(request.maxReasoningTokens(), maxTokens);
    if (request.sampling().usesHistory()) {
      history = new TokenHistory(info.vocabSize());
      history.addPrompt(prompt);
    } else {
      history = null;
    }
  }

  CompletableFuture<GenerationResult> future() {
    return future;
  }

  Sequence sequence() {
    return sequence;
  }

  @Override
  public void prepareSampling(ExecutorService workers) {
    if (turn != null) {
      turn.prepare(workers);
    }
  }

  @Override
  public SampleRow sampling() {
    return new SampleRow(
        request.sampling(),
        history,
        sequence.length(),
        turn == null ? null : turn.allowed(),
        leastProbability());
  }

  /** The least probability of a token that is to be told of at the place of the next one. */
  private double leastProbability() {
    return odds != null && turn.inAnswer() != null
        ? odds.leastProbability()
        : SampleRow.NOT_WEIGHED;
  }

  /** Null where the probabilities of values are not wanted. */
  AnswerOdds odds() {
    return odds;
  }

  /** The prompt, so many of the output's tokens, and others behind them. */
  int[] tokens(int outputTokens, int[] more) {
    int known = sequence.promptLength() + outputTokens;
    int[] tokens = Arrays.copyOf(prompt(), known + more.length);
    System.arraycopy(
        output.copyOfRange(0, outputTokens), 0, tokens, known - outputTokens, outputTokens);
    System.arraycopy(more, 0, tokens, known, more.length);
    return tokens;
  }

  /** Whether the token after the one being chosen is wanted for sure, unless the sequence ends. */
  boolean wantsTwoMore() {
    return output.size() + 1 < maxTokens;
  }

  /** Whether a token has been sampled, so that the prompt has been computed. */
  boolean hasSampled() {
    return hasSampled;
  }

  int outputTokens() {
    return output.size();
  }

  /**
   * Takes the tokens that come before the first that is sampled; returns why the last of them is
   * the last of all, or null.
   */
  FinishReason begin() {
    return takeOnly(null);
  }

  /** Takes the next sampled token and what must follow it; returns why it is the last, or null. */
  FinishReason accept(int token, TokenDetails details) {
    hasSampled = true;
    return takeOnly(advance(token, details));
  }

  /**
   * Takes tokens as long as nothing but they can follow, which no logits are needed to know. A
   * request that asks for log-probabilities needs the logits all the same.
   *
   * @param reason why the token before is the last; null where it is not
   */
  private FinishReason takeOnly(FinishReason reason) {
    FinishReason last = reason;
    while (last == null && turn != null && request.sampling().logprobs() < 0) {
      int only = turn.only();
      if (only < 0) {
        return null;
      }
      last = advance(only, certain(only));
    }
    return last;
  }

  /** What is told of a token that nothing but it could be. */
  private TokenDetails certain(int token) {
    return leastProbability() == SampleRow.NOT_WEIGHED
        ? null
        : new TokenDetails(null, new TokenWeights(new int[] {token}, new double[] {1}, 1));
  }

  /** Takes a token and what the engine itself puts behind it. */
  private FinishReason advance(int token, TokenDetails details) {
    if (turn != null) {
      turn.take(token, odds, details, output.size());
    }
    FinishReason reason = take(token, details == null ? null : details.logprobs());
    if (reason != null || budget == null) {
      return reason;
    }
    int[] forced = budget.forced(parser, output.size(), reasoningTokens, answers);
    if (forced.length > 0) {
      parser.discardIncompleteCharacter();
      if (turn != null) {
        turn.openAnswer();
      }
    }
    for (int i = 0; i < forced.length && reason == null; i++) {
      reason = take(forced[i], null);
    }
    return reason;
  }

  /** Makes what a step chooses for this request be passed over. */
  void ignore(Object step) {
    ignored = step;
  }

  /** Whether what the step chooses is this request's next token. */
  boolean awaits(Object step) {
    return ignored != step;
  }

  /** Whether there are output tokens that the sequence does not know. */
  boolean hasFresh() {
    return handedOver < output.size();
  }

  /** The sequence knows so many more of the output's tokens. */
  void handedOver(int count) {
    handedOver += count;
  }

  /** Output tokens that the sequence does not know yet. */
  int[] handOver() {
    int[] fresh = output.copyOfRange(handedOver, output.size());
    handedOver = output.size();
    return fresh;
  }

  private FinishReason take(int token, SampledLogprobs sampled) {
    output.add(token);
    if (history != null) {
      history.addOutput(token);
    }
    if (request.sampling().logprobs() >= 0) {
      logprobs.add(sampled == null ? forced(token) : logprobs(sampled));
    }
    String delta = text(token);
    if (request.listener() != null) {
      request.listener().onToken(token, parser == null ? null : parser.currentKind(), delta);
    }
    if (!request.ignoreEos()) {
      if (parser != null && token == SpecialTokens.CALL) {
        return FinishReason.TOOL_CALLS;
      }
      if (eosTokens.contains(token) || (parser != null && endsHarmony(token))) {
        return FinishReason.STOP;
      }
    }
    if (stops.found()) {
      return FinishReason.STOP;
    }
    if (output.size() >= maxTokens || loops.found(output)) {
      return FinishReason.LENGTH;
    }
    return null;
  }

  private static boolean endsHarmony(int token) {
    return token == SpecialTokens.RETURN || token == SpecialTokens.END_OF_TEXT;
  }

  /** The content that the token completes; also counts reasoning and looks for stop strings. */
  private String text(int token) {
    if (parser == null) {
      if (stops.isEmpty() && request.listener() == null) {
        return "";
      }
      StringBuilder text = new StringBuilder();
      if (token < Tokenizer.VOCABULARY_SIZE) {
        Tokenizer.o200kHarmony().decode(token, rawDecoder, text);
      }
      stops.append(text);
      return text.toString();
    }
    boolean wasAnalysis = parser.inAnalysis();
    parser.process(isForeignEnd(token) ? SpecialTokens.END_OF_TEXT : token);
    if (wasAnalysis && parser.inAnalysis()) {
      reasoningTokens++;
    }
    String delta = parser.lastContentDelta();
    if (parser.state() != StreamableParser.State.CONTENT) {
      responds = false;
      return "";
    }
    if (delta == null) {
      return "";
    }
    MessageKind kind = parser.currentKind();
    if (kind == MessageKind.ANSWER || (kind == MessageKind.STRAY && !answers)) {
      beginResponse(kind);
      stops.append(delta);
    }
    return delta;
  }

  /** Whether the checkpoint ends sequences with a token that Harmony does not know. */
  private boolean isForeignEnd(int token) {
    return !SpecialTokens.endsMessage(token) && eosTokens.contains(token);
  }

  /** Stop strings are looked for in the response as {@link Completion} puts it together. */
  private void beginResponse(MessageKind kind) {
    if (responds) {
      return;
    }
    responds = true;
    if (kind == MessageKind.ANSWER && !answers) {
      answers = true;
      stops.restart();
    } else if (stops.hasText()) {
      stops.append("\n");
    }
  }

  private static TokenLogprobs logprobs(SampledLogprobs sampled) {
    List<TokenLogprob> top = sampled.top();
    int[] ids = new int[top.size()];
    float[] values = new float[top.size()];
    for (int i = 0; i < ids.length; i++) {
      ids[i] = top.get(i).token();
      values[i] = top.get(i).logprob();
    }
    return new TokenLogprobs(sampled.chosen().token(), sampled.chosen().logprob(), ids, values);
  }

  /** A token that the engine put there was certain. */
  private static TokenLogprobs forced(int token) {
    return new TokenLogprobs(token, 0, new int[0], new float[0]);
  }

  private int[] prompt() {
    int[] prompt = new int[sequence.promptLength()];
    Arrays.setAll(prompt, sequence::token);
    return prompt;
  }

  /** What there is, with the given end. */
  GenerationResult result(FinishReason reason, RequestError error) {
    if (parser == null) {
      return result(reason, error, null, null, null, List.of(), false);
    }
    // That a budget or a caller ends it within a header is no fault of the model's.
    boolean isCut = reason == FinishReason.LENGTH || reason == FinishReason.CANCELLED;
    boolean cutSalvaged = parser.salvaged();
    parser.processEos();
    Completion completion = Completion.of(parser, new CallIds(prompt(), output.toArray()));
    boolean salvaged = isCut ? cutSalvaged : completion.salvaged();
    String response = stops.found() ? stops.textBefore() : completion.response();
    boolean callsNothing = reason == FinishReason.TOOL_CALLS && completion.toolCalls().isEmpty();
    return result(
        callsNothing ? FinishReason.STOP : reason,
        error,
        response,
        completion.reasoning(),
        completion.commentary(),
        completion.toolCalls(),
        salvaged || callsNothing);
  }

  private GenerationResult result(
      FinishReason reason,
      RequestError error,
      String response,
      String reasoning,
      String commentary,
      List<ToolCall> toolCalls,
      boolean salvaged) {
    Usage usage =
        new Usage(sequence.promptLength(), output.size(), reasoningTokens, sequence.cachedTokens());
    return new GenerationResult(
        output.toArray(),
        reason,
        usage,
        response,
        request.turn().answer() == null ? null : formed(reason, response),
        reasoning,
        commentary,
        toolCalls,
        salvaged,
        List.copyOf(logprobs),
        error);
  }

  private FormedAnswer formed(FinishReason reason, String response) {
    if (reason == FinishReason.STOP && odds != null) {
      return new FormedAnswer(response, false, odds.confidence(), odds.probabilities());
    }
    return FormedAnswer.of(
        reason == FinishReason.STOP ? response : null, reason == FinishReason.LENGTH);
  }
}
