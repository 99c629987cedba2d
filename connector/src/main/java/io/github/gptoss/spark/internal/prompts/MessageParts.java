package io.github.gptoss.spark.internal.prompts;

import java.io.Serializable;
import java.util.List;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.codegen.CodegenContext;
import org.apache.spark.sql.catalyst.expressions.codegen.CodegenFallback;
import org.apache.spark.sql.catalyst.expressions.codegen.ExprCode;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.unsafe.types.UTF8String;
import scala.collection.immutable.IndexedSeq;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;

/** {@link MessageList#withParts} of a string expression. */
public final class MessageParts extends Expression implements CodegenFallback, Serializable {
  private static final long serialVersionUID = 1L;

  private final Expression messages;

  /**
   * @param messages what Spark's to_json makes of a column of conversations
   */
  public MessageParts(Expression messages) {
    this.messages = messages;
  }

  @Override
  public Seq<Expression> children() {
    return CollectionConverters.asScala(List.of(messages)).toSeq();
  }

  @Override
  public DataType dataType() {
    return DataTypes.StringType;
  }

  @Override
  public boolean nullable() {
    return messages.nullable();
  }

  @Override
  public boolean foldable() {
    return messages.foldable();
  }

  @Override
  public Object eval(InternalRow row) {
    Object text = messages.eval(row);
    return text == null ? null : UTF8String.fromString(MessageList.withParts(text.toString()));
  }

  @Override
  public ExprCode doGenCode(CodegenContext context, ExprCode code) {
    return CodegenFallback.super.doGenCode(context, code);
  }

  @Override
  public Expression withNewChildrenInternal(IndexedSeq<Expression> children) {
    return new MessageParts(children.apply(0));
  }

  @Override
  public int productArity() {
    return 1;
  }

  @Override
  public Object productElement(int index) {
    return messages;
  }

  @Override
  public boolean canEqual(Object other) {
    return other instanceof MessageParts;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof MessageParts parts && parts.messages.equals(messages);
  }

  @Override
  public int hashCode() {
    return 31 * messages.hashCode() + 1;
  }
}
