-- The first schema. Times are seconds since 1970 UTC (_at), days are ISO text
-- (_day), lists are ;-separated text. Addresses are lower case.

CREATE TABLE meta (
  key   TEXT PRIMARY KEY,          -- instance, last_sync_at, last_sync_error, poll_s, audit_head …
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE sequence (            -- references are never reused
  letter TEXT PRIMARY KEY CHECK (letter IN ('R','A','F','M','D','C')),
  last   INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
INSERT INTO sequence(letter) VALUES ('R'),('A'),('F'),('M'),('D'),('C');

-- Register -----------------------------------------------------------------

CREATE TABLE agency (
  id                INTEGER PRIMARY KEY,
  code              TEXT NOT NULL UNIQUE,
  name              TEXT NOT NULL,
  sector            TEXT NOT NULL DEFAULT '',
  statutory_partner TEXT NOT NULL DEFAULT '',
  domains           TEXT NOT NULL DEFAULT '',
  active_from       TEXT NOT NULL DEFAULT '',
  active_to         TEXT NOT NULL DEFAULT '',
  urn               TEXT NOT NULL DEFAULT '',
  parent            TEXT NOT NULL DEFAULT '',
  mail              TEXT NOT NULL DEFAULT 'full' CHECK (mail IN ('full','reference-only')),
  proof             TEXT NOT NULL DEFAULT '' CHECK (proof IN ('','dmarc','dkim','spf','confirm')),
  terms             TEXT NOT NULL DEFAULT ''
) STRICT;

CREATE TABLE agency_alias (
  alias  TEXT PRIMARY KEY,         -- folded for comparison
  agency INTEGER NOT NULL REFERENCES agency,
  text   TEXT NOT NULL             -- as written
) STRICT, WITHOUT ROWID;

CREATE TABLE contact (
  id          INTEGER PRIMARY KEY,
  email       TEXT NOT NULL UNIQUE,
  name        TEXT NOT NULL,
  title       TEXT NOT NULL DEFAULT '',
  phone       TEXT NOT NULL DEFAULT '',
  shared      INTEGER NOT NULL DEFAULT 0 CHECK (shared IN (0,1)),
  deputy      INTEGER REFERENCES contact DEFERRABLE INITIALLY DEFERRED,
  status      TEXT NOT NULL DEFAULT 'active' CHECK (status IN ('active','away','left')),
  away_until  TEXT NOT NULL DEFAULT '',  -- by the register
  absent_until TEXT NOT NULL DEFAULT '', -- read from an out-of-office mail
  bounced_at  INTEGER
) STRICT;

CREATE TABLE contact_alias (
  email   TEXT PRIMARY KEY,
  contact INTEGER NOT NULL REFERENCES contact
) STRICT, WITHOUT ROWID;

CREATE TABLE contact_agency (      -- position 1 is the main agency
  contact  INTEGER NOT NULL REFERENCES contact,
  agency   INTEGER NOT NULL REFERENCES agency,
  position INTEGER NOT NULL,
  PRIMARY KEY (contact, agency)
) STRICT, WITHOUT ROWID;
CREATE INDEX contact_agency_by_agency ON contact_agency(agency);

CREATE TABLE contact_role (
  contact INTEGER NOT NULL REFERENCES contact,
  role    TEXT NOT NULL CHECK (role IN ('staff','lead','deputy','executive','governor','data','member','scrutineer')),
  PRIMARY KEY (contact, role)
) STRICT, WITHOUT ROWID;

CREATE TABLE grp (                 -- a group of the partnership
  id           INTEGER PRIMARY KEY,
  code         TEXT NOT NULL UNIQUE,
  name         TEXT NOT NULL,
  kind         TEXT NOT NULL CHECK (kind IN ('executive','partnership','subgroup','task_group','panel')),
  quorum       TEXT NOT NULL DEFAULT '',
  papers_days  INTEGER NOT NULL DEFAULT 5,
  minutes_days INTEGER NOT NULL DEFAULT 10,
  closed_on    TEXT NOT NULL DEFAULT ''
) STRICT;

CREATE TABLE member (
  grp      INTEGER NOT NULL REFERENCES grp,
  contact  INTEGER NOT NULL REFERENCES contact,
  capacity TEXT NOT NULL CHECK (capacity IN ('chair','vice','member','deputy','observer','minute_taker')),
  voting   INTEGER NOT NULL CHECK (voting IN (0,1)),
  from_day TEXT NOT NULL DEFAULT '',
  to_day   TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (grp, contact, capacity, from_day)
) STRICT, WITHOUT ROWID;

CREATE TABLE priority (
  code        TEXT PRIMARY KEY,
  title       TEXT NOT NULL,
  owner_group TEXT NOT NULL DEFAULT '',
  from_day    TEXT NOT NULL DEFAULT '',
  to_day      TEXT NOT NULL DEFAULT ''
) STRICT, WITHOUT ROWID;

-- Forms and rounds ---------------------------------------------------------

CREATE TABLE form_version (        -- a definition as it was when a round opened with it
  form    TEXT NOT NULL,
  version INTEGER NOT NULL,
  sha256  TEXT NOT NULL,
  source  TEXT NOT NULL,           -- the definition's text
  PRIMARY KEY (form, version)
) STRICT, WITHOUT ROWID;

CREATE TABLE round (
  id           INTEGER PRIMARY KEY,
  ref          TEXT NOT NULL UNIQUE,
  form         TEXT NOT NULL,
  form_version INTEGER NOT NULL,
  title        TEXT NOT NULL,
  opened_at    INTEGER NOT NULL,
  due_day      TEXT NOT NULL,
  closed_at    INTEGER,
  FOREIGN KEY (form, form_version) REFERENCES form_version
) STRICT;

CREATE TABLE request (             -- one agency's part of a round: ROUND/AGENCY
  id               INTEGER PRIMARY KEY,
  round            INTEGER NOT NULL REFERENCES round,
  agency           INTEGER NOT NULL REFERENCES agency,
  due_day          TEXT NOT NULL,
  original_due_day TEXT NOT NULL,
  state            TEXT NOT NULL CHECK (state IN
    ('not_sent','sent','incomplete','returned','signed_off','exempt','non_return')),
  reminders        INTEGER NOT NULL DEFAULT 0,
  last_reminder_at INTEGER,
  wants_day        TEXT NOT NULL DEFAULT '',   -- "need until" of the agency, not granted here
  wants_reason     TEXT NOT NULL DEFAULT '',
  UNIQUE (round, agency)
) STRICT;
CREATE INDEX request_by_agency ON request(agency, state);

-- Messages -----------------------------------------------------------------

CREATE TABLE message (
  id            INTEGER PRIMARY KEY,
  mailbox_key   TEXT NOT NULL,     -- the mailbox's own name of it: Maildir base name, UIDVALIDITY/UID
  sha256        TEXT NOT NULL,     -- of the raw bytes
  content_key   TEXT NOT NULL DEFAULT '',
  received_at   INTEGER NOT NULL,
  judged_at     INTEGER NOT NULL,
  from_addr     TEXT NOT NULL DEFAULT '',
  subject       TEXT NOT NULL DEFAULT '',
  message_id    TEXT NOT NULL DEFAULT '',
  class         TEXT NOT NULL CHECK (class IN
    ('human','unsure','robot','list','bounce','calendar','read_receipt','own')),
  outcome       TEXT NOT NULL CHECK (outcome IN
    ('filed','problems','answered','reply','bounce','ignored','attention','quarantined','duplicate')),
  reason        TEXT NOT NULL DEFAULT '',
  ref           TEXT NOT NULL DEFAULT '',
  folder        TEXT NOT NULL,     -- Filed, Problems, Attention, Ignored, Quarantine, INBOX
  size_bytes    INTEGER NOT NULL,
  contact       INTEGER REFERENCES contact,
  first         INTEGER REFERENCES message,  -- of a duplicate: the first; of a judgement anew: the earlier row
  moved_at      INTEGER,           -- the mailbox has confirmed the move
  settled_at    INTEGER,           -- a person took it out of Attention, or released or retried it
  again         TEXT NOT NULL DEFAULT '' CHECK (again IN ('','retry','release'))  -- to be judged anew
) STRICT;
CREATE INDEX message_by_key     ON message(mailbox_key);
CREATE INDEX message_by_sha     ON message(sha256);
CREATE INDEX message_by_content ON message(content_key) WHERE content_key <> '';
CREATE INDEX message_unmoved    ON message(id) WHERE moved_at IS NULL;
CREATE INDEX message_again      ON message(id) WHERE again <> '';
CREATE INDEX message_attention  ON message(id) WHERE outcome = 'attention' AND settled_at IS NULL;
CREATE INDEX message_by_from    ON message(from_addr, judged_at);

CREATE TABLE raw (                 -- byte-exact, in pieces, so that memory does not grow with the message
  message INTEGER NOT NULL REFERENCES message,
  piece   INTEGER NOT NULL,
  data    BLOB NOT NULL,
  PRIMARY KEY (message, piece)
) STRICT;

CREATE TABLE part (                -- the attached parts of a message
  message   INTEGER NOT NULL REFERENCES message,
  n         INTEGER NOT NULL,
  name      TEXT NOT NULL,
  type      TEXT NOT NULL,
  bytes     INTEGER NOT NULL,
  sha256    TEXT NOT NULL,
  verdict   TEXT NOT NULL,         -- words for a person: "read", "kept, we did not look inside it" …
  encoding  TEXT NOT NULL,
  offset    INTEGER NOT NULL,      -- of the encoded body in the raw message
  raw_bytes INTEGER NOT NULL,
  PRIMARY KEY (message, n)
) STRICT, WITHOUT ROWID;

CREATE TABLE attempt (             -- messages that are tried alone, counted before the try
  sha256 TEXT PRIMARY KEY,
  tries  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What goes out ------------------------------------------------------------

CREATE TABLE outbox (
  id          INTEGER PRIMARY KEY,
  kind        TEXT NOT NULL CHECK (kind IN
    ('receipt','problems','template','request','confirm','reminder','escalation','sign-off','invite','update',
     'cancel','papers','digest','brief','report','notice')),
  topic       TEXT NOT NULL DEFAULT '',   -- which notice, request …: the template's name
  ref         TEXT NOT NULL DEFAULT '',   -- several with ;
  contact     INTEGER REFERENCES contact,
  recipient   TEXT NOT NULL,              -- the true one, also where mail is redirected
  envelope_to TEXT NOT NULL,              -- who gets it
  envelope_from TEXT NOT NULL,            -- '' for the empty sender
  subject     TEXT NOT NULL,
  message_id  TEXT NOT NULL UNIQUE,
  in_reply_to TEXT NOT NULL DEFAULT '',
  token       TEXT NOT NULL DEFAULT '',   -- reply code without the dash
  answers     INTEGER REFERENCES message, -- the message that it answers
  counts      INTEGER NOT NULL DEFAULT 0 CHECK (counts IN (0,1)), -- against the budget of answers
  state       TEXT NOT NULL CHECK (state IN ('queued','sending','sent','failed','in_doubt','held')),
  attempts    INTEGER NOT NULL DEFAULT 0,
  doubts      INTEGER NOT NULL DEFAULT 0,
  queued_at   INTEGER NOT NULL,
  next_at     INTEGER NOT NULL,
  sent_at     INTEGER,
  last_error  TEXT NOT NULL DEFAULT '',
  text        TEXT NOT NULL,              -- the plain text as sent: what a reply's quote is compared with
  mime        BLOB NOT NULL               -- the bytes that are sent, fixed
) STRICT;
CREATE UNIQUE INDEX outbox_by_token ON outbox(token) WHERE token <> '';
CREATE INDEX outbox_due       ON outbox(next_at, id) WHERE state IN ('queued','in_doubt');
CREATE INDEX outbox_sending   ON outbox(id) WHERE state = 'sending';
CREATE INDEX outbox_by_person ON outbox(recipient, queued_at);
CREATE INDEX outbox_by_ref    ON outbox(ref);
CREATE INDEX outbox_by_answer ON outbox(answers) WHERE answers IS NOT NULL;

CREATE TABLE outbox_item (         -- what the letters and numbers of a mail stand for
  outbox INTEGER NOT NULL REFERENCES outbox,
  label  TEXT NOT NULL,            -- A, B, 1, 2
  kind   TEXT NOT NULL CHECK (kind IN ('answer','action','request','message')),
  ref    TEXT NOT NULL,            -- R-000123, A-0001, S11-2026/LGT, or a message's id
  tbl    TEXT NOT NULL DEFAULT '',
  row    TEXT NOT NULL DEFAULT '',
  field  TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (outbox, label)
) STRICT, WITHOUT ROWID;

-- Returns ------------------------------------------------------------------

CREATE TABLE submission (
  id           INTEGER PRIMARY KEY,
  ref          TEXT NOT NULL UNIQUE,
  form         TEXT NOT NULL,
  form_version INTEGER NOT NULL,
  round        INTEGER REFERENCES round,
  period       TEXT NOT NULL DEFAULT '',
  agency       INTEGER REFERENCES agency,
  thing        TEXT NOT NULL,      -- what the form allows one return of: form|agency|round|…
  sender       TEXT NOT NULL,
  received_at  INTEGER NOT NULL,   -- of its first mail
  state        TEXT NOT NULL CHECK (state IN ('incomplete','returned','signed_off','superseded','withdrawn')),
  version      INTEGER NOT NULL DEFAULT 1,
  superseded_by INTEGER REFERENCES submission
) STRICT;
CREATE INDEX submission_by_thing  ON submission(thing) WHERE state IN ('incomplete','returned','signed_off');
CREATE INDEX submission_by_round  ON submission(round, agency);
CREATE INDEX submission_by_agency ON submission(agency, received_at);

CREATE TABLE submission_version (  -- one row for each mail that changed it
  submission INTEGER NOT NULL REFERENCES submission,
  version    INTEGER NOT NULL,
  message    INTEGER REFERENCES message,
  sender     TEXT NOT NULL,
  at         INTEGER NOT NULL,
  PRIMARY KEY (submission, version)
) STRICT, WITHOUT ROWID;

CREATE TABLE answer (              -- every value ever given; the standing one has the highest version
  submission INTEGER NOT NULL REFERENCES submission,
  tbl        TEXT NOT NULL,
  row        TEXT NOT NULL,
  field      TEXT NOT NULL,
  version    INTEGER NOT NULL,
  position   INTEGER NOT NULL,     -- order within the form
  value      TEXT NOT NULL,        -- canonical; '' where a correction took it away
  PRIMARY KEY (submission, tbl, row, field, version)
) STRICT, WITHOUT ROWID;

CREATE TABLE problem (             -- of the standing version
  submission INTEGER NOT NULL REFERENCES submission,
  letter     TEXT NOT NULL,        -- A, B … AA
  position   INTEGER NOT NULL,
  tbl        TEXT NOT NULL,
  row        TEXT NOT NULL,
  field      TEXT NOT NULL,
  wrote      TEXT NOT NULL,        -- '' where it is missing
  place      TEXT NOT NULL DEFAULT '',
  reason     TEXT NOT NULL,
  allowed    TEXT NOT NULL,
  missing    INTEGER NOT NULL DEFAULT 0 CHECK (missing IN (0,1)),
  PRIMARY KEY (submission, letter)
) STRICT, WITHOUT ROWID;

CREATE TABLE unread_line (         -- what was not understood
  submission INTEGER NOT NULL REFERENCES submission,
  version    INTEGER NOT NULL,
  n          INTEGER NOT NULL,
  text       TEXT NOT NULL,
  PRIMARY KEY (submission, version, n)
) STRICT, WITHOUT ROWID;

-- Findings and actions -----------------------------------------------------

CREATE TABLE finding (
  id         INTEGER PRIMARY KEY,
  ref        TEXT NOT NULL UNIQUE,
  submission INTEGER REFERENCES submission,
  thing      TEXT NOT NULL,        -- once per (thing, row): the submission's thing and the row
  row        TEXT NOT NULL,
  agency     INTEGER REFERENCES agency,
  theme      TEXT NOT NULL DEFAULT '',
  priority   TEXT NOT NULL DEFAULT '',
  kind       TEXT NOT NULL DEFAULT 'area_for_improvement'
    CHECK (kind IN ('strength','area_for_improvement','gap','good_practice','risk')),
  severity   TEXT NOT NULL DEFAULT 'medium' CHECK (severity IN ('low','medium','high','critical')),
  text       TEXT NOT NULL,
  action     INTEGER REFERENCES action,
  made_at    INTEGER NOT NULL,
  closed_at  INTEGER
) STRICT;
CREATE INDEX finding_by_thing ON finding(thing, row);

CREATE TABLE action (
  id              INTEGER PRIMARY KEY,
  ref             TEXT NOT NULL UNIQUE,
  source          TEXT NOT NULL,   -- a review's or meeting's reference, or the return's
  submission      INTEGER REFERENCES submission,
  title           TEXT NOT NULL,
  text            TEXT NOT NULL,
  recommendation  TEXT NOT NULL DEFAULT '',
  priority        TEXT NOT NULL DEFAULT 'normal' CHECK (priority IN ('normal','high','statutory')),
  agency          INTEGER NOT NULL REFERENCES agency,
  owner           INTEGER REFERENCES contact,
  owner_text      TEXT NOT NULL DEFAULT '',  -- an owner who is not in the register
  grp             INTEGER REFERENCES grp,
  success_measure TEXT NOT NULL DEFAULT '',
  evidence_expected TEXT NOT NULL DEFAULT '',
  due_day         TEXT NOT NULL DEFAULT '',
  original_due_day TEXT NOT NULL DEFAULT '',
  status          TEXT NOT NULL CHECK (status IN ('proposed','open','done','verified','declined','closed')),
  reported        TEXT NOT NULL DEFAULT '' CHECK (reported IN ('','on track','at risk','late','done','blocked')),
  has_evidence    INTEGER NOT NULL DEFAULT 0 CHECK (has_evidence IN (0,1)),
  percent         TEXT NOT NULL DEFAULT '',
  wants_day       TEXT NOT NULL DEFAULT '',
  wants_reason    TEXT NOT NULL DEFAULT '',
  extensions      INTEGER NOT NULL DEFAULT 0,
  opened_at       INTEGER NOT NULL,
  updated_at      INTEGER,
  verified_at     INTEGER
) STRICT;
CREATE INDEX action_by_owner  ON action(owner, status);
CREATE INDEX action_by_agency ON action(agency, status);
CREATE INDEX action_by_submission ON action(submission);

CREATE TABLE action_update (
  id       INTEGER PRIMARY KEY,
  action   INTEGER NOT NULL REFERENCES action,
  submission INTEGER REFERENCES submission,
  at       INTEGER NOT NULL,
  by       TEXT NOT NULL,
  status   TEXT NOT NULL,
  progress TEXT NOT NULL DEFAULT '',
  percent  TEXT NOT NULL DEFAULT '',
  evidence TEXT NOT NULL DEFAULT '',
  impact   TEXT NOT NULL DEFAULT '',
  new_day  TEXT NOT NULL DEFAULT '',
  reason   TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX action_update_by_action ON action_update(action, at);

-- Meetings: empty until their issue, so that their views exist --------------

CREATE TABLE meeting (
  id        INTEGER PRIMARY KEY,
  ref       TEXT NOT NULL UNIQUE,
  grp       INTEGER NOT NULL REFERENCES grp,
  title     TEXT NOT NULL,
  uid       TEXT NOT NULL UNIQUE,
  sequence  INTEGER NOT NULL DEFAULT 0,
  starts_at INTEGER NOT NULL,
  ends_at   INTEGER NOT NULL,
  status    TEXT NOT NULL CHECK (status IN ('planned','invited','held','cancelled'))
) STRICT;

CREATE TABLE attendee (
  meeting     INTEGER NOT NULL REFERENCES meeting,
  contact     INTEGER NOT NULL REFERENCES contact,
  role        TEXT NOT NULL,
  partstat    TEXT NOT NULL DEFAULT 'NEEDS-ACTION',
  instance_at INTEGER,
  comment     TEXT NOT NULL DEFAULT '',
  answered_at INTEGER
) STRICT;

-- Audit: append-only, each row's hash runs over the hash before it and the row

CREATE TABLE audit (
  id     INTEGER PRIMARY KEY,
  at     INTEGER NOT NULL,
  actor  TEXT NOT NULL,            -- clerk, staff, or a contact's id: never an address
  verb   TEXT NOT NULL,
  ref    TEXT NOT NULL DEFAULT '',
  detail TEXT NOT NULL DEFAULT '', -- references and digests only
  hash   TEXT NOT NULL
) STRICT;
CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit BEGIN SELECT raise(ABORT, 'the audit trail is append-only'); END;
CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit BEGIN SELECT raise(ABORT, 'the audit trail is append-only'); END;
