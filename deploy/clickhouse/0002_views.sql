-- Rollups. They are plain views over FINAL and not materialized ones: a materialized view adds up what is
-- inserted, so a row landed twice (a retry, a replay) would count twice until somebody rebuilt it, and a
-- later version could never take its earlier self back. These are right at every moment.
-- Sums are 128 bits wide: an amount may be 10^15, and a 64-bit sum overflows without a word.

CREATE OR REPLACE VIEW retention_curve AS
SELECT
    employer_id,
    segment,
    cycle_payday,
    day,
    avg(p.retained) AS retained_mean,
    quantileExactInclusive(0.5)(toFloat64(p.retained)) AS retained_median,
    count() AS n
FROM curve_point AS p FINAL
WHERE p.retained IS NOT NULL
GROUP BY employer_id, segment, cycle_payday, day;

CREATE OR REPLACE VIEW retention_curve_employer AS
SELECT
    employer_id,
    day,
    avg(p.retained) AS retained_mean,
    quantileExactInclusive(0.5)(toFloat64(p.retained)) AS retained_median,
    count() AS n
FROM curve_point AS p FINAL
WHERE p.retained IS NOT NULL
GROUP BY employer_id, day;

CREATE OR REPLACE VIEW retention_curve_all AS
SELECT
    day,
    avg(p.retained) AS retained_mean,
    quantileExactInclusive(0.5)(toFloat64(p.retained)) AS retained_median,
    count() AS n
FROM curve_point AS p FINAL
WHERE p.retained IS NOT NULL
GROUP BY day;

-- What left is capped at the cycle's own pay, as in a cycle's own retained share: one customer who also
-- moves old savings out must not use up what the colleagues kept.
CREATE OR REPLACE VIEW employer_ranking AS
SELECT
    employer_id,
    currency,
    count() AS cycles,
    uniqExact(c.account_id) AS accounts,
    sum(toInt128(c.pay)) AS pay,
    toFloat64(sum(toInt128(c.pay))) / uniqExact(c.account_id) AS pay_per_account,
    1 - toFloat64(sum(toInt128(least(c.pay, greatest(0, c.moved_out + c.spent - c.returned)))))
        / toFloat64(sum(toInt128(c.pay))) AS retention_rate,
    countIf(c.class = 'transfer_out') / count() AS transfer_out_share,
    sum(toInt128(c.moved_out)) AS outflow
FROM account_cycle AS c FINAL
GROUP BY employer_id, currency;

CREATE OR REPLACE VIEW destinations AS
SELECT
    bank_code,
    currency,
    sum(toInt128(o.amount)) AS amount,
    count() AS n,
    countIf(o.habitual) / count() AS habitual_share
FROM outflow AS o FINAL
GROUP BY bank_code, currency;

CREATE OR REPLACE VIEW hour_heat_map AS
SELECT
    day,
    hour,
    currency,
    sum(toInt128(o.amount)) AS amount,
    count() AS n
FROM outflow AS o FINAL
GROUP BY day, hour, currency;

CREATE OR REPLACE VIEW task_latest AS
SELECT *
FROM task FINAL
ORDER BY task_id, version DESC
LIMIT 1 BY task_id;

CREATE OR REPLACE VIEW task_funnel AS
SELECT
    kind,
    status,
    count() AS tasks,
    uniqExact(t.account_id) AS accounts,
    avg(t.priority) AS priority_mean,
    sum(t.version) AS versions
FROM task_latest AS t
GROUP BY kind, status;
