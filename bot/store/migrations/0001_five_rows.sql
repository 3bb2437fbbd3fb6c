-- Who: persons and workspaces have ids of ours; identity maps a platform's ids to them.

CREATE TABLE workspace (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    timezone TEXT NOT NULL,
    refill INTEGER NOT NULL CHECK (refill >= 0),
    refill_period TEXT NOT NULL CHECK (refill_period IN ('day', 'week', 'month')),
    confirm_over INTEGER NOT NULL CHECK (confirm_over >= 0),
    created_at INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE person (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    created_at INTEGER NOT NULL
);

CREATE TABLE workspace_identity (
    platform TEXT NOT NULL,
    platform_workspace TEXT NOT NULL,
    workspace TEXT NOT NULL REFERENCES workspace (id),
    PRIMARY KEY (platform, platform_workspace)
) WITHOUT ROWID;

CREATE TABLE person_identity (
    platform TEXT NOT NULL,
    platform_workspace TEXT NOT NULL,
    platform_user TEXT NOT NULL,
    person TEXT NOT NULL REFERENCES person (id),
    PRIMARY KEY (platform, platform_workspace, platform_user)
) WITHOUT ROWID;

-- A ceiling on a scope (`default` = every member) of a workspace.

CREATE TABLE spending_limit (
    workspace TEXT NOT NULL REFERENCES workspace (id),
    scope TEXT NOT NULL,
    credits INTEGER NOT NULL CHECK (credits >= 0),
    period TEXT NOT NULL CHECK (period IN ('day', 'week', 'month')),
    PRIMARY KEY (workspace, scope)
) WITHOUT ROWID;

-- The five rows: ask, job, attempt, delivery, entry. Times are ms UTC; JSON is text; ids are 20 characters, sortable by
-- time.

CREATE TABLE ask (
    id TEXT PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    workspace TEXT NOT NULL REFERENCES workspace (id),
    person TEXT NOT NULL REFERENCES person (id),
    actor TEXT NOT NULL,
    place TEXT NOT NULL,
    message TEXT,
    text TEXT NOT NULL,
    options TEXT NOT NULL,
    pictures TEXT NOT NULL,
    request TEXT,
    quote TEXT,
    quoted_at INTEGER,
    state TEXT NOT NULL CHECK (
        state IN ('received', 'quoted', 'confirming', 'approving', 'accepted', 'refused', 'expired')
    ),
    status_ref TEXT,
    parent TEXT REFERENCES job (id),
    relation TEXT,
    created_at INTEGER NOT NULL
);

CREATE INDEX ask_by_person ON ask (person, created_at);
CREATE INDEX ask_waiting ON ask (created_at) WHERE state IN ('received', 'quoted', 'confirming', 'approving');

CREATE TABLE job (
    id TEXT PRIMARY KEY,
    ask TEXT NOT NULL REFERENCES ask (id),
    workspace TEXT NOT NULL REFERENCES workspace (id),
    person TEXT NOT NULL REFERENCES person (id),
    place TEXT NOT NULL,
    request TEXT NOT NULL,
    offers TEXT NOT NULL,
    credits INTEGER NOT NULL CHECK (credits > 0),
    microusd INTEGER NOT NULL CHECK (microusd >= 0),
    parent TEXT REFERENCES job (id),
    relation TEXT,
    after TEXT REFERENCES job (id),
    state TEXT NOT NULL CHECK (
        state IN ('queued', 'submitting', 'running', 'fetching', 'uncertain', 'done', 'failed', 'cancelled')
    ),
    progress TEXT NOT NULL,
    cancel_asked INTEGER NOT NULL DEFAULT 0,
    error TEXT,
    video TEXT,
    poster TEXT,
    flagged INTEGER NOT NULL DEFAULT 0,
    tries INTEGER NOT NULL DEFAULT 0,
    wake_at INTEGER,
    lease_owner TEXT,
    lease_until INTEGER,
    warned_at INTEGER,
    created_at INTEGER NOT NULL,
    ended_at INTEGER
);

CREATE INDEX job_by_wake ON job (wake_at) WHERE wake_at IS NOT NULL;
CREATE INDEX job_by_person ON job (person, created_at);
CREATE INDEX job_by_ask ON job (ask);
CREATE INDEX job_open ON job (state) WHERE ended_at IS NULL;

CREATE TABLE attempt (
    id TEXT PRIMARY KEY,
    job TEXT NOT NULL REFERENCES job (id),
    number INTEGER NOT NULL,
    provider TEXT NOT NULL,
    offer TEXT NOT NULL,
    microusd INTEGER NOT NULL,
    body TEXT NOT NULL,
    outcome TEXT NOT NULL CHECK (
        outcome IN ('intended', 'accepted', 'refused', 'uncertain', 'done', 'failed', 'cancelled', 'settled')
    ),
    task TEXT,
    task_id TEXT,
    video_url TEXT,
    error TEXT,
    cost INTEGER,
    logs TEXT NOT NULL DEFAULT '[]',
    intended_at INTEGER NOT NULL,
    accepted_at INTEGER,
    ended_at INTEGER,
    UNIQUE (job, number)
);

CREATE UNIQUE INDEX attempt_by_task ON attempt (provider, task_id) WHERE task_id IS NOT NULL;

CREATE TABLE delivery (
    id TEXT PRIMARY KEY,
    job TEXT REFERENCES job (id),
    kind TEXT NOT NULL CHECK (kind IN ('status', 'result', 'alert')),
    place TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('pending', 'posting', 'posted', 'gone')),
    ref TEXT,
    facts TEXT NOT NULL DEFAULT '{}',
    shown TEXT,
    tries INTEGER NOT NULL DEFAULT 0,
    error TEXT,
    wake_at INTEGER,
    lease_owner TEXT,
    lease_until INTEGER,
    created_at INTEGER NOT NULL,
    UNIQUE (job, kind)
);

