-- The first schema. Times are seconds since 1970 UTC (_at), days are ISO text
-- (_day), lists are ;-separated text. Addresses are lower case.
-- Random text is never an index of its own: a *_hash column holds the first 64
-- bits of a SHA-256 over it, which keeps the index small as the table grows;
-- whoever looks up compares the text too.
-- Long enumerations of busy tables are chains of OR: for IN with more than two
-- constants SQLite builds a table in memory each time that a row is written.

CREATE TABLE meta (
  key   TEXT PRIMARY KEY,          -- instance, schema, as_of, as_of_day, last_sync_at …
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
  aliases           TEXT NOT NULL DEFAULT '',  -- as written; agency_name is what is looked up
  active_from       TEXT NOT NULL DEFAULT '',
  active_to         TEXT NOT NULL DEFAULT '',
  urn               TEXT NOT NULL DEFAULT '',
  parent            TEXT NOT NULL DEFAULT '',
  mail              TEXT NOT NULL DEFAULT 'full' CHECK (mail IN ('full','reference-only')),
  proof             TEXT NOT NULL DEFAULT '' CHECK (proof IN ('','dmarc','dkim','spf','confirm')),
  terms             TEXT NOT NULL DEFAULT ''
) STRICT;

CREATE TABLE agency_name (         -- what else an agency is called
  folded TEXT NOT NULL,            -- folded for comparison
  agency INTEGER NOT NULL REFERENCES agency,
  kind   TEXT NOT NULL CHECK (kind IN ('name','alias')),
  text   TEXT NOT NULL,            -- as written
  PRIMARY KEY (folded, agency, kind)
) STRICT, WITHOUT ROWID;
CREATE INDEX agency_name_by_agency ON agency_name(agency);

CREATE TABLE contact (
  id          INTEGER PRIMARY KEY,
  email       TEXT NOT NULL UNIQUE,
  name        TEXT NOT NULL,
  folded      TEXT NOT NULL,       -- the name, for comparison
  title       TEXT NOT NULL DEFAULT '',
  phone       TEXT NOT NULL DEFAULT '',
  shared      INTEGER NOT NULL DEFAULT 0 CHECK (shared IN (0,1)),
  roles       INTEGER NOT NULL DEFAULT 0,  -- bits of enum contact_role
  deputy      INTEGER REFERENCES contact,
  has_left    INTEGER NOT NULL DEFAULT 0 CHECK (has_left IN (0,1)),
  away_until  TEXT NOT NULL DEFAULT '',  -- by the register
  absent_until TEXT NOT NULL DEFAULT '', -- read from an out-of-office mail
  bounced_at  INTEGER
) STRICT;
CREATE INDEX contact_by_name ON contact(folded);

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
CREATE INDEX contact_alias_by_contact ON contact_alias(contact);
CREATE INDEX contact_agency_by_agency ON contact_agency(agency);

CREATE TABLE grp (                 -- a group of the partnership
  id           INTEGER PRIMARY KEY,
  code         TEXT NOT NULL UNIQUE,
  name         TEXT NOT NULL,
  folded       TEXT NOT NULL,      -- the name, for comparison
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
  state            TEXT NOT NULL CHECK (
    state = 'not_sent' OR state = 'sent' OR state = 'incomplete' OR state = 'returned' OR
    state = 'signed_off' OR state = 'exempt' OR state = 'non_return'),
  reminders        INTEGER NOT NULL DEFAULT 0,
  last_reminder_at INTEGER,
  wants_day        TEXT NOT NULL DEFAULT '',   -- "need until" of the agency, not granted here
  wants_reason     TEXT NOT NULL DEFAULT '',
  late_days        INTEGER NOT NULL DEFAULT 0, -- working days, as of meta as_of
  UNIQUE (round, agency)
) STRICT;
CREATE INDEX request_by_agency ON request(agency, state);

-- Messages -----------------------------------------------------------------

