-- One row for each payday of an employer, as the coordinator last knew it (rule E6): who was paid and how much, and what
-- the cycles that have closed since came to.
--
-- Sums are as wide as the rules let them be: one record sums up to 10^18, and a payday has any number of them.

CREATE TABLE IF NOT EXISTS employer_payday
(
    employer_id      String,
    payday           Date32,
    at               DateTime64(6, 'UTC'),
    heads            Int64,
    pay              Int128,
    counted          Bool,
    head_count       Int64,
    closed           Int64,
    closed_pay       Int128,
    kept             Int128,
    moved_out        Int128,
    retention        Nullable(Decimal(7, 6)),
    loyal            Int64,
    transfer_out     Int64,
    spend_down       Int64,
    newly_movers     Int64,
    products_known   Int64,
    products         Int64,
    three_products   Int64,
    five_products    Int64,
    fact_id          String,
    playbook_name    LowCardinality(String),
    playbook_version UInt32,
    version          UInt64
)
ENGINE = ReplacingMergeTree(version)
PARTITION BY toYear(payday)
ORDER BY (employer_id, payday);
