-- How long tasks took, the last hundred of each kind: what the next look at a task and the range on a card come from.
-- `ms` runs from accepted to done, as well as looks can tell.

CREATE TABLE duration (
    offer TEXT NOT NULL,
    length INTEGER NOT NULL,
    at INTEGER NOT NULL,
    attempt TEXT NOT NULL,
    ms INTEGER NOT NULL CHECK (ms >= 0),
    PRIMARY KEY (offer, length, at, attempt)
) WITHOUT ROWID;

-- How many of our tasks a provider runs at once: `slots` is the operator's limit (none: no limit), `taken` how many rows
-- of `slot` there are. Until `closed_until` it is sent nothing, after it was too busy `refusals` times in a row.

CREATE TABLE provider_limit (
    provider TEXT PRIMARY KEY,
    slots INTEGER CHECK (slots > 0),
    taken INTEGER NOT NULL DEFAULT 0 CHECK (taken >= 0),
    closed_until INTEGER NOT NULL DEFAULT 0,
    refusals INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;

CREATE TABLE slot (
    job TEXT PRIMARY KEY REFERENCES job (id),
    provider TEXT NOT NULL,
    person TEXT NOT NULL
) WITHOUT ROWID;

CREATE INDEX slot_by_person ON slot (person);

-- Jobs in line for a provider that was full or closed, by person: a free slot goes to who has the fewest, of those to
-- whom one was given longest ago.

ALTER TABLE person ADD COLUMN served_at INTEGER NOT NULL DEFAULT 0;

CREATE TABLE waiting (
    provider TEXT NOT NULL,
    person TEXT NOT NULL,
    job TEXT NOT NULL REFERENCES job (id),
    PRIMARY KEY (provider, person, job)
) WITHOUT ROWID;

CREATE INDEX waiting_by_job ON waiting (job);
