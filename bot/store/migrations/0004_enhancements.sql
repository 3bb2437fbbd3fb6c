-- Improved prompts: one small paid call each, held and ended in the ledger under this row's own id. A row is written,
-- with its hold, before the call; one without `ended_at` is being worked on, or was when its process died. An ask has at
-- most one that may still give, or has given, a text. Times are ms UTC; JSON is text.

CREATE TABLE enhancement (
    id TEXT PRIMARY KEY,
    ask TEXT NOT NULL REFERENCES ask (id),
    provider TEXT NOT NULL,
    prompt TEXT NOT NULL,
    credits INTEGER NOT NULL CHECK (credits > 0),
    microusd INTEGER NOT NULL CHECK (microusd >= 0),
    state TEXT NOT NULL CHECK (state IN ('intended', 'accepted', 'done', 'refused', 'failed', 'uncertain')),
    task TEXT,
    text TEXT,
    detail TEXT NOT NULL DEFAULT '',
    intended_at INTEGER NOT NULL,
    ended_at INTEGER
);

CREATE UNIQUE INDEX enhancement_of_ask ON enhancement (ask) WHERE state IN ('intended', 'accepted', 'done');
CREATE INDEX enhancement_open ON enhancement (intended_at) WHERE ended_at IS NULL;
