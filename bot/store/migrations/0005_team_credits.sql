-- Team credits: limits on more than one scope, headroom that moves between people, approvals, what was changed by whom.

-- Everything that an administrator decides beside the pool and the limits, as JSON; what isn't named is as at install.

ALTER TABLE workspace ADD COLUMN rules TEXT NOT NULL DEFAULT '{}';

-- A limit's scope is `default` (each member), `role:<platform>:<id>` (each of its members), `person:<id>`, or all that is
-- spent under one heading: `channel:<platform>:<id>`, `tag:<tag>`. `label` is how people call it.

ALTER TABLE spending_limit ADD COLUMN label TEXT NOT NULL DEFAULT '';

-- What a job is booked under. From now on every entry of a job says whose it is; what counts against a limit is all of
-- them but the charge, which takes from what is held already. `provider` stands on what was charged.

ALTER TABLE entry ADD COLUMN tag TEXT NOT NULL DEFAULT '';
ALTER TABLE entry ADD COLUMN channel TEXT NOT NULL DEFAULT '';
ALTER TABLE entry ADD COLUMN provider TEXT NOT NULL DEFAULT '';
ALTER TABLE job ADD COLUMN tag TEXT NOT NULL DEFAULT '';

-- Why a queued job may not be bought now though a provider would take it; empty where nothing keeps it. The index finds
-- who is next when that is over.

ALTER TABLE job ADD COLUMN waits TEXT NOT NULL DEFAULT '' CHECK (
    waits = '' OR waits = 'person' OR waits = 'team' OR waits = 'paused' OR waits = 'everything'
);
CREATE INDEX job_waits ON job (workspace, person, id) WHERE waits <> '';

DROP TRIGGER entry_never_changes;
UPDATE entry SET
    person = (
        SELECT h.person FROM entry AS h WHERE h.id IN (entry.job || ':hold:refill', entry.job || ':hold:topup') LIMIT 1
    ),
    provider = coalesce(
        (SELECT a.provider FROM attempt AS a WHERE a.job = entry.job ORDER BY a.number DESC LIMIT 1),
        (SELECT e.provider FROM enhancement AS e WHERE e.id = entry.job), ''
    )
WHERE kind = 'charge';
CREATE TRIGGER entry_never_changes BEFORE UPDATE ON entry BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;

DROP INDEX entry_by_person;
CREATE INDEX entry_by_person ON entry (person, workspace, held_at, kind, amount)
WHERE person IS NOT NULL AND kind <> 'charge';
CREATE INDEX entry_by_channel ON entry (channel, workspace, held_at, kind, amount)
WHERE channel <> '' AND kind <> 'charge';
CREATE INDEX entry_by_tag ON entry (tag, workspace, held_at, kind, amount) WHERE tag <> '' AND kind <> 'charge';
CREATE INDEX entry_spent ON entry (workspace, held_at, kind, person, tag, provider, amount)
WHERE kind = 'charge' OR kind = 'correction';

-- As before, but said so that the index of a person finds theirs: a hold is no charge.

DROP VIEW open_hold;
CREATE VIEW open_hold AS
SELECT h.job, h.workspace, h.person, h.amount, h.held_at FROM entry AS h
WHERE h.kind = 'hold' AND h.kind <> 'charge' AND NOT EXISTS (SELECT 1 FROM entry AS e WHERE e.id = h.job || ':end:1');

-- Headroom that somebody got or gave away, until the periods of their limits end that it was given in. No credits: the
-- pool is as it was. A gift is two rows that add up to nothing.

CREATE TABLE allowance (
    id TEXT PRIMARY KEY,
    workspace TEXT NOT NULL REFERENCES workspace (id),
    person TEXT NOT NULL REFERENCES person (id),
    credits INTEGER NOT NULL CHECK (credits <> 0),
    kind TEXT NOT NULL CHECK (kind IN ('gift', 'grant', 'approval', 'link')),
    actor TEXT NOT NULL,
    reason TEXT NOT NULL,
    at INTEGER NOT NULL
) WITHOUT ROWID;

CREATE INDEX allowance_by_person ON allowance (person, workspace, at, credits);
CREATE TRIGGER allowance_never_changes BEFORE UPDATE ON allowance
BEGIN SELECT RAISE(ABORT, 'allowances are append-only'); END;
CREATE TRIGGER allowance_never_goes BEFORE DELETE ON allowance
BEGIN SELECT RAISE(ABORT, 'allowances are append-only'); END;

-- Questions to approvers: about an ask that is too dear or beyond a person's own limit, or (without an ask) about more
-- headroom. `why` says which; `note` is the reason of a no; `actor`, `place` and `message` are who asked, and where, as of
-- an ask. The first word counts.

CREATE TABLE approval (
    id TEXT PRIMARY KEY,
    workspace TEXT NOT NULL REFERENCES workspace (id),
    person TEXT NOT NULL REFERENCES person (id),
    ask TEXT REFERENCES ask (id),
    actor TEXT NOT NULL,
    place TEXT NOT NULL,
    message TEXT,
    credits INTEGER NOT NULL CHECK (credits > 0),
    why TEXT NOT NULL CHECK (why IN ('price', 'limit', 'headroom')),
    reason TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('open', 'approved', 'once', 'denied', 'expired', 'withdrawn')),
    decided_by TEXT REFERENCES person (id),
    note TEXT NOT NULL DEFAULT '',
    asked_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    decided_at INTEGER
);

CREATE UNIQUE INDEX approval_of_ask ON approval (ask) WHERE ask IS NOT NULL AND state = 'open';
CREATE INDEX approval_waiting ON approval (workspace, asked_at) WHERE state = 'open';
CREATE INDEX approval_of_person ON approval (person, asked_at);

-- What administrators changed: append-only as well.

CREATE TABLE audit (
    id TEXT PRIMARY KEY,
    workspace TEXT NOT NULL REFERENCES workspace (id),
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    detail TEXT NOT NULL,
    at INTEGER NOT NULL
);

CREATE INDEX audit_of_workspace ON audit (workspace, at);
CREATE TRIGGER audit_never_changes BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END;
CREATE TRIGGER audit_never_goes BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END;

-- Alerts: once for each scope, period and level, and again only for a ceiling that was raised since. Written where the
-- level is reached, and told (as a notice, in one transaction with this mark) by the next look of a worker. `scope`
-- begins with the workspace, or is the installation's own: `operator`, `price:<offer>`, `balance:<provider>`.

CREATE TABLE alerted (
    scope TEXT NOT NULL,
    period TEXT NOT NULL,
    level INTEGER NOT NULL,
    ceiling INTEGER NOT NULL,
    facts TEXT NOT NULL,
    told INTEGER NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (scope, period, level)
) WITHOUT ROWID;

CREATE INDEX alerted_untold ON alerted (at) WHERE told = 0;

-- Videos that cost something else than was held for them.

CREATE INDEX attempt_off_price ON attempt (ended_at) WHERE outcome = 'done' AND cost <> microusd;

-- One-time codes that join two workspaces, or two accounts of one person; kept as their hash.

CREATE TABLE link_code (
    hash TEXT PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('workspace', 'person')),
    workspace TEXT NOT NULL REFERENCES workspace (id),
    person TEXT NOT NULL REFERENCES person (id),
    expires_at INTEGER NOT NULL
) WITHOUT ROWID;
