package io.github.gptoss.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.gptoss.engine.ConstraintProbe;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;

@Command(
    name = "mask",
    description =
        "Lines of {\"schema\" | \"response_format\" | \"structured_outputs\", \"prefix\" |"
            + " \"prefix_hex\", \"ids\"?: true} in, lines of {\"allowed_count\","
            + " \"allowed_sha256\", \"eos_allowed\"} out: the tokens that may follow the prefix.")
final class MaskCommand extends ConstraintCommand {
  MaskCommand() {
    super("prefix", "prefix_hex", "ids");
  }

  @Override
  ObjectNode answer(Fields line, ConstraintProbe probe) {
    boolean hasIds = line.flag("ids", false);
    byte[] prefix = prefix(line);
    ConstraintProbe.Allowed allowed = probe.allowed(ConstraintReader.read(line), prefix);
    ObjectNode answer =
        Json.object()
            .put("allowed_count", allowed.tokens().length)
            .put("allowed_sha256", sha256(allowed.tokens()))
            .put("eos_allowed", allowed.isComplete());
    if (hasIds) {
      answer.set("allowed_ids", Json.array(allowed.tokens()));
    }
    return answer;
  }

  private static byte[] prefix(Fields line) {
    String hex = line.text("prefix_hex");
    if (hex == null) {
      return line.requiredText("prefix").getBytes(StandardCharsets.UTF_8);
    }
    if (line.gives("prefix")) {
      throw CliErrors.conflict("prefix and prefix_hex are given: give one of them");
    }
    try {
      return HexFormat.of().parseHex(hex);
    } catch (IllegalArgumentException e) {
      throw CliErrors.conflict("prefix_hex has to be an even number of hexadecimal digits");
    }
  }

  /** Of the ids in decimal, joined by commas. */
  private static String sha256(int[] tokens) {
    String ids = Arrays.stream(tokens).mapToObj(String::valueOf).collect(Collectors.joining(","));
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      return HexFormat.of().formatHex(digest.digest(ids.getBytes(StandardCharsets.US_ASCII)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JVM has SHA-256", e);
    }
  }
}
