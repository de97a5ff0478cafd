-- Sums of a cycle are as wide as the rules let them be: an amount may be 10^15 and a cycle has any number of
-- postings, so 9 300 of them already go beyond 64 bits. 128 bits hold 10^23 of the largest amount.
-- A single amount (10^15) and a balance (10^18) fit 64 bits.

ALTER TABLE account_cycle
    MODIFY COLUMN pay Int128,
    MODIFY COLUMN moved_out Int128,
    MODIFY COLUMN spent Int128,
    MODIFY COLUMN invested Int128,
    MODIFY COLUMN returned Int128,
    MODIFY COLUMN habitual_out Int128;

-- Records of the landed topics that could not be landed, known by where they lie; the rest of their topic
-- is landed. `value` is the beginning of their bytes, null if there was none, and may hold personal data, as a
-- dead letter's does; `reason` and `detail` do not.
CREATE TABLE IF NOT EXISTS set_aside
(
    topic       LowCardinality(String),
    partition   Int32,
    offset      Int64,
    reason      LowCardinality(String),
    detail      String,
    value       Nullable(String) CODEC(ZSTD),
    size        UInt32 COMMENT 'bytes of the whole value',
    recorded_at DateTime64(6, 'UTC')
)
ENGINE = ReplacingMergeTree
ORDER BY (topic, partition, offset);
