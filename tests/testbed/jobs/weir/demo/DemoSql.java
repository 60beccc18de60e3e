package weir.demo;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.table.api.EnvironmentSettings;
import org.apache.flink.table.api.TableEnvironment;

/**
 * Runs SQL text as one job: --sql "CREATE TABLE …; INSERT INTO …" --name TEXT [--interval MS].
 * Statements end with a semicolon at the end of a line; exactly one of them is an INSERT.
 */
public final class DemoSql {
    private DemoSql() {}

    public static void main(String[] words) {
        Arguments arguments = new Arguments(words, Set.of("sql", "name", "interval"));
        Map<String, String> map = new HashMap<>();
        map.put("pipeline.name", arguments.text("name", "demo-sql"));
        map.put("execution.checkpointing.interval", arguments.number("interval", 10_000) + " ms");
        TableEnvironment env = TableEnvironment.create(EnvironmentSettings.newInstance()
                .inStreamingMode().withConfiguration(Configuration.fromMap(map)).build());
        for (String statement : arguments.text("sql", "").split(";\\s*(\\n|$)")) {
            if (!statement.isBlank()) {
                env.executeSql(statement);
            }
        }
    }
}
