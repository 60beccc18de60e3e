package weir.demo;

import org.apache.flink.api.common.functions.MapFunction;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.streaming.api.checkpoint.CheckpointedFunction;

/**
 * Stands for a sink that writes too slowly: it takes a while for each record, and flushes in the synchronous part of
 * each checkpoint. Everything before it is back-pressured, and barriers wait behind the records in its buffers.
 */
final class SlowSink implements MapFunction<String, Long>, CheckpointedFunction {
    private static final long serialVersionUID = 1L;

    // Large rows fill the network buffers with few records: a barrier passes them in seconds, not minutes.
    private static final String PADDING = "x".repeat(4000);

    private final int workMs;
    private final int syncMs;

    SlowSink(int workMs, int syncMs) {
        this.workMs = workMs;
        this.syncMs = syncMs;
    }

    static String row(long number) {
        return number + " " + PADDING;
    }

    @Override
    public Long map(String row) throws Exception {
        Thread.sleep(workMs);
        return Long.valueOf(row.substring(0, row.indexOf(' ')));
    }

    @Override
    public void snapshotState(FunctionSnapshotContext context) throws Exception {
        Thread.sleep(syncMs);
    }

    @Override
    public void initializeState(FunctionInitializationContext context) {}
}
