package io.github.gptoss.engine.constraint.text;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The formats of JSON Schema that are guaranteed: a strict subset of each standard format, which
 * the usual validators accept too.
 */
public final class Formats {
  private static final Set<String> UNSUPPORTED =
      Set.of(
          "idn-email",
          "idn-hostname",
          "iri",
          "iri-reference",
          "uri-reference",
          "uri-template",
          "json-pointer",
          "relative-json-pointer",
          "regex");

  private static final String DATE =
      "(?:(?:[0-9]{4}-(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01]))"
          + "|(?:[0-9]{4}-(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30))"
          + "|(?:[0-9]{4}-02-(?:0[1-9]|1[0-9]|2[0-8]))"
          + "|(?:(?:[0-9]{2}(?:0[48]|[2468][048]|[13579][26])"
          + "|(?:[02468][048]|[13579][26])00)-02-29))";
  private static final String TIME =
      "(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\\.[0-9]{1,9})?"
          + "(?:Z|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])";
  private static final String TIME_PART =
      "T(?:[0-9]+H(?:[0-9]+M(?:[0-9]+S)?)?|[0-9]+M(?:[0-9]+S)?|[0-9]+S)";
  private static final String DURATION =
      "P(?:[0-9]+W|(?:[0-9]+Y(?:[0-9]+M(?:[0-9]+D)?)?|[0-9]+M(?:[0-9]+D)?|[0-9]+D)(?:"
          + TIME_PART
          + ")?|"
          + TIME_PART
          + ")";
  private static final String LABEL = "[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?";
  private static final String HOST = LABEL + "(?:\\." + LABEL + ")*";
  private static final String ATOM = "[A-Za-z0-9!#$%&'*+\\-/=?^_`{|}~]+";
  private static final String EMAIL = ATOM + "(?:\\." + ATOM + ")*@" + HOST;
  private static final String BYTE = "(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])";
  private static final String IPV4 = BYTE + "(?:\\." + BYTE + "){3}";
  private static final String HEX = "[0-9a-fA-F]";
  private static final String UUID =
      HEX + "{8}-" + HEX + "{4}-" + HEX + "{4}-" + HEX + "{4}-" + HEX + "{12}";
  private static final String PATH_CHAR = "(?:[A-Za-z0-9\\-._~!$&'()*+,;=:@]|%[0-9A-Fa-f]{2})";
  private static final String URI =
      "[A-Za-z][A-Za-z0-9+\\-.]*:(?:"
          + "//(?:(?:[A-Za-z0-9\\-._~!$&'()*+,;=:]|%[0-9A-Fa-f]{2})*@)?"
          + "(?:[A-Za-z0-9\\-._~!$&'()*+,;=]|%[0-9A-Fa-f]{2})*(?::[0-9]*)?"
          + "(?:/"
          + PATH_CHAR
          + "*)*"
          + "|/(?:"
          + PATH_CHAR
          + "+(?:/"
          + PATH_CHAR
          + "*)*)?"
          + "|"
          + PATH_CHAR
          + "+(?:/"
          + PATH_CHAR
          + "*)*)"
          + "(?:\\?(?:"
          + PATH_CHAR
          + "|[/?])*)?(?:#(?:"
          + PATH_CHAR
          + "|[/?])*)?";

  /** A text has the format if it matches {@code all} and none of {@code none}, each as a whole. */
  private record Format(List<String> all, List<String> none) {}

  private static final List<String> NO_YEAR_0 = List.of("0000.*");

  private static final Map<String, Format> FORMATS =
      Map.of(
          "date",
          new Format(List.of(DATE), NO_YEAR_0),
          "time",
          new Format(List.of(TIME), List.of()),
          "date-time",
          new Format(List.of(DATE + "T" + TIME), NO_YEAR_0),
          "duration",
          new Format(List.of(DURATION), List.of()),
          "email",
          new Format(
              List.of(EMAIL, "[^@]{1,64}@.*", "[^@]*@[^@]{1,253}"),
              List.of(".*@(?:.*\\.)?[^.@]{2}--.*")),
          "hostname",
          new Format(List.of(HOST, "[^]{1,253}"), List.of("(?:.*\\.)?[^.]{2}--.*")),
          "ipv4",
          new Format(List.of(IPV4), List.of()),
          "ipv6",
          new Format(List.of(ipv6()), List.of()),
          "uuid",
          new Format(List.of(UUID), List.of()),
          "uri",
          new Format(List.of(URI), List.of()));

  private Formats() {}

  /** RFC 3986, rule IPv6address, without zone. */
  private static String ipv6() {
    String group = HEX + "{1,4}";
    String last = "(?:" + group + ":" + group + "|" + IPV4 + ")";
    List<String> forms = new ArrayList<>();
    forms.add("(?:" + group + ":){6}" + last);
    forms.add("::(?:" + group + ":){5}" + last);
    for (int before = 0; before <= 4; before++) {
      forms.add(shortened(group, before) + "(?:" + group + ":){" + (4 - before) + "}" + last);
    }
    forms.add(shortened(group, 5) + group);
    forms.add(shortened(group, 6));
    return String.join("|", forms);
  }

  private static String shortened(String group, int before) {
    return "(?:(?:" + group + ":){0," + before + "}" + group + ")?::";
  }

  /** Whether this is a standard format that cannot be guaranteed. */
  public static boolean isUnsupported(String format) {
    return UNSUPPORTED.contains(format);
  }

  /** The strings that have a format; null for a name that is none of the guaranteed formats. */
  public static Term term(Terms terms, String format) {
    Format known = FORMATS.get(format);
    if (known == null) {
      return null;
    }
    List<Term> parts = new ArrayList<>();
    try {
      for (String all : known.all()) {
        parts.add(Patterns.whole(terms, all));
      }
      for (String none : known.none()) {
        parts.add(terms.not(Patterns.whole(terms, none)));
      }
    } catch (PatternException e) {
      throw new IllegalStateException("format " + format, e);
    }
    return terms.and(parts);
  }

  /** Whether a term is a format that counts characters beside its parts. */
  public static boolean isCounted(Terms terms, Term term) {
    return term == term(terms, "email") || term == term(terms, "hostname");
  }

  /** The names of the guaranteed formats, sorted. */
  public static List<String> names() {
    List<String> names = new ArrayList<>(FORMATS.keySet());
    Collections.sort(names);
    return names;
  }
}
