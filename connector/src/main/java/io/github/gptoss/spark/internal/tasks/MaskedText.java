package io.github.gptoss.spark.internal.tasks;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.Literal;
import org.apache.spark.sql.catalyst.expressions.codegen.CodegenContext;
import org.apache.spark.sql.catalyst.expressions.codegen.CodegenFallback;
import org.apache.spark.sql.catalyst.expressions.codegen.ExprCode;
import org.apache.spark.sql.catalyst.util.ArrayData;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.unsafe.types.UTF8String;
import scala.collection.immutable.IndexedSeq;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;

/** A text with the parts replaced that the answer of {@code gptoss_mask} names. */
public final class MaskedText extends Expression implements CodegenFallback, Serializable {
  private static final long serialVersionUID = 1L;

  private final Expression content;
  private final Expression parts;

  /**
   * @param content a string
   * @param parts an array of structs with label and text, both strings
   */
  public MaskedText(Expression content, Expression parts) {
    this.content = content;
    this.parts = parts;
  }

  @Override
  public Seq<Expression> children() {
    return CollectionConverters.asScala(List.of(content, parts)).toSeq();
  }

  @Override
  public DataType dataType() {
    return DataTypes.StringType;
  }

  @Override
  public boolean nullable() {
    return true;
  }

  @Override
  public boolean foldable() {
    return content.foldable() && parts.foldable();
  }

  @Override
  public Object eval(InternalRow row) {
    Object text = content.eval(row);
    ArrayData named = (ArrayData) parts.eval(row);
    if (text == null || named == null) {
      return null;
    }
    StructType type = (StructType) ((ArrayType) parts.dataType()).elementType();
    int label = type.fieldIndex(TaskForms.LABEL);
    int part = type.fieldIndex(TaskForms.TEXT);
    List<Masking.Span> spans = new ArrayList<>();
    for (int i = 0; i < named.numElements(); i++) {
      InternalRow span = named.getStruct(i, type.length());
      spans.add(new Masking.Span(span.getUTF8String(label), span.getUTF8String(part)));
    }
    return Masking.mask((UTF8String) text, spans);
  }

  @Override
  public ExprCode doGenCode(CodegenContext context, ExprCode code) {
    return CodegenFallback.super.doGenCode(context, code);
  }

  @Override
  public Expression withNewChildrenInternal(IndexedSeq<Expression> children) {
    return new MaskedText(children.apply(0), children.apply(1));
  }

  /** Without the text, where it is a constant, since nothing prints prompts. */
  @Override
  public String toString() {
    return "gptoss_mask("
        + (content instanceof Literal ? "string" : content.toString())
        + ", "
        + parts
        + ")";
  }

  @Override
  public int productArity() {
    return 2;
  }

  @Override
  public Object productElement(int index) {
    return index == 0 ? content : parts;
  }

  @Override
  public boolean canEqual(Object other) {
    return other instanceof MaskedText;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof MaskedText masked
        && masked.content.equals(content)
        && masked.parts.equals(parts);
  }

  @Override
  public int hashCode() {
    return 31 * content.hashCode() + parts.hashCode();
  }
}
