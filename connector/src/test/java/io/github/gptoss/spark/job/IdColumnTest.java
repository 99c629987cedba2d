package io.github.gptoss.spark.job;

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
    assertThat(IdColumn.find(TABLE, null).quoted()).isEqualTo("`Id`");
    IdColumn field = IdColumn.find(TABLE, "order.ID");
    assertThat(field.quoted()).isEqualTo("`order`.`id`");
    assertThat(field.type()).isEqualTo(DataTypes.StringType);
    assertThat(IdColumn.find(TABLE, "order.no").quoted()).isEqualTo("`order.no`");
    assertThat(IdColumn.find(new StructType().add("x", DataTypes.LongType), null)).isNull();
    assertThatExceptionOfType(InvalidConfigException.class)
        .isThrownBy(() -> IdColumn.find(TABLE, "order.key"))
        .withMessageContaining("--id-col names column 'order.key'");
  }

  @Test
  void anOutputHasToHaveItWithTheSameType() {
    IdColumn id = IdColumn.find(TABLE, null);
    StructType strings = new StructType().add("id", DataTypes.StringType);
    assertThat(id.alsoIn(TABLE, "out", true)).isEqualTo(id);
    assertThatExceptionOfType(InvalidConfigException.class)
        .isThrownBy(() -> id.alsoIn(strings, "out", false))
        .withMessageContaining("BIGINT in output 'out' and STRING in the input");
    StructType other = new StructType().add("key", DataTypes.LongType);
    assertThat(id.alsoIn(other, "out", false)).isNull();
    assertThatExceptionOfType(InvalidConfigException.class)
        .isThrownBy(() -> id.alsoIn(other, "out", true))
        .withMessageContaining("does not have");
  }
}
