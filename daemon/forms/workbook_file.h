/*
 * The bytes of a workbook: the library writes to a named file; this is one
 * that only we hold. For forms/workbook.c, and for exports.
 */
#ifndef LSCPD_FORMS_WORKBOOK_FILE_H
#define LSCPD_FORMS_WORKBOOK_FILE_H

#include <xlsxwriter.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "forms/workbook_style.h"

struct workbook_file {
	const void *ctx;
	/* Fills the workbook of these styles; nothing of it can fail before
	 * the end. */
	void (*write)(const void *ctx, struct workbook_styles *styles);
};

/* A text as far as a sheet may be called so. */
const char *workbook_sheet_name(struct arena *arena, const char *text);

/*
 * Append the file to `out`, its rows such that they grow with what is typed
 * into them: a height that the library writes is a fixed one; taken as a
 * first guess instead, a spreadsheet fits the row to its text. ERR_LIMIT,
 * ERR_FULL or ERR_SYSTEM.
 */
int workbook_file_make(const struct workbook_file *file, struct buf *out,
    struct err *err);

#endif
