package io.github.gptoss.spark.journal;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.apache.arrow.vector.Float4Vector;
import org.apache.arrow.vector.IntVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.complex.ListVector;

/** Reads and writes list columns as what Java has for them; rows are written in ascending order. */
final class Lists {
  private final VectorSchemaRoot root;

  Lists(VectorSchemaRoot root) {
    this.root = root;
  }

  private ListVector list(String name) {
    return (ListVector) root.getVector(name);
  }

  void setInts(String name, int row, int[] values) {
    ListVector list = list(name);
    IntVector elements = (IntVector) list.getDataVector();
    int at = list.startNewValue(row);
    for (int value : values) {
      elements.setSafe(at++, value);
    }
    list.endValue(row, values.length);
  }

  int[] ints(String name, int row) {
    ListVector list = list(name);
    IntVector elements = (IntVector) list.getDataVector();
    int from = list.getElementStartIndex(row);
    int[] values = new int[list.getElementEndIndex(row) - from];
    for (int i = 0; i < values.length; i++) {
      values[i] = elements.get(from + i);
    }
    return values;
  }

  void setReals(String name, int row, List<Float> values) {
    ListVector list = list(name);
    Float4Vector elements = (Float4Vector) list.getDataVector();
    int at = list.startNewValue(row);
    for (float value : values) {
      elements.setSafe(at++, value);
    }
    list.endValue(row, values.size());
  }

  float[] reals(String name, int row) {
    ListVector list = list(name);
    Float4Vector elements = (Float4Vector) list.getDataVector();
    int from = list.getElementStartIndex(row);
    float[] values = new float[list.getElementEndIndex(row) - from];
    for (int i = 0; i < values.length; i++) {
      values[i] = elements.get(from + i);
    }
    return values;
  }

  void setTexts(String name, int row, List<String> values) {
    ListVector list = list(name);
    VarCharVector elements = (VarCharVector) list.getDataVector();
    int at = list.startNewValue(row);
    for (String value : values) {
      setText(elements, at++, value);
    }
    list.endValue(row, values.size());
  }

  List<String> texts(String name, int row) {
    ListVector list = list(name);
    VarCharVector elements = (VarCharVector) list.getDataVector();
    List<String> values = new ArrayList<>();
    for (int i = list.getElementStartIndex(row); i < list.getElementEndIndex(row); i++) {
      values.add(text(elements, i));
    }
    return values;
  }

  static void setText(VarCharVector vector, int row, String text) {
    if (text == null) {
      vector.setNull(row);
    } else {
      vector.setSafe(row, text.getBytes(StandardCharsets.UTF_8));
    }
  }

  static String text(VarCharVector vector, int row) {
    return vector.isNull(row) ? null : new String(vector.get(row), StandardCharsets.UTF_8);
  }
}
