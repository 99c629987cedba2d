package io.github.gptoss.spark.internal.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.gptoss.engine.error.InvalidConfigException;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;

class IdColumnTest {
  private static final StructType TABLE =
      new StructType()
          .add("Id", DataTypes.LongType)
          .add("order", new StructType().add("id", DataTypes.StringType))
          .add("order.no", DataTypes.IntegerType);

  @Test
  void findsColumnsAndFields() {
    assertThat(IdColumn.find(TABLE, null, false).quoted()).isEqualTo("`Id`");
    IdColumn field = IdColumn.find(TABLE, "order.ID", false);
    assertThat(field.quoted()).isEqualTo("`order`.`id`");
    assertThat(field.path().type()).isEqualTo(DataTypes.StringType);
    assertThat(IdColumn.find(TABLE, "order.no", false).quoted()).isEqualTo("`order.no`");
    assertThat(IdColumn.find(new StructType().add("x", DataTypes.LongType), null, false)).isNull();
    assertThatExceptionOfType(InvalidConfigException.class)
        .isThrownBy(() -> IdColumn.find(TABLE, "order.key", false))
        .withMessageContaining("--id-col names column 'order.key'");
  }

  @Test
  void anOutputHasToHaveItWithTheSameType() {
    IdColumn id = IdColumn.find(TABLE, null, false);
    StructType strings = new StructType().add("id", DataTypes.StringType);
    assertThat(id.alsoIn(TABLE, "out", true, false)).isEqualTo(id);
    assertThatExceptionOfType(InvalidConfigException.class)
        .isThrownBy(() -> id.alsoIn(strings, "out", false, false))
        .withMessageContaining("STRING in output 'out' and BIGINT in the input");
    StructType other = new StructType().add("key", DataTypes.LongType);
    assertThat(id.alsoIn(other, "out", false, false)).isNull();
    assertThatExceptionOfType(InvalidConfigException.class)
        .isThrownBy(() -> id.alsoIn(other, "out", true, false))
        .withMessageContaining("does not have");
  }
}
