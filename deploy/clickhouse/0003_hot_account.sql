-- One row for each account and local day on which more of its postings waited than may (rule R11).

CREATE TABLE IF NOT EXISTS hot_account
(
    account_id       String,
    day              Date32,
    pending_limit    UInt32,
    folded_to        DateTime64(6, 'UTC'),
    fact_id          String,
    playbook_name    LowCardinality(String),
    playbook_version UInt32,
    version          UInt64
)
ENGINE = ReplacingMergeTree(version)
PARTITION BY toYear(day)
ORDER BY (account_id, day);

-- Why a task was superseded: payday_moved, cancelled; null while it is open, and in rows from before.
ALTER TABLE task ADD COLUMN IF NOT EXISTS ended_by LowCardinality(Nullable(String)) AFTER created_at;
