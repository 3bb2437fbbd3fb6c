-- Providers that something is wrong with; one that is well has no row. Until `until` nobody is sent there, then one job
-- (`probe`, at most until `probe_until`) tries, and its success takes the row away. `failures` counts tasks that failed
-- in a row, `openings` how often in a row the cool-down was opened. Times are ms UTC.

CREATE TABLE provider_health (
    provider TEXT PRIMARY KEY,
    reason TEXT NOT NULL CHECK (reason IN ('auth', 'balance', 'unavailable', 'uncertain', 'failed')),
    detail TEXT NOT NULL,
    failures INTEGER NOT NULL CHECK (failures >= 0),
    openings INTEGER NOT NULL CHECK (openings >= 0),
    failed_at INTEGER NOT NULL,
    until INTEGER NOT NULL,
    probe TEXT REFERENCES job (id),
    probe_until INTEGER
) WITHOUT ROWID;
