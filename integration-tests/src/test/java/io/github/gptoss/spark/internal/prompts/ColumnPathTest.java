package io.github.gptoss.spark.internal.prompts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.gptoss.engine.error.InvalidConfigException;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ColumnPathTest {
  private static final StructType TABLE =
      new StructType()
          .add("id", DataTypes.LongType)
          .add("a.b", DataTypes.StringType)
          .add("a", struct("b", DataTypes.LongType))
          .add("x.y", struct("z", struct("d.e", DataTypes.DateType)))
          .add("tick`ed", DataTypes.BooleanType)
          .add("tags", DataTypes.createArrayType(struct("name", DataTypes.StringType)));

  private static StructType struct(String field, DataType type) {
    return new StructType().add(field, type);
  }

  @ParameterizedTest
  @CsvSource({
    "id, `id`, bigint",
    "ID, `id`, bigint",
    "a.b, `a.b`, string",
    "`a`.b, `a`.`b`, bigint",
    "`a.b`, `a.b`, string",
    "`x.y`.z.`d.e`, `x.y`.`z`.`d.e`, date",
    "`X.Y`.Z, `x.y`.`z`, struct<d.e:date>",
    "tick`ed, `tick``ed`, boolean",
    "`tick``ed`, `tick``ed`, boolean"
  })
  void findsColumnsAndFieldsAsSparkNamesThem(String name, String quoted, String type) {
    ColumnPath found = ColumnPath.find(TABLE, name, false).orElseThrow();
    assertThat(found.quoted()).isEqualTo(quoted);
    assertThat(found.type().simpleString()).isEqualTo(type);
  }

  @ParameterizedTest
  @ValueSource(strings = {"x.y.z", "id.z", "none", "`x.y`.none", "tags.name"})
  void findsNothingWhereThereIsNone(String name) {
    assertThat(ColumnPath.find(TABLE, name, false)).isEmpty();
  }

  @Test
  void tellsCasesApartWhereSparkDoes() {
    assertThat(ColumnPath.find(TABLE, "ID", true)).isEmpty();
    assertThat(ColumnPath.find(TABLE, "id", true)).isPresent();
  }

  @ParameterizedTest
  @ValueSource(strings = {"`x.y", "`x.y`z", "a..b"})
  void refusesWhatIsNoNameInOneLine(String name) {
    assertThatExceptionOfType(InvalidConfigException.class)
        .isThrownBy(() -> ColumnPath.find(TABLE, name, false))
        .withMessageContaining("'" + name + "' is not the name of a column")
        .satisfies(e -> assertThat(e.getMessage()).doesNotContain("\n"));
  }

  @Test
  void refusesFieldsThatOccurTwice() {
    StructType twice = TABLE.add("s", struct("f", DataTypes.LongType).add("F", DataTypes.LongType));
    assertThatExceptionOfType(InvalidConfigException.class)
        .isThrownBy(() -> ColumnPath.find(twice, "s.f", false))
        .withMessageContaining("'f' occurs more than once");
    assertThat(ColumnPath.find(twice, "s.f", true)).isPresent();
  }
}
