package weir.counter;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.streaming.api.checkpoint.CheckpointedFunction;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;

/**
 * The count is keyed state: a restored job goes on from it, a fresh one starts from zero. It is written, whole or not
 * at all, to a file of one line, "release=1.0 restored=120 count=345": what this start found in its state, and what it
 * has come to. A line is written twice a second at most, and with each checkpoint before its state is taken.
 */
final class CountEvents extends KeyedProcessFunction<Integer, Long, Long> implements CheckpointedFunction {
    private static final long serialVersionUID = 1L;
    private static final long EVERY_MS = 500;

    private final String release;
    private final String file;

    private transient ValueState<Long> count;
    private transient long restored;
    private transient long last;
    private transient long dueMs;

    /** file: empty = none. */
    CountEvents(String release, String file) {
        this.release = release;
        this.file = file;
    }

    @Override
    public void initializeState(FunctionInitializationContext context) throws Exception {
        count = context.getKeyedStateStore().getState(new ValueStateDescriptor<>("count", Types.LONG));
        restored = -1;
    }

    @Override
    public void snapshotState(FunctionSnapshotContext context) throws Exception {
        if (restored >= 0) {
            write();
        }
    }

    @Override
    public void processElement(Long event, Context context, Collector<Long> out) throws Exception {
        Long before = count.value();
        last = before == null ? 0 : before;
        if (restored < 0) {
            restored = last;
        }
        last++;
        count.update(last);
        long nowMs = System.currentTimeMillis();
        if (nowMs >= dueMs) {
            dueMs = nowMs + EVERY_MS;
            write();
            out.collect(last);
        }
    }

    private void write() throws Exception {
        if (file.isEmpty()) {
            return;
        }
        Path path = Path.of(file);
        Path fresh = path.resolveSibling(path.getFileName() + ".new");
        String line = "release=" + release + " restored=" + restored + " count=" + last + "\n";
        Files.write(fresh, line.getBytes(StandardCharsets.UTF_8));
        Files.move(fresh, path, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    }
}
