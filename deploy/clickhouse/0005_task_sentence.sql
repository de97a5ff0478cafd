-- Whom a task is about (an account), and what it says to a branch employee (rule K13). Rows from before the columns
-- are about their account and say nothing.

ALTER TABLE task
    ADD COLUMN IF NOT EXISTS subject String DEFAULT account_id AFTER ended_by,
    ADD COLUMN IF NOT EXISTS sentence Nullable(String) AFTER subject;
