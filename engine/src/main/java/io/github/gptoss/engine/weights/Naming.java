package io.github.gptoss.engine.weights;

import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The two families of tensor names. */
enum Naming {
  HUGGING_FACE("model.layers."),
  ORIGINAL("block.");

  private static final Map<Naming, Map<String, TensorRole>> ROLES =
      Map.of(HUGGING_FACE, roles(HUGGING_FACE), ORIGINAL, roles(ORIGINAL));

  /** A tensor that the family knows; {@code layer} is 0 where the role is not in a layer. */
  record Place(TensorRole role, int layer) {}

  private final String layerPrefix;
  private final Pattern layerName;

  Naming(String layerPrefix) {
    this.layerPrefix = layerPrefix;
    this.layerName = Pattern.compile(Pattern.quote(layerPrefix) + "(0|[1-9][0-9]{0,8})\\.(.+)");
  }

  private static Map<String, TensorRole> roles(Naming naming) {
    return Arrays.stream(TensorRole.values())
        .filter(naming::has)
        .collect(Collectors.toUnmodifiableMap(role -> role.suffix(naming), role -> role));
  }

  boolean has(TensorRole role) {
    return role.suffix(this) != null;
  }

  String name(TensorRole role, int layer) {
    return role.inLayer() ? layerPrefix + layer + "." + role.suffix(this) : role.suffix(this);
  }

  Optional<Place> place(String name) {
    Matcher inLayer = layerName.matcher(name);
    boolean matches = inLayer.matches();
    TensorRole role = ROLES.get(this).get(matches ? inLayer.group(2) : name);
    return role == null || role.inLayer() != matches
        ? Optional.empty()
        : Optional.of(new Place(role, matches ? Integer.parseInt(inLayer.group(1)) : 0));
  }
}
