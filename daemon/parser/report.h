/*
 * Delivery reports: RFC 3464 and its kin by their fields, and what mail servers
 * wrote before or beside them by their words. Which recipients failed, and
 * which of our mails it is about: its Message-ID or reply code.
 */
#ifndef LSCPD_PARSER_REPORT_H
#define LSCPD_PARSER_REPORT_H

#include "parser/context.h"

/* The message's own type says that it is a report: `report-type` or "". */
void report_type(struct context *ctx, const char *type);
/* A part message/delivery-status, …disposition-notification, and the like, of
 * that type. */
void report_part(struct context *ctx, const char *type, const char *text);
/* The same fields, wherever they stand. */
void report_fields(struct context *ctx, const char *text);
/*
 * Once all bodies and parts are read: judges by words where no report was, and
 * looks for what was returned in ctx->returned and the bodies.
 */
void report_finish(struct context *ctx);

/* Append a recipient, once; `addr` as it stands in the text. For bounce.c. */
void report_push(struct context *ctx, const char *addr, const char *action,
    const char *status);

#endif
