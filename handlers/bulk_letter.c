#include "handlers/bulk_letter.h"

#include <string.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/text.h"
#include "handlers/letters.h"
#include "handlers/parts.h"
#include "mail/words.h"

enum {
	FAULTS_SHOWN = 5, /* of one line, in words */
	WROTE_CHARS = 120,
	LIST_BYTES = LIMIT_MAIL_BYTES / 2,
};

/* By enum bulk_end: for the table, for the list, and for a rehearsal. */
static const struct {
	const char *label, *words, *check;
	bool is_wrong, is_new;
} g_ends[] = {
    [BULK_FILED] = {"Filed", "filed", "In order", false, true},
    [BULK_CHANGED] = {"Changed, as you asked", "changed", "In order", false,
	true},
    [BULK_SAME] = {"As we have it already", "as before", "As before", false,
	false},
    [BULK_PART] = {"Kept, but not finished", "kept, not finished",
	"Not finished", true, true},
    [BULK_SAME_PART] = {"Nothing new, and not finished", "not finished",
	"Not finished", true, false},
    [BULK_BACK] = {"Not kept", "not kept", "Not in order", true, false},
};

static const char *
end_words(const struct bulk_work *work, const struct bulk_line *line)
{
	return work->intake->is_rehearsal
		   ? text_lower(work->intake->desk->arena,
			 g_ends[line->end].check)
		   : g_ends[line->end].words;
}

void
bulk_note_round(struct bulk_work *work, const char *round)
{
	if (work->round != NULL && strcmp(work->round, round) != 0)
		work->is_many_rounds = true;
	work->round = round;
}

void
bulk_note_unread(struct bulk_work *work, const char *text)
{
	if (work->unread_count < LIMIT_UNKNOWN_LINES)
		*(const char **)arena_push(work->intake->desk->arena,
		    &work->unread, &work->unread_count, sizeof(*work->unread)) =
		    text;
}

void
bulk_note(struct bulk_work *work, const char *text)
{
	for (size_t i = 0; i < work->note_count; i++)
		if (strcmp(work->notes[i], text) == 0)
			return;
	if (work->note_count < LIMIT_BULK_SHOWN)
		*(const char **)arena_push(work->intake->desk->arena,
		    &work->notes, &work->note_count, sizeof(*work->notes)) =
		    text;
}

static const char *
name_of(const struct bulk_work *work, const struct bulk_line *line)
{
	if (line->agency.id != 0)
		return line->agency.name;
	return line->set->agency[0] == '\0'
		   ? "No name"
		   : text_first_words(work->intake->desk->arena,
			 line->set->agency, WROTE_CHARS);
}

/* --- the list of all -------------------------------------------------------------- */

static void
list_fault(const struct bulk_work *work, const struct bulk_line *line,
    const struct bulk_fault *fault, struct buf *out)
{
	const char *cells[] = {fault->place[0] == '\0' ? line->set->place
						       : fault->place,
	    line->agency.id != 0 ? line->agency.code : line->set->agency,
	    name_of(work, line), line->ref, end_words(work, line), fault->where,
	    fault->wrote, fault->reason, fault->allowed};

	text_csv_row(out, cells, COUNT_OF(cells));
}

/* A row for each fault, one at least. */
static void
list_line(const struct bulk_work *work, const struct bulk_line *line,
    struct buf *out)
{
	static const struct bulk_fault none = {"", "", "", "", ""};
	size_t listed = out->len > LIST_BYTES / 2 ? 1 : line->fault_count;

	if (line->fault_count == 0)
		list_fault(work, line, &none, out);
	for (size_t i = 0; i < listed && i < line->fault_count; i++)
		list_fault(work, line, &line->faults[i], out);
	if (line->more > 0 || listed < line->fault_count)
		list_fault(work, line,
		    &(struct bulk_fault){"", "", "",
			"There is more that is wrong here.", ""},
		    out);
}

static void
make_list(const struct bulk_work *work, const char *ref,
    struct compose_file *ret_file)
{
	static const char *const header[] = {"Line", "Code", "Name",
	    "Reference", "What became of it", "Where", "You wrote",
	    "The problem", "You can use"};
	struct arena *arena = work->intake->desk->arena;
	struct buf out CLEANUP(buf_done);

