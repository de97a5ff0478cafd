-- Versions of tasks that did not go out, since they were created before the bank went live (rule B5). `version` is the
-- task's own, `landed` decides between copies; `task` is what would have been published.

CREATE TABLE IF NOT EXISTS withheld
(
    task_id          String,
    version          UInt32,
    kind             LowCardinality(String),
    status           LowCardinality(String),
    account_id       String,
    cycle_payday     Date32,
    created_at       DateTime64(6, 'UTC'),
    task             String COMMENT 'JSON' CODEC(ZSTD),
    playbook_name    LowCardinality(String),
    playbook_version UInt32,
    fact_id          String,
    landed           UInt64
)
ENGINE = ReplacingMergeTree(landed)
ORDER BY (task_id, version);
