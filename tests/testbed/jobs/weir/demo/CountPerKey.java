package weir.demo;

import java.util.Map;
import java.util.Random;
import org.apache.flink.api.common.accumulators.LongCounter;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.streaming.api.checkpoint.CheckpointedFunction;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;

/**
 * Counts records per key in keyed state, and all records of the subtask in operator state. What it counted can be seen
 * from outside in three places that all start from the restored value: the lines that it emits, the accumulator
 * "records" (the sum over subtasks) and the gauge "recordsTotal".
 */
final class CountPerKey extends KeyedProcessFunction<Integer, Long, String> implements CheckpointedFunction {
    private static final long serialVersionUID = 1L;
    private static final int KEYS = 16;

    private final String name;
    private final int everyMs;
    private final int stateKb;

    private transient ValueState<Long> perKey;
    private transient ValueState<byte[]> ballast;
    private transient ListState<Long> totals;
    private transient LongCounter records;
    private transient long total;
    private transient long restored;
    private transient long dueMs;
    private transient String place;

    /** everyMs: between two lines of a subtask. stateKb: bytes of ballast, so that a checkpoint has a size to show. */
    CountPerKey(String name, int everyMs, int stateKb) {
        this.name = name;
        this.everyMs = everyMs;
        this.stateKb = stateKb;
    }

    @Override
    public void initializeState(FunctionInitializationContext context) throws Exception {
        perKey = context.getKeyedStateStore().getState(new ValueStateDescriptor<>("count", Types.LONG));
        ballast = context.getKeyedStateStore().getState(new ValueStateDescriptor<>("ballast", byte[].class));
        totals = context.getOperatorStateStore().getListState(new ListStateDescriptor<>("totals", Types.LONG));
        for (Long part : totals.get()) {
            restored += part;
        }
        total = restored;
        records = new LongCounter();
        records.add(restored);
        getRuntimeContext().addAccumulator("records", records);
        getRuntimeContext().getMetricGroup().gauge("recordsTotal", (Gauge<Long>) () -> total);
        // The accessors for these two have moved between versions, the metric variables have not.
        Map<String, String> variables = getRuntimeContext().getMetricGroup().getAllVariables();
        place = "subtask=" + variables.get("<subtask_index>") + " attempt=" + variables.get("<task_attempt_num>");
    }

    @Override
    public void snapshotState(FunctionSnapshotContext context) throws Exception {
        totals.clear();
        totals.add(total);
    }

    @Override
    public void processElement(Long number, Context context, Collector<String> out) throws Exception {
        Long before = perKey.value();
        perKey.update(before == null ? 1L : before + 1);
        if (stateKb > 0 && before == null) {
            byte[] bytes = new byte[stateKb * 1024 / KEYS];
            new Random(number).nextBytes(bytes);
            ballast.update(bytes);
        }
        total++;
        records.add(1L);
        long nowMs = System.currentTimeMillis();
        if (nowMs >= dueMs) {
            dueMs = nowMs + everyMs;
            out.collect("count " + name + " total=" + total + " restored=" + restored + " key=" + context.getCurrentKey()
                    + " keyCount=" + perKey.value() + " " + place);
        }
    }
}