	buf_init(&out, LIST_BYTES);
	/* Spreadsheets take it for UTF-8 then. */
	buf_puts(&out, "\xef\xbb\xbf");
	text_csv_row(&out, header, COUNT_OF(header));
	for (size_t i = 0; i < work->count; i++)
		list_line(work, &work->lines[i], &out);
	*ret_file = (struct compose_file){.name = arena_printf(arena,
					      "%s list.csv", ref),
	    .type = "text/csv; charset=utf-8",
	    .data = arena_strndup(arena, buf_text(&out), out.len),
	    .bytes = out.len};
}

/* --- in words --------------------------------------------------------------------- */

static json_t *
fault_values(const struct bulk_work *work, const struct bulk_line *line)
{
	struct arena *arena = work->intake->desk->arena;
	json_t *list = json_array();

	for (size_t i = 0; i < line->fault_count && i < FAULTS_SHOWN; i++) {
		const struct bulk_fault *fault = &line->faults[i];
		(void)json_array_append_new(list,
		    json_pack("{s:s, s:s, s:s, s:s, s:s}", "where",
			fault->where, "wrote",
			text_first_words(arena, fault->wrote, WROTE_CHARS),
			"place", fault->place, "reason", fault->reason,
			"allowed", fault->allowed));
	}
	return list;
}

static json_t *
line_value(const struct bulk_work *work, const struct bulk_line *line)
{
	size_t more = line->more;

	if (line->fault_count > FAULTS_SHOWN)
		more += line->fault_count - FAULTS_SHOWN;

	return json_pack("{s:s, s:s, s:s, s:b, s:s, s:o, s:s, s:b}", "name",
	    name_of(work, line), "place", line->set->place, "ref", line->ref,
	    "kept", line->end != BULK_BACK, "end", end_words(work, line),
	    "faults", fault_values(work, line), "more",
	    more == 0 ? "" : words_count(work->intake->desk->arena, more),
	    "more_one", more == 1);
}

enum which_lines {
	RIGHT_LINES,
	WRONG_LINES
};

/* As many as are shown. */
static json_t *
line_values(const struct bulk_work *work, enum which_lines which,
    size_t *ret_left)
{
	json_t *list = json_array();

	*ret_left = 0;
	for (size_t i = 0; i < work->count; i++) {
		if (g_ends[work->lines[i].end].is_wrong !=
		    (which == WRONG_LINES))
			continue;
		if (json_array_size(list) < LIMIT_BULK_SHOWN)
			(void)json_array_append_new(list,
			    line_value(work, &work->lines[i]));
		else
			(*ret_left)++;
	}
	return list;
}

struct counts {
	size_t of[COUNT_OF(g_ends)];
	size_t wrong, new, not_allowed;
};

static struct counts
count_ends(const struct bulk_work *work)
{
	struct counts counts = {0};

	for (size_t i = 0; i < work->count; i++) {
		const struct bulk_line *line = &work->lines[i];
		counts.of[line->end]++;
		counts.wrong += g_ends[line->end].is_wrong;
		counts.new += g_ends[line->end].is_new;
		counts.not_allowed += line->is_not_allowed;
	}
	return counts;
}

static json_t *
count_values(const struct bulk_work *work, const struct counts *counts)
{
	json_t *list = json_array();

	for (size_t i = 0; i < COUNT_OF(g_ends); i++)
		if (counts->of[i] > 0)
			(void)json_array_append_new(list,
			    json_pack("{s:s, s:I}", "label",
				work->intake->is_rehearsal ? g_ends[i].check
							   : g_ends[i].label,
				"number", (json_int_t)counts->of[i]));
	return list;
}

/* "598 filed, 2 to put right": the end of the subject. */
static const char *
headline(struct arena *arena, const struct counts *counts, bool is_rehearsal)
{
	size_t right = counts->of[BULK_FILED] + counts->of[BULK_CHANGED];
	const char *filed = right == 0
				? ""
				: arena_printf(arena, "%zu %s", right,
				      is_rehearsal ? "in order" : "filed");

	if (counts->wrong > 0)
		return arena_printf(arena, "%s%s%zu to put right", filed,
		    right == 0 ? "" : ", ", counts->wrong);
	return right > 0 ? filed : "we have all of it already";
}

