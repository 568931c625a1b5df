/*
 * The record: what the parser says of one message, and all that the engine
 * ever sees of it. Form-agnostic, bounded by base/limits.h, every string valid
 * UTF-8 without NUL. The engine treats it as hostile: record_decode() checks
 * every length and count and never trusts the sender of the bytes.
 *
 * The structures are plain; both ends build or read them in an arena. A string
 * is never NULL: what is absent is "". Arrays stand in the order of the
 * message.
 */
#ifndef LSCPD_WIRE_RECORD_H
#define LSCPD_WIRE_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/sha256.h"

/* One header field, unfolded and decoded (RFC 2047), top to bottom. */
struct record_header {
	const char *name; /* as written */
	const char *value;
};

/* One mailbox of From, Sender, Reply-To, To or Cc. */
struct record_address {
	const char *name; /* display name, decoded */
	const char *addr; /* local part as written, domain in lower case */
};

struct record_addresses {
	struct record_address *items;
	size_t count;
	bool group; /* RFC 5322 group syntax was used */
};

/* RFC 8601: one property such as header.from=hospital.example. */
struct record_property {
	const char *ptype, *property, *value;
};

/* RFC 8601: one method's result. Words are in lower case. */
struct record_method {
	const char *method, *result;
	struct record_property *properties;
	size_t property_count;
};

/*
 * One Authentication-Results header. Its place: how many Received headers
 * stand above it; trust counts from the top.
 */
struct record_authres {
	const char *authserv_id; /* "" where the header has none (Exchange) */
	uint32_t received_above;
	struct record_method *methods;
	size_t method_count;
};

struct record_received {
	const char *from, *by; /* the host names alone, in lower case */
};

/* Whose words a piece of text is. */
enum record_whose {
	WHOSE_NEW = 0,    /* the sender's own, of this mail */
	WHOSE_QUOTED = 1, /* quoted of an earlier mail */
	WHOSE_FORWARDED = 2,
	WHOSE_SIGNATURE = 3,
};

/*
 * A run of lines of one kind, LF ended, quote marks taken off. An HTML body
 * is rendered: block elements and <br> end lines, a row of a two-column table
 * is "key: value", cells of other rows are separated by TAB.
 */
struct record_segment {
	enum record_whose whose;
	uint32_t depth; /* levels of quoting: 0 for new text */
	uint32_t line;  /* of its first line in the rendered body, from 1 */
	const char *text;
};

enum record_body_kind {
	BODY_PLAIN = 0,
	BODY_HTML = 1
};

/* A body part of the message itself (not of a message attached to it). */
struct record_body {
	enum record_body_kind kind;
	struct record_segment *segments;
	size_t segment_count;
};

/*
 * cells[i] stands in column i (0 is A). Rows of a sheet that hold neither text
 * nor marks are left out, so lines may jump.
 */
struct record_row {
	uint32_t line; /* line or row number in its source, from 1 */
	const char **cells;
	size_t cell_count;
	bool hidden; /* of a sheet: not to be seen on the screen */
};

enum record_table_kind {
	TABLE_HTML = 0,
	TABLE_CSV = 1,
	TABLE_SHEET = 2, /* of an XLSX, XLSM or ODS file */
	TABLE_WORD = 3,  /* a table of a DOCX file */
	/*
	 * A JSON file in the long shape: the first row is table, row, field,
	 * value; `form`, `round` and `agency` have neither table nor row. What
	 * the file holds beside the agreed shape is a row whose field is its
	 * path ("extra.list.2"). A line counts values, not lines of the file.
	 */
	TABLE_JSON = 4,
};

/* What a cell of a sheet is besides its text; bits. */
enum record_mark_kind {
	MARK_FORMULA = 1,  /* calculated; the text is the value it had */
	MARK_NO_VALUE = 2, /* a formula that was never calculated: no text */
	MARK_ERROR = 4,    /* #REF! and the like; that is the text */
	MARK_MERGED = 8,   /* repeats the first cell of a merged range */
	MARK_HIDDEN = 16,  /* in a hidden column, or a hidden row */
	MARK_ALL = 31,
};

/* Line 0 marks the whole column. */
struct record_mark {
	uint32_t line, column;
	unsigned kinds;
};

/*
 * A grid: a table of an HTML body, of a CSV file, a workbook, a Word document
 * or a JSON file. Of a body, every table that holds data is here, also one of
 * two columns, whose rows stand in the text as "key: value" as well; spans are
 * expanded by repetition.
 *
 * Cells of a sheet are written as a form's answers are: days 2026-03-31, with
 * a time 2026-03-31 14:30, a time alone 14:30, percents 25%, truth yes and no,
 * numbers as plain decimals without an exponent (12.5).
 */
struct record_table {
	enum record_table_kind kind;
	enum record_whose whose; /* of an HTML table; WHOSE_NEW for files */
	uint32_t part;           /* index into parts; UINT32_MAX for a body */
	const char *name;        /* of the sheet; "" */
	struct record_row *rows;
	size_t row_count;
	struct record_mark *marks; /* by line, then column; each cell once */
	size_t mark_count;
	bool hidden; /* the whole sheet */
	bool cut;    /* a limit was reached: rows or columns are missing */
};

