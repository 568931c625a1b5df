#include <string.h>

#include "base/buf.h"
#include "base/date.h"
#include "base/limits.h"
#include "base/text.h"
#include "forms/blank.h"
#include "handlers/return_case.h"
#include "store/message.h"

static void
add_line(struct buf *out, const char *tbl, const char *row, const char *field,
    const char *value)
{
	const char *cells[] = {tbl, row, field, value};

	for (size_t i = 0; i < COUNT_OF(cells); i++) {
		if (i > 0)
			buf_putc(out, ',');
		text_escape_csv(out, cells[i]);
	}
	buf_puts(out, "\r\n");
}

static void
add_file(struct arena *arena, struct buf *out, const char *name, int64_t bytes,
    const char *sha256)
{
	add_line(out, "files", name, "bytes",
	    arena_printf(arena, "%lld", (long long)bytes));
	add_line(out, "files", name, "sha256", sha256);
}

static int
add_stored_files(const struct return_case *rc, struct buf *out, int64_t message,
    struct err *err)
{
	struct arena *arena = rc->intake->desk->arena;
	struct message_parts parts;
	int failed = message_list_parts(rc->intake->desk->store, arena, message,
	    &parts, err);

	for (size_t i = 0; failed >= 0 && i < parts.count; i++)
		add_file(arena, out, parts.items[i].name, parts.items[i].bytes,
		    parts.items[i].sha256);
	return failed < 0 ? failed : 0;
}

/* The mail in hand: its parts are stored once it has its outcome. */
static void
add_new_files(const struct return_case *rc, struct buf *out)
{
	const struct record *record = rc->intake->record;

	for (size_t i = 0; i < record->part_count; i++)
		add_file(rc->intake->desk->arena, out, record->parts[i].name,
		    (int64_t)record->parts[i].bytes, record->parts[i].sha256);
}

/* Each version with the instant of its mail, and the files that came with it. */
static int
add_versions(const struct return_case *rc, struct buf *out, struct err *err)
{
	struct arena *arena = rc->intake->desk->arena;
	struct submission_versions versions;
	int failed = submission_list_versions(rc->intake->desk->store, arena,
	    rc->filing.submission.id, &versions, err);

	for (size_t i = 0; failed >= 0 && i < versions.count; i++) {
		const struct submission_version *version = &versions.items[i];
		char at[INSTANT_TEXT_BYTES];
		instant_format(version->at, at);
		add_line(out, "about",
		    arena_printf(arena, "%d", version->version), "version", at);
		if (version->message == rc->intake->message)
			add_new_files(rc, out);
		else
			failed =
			    add_stored_files(rc, out, version->message, err);
	}
	return failed < 0 ? failed : 0;
}

int
return_copy(const struct return_case *rc, struct compose_file *ret_file,
    struct err *err)
{
	const struct submission *submission = &rc->filing.submission;
	struct arena *arena = rc->intake->desk->arena;
	CLEANUP(buf_done)
	struct buf out;

	buf_init(&out, LIMIT_MAIL_BYTES / 4);
	blank_csv_copy(&out, &(struct blank){.form = rc->form,
				 .ref = submission->ref,
				 .round = submission->round_ref,
				 .agency = submission->agency_code,
				 .answers = rc->shown,
				 .answer_count = rc->shown_count});
	add_line(&out, "about", "", "reference", submission->ref);
	add_line(&out, "about", "", "form", rc->form->name);
	int failed = add_versions(rc, &out, err);
	if (failed < 0)
		return failed;
	if (out.over)
		return err_set(err, ERR_LIMIT, BLAME_OPERATOR,
		    "the copy of %s is too large to send", submission->ref);
	*ret_file = (struct compose_file){.name = arena_printf(arena, "%s.csv",
					      submission->ref),
	    .type = "text/csv; charset=utf-8",
	    .data = arena_strndup(arena, buf_text(&out), out.len),
	    .bytes = out.len};
	return 0;
}
