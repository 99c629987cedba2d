package io.github.gptoss.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.gptoss.engine.weights.Checkpoint;
import io.github.gptoss.engine.weights.Inspection;
import io.github.gptoss.engine.weights.Models;
import io.github.gptoss.engine.weights.TensorInfo;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
    name = "inspect",
    description =
        "Checks a checkpoint and shows its layout, its configuration and its tensors. A damaged one"
            + " is refused.")
final class InspectCommand extends SubCommand {
  @Option(names = "--json", description = "As one JSON object.")
  private boolean json;

  @Override
  void run() {
    if (common().model() == null) {
      throw CliErrors.noModel();
    }
    Inspection inspection;
    try (Checkpoint checkpoint = Checkpoint.open(Models.resolve(common().model()))) {
      checkpoint.verifyScales();
      inspection = checkpoint.inspect();
    }
    console().out().print(json ? Json.text(json(inspection)) + "\n" : text(inspection));
  }

  private static ObjectNode json(Inspection inspection) {
    ObjectNode json = Json.object();
    json.put("folder", inspection.folder());
    json.put("layout", inspection.layout().name().toLowerCase(Locale.ROOT));
    json.put("experts", inspection.experts().name().toLowerCase(Locale.ROOT));
    json.put("fingerprint", inspection.fingerprint());
    json.put("files", inspection.files());
    json.put("bytes", inspection.bytes());
    json.put("parameters", inspection.parameters());
    json.set("configuration", ConfigurationJson.of(inspection.config()));
    ArrayNode tensors = json.putArray("tensors");
    for (TensorInfo tensor : inspection.tensors()) {
      ObjectNode entry = tensors.addObject();
      entry.put("name", tensor.name()).put("dtype", tensor.dtype());
      ArrayNode shape = entry.putArray("shape");
      tensor.shape().forEach(shape::add);
      entry.put("bytes", tensor.bytes()).put("file", tensor.file());
    }
    ArrayNode warnings = json.putArray("warnings");
    inspection.warnings().forEach(warnings::add);
    return json;
  }

  private static String text(Inspection inspection) {
    StringBuilder text = new StringBuilder();
    line(text, "folder", inspection.folder());
    line(text, "layout", inspection.layout().description());
    line(text, "experts", inspection.experts());
    line(text, "fingerprint", inspection.fingerprint());
    line(text, "files", inspection.files());
    line(text, "bytes", inspection.bytes());
    line(text, "parameters", inspection.parameters());
    ConfigurationJson.of(inspection.config())
        .properties()
        .forEach(entry -> line(text, entry.getKey(), Json.text(entry.getValue())));
    inspection.warnings().forEach(warning -> line(text, "warning", warning));
    int width =
        inspection.tensors().stream().mapToInt(tensor -> tensor.name().length()).max().orElse(0);
    for (TensorInfo tensor : inspection.tensors()) {
      text.append(tensor.name())
          .append(" ".repeat(width - tensor.name().length()))
          .append("  ")
          .append(tensor.dtype())
          .append("  ")
          .append(tensor.shape())
          .append("  ")
          .append(tensor.bytes())
          .append('\n');
    }
    return text.toString();
  }

  private static void line(StringBuilder text, String name, Object value) {
    text.append(String.format("%-20s %s%n", name, value));
  }
}
