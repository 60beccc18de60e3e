/* Keys of Flink's configuration that a start sets. The old names, which 1.16 to 2.2 all take. */
#ifndef WEIR_SOURCE_FLINK_SETTINGS_H
#define WEIR_SOURCE_FLINK_SETTINGS_H

#define FLINK_KEY_NAME "pipeline.name"
#define FLINK_KEY_JOB_ID "$internal.pipeline.job-id"
#define FLINK_KEY_PARALLELISM "parallelism.default"
#define FLINK_KEY_RESTORE_PATH "execution.savepoint.path"
#define FLINK_KEY_ALLOW "execution.savepoint.ignore-unclaimed-state"
#define FLINK_KEY_RESTORE_MODE "execution.savepoint-restore-mode"

#endif
