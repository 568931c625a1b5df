/*
 * Everything that a stranger can make large, with its bound. What has a place
 * in `limits { … }` of lscpd.conf is a default here; the rest is fixed.
 */
#ifndef LSCPD_BASE_LIMITS_H
#define LSCPD_BASE_LIMITS_H

enum {
	/* A message. */
	LIMIT_MESSAGE_BYTES = 100 * 1024 * 1024, /* default of limits.message */
	LIMIT_PARTS = 200,         /* leaves; more: the message is unreadable */
	LIMIT_PART_DEPTH = 30,     /* nesting of multiparts and messages */
	LIMIT_HEADER_COUNT = 500,  /* kept, from the top */
	LIMIT_HEADER_BYTES = 8192, /* kept of each */
	LIMIT_HEADERS_BYTES = 256 * 1024, /* kept of all together */
	LIMIT_ADDRESSES = 200,            /* kept of each address header */
	LIMIT_REFERENCES = 100,
	LIMIT_LINE_BYTES = 64 * 1024, /* a line of text; longer ones are cut */

	/* What the parser reads of it. */
	LIMIT_TEXT_BYTES = 1024 * 1024,     /* all visible text of a body */
	LIMIT_HTML_BYTES = 2 * 1024 * 1024, /* of an HTML part */
	LIMIT_HTML_TAG_BYTES = 64 * 1024,   /* of one tag */
	LIMIT_HTML_DEPTH = 256,
	LIMIT_CSV_BYTES = 4 * 1024 * 1024,
	LIMIT_CELLS = 100000, /* of all tables of a message */
	LIMIT_COLUMNS = 256,  /* of one table */
	LIMIT_ROWS = 20000,   /* of one table */
	LIMIT_CELL_BYTES = 32767,

	/* Workbooks, Word and JSON files. */
	LIMIT_OFFICE_BYTES = 10 * 1024 * 1024,   /* of one file, packed */
	LIMIT_UNPACKED_BYTES = 48 * 1024 * 1024, /* of all files of a message */
	LIMIT_ENTRY_BYTES = 24 * 1024 * 1024,    /* of one entry, unpacked */
	LIMIT_ENTRIES = 2048,                    /* of one file */
	LIMIT_ENTRY_NAME_BYTES = 255,
	LIMIT_XML_DEPTH = 256,
	LIMIT_XML_TOKEN_BYTES = 256 * 1024, /* a tag with its attributes */
	LIMIT_SHEETS = 256,
	LIMIT_STRINGS = 200000, /* shared strings of a workbook */
	LIMIT_STRINGS_BYTES = 8 * 1024 * 1024,
	LIMIT_STYLES = 65536,
	LIMIT_RELATIONS = 2048,
	LIMIT_MERGES = 10000, /* merged ranges of one sheet */
	LIMIT_JSON_BYTES = 4 * 1024 * 1024,
	LIMIT_JSON_VALUES = 50000,
	LIMIT_JSON_DEPTH = 32,

	LIMIT_RECORD_BYTES = 24 * 1024 * 1024, /* the parser's answer */

	/* A return. */
	LIMIT_ANSWER_CHARS = 4000, /* a text without a limit of its own */
	LIMIT_ANSWERS = 5000,      /* of one return */
	LIMIT_PROBLEMS = 100,      /* listed in one mail */
	LIMIT_UNKNOWN_LINES = 50,  /* kept as not understood */
	LIMIT_BULK_RETURNS = 2000, /* in one mail: a school each */
	LIMIT_BULK_SHOWN = 20,     /* of them in words; the list has all */

	/* What goes out. */
	LIMIT_MAIL_BYTES = 16 * 1024 * 1024,
	LIMIT_SUBJECT_CHARS = 200,

	/* Memory of one piece of work. */
	LIMIT_ARENA_BYTES = 192 * 1024 * 1024,
};

#endif
