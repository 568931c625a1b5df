/*
 * A form as an XLSX workbook: blank, to be filled in by people, or the copy
 * of a return, with a note beside each answer that is wrong or missing. Made
 * from the definition alone; handlers and ctl are the callers.
 *
 * What stands where, for whoever reads one back. By its labels, since people
 * move rows; by names and map where the labels are gone:
 *
 *   first sheet, named after the form's title
 *     head: title, instructions, then rows "For", "Send it by" and so on, the
 *     last "Reference" with S11-2026/LGT, R-000123 or the form's name beside
 *     it. Nothing is asked there.
 *     plain fields: a band "About this return", then rows of label, answer,
 *     help.
 *     a table as blocks (fixed rows, many texts to write): for each row a band
 *     with its heading ("Standard 1: Senior management commitment"), then rows
 *     of label, answer, help, as above.
 *     a table as a grid: a band with the table's label, a row of hints, the
 *     header row with the labels of the columns (for fixed rows "Standard" or
 *     whatever a row is called stands before them), then the rows.
 *     Where there is a grid, answers of plain fields are merged cells. In a
 *     copy, what is wrong stands instead of the help, and in a further last
 *     column of a grid, headed "Please look at". Where rows are offered with
 *     titles, these stand in a first column "About". Both are ours.
 *   sheet "About this copy" (of a copy alone): reference, versions, files.
 *   hidden sheet "_lscpd", columns A and B: key and value, to the first empty
 *     row: lscpd 1; kind blank or copy; form; version (of the definition);
 *     round; agency; ref (S11-2026/LGT or R-000123); instance (16 hex digits);
 *     copy (the version of the return that a copy shows). A value that is not
 *     there has no row. Below the empty row the map, under the header cell,
 *     table, row, field, given: where each answer stands on the first sheet
 *     ("C12", a merged cell by its first), whose it is (table and row "" for a
 *     plain field; rows of a repeating table are numbered 1, 2, 3 as they
 *     stand), and what we put there, in the spelling of v_answer. The cell of
 *     an answer that is wrong is left empty: its note says what was written.
 *     Column G, under the header text: every sentence, heading and help that
 *     we wrote on the other sheets, so that a reader can pass it over.
 *   hidden sheet "_lists": what longer drop-downs offer.
 *   defined names: lscpd.FIELD, the cell of a plain field; lscpd.TABLE, a grid
 *     with its header row; lscpd.TABLE.ROW, the answers of a block; FIELD,
 *     TABLE and ROW with _ for - and space. They move with inserted rows.
 *
 * What was given is known already. So of a copy only what differs from it
 * counts; of a blank one all counts, but nothing where nothing differs, and no
 * row of a repeating table in which nothing does.
 */
#ifndef LSCPD_FORMS_WORKBOOK_H
#define LSCPD_FORMS_WORKBOOK_H

#include "base/buf.h"
#include "base/err.h"
#include "forms/blank.h"

#define WORKBOOK_TYPE \
	"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
#define WORKBOOK_IDENTITY "_lscpd"
#define WORKBOOK_LISTS    "_lists"
#define WORKBOOK_ABOUT    "About this copy"

/* What a drop-down offers for a type that the register knows: an agency's
 * name for its code, say. */
struct workbook_option {
	const char *value, *label;
};

struct workbook_list {
	enum form_type type;
	const struct workbook_option *options;
	size_t count;
};

/* Whose it is, in words for the head; "" for what there is not. */
struct workbook_head {
	const char *partnership, *address, *phone, *concern, *marking;
	const char *instance;
	const char *agency; /* its name */
	const char *person; /* to whom it is sent */
	const char *due;    /* "Friday 27 February 2026" */
};

/* What is wrong or missing, with its letter in the mail; "" without one. */
struct workbook_note {
	const char *letter;
	const struct form_problem *problem;
};

/* A line of "About this copy"; a value "" makes `label` a heading. */
struct workbook_fact {
	const char *label, *value;
};

struct workbook {
	const struct blank *blank; /* form, ref, round, agency, answers, rows */
	const struct workbook_head *head;
	const struct workbook_list *lists;
	size_t list_count;
	int64_t made_at;
	/* Of a copy; `copy` 0: a blank one. */
	int copy; /* version of the return */
	const struct workbook_note *notes;
	size_t note_count;
	const struct workbook_fact *facts;
	size_t fact_count;
};

/*
 * Append the workbook's bytes to `out`. ERR_LIMIT where it may not hold them,
 * ERR_IO where the library has no place for its temporary files.
 */
int workbook_write(const struct workbook *workbook, struct buf *out,
    struct err *err);

#endif
