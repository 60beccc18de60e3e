package weir.demo;

import java.net.ConnectException;
import java.sql.SQLTransientConnectionException;
import org.apache.flink.api.common.functions.MapFunction;

/** Passes records on, then fails as a job does whose database went away: the cause is two levels down. */
final class FailAfter implements MapFunction<Long, Long> {
    private static final long serialVersionUID = 1L;

    private final int after;
    private transient int seen;

    /** after: records that each attempt of each subtask lets through. */
    FailAfter(int after) {
        this.after = after;
    }

    @Override
    public Long map(Long number) {
        if (++seen > after) {
            Exception refused = new ConnectException("Connection refused (db.risk.internal:3306)");
            Exception pool = new SQLTransientConnectionException(
                    "HikariPool-1 - Connection is not available, request timed out after 30000ms.", refused);
            throw new IllegalStateException("lookup of customer " + number + " in risk.customers failed", pool);
        }
        return number;
    }
}