CREATE TABLE message (
  id            INTEGER PRIMARY KEY,
  key_hash      INTEGER NOT NULL,  -- of mailbox_key
  sha_hash      INTEGER NOT NULL,  -- of the raw bytes: the start of sha256
  content_hash  INTEGER,           -- of content_key
  mailbox_key   TEXT NOT NULL,     -- the mailbox's own name of it: Maildir base name, UIDVALIDITY/UID
  sha256        TEXT NOT NULL,     -- of the raw bytes
  content_key   TEXT NOT NULL DEFAULT '',
  received_at   INTEGER NOT NULL,
  judged_at     INTEGER NOT NULL,
  from_addr     TEXT NOT NULL DEFAULT '',
  subject       TEXT NOT NULL DEFAULT '',
  message_id    TEXT NOT NULL DEFAULT '',
  class         TEXT NOT NULL CHECK (
    class = 'human' OR class = 'unsure' OR class = 'robot' OR class = 'list' OR class = 'bounce' OR
    class = 'calendar' OR class = 'read_receipt' OR class = 'own'),
  outcome       TEXT NOT NULL CHECK (
    outcome = 'filed' OR outcome = 'problems' OR outcome = 'answered' OR outcome = 'reply' OR
    outcome = 'bounce' OR outcome = 'ignored' OR outcome = 'attention' OR outcome = 'quarantined' OR
    outcome = 'duplicate'),
  reason        TEXT NOT NULL DEFAULT '',
  ref           TEXT NOT NULL DEFAULT '',
  folder        TEXT NOT NULL,     -- Filed, Problems, Attention, Ignored, Quarantine, INBOX
  size_bytes    INTEGER NOT NULL,
  contact       INTEGER REFERENCES contact,
  first         INTEGER REFERENCES message,  -- of a duplicate: the first; of a judgement anew: the earlier row
  moved_at      INTEGER,           -- the mailbox has confirmed the move
  settled_at    INTEGER,           -- a person took it out of Attention, or released or retried it
  again         TEXT NOT NULL DEFAULT '' CHECK (
    again = '' OR again = 'retry' OR again = 'release')  -- to be judged anew
) STRICT;
CREATE INDEX message_by_key     ON message(key_hash);
CREATE INDEX message_by_sha     ON message(sha_hash);
CREATE INDEX message_by_content ON message(content_hash) WHERE content_hash IS NOT NULL;
CREATE INDEX message_unmoved    ON message(id) WHERE moved_at IS NULL;
CREATE INDEX message_again      ON message(id) WHERE again <> '';
CREATE INDEX message_attention  ON message(id) WHERE outcome = 'attention' AND settled_at IS NULL;

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
  kind        TEXT NOT NULL CHECK (
    kind = 'receipt' OR kind = 'problems' OR kind = 'template' OR kind = 'request' OR kind = 'confirm' OR
    kind = 'reminder' OR kind = 'escalation' OR kind = 'sign-off' OR kind = 'invite' OR kind = 'update' OR
    kind = 'cancel' OR kind = 'papers' OR kind = 'digest' OR kind = 'brief' OR kind = 'report' OR
    kind = 'notice'),
  topic       TEXT NOT NULL DEFAULT '',   -- which notice, request …: the template's name
  ref         TEXT NOT NULL DEFAULT '',   -- several with ;
  contact     INTEGER REFERENCES contact,
  recipient   TEXT NOT NULL,              -- the true one, also where mail is redirected
  envelope_to TEXT NOT NULL,              -- who gets it
  envelope_from TEXT NOT NULL,            -- '' for the empty sender
  subject     TEXT NOT NULL,
  id_hash     INTEGER NOT NULL,           -- of message_id
  message_id  TEXT NOT NULL,
  in_reply_to TEXT NOT NULL DEFAULT '',
  token       TEXT NOT NULL DEFAULT '',   -- reply code without the dash
  answers     INTEGER REFERENCES message, -- the message that it answers
  counts      INTEGER NOT NULL DEFAULT 0 CHECK (counts IN (0,1)), -- against the budget of answers
  state       TEXT NOT NULL CHECK (
    state = 'queued' OR state = 'sending' OR state = 'sent' OR state = 'failed' OR state = 'in_doubt' OR
    state = 'held'),
  attempts    INTEGER NOT NULL DEFAULT 0,
  doubts      INTEGER NOT NULL DEFAULT 0,
  queued_at   INTEGER NOT NULL,
  tried_at    INTEGER,                    -- the first try since a person's word, or of all: how long to go on
  next_at     INTEGER,                    -- NULL: not by itself
  sent_at     INTEGER,
  last_error  TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX outbox_by_id     ON outbox(id_hash);
CREATE UNIQUE INDEX outbox_by_token ON outbox(token) WHERE token <> '';
CREATE INDEX outbox_due       ON outbox(next_at, id) WHERE state IN ('queued','in_doubt') AND next_at IS NOT NULL;
CREATE INDEX outbox_held      ON outbox(id) WHERE state = 'held';
CREATE INDEX outbox_sending   ON outbox(id) WHERE state = 'sending';
CREATE INDEX outbox_by_person ON outbox(recipient, queued_at);
CREATE INDEX outbox_by_ref    ON outbox(ref);
CREATE INDEX outbox_by_answer ON outbox(answers) WHERE answers IS NOT NULL;

