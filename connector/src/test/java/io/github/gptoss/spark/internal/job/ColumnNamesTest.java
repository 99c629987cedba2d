package io.github.gptoss.spark.internal.job;

import static org.assertj.core.api.Assertions.assertThat;

import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ColumnNamesTest {
  private static StructType column(String name) {
    return new StructType().add("id", DataTypes.LongType).add(name, DataTypes.StringType);
  }

  @ParameterizedTest
  @ValueSource(strings = {" ", "a b", "a,b", "a;", "{a", "a}", "(", ")", "a\nb", "a\tb", "a=b"})
  void findsNamesThatDeltaRefusesAtAnyDepth(String name) {
    assertThat(ColumnNames.firstOdd(column(name))).isEqualTo(name);
    StructType deep =
        new StructType()
            .add("a", DataTypes.createArrayType(column(name)))
            .add("m", DataTypes.createMapType(DataTypes.StringType, column("other odd")));
    assertThat(ColumnNames.firstOdd(deep)).isEqualTo(name);
    assertThat(
            ColumnNames.firstOdd(
                new StructType()
                    .add("m", DataTypes.createMapType(column(name), DataTypes.LongType))))
        .isEqualTo(name);
  }

  @Test
  void takesAllOthers() {
    assertThat(ColumnNames.firstOdd(column("ä.b-c:d/e`f[0]"))).isNull();
    assertThat(ColumnNames.firstOdd(DataTypes.createArrayType(DataTypes.LongType))).isNull();
  }
}