CREATE INDEX delivery_by_wake ON delivery (wake_at) WHERE wake_at IS NOT NULL;

-- The ledger: append-only, double-entry: each row takes `amount` from `debit` and gives it to `credit`, so that all
-- accounts together are always zero. Its id says what it is (`<job>:hold:refill`), so that there is no second one;
-- everything of one job is found by it. `microusd` is the change it makes to the operator's month: plus for a hold, minus
-- for a release, for a charge the difference to the real cost. `held_at` is when the job's credits were held, which
-- decides the periods that all its entries count in. `person` stands on what counts against a limit only: holds, and what comes
-- back of them. (Where a check below says OR, IN would cost a third of the insert.)

CREATE TABLE entry (
    id TEXT PRIMARY KEY,
    workspace TEXT NOT NULL,
    debit TEXT NOT NULL,
    credit TEXT NOT NULL,
    amount INTEGER NOT NULL CHECK (amount > 0),
    kind TEXT NOT NULL CHECK (
        kind = 'hold' OR kind = 'charge' OR kind = 'release' OR kind = 'refill' OR kind = 'topup' OR kind = 'expire'
        OR kind = 'correction' OR kind = 'variance'
    ),
    job TEXT,
    person TEXT,
    period TEXT NOT NULL,
    microusd INTEGER NOT NULL DEFAULT 0,
    actor TEXT NOT NULL,
    reason TEXT NOT NULL,
    held_at INTEGER NOT NULL,
    at INTEGER NOT NULL
) WITHOUT ROWID;

CREATE INDEX entry_by_person ON entry (person, workspace, held_at, kind, amount) WHERE person IS NOT NULL;

CREATE TRIGGER entry_never_changes BEFORE UPDATE ON entry BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER entry_never_goes BEFORE DELETE ON entry BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;

-- Holds whose job has no ending yet; the first entry of an ending, whichever it is, has this id.

CREATE VIEW open_hold AS
SELECT h.job, h.workspace, h.person, h.amount, h.held_at FROM entry AS h
WHERE h.kind = 'hold' AND NOT EXISTS (SELECT 1 FROM entry AS e WHERE e.id = h.job || ':end:1');

-- Cached sums of entries, recomputed by the check: balances that may not go below zero, and what the operator spent in a
-- month.

CREATE TABLE account (
    id TEXT PRIMARY KEY,
    workspace TEXT NOT NULL,
    balance INTEGER NOT NULL CHECK (balance >= 0)
) WITHOUT ROWID;

CREATE TABLE usage (
    scope TEXT NOT NULL,
    period TEXT NOT NULL,
    used INTEGER NOT NULL CHECK (used >= 0),
    PRIMARY KEY (scope, period)
) WITHOUT ROWID;

-- Stored files and small memories.

CREATE TABLE blob (
    sha256 TEXT PRIMARY KEY,
    size INTEGER NOT NULL,
    owner TEXT NOT NULL,
    created_at INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE memory (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;