CREATE TABLE outbox_body (         -- apart from the row whose state changes
  outbox INTEGER PRIMARY KEY REFERENCES outbox,
  text   TEXT NOT NULL,            -- the plain text as sent: what a reply's quote is compared with
  mime   BLOB NOT NULL             -- the bytes that are sent, fixed
) STRICT;

CREATE TABLE outbox_item (         -- what the letters and numbers of a mail stand for
  outbox INTEGER NOT NULL REFERENCES outbox,
  label  TEXT NOT NULL,            -- A, B, 1, 2
  position INTEGER NOT NULL,
  kind   TEXT NOT NULL CHECK (
    kind = 'answer' OR kind = 'action' OR kind = 'request' OR kind = 'message'),
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
  state        TEXT NOT NULL CHECK (
    state = 'incomplete' OR state = 'returned' OR state = 'signed_off' OR state = 'superseded' OR
    state = 'withdrawn'),
  version      INTEGER NOT NULL DEFAULT 1,
  superseded_by INTEGER REFERENCES submission
) STRICT;
CREATE INDEX submission_by_thing  ON submission(thing);
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
CREATE INDEX submission_version_by_message ON submission_version(message) WHERE message IS NOT NULL;

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
    CHECK (
    kind = 'strength' OR kind = 'area_for_improvement' OR kind = 'gap' OR kind = 'good_practice' OR
    kind = 'risk'),
  severity   TEXT NOT NULL DEFAULT 'medium' CHECK (
    severity = 'low' OR severity = 'medium' OR severity = 'high' OR severity = 'critical'),
  text       TEXT NOT NULL,
  action     INTEGER REFERENCES action,
  made_at    INTEGER NOT NULL,
  closed_at  INTEGER
) STRICT;
CREATE UNIQUE INDEX finding_open ON finding(thing, row) WHERE closed_at IS NULL;
CREATE INDEX finding_by_submission ON finding(submission);

CREATE TABLE action (
  id              INTEGER PRIMARY KEY,
  ref             TEXT NOT NULL UNIQUE,
  source          TEXT NOT NULL,   -- a review's or meeting's reference, or the return's
  submission      INTEGER REFERENCES submission,
  row             TEXT NOT NULL DEFAULT '',  -- of the return's table that made it
  title           TEXT NOT NULL,
  text            TEXT NOT NULL,
  recommendation  TEXT NOT NULL DEFAULT '',
  priority        TEXT NOT NULL DEFAULT 'normal' CHECK (
    priority = 'normal' OR priority = 'high' OR priority = 'statutory'),
  agency          INTEGER NOT NULL REFERENCES agency,
  owner           INTEGER REFERENCES contact,
  owner_text      TEXT NOT NULL DEFAULT '',  -- an owner who is not in the register
  grp             INTEGER REFERENCES grp,
  success_measure TEXT NOT NULL DEFAULT '',
  evidence_expected TEXT NOT NULL DEFAULT '',
  due_day         TEXT NOT NULL DEFAULT '',
  original_due_day TEXT NOT NULL DEFAULT '',
  status          TEXT NOT NULL CHECK (
    status = 'proposed' OR status = 'open' OR status = 'done' OR status = 'verified' OR status = 'declined' OR
    status = 'closed'),
  reported        TEXT NOT NULL DEFAULT '' CHECK (
    reported = '' OR reported = 'on track' OR reported = 'at risk' OR reported = 'late' OR reported = 'done' OR
    reported = 'blocked'),
  has_evidence    INTEGER NOT NULL DEFAULT 0 CHECK (has_evidence IN (0,1)),
  percent         TEXT NOT NULL DEFAULT '',
  wants_day       TEXT NOT NULL DEFAULT '',
  wants_reason    TEXT NOT NULL DEFAULT '',
  extensions      INTEGER NOT NULL DEFAULT 0,
  opened_at       INTEGER NOT NULL,
  updated_at      INTEGER,
  verified_at     INTEGER,
  brag_derived    TEXT CHECK (
    brag_derived = 'blue' OR brag_derived = 'green' OR brag_derived = 'amber' OR brag_derived = 'red' OR
    brag_derived = 'grey'), -- as of meta as_of
  brag_shown      TEXT CHECK (
    brag_shown = 'blue' OR brag_shown = 'green' OR brag_shown = 'amber' OR brag_shown = 'red' OR
    brag_shown = 'grey')
) STRICT;
CREATE INDEX action_by_owner  ON action(owner, status);
CREATE INDEX action_by_agency ON action(agency, status);
CREATE INDEX action_by_submission ON action(submission) WHERE submission IS NOT NULL;

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

