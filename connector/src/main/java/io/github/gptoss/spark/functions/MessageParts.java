package io.github.gptoss.spark.functions;

import io.github.gptoss.spark.schema.MessageList;
import java.io.Serializable;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.UnaryExpression;
import org.apache.spark.sql.catalyst.expressions.codegen.CodegenContext;
import org.apache.spark.sql.catalyst.expressions.codegen.CodegenFallback;
import org.apache.spark.sql.catalyst.expressions.codegen.ExprCode;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.unsafe.types.UTF8String;

/** {@link MessageList#withParts} of a string expression. */
final class MessageParts extends UnaryExpression implements CodegenFallback, Serializable {
  private static final long serialVersionUID = 1L;

  private final Expression messages;

  MessageParts(Expression messages) {
    this.messages = messages;
  }

  @Override
  public Expression child() {
    return messages;
  }

  @Override
  public DataType dataType() {
    return DataTypes.StringType;
  }

  @Override
  public Object nullSafeEval(Object text) {
    return UTF8String.fromString(MessageList.withParts(text.toString()));
  }

  @Override
  public ExprCode doGenCode(CodegenContext context, ExprCode code) {
    return CodegenFallback.super.doGenCode(context, code);
  }

  @Override
  public Expression withNewChildInternal(Expression child) {
    return new MessageParts(child);
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
