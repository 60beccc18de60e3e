package weir.demo;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.functions.KeySelector;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/**
 * The DataStream jobs of the demo and of the tests; one jar for Flink 1.16 to 2.2, so only API that all of them have.
 *
 * <pre>
 * --mode count         counts records per key, for ever. The total is printed by the TaskManager every --every ms
 *                      ("count NAME subtask=0 total=1200 restored=800 attempt=0") and is the accumulator "records"
 *        loop          fails after --after records of each attempt and is restarted for ever after --delay ms
 *        backpressure  a sink that takes --work ms a record and --sync ms in each checkpoint
 *        finish        ends after --records records
 *        fail          fails after --after records and is not restarted
 * --name TEXT          the job's name                     --rate N         records a second, a source subtask (0: no limit)
 * --interval MS        between checkpoints (0: none)      --state-kb N     more state, spread over 16 keys
 * --retain true|false  keep checkpoints after a cancel        --password TEXT  nothing: a secret to be kept
 * </pre>
 */
public final class DemoJob {
    private static final int KEYS = 16;
    private static final Set<String> KNOWN = new TreeSet<>(Set.of("mode", "name", "rate", "interval", "retain",
            "state-kb", "every", "after", "delay", "work", "sync", "records", "password"));

    private DemoJob() {}

    public static void main(String[] words) throws Exception {
        Arguments arguments = new Arguments(words, KNOWN);
        String mode = arguments.text("mode", "count");
        String name = arguments.text("name", "demo-" + mode);
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment(settings(arguments, mode));
        build(env, arguments, mode, name);
        env.execute(name);
    }

    private static void build(StreamExecutionEnvironment env, Arguments arguments, String mode, String name) {
        long last = mode.equals("finish") ? arguments.number("records", 200) - 1L : Long.MAX_VALUE - 1;
        int rate = arguments.number("rate", mode.equals("backpressure") ? 0 : 50);
        KeySelector<Long, Integer> key = number -> (int) (number % KEYS);
        CountPerKey count = new CountPerKey(name, arguments.number("every", 2000), arguments.number("state-kb", 0));

        SingleOutputStreamOperator<Long> numbers = env.fromSource(
                new PacedSequence(last, rate), WatermarkStrategy.noWatermarks(), "Orders").uid("orders");
        switch (mode) {
            case "count":
            case "finish":
                break;
            case "loop":
            case "fail":
                numbers = numbers.map(new FailAfter(arguments.number("after", 100)))
                        .name("Enrich").uid("enrich").returns(Types.LONG);
                break;
            case "backpressure":
                // A task of its own, or the slow work would make the source busy instead of back-pressured.
                numbers.map(number -> SlowSink.row(number)).name("Encode").uid("encode").returns(Types.STRING)
                        .rebalance()
                        .map(new SlowSink(arguments.number("work", 5), arguments.number("sync", 1500)))
                        .name("Slow sink").uid("slow-sink").returns(Types.LONG)
                        .keyBy(key).process(count).name("Count per key").uid("count").returns(Types.STRING)
                        .print().name("Print").uid("print");
                return;
            default:
                throw new IllegalArgumentException("unknown --mode " + mode);
        }
        numbers.keyBy(key).process(count).name("Count per key").uid("count").returns(Types.STRING)
                .print().name("Print").uid("print");
    }

    /** Restart strategy and checkpointing by configuration: the only way that no version has taken away. */
    private static Configuration settings(Arguments arguments, String mode) {
        Map<String, String> map = new HashMap<>();
        String strategy = mode.equals("fail") ? "none" : "fixed-delay";
        map.put("restart-strategy", strategy); // before 1.18
        map.put("restart-strategy.type", strategy);
        map.put("restart-strategy.fixed-delay.attempts", String.valueOf(Integer.MAX_VALUE));
        map.put("restart-strategy.fixed-delay.delay", arguments.number("delay", 3000) + " ms");
        int interval = arguments.number("interval", 10_000);
        if (interval > 0) {
            map.put("execution.checkpointing.interval", interval + " ms");
            map.put("execution.checkpointing.min-pause", Math.min(interval, 500) + " ms");
            map.put("execution.checkpointing.externalized-checkpoint-retention",
                    arguments.flag("retain", true) ? "RETAIN_ON_CANCELLATION" : "DELETE_ON_CANCELLATION");
        }
        return Configuration.fromMap(map);
    }
}
