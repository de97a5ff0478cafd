-- What each partition of the journal says of the playbooks it reads (rule B1): one row for each that it has taken, and
-- one for each that it has refused. `since` is null for a playbook that holds from the partition's beginning; `at`, the
-- partition's clock then, before its first tick. A refused one may have no name and version.

CREATE TABLE IF NOT EXISTS playbook_in_force
(
    partition        Int32,
    number           UInt32,
    since            Nullable(DateTime64(6, 'UTC')),
    at               Nullable(DateTime64(6, 'UTC')),
    fact_id          String,
    playbook_name    LowCardinality(String),
    playbook_version UInt32,
    version          UInt64
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (partition, number);

CREATE TABLE IF NOT EXISTS playbook_refused
(
    partition        Int32,
    since            DateTime64(6, 'UTC'),
    at               Nullable(DateTime64(6, 'UTC')),
    detail           String,
    fact_id          String,
    playbook_name    Nullable(String),
    playbook_version Nullable(UInt32),
    version          UInt64
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (partition, fact_id);