-- Audit: append-only, each row's hash runs over the hash before it and the row.
-- Who has v_audit can compute it: SHA-256, in hex, over seven strings one
-- behind the other, each as its length in bytes, a colon and its text: the hash
-- of the row before ('' for the first), id, at, actor, verb, ref, detail, all
-- as v_audit shows them. So the verb `filed` is 5:filed.

CREATE TABLE audit (               -- AUTOINCREMENT: a tail cut off shows
  id     INTEGER PRIMARY KEY AUTOINCREMENT,
  at     INTEGER NOT NULL,
  actor  TEXT NOT NULL,            -- clerk, staff, or a contact's id: never an address
  verb   TEXT NOT NULL,
  ref    TEXT NOT NULL DEFAULT '',
  detail TEXT NOT NULL DEFAULT '', -- references and digests only
  hash   TEXT NOT NULL
) STRICT;
CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit BEGIN SELECT raise(ABORT, 'the audit trail is append-only'); END;
CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit BEGIN SELECT raise(ABORT, 'the audit trail is append-only'); END;

-- Views that anybody may read: stable names, columns and formats ------------

CREATE VIEW v_status(key, value) AS
  SELECT 'as_of', (SELECT strftime('%Y-%m-%dT%H:%M:%SZ', CAST(value AS INTEGER), 'unixepoch') FROM meta WHERE key = 'as_of')
  UNION ALL
  SELECT 'last_sync_at', (SELECT strftime('%Y-%m-%dT%H:%M:%SZ', CAST(value AS INTEGER), 'unixepoch') FROM meta WHERE key = 'last_sync_at')
  UNION ALL
  SELECT 'queued', (SELECT CAST(count(*) AS TEXT) FROM outbox WHERE state = 'queued')
  UNION ALL
  SELECT 'instance', (SELECT value FROM meta WHERE key = 'instance')
  UNION ALL
  SELECT 'schema', (SELECT value FROM meta WHERE key = 'schema');

CREATE VIEW v_message(id, received_at, from_addr, subject, message_id, class, outcome, reason, ref, folder, size_bytes) AS
  SELECT id, strftime('%Y-%m-%dT%H:%M:%SZ', received_at, 'unixepoch'), from_addr, subject, message_id, class, outcome,
         reason, ref, folder, size_bytes
    FROM message;

CREATE VIEW v_submission(ref, form, form_version, round, period, agency, sender, received_at, state, version) AS
  SELECT s.ref, s.form, s.form_version, r.ref, s.period, a.code, s.sender,
         strftime('%Y-%m-%dT%H:%M:%SZ', s.received_at, 'unixepoch'), s.state, s.version
    FROM submission s LEFT JOIN round r ON r.id = s.round LEFT JOIN agency a ON a.id = s.agency;

CREATE VIEW v_answer(ref, tbl, row, field, value) AS
  SELECT s.ref, a.tbl, a.row, a.field, a.value
    FROM submission s JOIN answer a ON a.submission = s.id
   WHERE a.value <> ''
     AND a.version = (SELECT max(b.version) FROM answer b
                       WHERE b.submission = a.submission AND b.tbl = a.tbl AND b.row = a.row AND b.field = a.field)
   ORDER BY a.submission, a.position;

CREATE VIEW v_round(ref, form, form_version, title, opened_at, due, closed_at, state) AS
  SELECT ref, form, form_version, title, strftime('%Y-%m-%dT%H:%M:%SZ', opened_at, 'unixepoch'), due_day,
         strftime('%Y-%m-%dT%H:%M:%SZ', closed_at, 'unixepoch'), iif(closed_at IS NULL, 'open', 'closed')
    FROM round;

CREATE VIEW v_request(round, agency, due, original_due, state, late_days, reminders, last_reminder_at, submission) AS
  SELECT r.ref, a.code, q.due_day, q.original_due_day, q.state, q.late_days, q.reminders,
         strftime('%Y-%m-%dT%H:%M:%SZ', q.last_reminder_at, 'unixepoch'),
         (SELECT s.ref FROM submission s WHERE s.round = q.round AND s.agency = q.agency
             AND s.state IN ('incomplete','returned','signed_off')
           ORDER BY s.state = 'incomplete', s.id DESC LIMIT 1)
    FROM request q JOIN round r ON r.id = q.round JOIN agency a ON a.id = q.agency;

