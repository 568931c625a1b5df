#include "engine/standing.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "mail/words.h"

enum {
	ARENA_BYTES = 64 * 1024,
	LEAST_MS = 10 * 1000, /* between two looks while there is work */
};

/* "intake works", "intake does not work (why)". */
static int
stand(struct engine *engine, struct arena *arena, const char *what,
    const char *row, const char **ret_words)
{
	const char *why = "";
	struct err err = {0};
	int found = meta_find(engine->store, arena, row, &why, &err);

	if (found < 0)
		return found;
	*ret_words = why[0] == '\0' ? arena_printf(arena, "%s works", what)
				    : arena_printf(arena,
					  "%s does not work (%s)", what, why);
	return 0;
}

static const char *
last_look(struct engine *engine, struct arena *arena)
{
	int64_t at = 0;
	struct err err = {0};

	if (meta_get_number(engine->store, "last_sync_at", &at, &err) < 0 ||
	    at == 0)
		return "the mailbox was not read yet";
	return arena_printf(arena, "mailbox last read on %s",
	    words_when(arena, at));
}

void
standing_tell(struct engine *engine)
{
	struct arena *arena CLEANUP(arena_cleanup)
	= arena_new(ARENA_BYTES);
	struct standing *standing = &engine->standing;
	int64_t now_ms = clock_mono_ms();
	const char *intake, *sending;
	struct buf safe CLEANUP(buf_done);

	buf_init(&safe, 4 * sizeof(standing->told));
	if (!notify_is_wanted() ||
	    (engine_is_busy(engine) && now_ms < standing->due_ms))
		return;
	standing->due_ms = now_ms + LEAST_MS;
	/* What cannot be read is told when it can be. */
	if (stand(engine, arena, "intake", "last_sync_error", &intake) < 0 ||
	    stand(engine, arena, "sending", "last_send_error", &sending) < 0)
		return;
	const char *text = arena_printf(arena, "%s; %s; %s", intake, sending,
	    last_look(engine, arena));
	if (strncmp(text, standing->told, sizeof(standing->told) - 1) == 0)
		return;
	(void)snprintf(standing->told, sizeof(standing->told), "%s", text);
	/* A server's words are in it: a line of theirs would be an order. */
	text_escape_control(&safe, standing->told);
	notify_send("STATUS=%s", buf_text(&safe));
}
