package weir.counter;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/**
 * Counts events, for ever, in keyed state. One jar for Flink 1.16 to 2.2.
 *
 * <pre>
 * --name TEXT    the job's name
 * --out FILE     where the count is to be read, see CountEvents; the folder is there already
 * --rate N       events a second (0: no limit)
 * --interval MS  between checkpoints; without it as the application or the cluster is configured
 * --retain BOOL  the last checkpoints stay when the job ends
 * --fail FILE    it fails, and is not restarted, once that file is there
 * </pre>
 */
public final class Counter {
    private static final String RELEASE = "1.0";

    private Counter() {}

    public static void main(String[] words) throws Exception {
        Arguments arguments = new Arguments(words, Set.of("name", "out", "rate", "interval", "retain", "fail"));
        Map<String, String> settings = new HashMap<>();
        int interval = arguments.number("interval", 0);
        if (interval > 0) {
            settings.put("execution.checkpointing.interval", interval + " ms");
        }
        if (arguments.flag("retain", false)) {
            settings.put("execution.checkpointing.externalized-checkpoint-retention", "RETAIN_ON_CANCELLATION");
        }
        if (!arguments.text("fail", "").isEmpty()) {
            settings.put("restart-strategy", "none");
            settings.put("restart-strategy.type", "none");
        }
        StreamExecutionEnvironment env =
                StreamExecutionEnvironment.getExecutionEnvironment(Configuration.fromMap(settings));
        env.fromSource(new PacedSequence(Long.MAX_VALUE - 1, arguments.number("rate", 50)),
                        WatermarkStrategy.noWatermarks(), "Events").uid("events")
                .keyBy(number -> 0)
                .process(new CountEvents(RELEASE, arguments.text("out", ""), arguments.text("fail", "")))
                .name("Count").uid("count").returns(Types.LONG)
                .print().name("Print").uid("print");
        env.execute(arguments.text("name", "counter"));
    }
}