/* What became of an attached part in the parser. */
enum record_verdict {
	PART_KEPT = 0,       /* not looked into: evidence */
	PART_READ = 1,       /* its content stands in tables or bodies */
	PART_UNREADABLE = 2, /* should have been readable, but is damaged */
	PART_ENCRYPTED = 3,  /* a password, or a key of S/MIME or PGP */
	PART_LABELLED = 4,   /* a label or rights management: rpmsg and files */
	PART_WRAPPED = 5,    /* Egress and the like: to be opened elsewhere */
	PART_OLD_FORMAT = 6, /* .xls, .xlsb, .doc, .rtf, .numbers, .pages */
	PART_WINMAIL = 7,    /* winmail.dat, in which Outlook hides files */
	PART_CALENDAR = 8,
	PART_MESSAGE = 9,    /* a message attached or returned */
	PART_TOO_LARGE = 10, /* readable by kind, but over a limit */
};

/*
 * An attached part (all leaves but bodies). Its content does not travel: it is
 * found again in the raw message at `offset`.
 */
struct record_part {
	const char *name;     /* file name, decoded (RFC 2047, 2231); "" */
	const char *type;     /* media type, lower case */
	const char *encoding; /* content transfer encoding, lower case */
	uint64_t offset, raw_bytes;    /* of the encoded body in the message */
	uint64_t bytes;                /* decoded */
	char sha256[SHA256_HEX_BYTES]; /* of the decoded content */
	bool is_inline;
	bool macros; /* it holds macros, which are never run */
	enum record_verdict verdict;
	/*
	 * What the parser knows beyond the verdict, for the sender, to stand
	 * behind "NAME: ": "it holds more than 20000 rows. We read the first
	 * 20000."; also of a part that was read. "" where there is no more.
	 */
	const char *reason;
	/* Of a readable small text part, and of a Word file outside its
	 * tables; "". */
	const char *text;
};

/* RFC 3464, or what a server wrote instead of it. */
struct record_recipient {
	const char *addr;   /* final, else original recipient; lower case */
	const char *action; /* failed, delayed, delivered, relayed, expanded */
	const char *status; /* 5.1.1, "" where unknown */
};

struct record_report {
	bool is_dsn;       /* multipart/report; report-type=delivery-status */
	bool is_mdn;       /* disposition-notification */
	bool is_feedback;  /* feedback-report (RFC 5965) */
	bool looks_bounce; /* no report, but a mail server's words of failure */
	struct record_recipient *recipients;
	size_t recipient_count;
	/* Message-IDs (with brackets) found in what was returned, and reply
	 * codes (XXXX-XXXX) found there. Of reports and bounces alone. */
	const char **returned_ids;
	size_t returned_id_count;
};

struct record {
	struct record_header *headers;
	size_t header_count;
	struct record_addresses from, sender, reply_to, to, cc;
	const char *subject;
	const char *message_id;  /* as received, with brackets; "" */
	const char *in_reply_to; /* the first id, with brackets; "" */
	const char **references;
	size_t reference_count;
	int64_t date_at; /* of Date:, 0 where there is none */
	struct record_authres *authres;
	size_t authres_count;
	struct record_received *received;
	size_t received_count;

	struct record_body *bodies;
	size_t body_count;
	struct record_table *tables;
	size_t table_count;
	struct record_part *parts;
	size_t part_count;
	struct record_report report;

	const char *calendar_method; /* "" without a calendar part */
	const char *content_type;    /* of the message, lower case */
	/*
	 * Digest over what a redelivery keeps: Message-ID, From, Subject, Date
	 * and the decoded leaves; not Received, trace or authentication.
	 */
	char content_key[SHA256_HEX_BYTES];

	bool has_calendar;
	bool is_signed;    /* S/MIME or PGP, readable */
	bool is_encrypted; /* nothing readable inside */
	bool is_cut;       /* no closing boundary, or cut base64 */
	bool over_limit;   /* parts, depth or text beyond the limits */
	bool
	    has_share_link; /* OneDrive, SharePoint, Google, Dropbox in new text */
};

/* Value of the first header of that name (any case); NULL if there is none. */
const char *record_header(const struct record *record, const char *name);

/* The marks of a cell (0: none), those of its column and row among them. */
unsigned record_cell_marks(const struct record_table *table,
    const struct record_row *row, size_t column);

enum {
	COLUMN_NAME_BYTES = 8
};

/* "A" for 0, "IV" for 255: what spreadsheets call a column. */
void record_column_name(size_t column, char ret_name[static COLUMN_NAME_BYTES]);

/* Writer and reader of the bytes that travel; a version stands in front. */
void record_encode(const struct record *record, struct buf *out);
/*
 * Everything points into `arena`; the bytes may go. ERR_PROTOCOL for anything
 * that a sound parser would not send.
 */
int record_decode(struct arena *arena, const void *data, size_t bytes,
    struct record *ret_record, struct err *err);

#endif