/* What stands beside the file, and whose it is we cannot tell. */
static void
note_beside(struct bulk_work *work)
{
	const struct form_source *source = &work->intake->reading.source;
	const struct bulk *bulk = &work->intake->reading.bulk;
	struct arena *arena = work->intake->desk->arena;

	for (size_t i = 0; i < bulk->unread_count; i++)
		bulk_note_unread(work, bulk->unread[i]);
	for (size_t i = 0; i < bulk->note_count; i++)
		bulk_note(work, bulk->notes[i]);
	for (size_t i = 0; i < source->entry_count; i++)
		bulk_note_unread(work,
		    form_place(arena, work->intake->reading.form,
			source->entries[i].tbl, source->entries[i].row,
			source->entries[i].field));
	for (size_t i = 0; i < source->unread_count; i++)
		bulk_note_unread(work, source->unread[i]);
}

static json_t *
unread_values(const struct bulk_work *work)
{
	json_t *list = json_array();

	for (size_t i = 0; i < work->unread_count && i < LIMIT_BULK_SHOWN; i++)
		(void)json_array_append_new(list,
		    json_string(text_first_words(work->intake->desk->arena,
			work->unread[i], WROTE_CHARS)));
	return list;
}

static json_t *
note_values(const struct bulk_work *work)
{
	json_t *list = json_array();

	for (size_t i = 0; i < work->note_count; i++)
		(void)json_array_append_new(list, json_string(work->notes[i]));
	return list;
}

static json_t *
values_of(const struct bulk_work *work, const struct counts *counts)
{
	const struct intake *intake = work->intake;
	struct arena *arena = intake->desk->arena;
	size_t wrong_left, right_left;
	json_t *wrong = line_values(work, WRONG_LINES, &wrong_left);
	json_t *right = line_values(work, RIGHT_LINES, &right_left);

	return json_pack("{s:s, s:o, s:I, s:b, s:s, s:b, s:b, s:o, s:o, s:o, "
			 "s:I, "
			 "s:I, s:o, s:o, s:o}",
	    "title", intake->reading.form->title, "when",
	    letter_when(intake->received_at), "number", (json_int_t)work->count,
	    "one", work->count == 1, "headline",
	    headline(arena, counts, intake->is_rehearsal), "rehearsal",
	    intake->is_rehearsal, "stored",
	    counts->new > 0 && !intake->is_rehearsal, "counts",
	    count_values(work, counts), "wrong", wrong, "right", right,
	    "wrong_left", (json_int_t)wrong_left, "right_left",
	    (json_int_t)right_left, "notes", note_values(work), "unread",
	    unread_values(work), "files", parts_values(intake, PARTS_FILED));
}

/* --- the answer --------------------------------------------------------------------- */

/* By what a reply finds its form, and its round where there is one. */
static const char *
reference_of(const struct bulk_work *work)
{
	return work->round == NULL || work->is_many_rounds
		   ? work->intake->reading.form->name
		   : work->round;
}

static void
set_outcome(const struct bulk_work *work, const struct counts *counts,
    const char *ref)
{
	struct outcome *outcome = &work->intake->outcome;

	*outcome =
	    (struct outcome){.outcome = "filed", .reason = "", .ref = ref};
	if (work->intake->is_rehearsal) {
		outcome->outcome = "answered";
	} else if (counts->of[BULK_SAME] + counts->of[BULK_SAME_PART] ==
		   work->count) {
		outcome->outcome = "duplicate";
		outcome->like = counts->wrong > 0 ? "problems" : "filed";
	} else if (counts->wrong > 0) {
		outcome->outcome = "problems";
	}
	if (counts->not_allowed == work->count)
		outcome->reason = "not allowed";
}

int
bulk_answer(struct bulk_work *work, struct err *err)
{
	struct intake *intake = work->intake;
	struct counts counts = count_ends(work);
	const char *ref = reference_of(work);
	struct compose_file list;
	struct letter letter;
	int64_t outbox;
	int sent;

	note_beside(work);
	set_outcome(work, &counts, ref);
	make_list(work, ref, &list);
	letter_to_sender(intake, &letter);
	letter.topic = "bulk";
	letter.kind = intake->is_rehearsal ? "notice"
		      : counts.wrong > 0   ? "problems"
					   : "receipt";
	letter.ref = ref;
	letter.files = &list;
	letter.file_count = 1;
	json_t *values = values_of(work, &counts);
	if (counts.new > 0 && !intake->is_rehearsal)
		sent = mailer_queue(intake->desk->mailer, &letter, values,
		    &outbox, err);
	else
		sent = letter_answer(intake, &letter, values, err);
	json_decref(values);
	return sent < 0 ? sent : 0;
}
