/*
 * The values of a sheet's cells as text that a form understands: 2026-03-31,
 * 14:30, 25%, yes, 12.5. What a number means (a day, a share) is in its cell's
 * format; of a date and time, what the format shows.
 */
#ifndef LSCPD_PARSER_CELLTEXT_H
#define LSCPD_PARSER_CELLTEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

enum cell_kind {
	CELL_NUMBER = 0,
	CELL_PERCENT,
	CELL_DATE,
	CELL_TIME,      /* of the day */
	CELL_DATE_TIME, /* both */
	CELL_SPAN,      /* hours beyond 24: [h]:mm */
	CELL_TRUTH,     /* yes and no, written as numbers */
	CELL_DIGITS,    /* filled with zeros: 00000 */
};

struct cell_format {
	unsigned char kind;   /* enum cell_kind */
	unsigned char digits; /* of CELL_DIGITS */
};

/* What the days of a workbook are counted from. */
enum cell_epoch {
	EPOCH_1900, /* and 29 February 1900 is counted, though it never was */
	EPOCH_1904
};

/* A format code such as dd/mm/yyyy;@ */
struct cell_format cell_format_of(const char *code);
/* Those that have a number but no code; others are CELL_NUMBER. */
struct cell_format cell_format_builtin(unsigned id);

/* Appends a finite number by its format. */
void cell_put_number(struct buf *out, double value, struct cell_format format,
    enum cell_epoch epoch);
/* 15 digits at most, no exponent, nothing that is not needed. */
void cell_put_decimal(struct buf *out, double value);
void cell_put_truth(struct buf *out, const char *word);
/* 2026-03-31T14:30:00 of ISO 8601; false (nothing is put) if it is none. */
bool cell_put_iso(struct buf *out, const char *text);
/* PT14H30M00S; false if it is none. */
bool cell_put_duration(struct buf *out, const char *text);

#endif
