package io.github.gptoss.spark.internal.monitor;

import jakarta.servlet.http.HttpServletRequest;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.ui.SparkUITab;
import org.apache.spark.ui.UIUtils;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import scala.Function0;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;
import scala.xml.Node;
import scala.xml.Unparsed;
import scala.xml.Utility;

/**
 * Puts Spark's header around a page. The method that does is internal to Spark and grew a parameter
 * in 4.2, so it is called with as many arguments as this Spark's takes; where even that fails, the
 * page goes without a header.
 */
final class SparkPage {
  private static final Logger LOG = LoggerFactory.getLogger(SparkPage.class);
  private static final String METHOD = "headerSparkPage";

  /** Request, title, content and tab; Spark knows defaults for those behind them. */
  private static final int GIVEN = 4;

  private SparkPage() {}

  /**
   * @param html goes out as it is
   */
  static Seq<Node> around(HttpServletRequest request, String title, String html, SparkUITab tab) {
    Seq<Node> content = nodes(html);
    try {
      return withHeader(request, title, content, tab);
    } catch (ReflectiveOperationException | LinkageError | ClassCastException e) {
      LOG.debug("this Spark's header is unknown", e);
      return plain(title, html);
    }
  }

  @SuppressWarnings("unchecked") // what the method gives in all versions
  private static Seq<Node> withHeader(
      HttpServletRequest request, String title, Seq<Node> content, SparkUITab tab)
      throws ReflectiveOperationException {
    Method header =
        Arrays.stream(UIUtils.class.getMethods())
            .filter(method -> method.getName().equals(METHOD))
            .findFirst()
            .orElseThrow(() -> new NoSuchMethodException(METHOD));
    Function0<Seq<Node>> body = () -> content;
    Object[] arguments = new Object[header.getParameterCount()];
    Object[] given = {request, title, body, tab};
    System.arraycopy(given, 0, arguments, 0, GIVEN);
    for (int i = GIVEN; i < arguments.length; i++) {
      arguments[i] = UIUtils.class.getMethod(METHOD + "$default$" + (i + 1)).invoke(null);
    }
    return (Seq<Node>) header.invoke(null, arguments);
  }

  static Seq<Node> plain(String title, String html) {
    return nodes(
        "<html><head><title>%s</title></head><body><h3>%s</h3>%s</body></html>"
            .formatted(Utility.escape(title), Utility.escape(title), html));
  }

  private static Seq<Node> nodes(String html) {
    return CollectionConverters.asScala(List.<Node>of(new Unparsed(html))).toSeq();
  }
}
