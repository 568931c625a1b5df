/*
 * Workbooks and Word files: an attached zip becomes tables. Which kind it is,
 * its main part says, not its name: people send them under any. Macros are
 * never looked at, formulas never calculated, links never followed.
 */
#ifndef LSCPD_PARSER_OFFICE_H
#define LSCPD_PARSER_OFFICE_H

#include "parser/package.h"

/*
 * Reads `file` as the part, and gives the part its verdict, reason and tables.
 * False if it is no Office file: the part is untouched then, or, if it is not
 * even a sound zip, has the verdict for that.
 */
bool office_read(struct context *ctx, struct record_part *part,
    const struct buf *file);

/*
 * The readers behind it; `main_part` is the name of the part that says what
 * the file is. Each adds tables to the package.
 */
void
xlsx_read(struct package *p, struct record_part *part, const char *main_part);
void
docx_read(struct package *p, struct record_part *part, const char *main_part);
void
ods_read(struct package *p, struct record_part *part, const char *main_part);

#endif