CREATE VIEW v_contact(email, name, agency, roles, status, away_until, bounced_at) AS
  SELECT email, name, agency, roles,
         CASE WHEN has_left THEN 'left' WHEN bounced_at IS NOT NULL THEN 'bounced' WHEN away IS NOT NULL THEN 'away' ELSE 'active' END,
         away, strftime('%Y-%m-%dT%H:%M:%SZ', bounced_at, 'unixepoch')
    FROM (SELECT c.email, c.name, c.has_left, c.bounced_at,
                 coalesce((SELECT group_concat(code, ';') FROM (SELECT a.code FROM contact_agency ca JOIN agency a ON a.id = ca.agency
                                                                 WHERE ca.contact = c.id ORDER BY ca.position)), '') AS agency,
                 ltrim(iif(c.roles & 1, ';staff', '') || iif(c.roles & 2, ';lead', '') || iif(c.roles & 4, ';deputy', '')
                    || iif(c.roles & 8, ';executive', '') || iif(c.roles & 16, ';governor', '') || iif(c.roles & 32, ';data', '')
                    || iif(c.roles & 64, ';member', '') || iif(c.roles & 128, ';scrutineer', ''), ';') AS roles,
                 nullif(iif(max(c.away_until, c.absent_until) >= coalesce((SELECT value FROM meta WHERE key = 'as_of_day'), ''),
                            max(c.away_until, c.absent_until), ''), '') AS away
            FROM contact c);

CREATE VIEW v_action(ref, source, title, text, priority, agency, owner, group_code, due, original_due, status,
                     brag_reported, brag_derived, brag_shown, verified_at, extensions, updated_at) AS
  SELECT x.ref, x.source, x.title, x.text, x.priority, a.code, coalesce(c.email, x.owner_text), g.code,
         nullif(x.due_day, ''), nullif(x.original_due_day, ''), x.status,
         CASE WHEN x.status IN ('declined','closed') THEN NULL
              WHEN x.reported IN ('on track','done') THEN 'green' WHEN x.reported = 'at risk' THEN 'amber'
              WHEN x.reported IN ('late','blocked') THEN 'red' END,
         iif(x.status IN ('declined','closed'), NULL, x.brag_derived),
         iif(x.status IN ('declined','closed'), NULL, x.brag_shown),
         strftime('%Y-%m-%dT%H:%M:%SZ', x.verified_at, 'unixepoch'), x.extensions,
         strftime('%Y-%m-%dT%H:%M:%SZ', x.updated_at, 'unixepoch')
    FROM action x JOIN agency a ON a.id = x.agency LEFT JOIN contact c ON c.id = x.owner LEFT JOIN grp g ON g.id = x.grp;

-- Findings that stand: those of a withdrawn or superseded return are closed.
CREATE VIEW v_finding(ref, source, agency, theme, priority, kind, severity, text, action) AS
  SELECT f.ref, coalesce(s.ref, ''), a.code, f.theme, f.priority, f.kind, f.severity, f.text, x.ref
    FROM finding f LEFT JOIN submission s ON s.id = f.submission LEFT JOIN agency a ON a.id = f.agency
         LEFT JOIN action x ON x.id = f.action
   WHERE f.closed_at IS NULL;

CREATE VIEW v_meeting(ref, group_code, title, uid, sequence, starts_at, ends_at, status) AS
  SELECT m.ref, g.code, m.title, m.uid, m.sequence, strftime('%Y-%m-%dT%H:%M:%SZ', m.starts_at, 'unixepoch'),
         strftime('%Y-%m-%dT%H:%M:%SZ', m.ends_at, 'unixepoch'), m.status
    FROM meeting m JOIN grp g ON g.id = m.grp;

CREATE VIEW v_attendee(meeting, email, role, partstat, instance, comment, answered_at) AS
  SELECT m.ref, c.email, t.role, t.partstat, strftime('%Y-%m-%dT%H:%M:%SZ', t.instance_at, 'unixepoch'), t.comment,
         strftime('%Y-%m-%dT%H:%M:%SZ', t.answered_at, 'unixepoch')
    FROM attendee t JOIN meeting m ON m.id = t.meeting JOIN contact c ON c.id = t.contact;

CREATE VIEW v_outbox(id, kind, ref, recipient, subject, message_id, in_reply_to, state, attempts, queued_at, sent_at, last_error) AS
  SELECT id, kind, ref, recipient, subject, message_id, in_reply_to, state, attempts,
         strftime('%Y-%m-%dT%H:%M:%SZ', queued_at, 'unixepoch'), strftime('%Y-%m-%dT%H:%M:%SZ', sent_at, 'unixepoch'), last_error
    FROM outbox;

CREATE VIEW v_audit(id, at, actor, verb, ref, detail, hash) AS
  SELECT id, strftime('%Y-%m-%dT%H:%M:%SZ', at, 'unixepoch'), actor, verb, ref, detail, hash FROM audit;
