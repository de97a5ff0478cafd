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
