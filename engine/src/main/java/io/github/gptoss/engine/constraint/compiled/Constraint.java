package io.github.gptoss.engine.constraint.compiled;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.gptoss.engine.constraint.AnswerType;
import io.github.gptoss.engine.constraint.ConstraintSpec;
import io.github.gptoss.engine.constraint.TurnSpec;
import io.github.gptoss.engine.constraint.grammar.Grammar;
import io.github.gptoss.engine.constraint.grammar.State;
import io.github.gptoss.engine.constraint.lexeme.Lexeme;
import io.github.gptoss.engine.constraint.lexeme.Spelling;
import io.github.gptoss.engine.constraint.lexeme.TextLexemes;
import io.github.gptoss.engine.constraint.mask.LexemeMasks;
import io.github.gptoss.engine.constraint.mask.MaskBuilder;
import io.github.gptoss.engine.constraint.schema.SchemaCompiler;
import io.github.gptoss.engine.constraint.text.LimitExceededException;
import io.github.gptoss.engine.constraint.text.PatternException;
import io.github.gptoss.engine.constraint.text.Patterns;
import io.github.gptoss.engine.constraint.text.Term;
import io.github.gptoss.engine.constraint.text.Terms;
import io.github.gptoss.engine.error.ConstraintException;
import io.github.gptoss.engine.error.ConstraintException.Code;
import io.github.gptoss.engine.json.UntrustedText;
import io.github.gptoss.engine.sampling.TokenSet;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * A compiled constraint: which bytes and which tokens may follow a text. Thread-safe, and shared by
 * all rows that have the same specification.
 */
public final class Constraint {
  private final Grammar grammar;
  private final boolean isOfObjects;
  private final Set<String> ignored;

  private Constraint(Grammar grammar, boolean isOfObjects, Set<String> ignored) {
    this.grammar = grammar;
    this.isOfObjects = isOfObjects;
    this.ignored = Set.copyOf(ignored);
  }

  /**
   * Compiles a specification.
   *
   * @throws ConstraintException if it is wrong, cannot be guaranteed, is beyond a limit, or no text
   *     fits
   */
  public static Constraint compile(ConstraintSpec spec) {
    try {
      return compiled(spec);
    } catch (StackOverflowError | ArithmeticException e) {
      throw tooDeep();
    }
  }

  /** Of nesting or of numbers that no other limit has caught. */
  private static ConstraintException tooDeep() {
    return new ConstraintException(
        Code.UNSUPPORTED_SCHEMA,
        "",
        "",
        "the form of the answer is nested too deep, or has a number that is too large or too"
            + " fine. Make it simpler.");
  }

  private static Constraint compiled(ConstraintSpec spec) {
    if (spec.kind() == ConstraintSpec.Kind.JSON_SCHEMA) {
      SchemaCompiler.Result result = SchemaCompiler.compile(spec.json(), spec.allowsSpaces());
      return new Constraint(result.grammar(), result.isOfObjects(), result.ignored());
    }
    Terms terms = new Terms();
    String parameter = spec.kind() == ConstraintSpec.Kind.REGEX ? "regex" : "choice";
    try {
      Term term =
          spec.kind() == ConstraintSpec.Kind.REGEX
              ? Patterns.whole(terms, spec.definition())
              : choices(terms, spec.json());
      Lexeme start = new TextLexemes(terms).start(Spelling.RAW, term, 0, TextLexemes.UNBOUNDED);
      if (start == null) {
        throw new ConstraintException(
            Code.UNSATISFIABLE_SCHEMA,
            parameter,
            "",
            "no text matches " + parameter + ". Loosen it.");
      }
      terms.seal();
      return new Constraint(Grammar.ofText(start), false, Set.of());
    } catch (PatternException e) {
      throw invalid(
          parameter,
          (e.isUnsupported() ? "cannot be guaranteed: " : "") + "it holds " + e.getMessage());
    } catch (LimitExceededException e) {
      throw invalid(parameter, "is beyond a limit: " + e.getMessage());
    }
  }

  private static ConstraintException invalid(String parameter, String problem) {
    return new ConstraintException(
        Code.INVALID_REQUEST, parameter, "", parameter + " " + problem + ". Mend the request.");
  }

  private static Term choices(Terms terms, JsonNode choices) {
    List<String> texts = new ArrayList<>();
    choices.forEach(choice -> texts.add(choice.textValue()));
    return terms.anyOf(texts);
  }

  /**
   * The type that the answers of a form have in common. It says nothing of whether there are any.
   *
   * @throws ConstraintException if a schema is wrong or cannot be guaranteed
   */
  public static AnswerType type(ConstraintSpec spec) {
    if (spec.kind() == ConstraintSpec.Kind.JSON_SCHEMA) {
      try {
        return SchemaCompiler.type(spec.json());
      } catch (StackOverflowError | ArithmeticException e) {
        throw tooDeep();
      }
    }
    return AnswerType.scalar(AnswerType.Kind.TEXT, spec.kind() == ConstraintSpec.Kind.CHOICE);
  }

  /**
   * Requires that only objects fit, as the arguments of a function are.
   *
   * @throws ConstraintException {@code invalid_request} if other values fit too
   */
  public Constraint requireObjects(TurnSpec.Function function) {
    if (!isOfObjects) {
      throw new ConstraintException(
          Code.INVALID_REQUEST,
          "parameters",
          "",
          "parameters of the strict function "
              + UntrustedText.quote(function.recipient())
              + " let values pass that are no objects. Give them the type object.");
    }
    return this;
  }

  /** Keywords and formats of the schema that say nothing that is enforced. */
  public Set<String> ignored() {
    return ignored;
  }

  /** The state before the first byte. */
  public State start() {
    return grammar.start();
  }

  /** The state after some bytes; null if no text goes on with them. */
  public State next(State state, byte[] bytes) {
    try {
      State next = state;
      for (int i = 0; next != null && i < bytes.length; i++) {
        next = grammar.next(next, bytes[i] & 0xFF);
      }
      return next;
    } catch (LimitExceededException e) {
      throw beyondLimit(e.getMessage());
    } catch (StackOverflowError e) {
      throw beyondLimit("it is nested too deep");
    }
  }

  /** Whether the text read so far is complete. */
  public boolean isComplete(State state) {
    return grammar.isComplete(state);
  }

  /** Whether the text read so far is complete and no other goes on with it. */
  public boolean isLast(State state) {
    if (!isComplete(state)) {
      return false;
    }
    byte[] following = new byte[1];
    for (int b = 0; b <= 0xFF; b++) {
      following[0] = (byte) b;
      if (next(state, following) != null) {
        return false;
      }
    }
    return true;
  }

  /**
   * The ordinary tokens that may follow, exactly: with each of them some text goes on.
   *
   * @param lexemes what is known of the constraint's strings and numbers, and is kept of them
   */
  public TokenSet mask(State state, LexemeMasks lexemes) {
    try {
      return MaskBuilder.mask(grammar, state, lexemes);
    } catch (LimitExceededException e) {
      throw beyondLimit(e.getMessage());
    } catch (StackOverflowError e) {
      throw beyondLimit("it is nested too deep");
    }
  }

  private static ConstraintException beyondLimit(String limit) {
    return new ConstraintException(
        Code.UNSUPPORTED_SCHEMA,
        "pattern",
        "",
        "the text goes where a pattern is beyond a limit: " + limit + ". Simplify it.");
  }
}
