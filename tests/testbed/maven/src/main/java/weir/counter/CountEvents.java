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
 * at all, to a file of one line, "release=1.0 restored=120 count=345 event=344": what this start found in its state, what
 * it has come to, and the last event. Events are numbered from 0, so count is event + 1 for as long as none was lost and
 * none was counted twice. A line is written twice a second at most, and with each checkpoint before its state is taken.
 */
final class CountEvents extends KeyedProcessFunction<Integer, Long, Long> implements CheckpointedFunction {
    private static final long serialVersionUID = 1L;
    private static final long EVERY_MS = 500;

    private final String release;
    private final String file;
    private final String failFile;

    private transient ValueState<Long> count;
    private transient long restored;
    private transient long last;
    private transient long event;
    private transient long dueMs;

    /** file, failFile: empty = none. */
    CountEvents(String release, String file, String failFile) {
        this.release = release;
        this.file = file;
        this.failFile = failFile;
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
    public void processElement(Long number, Context context, Collector<Long> out) throws Exception {
        Long before = count.value();
        last = before == null ? 0 : before;
        if (restored < 0) {
            restored = last;
        }
        last++;
        event = number;
        count.update(last);
        long nowMs = System.currentTimeMillis();
        if (nowMs >= dueMs) {
            dueMs = nowMs + EVERY_MS;
            write();
            if (!failFile.isEmpty() && Files.exists(Path.of(failFile))) {
                throw new IllegalStateException("told to fail by " + failFile);
            }
            out.collect(last);
        }
    }

    private void write() throws Exception {
        if (file.isEmpty()) {
            return;
        }
        Path path = Path.of(file);
        Path fresh = path.resolveSibling(path.getFileName() + ".new");
        String line = "release=" + release + " restored=" + restored + " count=" + last + " event=" + event + "\n";
        Files.write(fresh, line.getBytes(StandardCharsets.UTF_8));
        Files.move(fresh, path, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    }
}
