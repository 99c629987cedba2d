package io.github.gptoss.engine.constraint;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.gptoss.engine.error.ConstraintException;
import io.github.gptoss.engine.harmony.Content;
import io.github.gptoss.engine.harmony.Conversation;
import io.github.gptoss.engine.harmony.DeveloperContent;
import io.github.gptoss.engine.harmony.Message;
import io.github.gptoss.engine.harmony.SystemContent;
import io.github.gptoss.engine.harmony.ToolDescription;
import io.github.gptoss.engine.harmony.ToolNamespace;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * What a request says of the forms of the model's turn: of its final answer, and of the arguments
 * with which it calls functions.
 *
 * @param answer null where the final answer may have any form
 * @param functions what may be called, by the names in messages' headers
 * @param probabilities which probabilities of the answer's values are wanted
 */
public record TurnSpec(
    ConstraintSpec answer, List<Function> functions, ChoiceProbabilities probabilities) {
  private static final ObjectNode NO_PARAMETERS =
      JsonNodeFactory.instance
          .objectNode()
          .put("type", "object")
          .put("additionalProperties", false);

  /** A turn of which nothing is guaranteed. */
  public static final TurnSpec FREE = new TurnSpec(null, List.of());

  /**
   * A function that the model may call.
   *
   * @param recipient such as {@code functions.get_weather}
   * @param arguments null where the arguments may have any form
   */
  public record Function(String recipient, ConstraintSpec arguments) {
    public Function {
      Objects.requireNonNull(recipient, "recipient");
    }
  }

  public TurnSpec {
    functions = List.copyOf(functions);
  }

  /** A turn of which no probabilities are asked for. */
  public TurnSpec(ConstraintSpec answer, List<Function> functions) {
    this(answer, functions, ChoiceProbabilities.NONE);
  }

  /**
   * The turn that answers a conversation: its functions and built-in tools may be called, and the
   * arguments of strict functions fit their parameters.
   *
   * @param answer null where the final answer may have any form
   * @throws ConstraintException if a strict function's parameters are longer than is compiled
   */
  public static TurnSpec of(Conversation conversation, ConstraintSpec answer) {
    List<Function> functions = new ArrayList<>();
    for (Message message : conversation.messages()) {
      for (Content content : message.content()) {
        if (content instanceof SystemContent system) {
          system.tools().values().forEach(tools -> add(tools, functions));
        } else if (content instanceof DeveloperContent developer) {
          developer.tools().values().forEach(tools -> add(tools, functions));
        }
      }
    }
    return new TurnSpec(answer, functions);
  }

  /** The same turn, with other probabilities wanted. */
  public TurnSpec with(ChoiceProbabilities wanted) {
    return new TurnSpec(answer, functions, wanted);
  }

  private static void add(ToolNamespace namespace, List<Function> functions) {
    if (namespace.tools().isEmpty()) {
      functions.add(new Function(namespace.name(), null));
    }
    for (ToolDescription tool : namespace.tools()) {
      functions.add(
          new Function(
              namespace.name() + "." + tool.name(), tool.strict() ? arguments(tool) : null));
    }
  }

  private static ConstraintSpec arguments(ToolDescription tool) {
    return ConstraintSpec.ofSchema(
        tool.parameters() == null ? NO_PARAMETERS : tool.parameters(), true);
  }

  /** Whether anything is guaranteed. */
  public boolean isConstrained() {
    return answer != null || functions.stream().anyMatch(f -> f.arguments() != null);
  }
}
