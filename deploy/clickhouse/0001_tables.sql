-- What is landed. Every table is a ReplacingMergeTree whose sorting key is the identity of its row, so a
-- row landed again replaces itself, and `version` says which one stays: the offset of the landed record.
-- A fact's key is its account, so all its versions are in one partition and their offsets are in order.
-- Money is in minor units, shares are decimals, days are dates in the bank's zone, instants are UTC.
-- Read with FINAL, as the views do: merges remove old versions some time later, and not on demand.

CREATE TABLE IF NOT EXISTS account_cycle
(
    account_id       String,
    cycle_payday     Date32,
    employer_id      String,
    payroll_source   LowCardinality(String),
    currency         LowCardinality(String),
    segment          LowCardinality(Nullable(String)),
    pay              Int64,
    moved_out        Int64,
    spent            Int64,
    invested         Int64,
    returned         Int64,
    retained         Array(Nullable(Decimal(7, 6))),
    balance          Array(Nullable(Int64)),
    class            LowCardinality(String),
    truncated        Bool,
    flags            Array(LowCardinality(String)),
    habitual_out     Int64,
    closed_at        DateTime64(6, 'UTC'),
    fact_id          String,
    playbook_name    LowCardinality(String),
    playbook_version UInt32,
    version          UInt64
)
ENGINE = ReplacingMergeTree(version)
PARTITION BY toYear(cycle_payday)
ORDER BY (account_id, cycle_payday);

CREATE TABLE IF NOT EXISTS curve_point
(
    account_id       String,
    cycle_payday     Date32,
    day              UInt8,
    employer_id      String,
    payroll_source   LowCardinality(String),
    currency         LowCardinality(String),
    segment          LowCardinality(Nullable(String)),
    retained         Nullable(Decimal(7, 6)),
    balance          Nullable(Int64),
    fact_id          String,
    playbook_name    LowCardinality(String),
    playbook_version UInt32,
    version          UInt64
)
ENGINE = ReplacingMergeTree(version)
PARTITION BY toYear(cycle_payday)
ORDER BY (account_id, cycle_payday, day);

CREATE TABLE IF NOT EXISTS outflow
(
    account_id       String,
    cycle_payday     Date32,
    event_id         String,
    employer_id      String,
    payroll_source   LowCardinality(String),
    currency         LowCardinality(String),
    segment          LowCardinality(Nullable(String)),
    occurred_at      DateTime64(6, 'UTC'),
    day              UInt8,
    hour             UInt8,
    bank_code        LowCardinality(Nullable(String)),
    amount           Int64,
    habitual         Bool,
    fact_id          String,
    playbook_name    LowCardinality(String),
    playbook_version UInt32,
    version          UInt64
)
ENGINE = ReplacingMergeTree(version)
PARTITION BY toYear(cycle_payday)
ORDER BY (account_id, cycle_payday, event_id);

-- One row for every version of a task; `version` is the task's own, `landed` decides between copies.
CREATE TABLE IF NOT EXISTS task
(
    task_id           String,
    version           UInt32,
    kind              LowCardinality(String),
    status            LowCardinality(String),
    account_id        String,
    customer_id       String,
    cycle_payday      Date32,
    employer_id       String,
    currency          LowCardinality(String),
    segment           LowCardinality(Nullable(String)),
    pattern           LowCardinality(Nullable(String)),
    priority          UInt8,
    rules             Array(LowCardinality(String)),
    reasons           String COMMENT 'JSON',
    curve             String COMMENT 'JSON',
    playbook_name     LowCardinality(String),
    playbook_version  UInt32,
    first_contact_due DateTime64(6, 'UTC'),
    close_due         DateTime64(6, 'UTC'),
    expires_at        DateTime64(6, 'UTC'),
    branch_id         LowCardinality(Nullable(String)),
    area              LowCardinality(Nullable(String)),
    manager_id        Nullable(String),
    offer             Nullable(String),
    created_at        DateTime64(6, 'UTC'),
    landed            UInt64
)
ENGINE = ReplacingMergeTree(landed)
ORDER BY (task_id, version);

-- Refusals of the gate and the control group.
CREATE TABLE IF NOT EXISTS decision
(
    fact_id          String,
    account_id       String,
    kind             LowCardinality(String),
    decision         LowCardinality(String),
    reason           String,
    playbook_name    LowCardinality(String),
    playbook_version UInt32,
    at               DateTime64(6, 'UTC'),
    version          UInt64
)
ENGINE = ReplacingMergeTree(version)
ORDER BY fact_id;

-- What a programme gave: draw entries, points, gifts; `amount` in the unit of its kind.
CREATE TABLE IF NOT EXISTS reward
(
    fact_id          String,
    account_id       String,
    programme        LowCardinality(String),
    kind             LowCardinality(String),
    amount           Int64,
    playbook_name    LowCardinality(String),
    playbook_version UInt32,
    at               DateTime64(6, 'UTC'),
    version          UInt64
)
ENGINE = ReplacingMergeTree(version)
ORDER BY fact_id;

-- A refused record, known by where it came from; `value` is its bytes as they were, null if it had none.
CREATE TABLE IF NOT EXISTS dead_letter
(
    topic            LowCardinality(String),
    partition        Int32,
    offset           Int64,
    reason           LowCardinality(String),
    detail           String,
    value            Nullable(String) CODEC(ZSTD),
    size             UInt32 COMMENT 'bytes',
    recorded_at      DateTime64(6, 'UTC'),
    landed_partition Int32,
    landed_offset    Int64,
    version          UInt64
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (topic, partition, offset);
