package weir.demo;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.apache.flink.api.connector.source.ReaderOutput;
import org.apache.flink.api.connector.source.SourceEvent;
import org.apache.flink.api.connector.source.SourceReader;
import org.apache.flink.api.connector.source.SourceReaderContext;
import org.apache.flink.api.connector.source.lib.NumberSequenceSource;
import org.apache.flink.core.io.InputStatus;

/**
 * The numbers 0 to last, at most so many a second in each subtask. Between two records the reader reports that
 * nothing is available instead of sleeping, so the task is idle and says so: a healthy job looks healthy.
 */
public class PacedSequence extends NumberSequenceSource {
    private static final long serialVersionUID = 1L;

    private final int perSecond;

    /** perSecond: 0 = as fast as the job takes them. */
    public PacedSequence(long last, int perSecond) {
        super(0, last);
        this.perSecond = perSecond;
    }

    @Override
    public SourceReader<Long, NumberSequenceSplit> createReader(SourceReaderContext context) {
        SourceReader<Long, NumberSequenceSplit> reader = super.createReader(context);
        return perSecond == 0 ? reader : new PacedReader(reader, perSecond);
    }

    private static final class PacedReader implements SourceReader<Long, NumberSequenceSplit> {
        private final SourceReader<Long, NumberSequenceSplit> reader;
        private final long gapNanos;
        private long dueNanos = System.nanoTime();

        PacedReader(SourceReader<Long, NumberSequenceSplit> reader, int perSecond) {
            this.reader = reader;
            this.gapNanos = TimeUnit.SECONDS.toNanos(1) / perSecond;
        }

        @Override
        public InputStatus pollNext(ReaderOutput<Long> output) throws Exception {
            if (System.nanoTime() < dueNanos) {
                return InputStatus.NOTHING_AVAILABLE;
            }
            // After a long pause at most one second is made up for.
            dueNanos = Math.max(dueNanos, System.nanoTime() - TimeUnit.SECONDS.toNanos(1)) + gapNanos;
            return reader.pollNext(output);
        }

        @Override
        public CompletableFuture<Void> isAvailable() {
            long waitNanos = dueNanos - System.nanoTime();
            if (waitNanos <= 0) {
                return reader.isAvailable();
            }
            Executor later = CompletableFuture.delayedExecutor(waitNanos, TimeUnit.NANOSECONDS);
            return CompletableFuture.runAsync(() -> {}, later);
        }

        @Override
        public void start() {
            reader.start();
        }

        @Override
        public List<NumberSequenceSplit> snapshotState(long checkpointId) {
            return reader.snapshotState(checkpointId);
        }

        @Override
        public void addSplits(List<NumberSequenceSplit> splits) {
            reader.addSplits(splits);
        }

        @Override
        public void notifyNoMoreSplits() {
            reader.notifyNoMoreSplits();
        }

        @Override
        public void handleSourceEvents(SourceEvent event) {
            reader.handleSourceEvents(event);
        }

        @Override
        public void notifyCheckpointComplete(long checkpointId) throws Exception {
            reader.notifyCheckpointComplete(checkpointId);
        }

        @Override
        public void close() throws Exception {
            reader.close();
        }
    }
}
