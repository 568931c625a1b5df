#include "mailbox/session.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/text.h"
#include "mailbox/driver.h"
#include "mailbox/known.h"
#include "wire/frame.h"
#include "wire/serve.h"
#include "wire/treaty.h"

enum {
	LISTING_BYTES = 512 * 1024 * 1024, /* of memory, at the very most */
	REQUEST_BYTES = 8 * 1024 * 1024,
	ATTENTION_KEYS = 512, /* of one frame */
	PAGE_MAX = 1024,
	DECIMAL = 10,
	QUIET_MS = 50, /* without a request: the engine only waits */
};

static const struct mailbox_driver *const g_drivers[] = {&g_maildir_driver,
    &g_imap_driver};

struct session {
	int sock;
	struct frame_reader reader;
	const struct mailbox_driver *driver;
	void *box;
	struct known *known;

	struct arena *listing_arena;
	struct mailbox_listing listing;
	size_t next; /* item of the listing */
	uint32_t skipped;
	const char *note;

	bool watched; /* a WATCH waits for its CHANGED */
	bool rested;  /* the driver was told since the last request */
	bool handed;  /* a message went out since then: more is to come */
	bool changed; /* since the last listing */
};

typedef int (*request_fn)(struct session *s, struct arena *arena,
    const struct frame *frame, struct err *err);

/* Where a page's messages go: to the engine, and into what it has in hand. */
struct sending {
	struct session *s;
	bool by_name, from_inbox;
	uint32_t sent;
	uint64_t bytes;
};

static int
send_message(void *ctx, const struct wire_message *message, int fd,
    struct err *err)
{
	struct sending *sending = ctx;
	struct wire_message copy = *message;

	copy.by_name = sending->by_name;
	int code =
	    treaty_write(sending->s->sock, FRAME_MESSAGE, &copy, fd, err);
	if (code != 0)
		return code;
	sending->s->handed = true;
	sending->sent++;
	sending->bytes += copy.size_bytes;
	if (sending->from_inbox)
		known_set(sending->s->known, copy.key, KNOWN_OUT);
	return 0;
}

static void
skip_message(void *ctx, const char *key, const char *why)
{
	struct session *s = ((struct sending *)ctx)->s;

	(void)key; /* `why` names it */
	s->skipped++;
	if (s->note[0] == '\0')
		s->note = arena_strdup(s->listing_arena, why);
}

/* A failure that the engine can be told of, or one that ends the session. */
static int
tell_failure(struct session *s, int code, struct err *err)
{
	struct wire_failed failed = serve_failure(err);

	if (code == ERR_CLOSED || code == ERR_PROTOCOL)
		return code;
	return treaty_write(s->sock, FRAME_SYNC_FAILED, &failed, -1, err);
}

static void
note_news(struct session *s)
{
	if (s->driver->watch_news(s->box, s->known))
		s->changed = true;
}

static int
tell_changed(struct session *s, struct err *err)
{
	if (!s->watched || !s->changed)
		return 0;
	s->watched = s->changed = false;
	return frame_write(s->sock, FRAME_CHANGED, NULL, -1, err);
}

/* In frames of a bounded size; the last says that it is the last. */
static int
send_attention(struct session *s, struct arena *arena,
    const struct mailbox_listing *listing, struct err *err)
{
	const char **keys = arena_array(arena, ATTENTION_KEYS, sizeof(*keys));
	struct wire_attention part = {keys, 0, false, listing->epoch};
	int code = 0;

	for (size_t i = 0; code == 0 && i < listing->count; i++) {
		keys[part.count++] = listing->items[i].key;
		if (part.count < ATTENTION_KEYS || i + 1 == listing->count)
			continue;
		part.more = true;
		code = treaty_write(s->sock, FRAME_ATTENTION, &part, -1, err);
		part.count = 0;
		part.more = false;
	}
	if (code == 0)
		code = treaty_write(s->sock, FRAME_ATTENTION, &part, -1, err);
	return code;
}

static void
note_listing(struct session *s)
{
	s->next = 0;
	s->skipped = s->listing.skipped;
	s->note = s->listing.note;
	known_begin(s->known);
	for (size_t i = 0; i < s->listing.count; i++)
		known_seen(s->known, s->listing.items[i].key);
	known_end(s->known);
}

/*
 * The inbox first: what staff drag from Attention to the inbox in between is
 * then missing in both, and met in the inbox next time.
 */
static int
list_anew(struct session *s, struct err *err)
{
	struct arena *arena CLEANUP(arena_cleanup)
	= arena_new(LISTING_BYTES);
	struct mailbox_listing attention;

	arena_free(s->listing_arena);
	s->listing_arena = arena_new(LISTING_BYTES);
	s->listing = (struct mailbox_listing){.note = "", .epoch = ""};
	s->next = 0;
	s->changed = false;
	int code = s->driver->list(s->box, FOLDER_INBOX, s->listing_arena,
	    &s->listing, err);
	note_listing(s);
	if (code == 0)
		code = s->driver->list(s->box, FOLDER_ATTENTION, arena,
		    &attention, err);
	if (code == 0)
		code = send_attention(s, arena, &attention, err);
	return code;
}

/* The next keys of the listing that fit what is left of the page. */
static size_t
plan_page(struct session *s, const struct wire_fetch *fetch,
    const struct sending *sending, const char **keys)
{
	size_t count = 0;
	uint64_t bytes = sending->bytes;
	uint32_t left = fetch->max_messages - sending->sent;

	while (s->next < s->listing.count && count < left && count < PAGE_MAX) {
		const struct mailbox_listed *item = &s->listing.items[s->next];
		if (!known_has(s->known, item->key)) {
			if (count + sending->sent > 0 &&
			    bytes + item->size_bytes > fetch->max_bytes)
				break;
			bytes += item->size_bytes;
			keys[count++] = item->key;
		}
		s->next++;
	}
	return count;
}

/* Until the page is full: some that were planned may have vanished. */
static int
send_page(struct session *s, struct arena *arena,
    const struct wire_fetch *fetch, struct err *err)
{
	struct sending sending = {.s = s, .from_inbox = true};
	struct mailbox_sink sink = {&sending, send_message, skip_message};
	const char **keys = arena_array(arena, PAGE_MAX, sizeof(*keys));
	struct mailbox_wanted wanted = {FOLDER_INBOX, keys, 0};
	int code = 0;

	do {
		wanted.count = plan_page(s, fetch, &sending, keys);
		code = s->driver->fetch(s->box, &wanted, &sink, err);
	} while (code == 0 && wanted.count > 0 &&
		 sending.sent < fetch->max_messages &&
		 sending.bytes < fetch->max_bytes);
	return code;
}

static bool
has_more(const struct session *s)
{
	for (size_t i = s->next; i < s->listing.count; i++)
		if (!known_has(s->known, s->listing.items[i].key))
			return true;
	return false;
}

static int
on_fetch(struct session *s, struct arena *arena, const struct frame *frame,
    struct err *err)
{
	struct wire_fetch fetch;
	int code = treaty_decode(arena, frame, &fetch, err);

	if (code == 0 && fetch.listing == LISTING_NEW)
		code = list_anew(s, err);
	if (code == 0)
		code = send_page(s, arena, &fetch, err);
	if (code != 0)
		return tell_failure(s, code, err);
	struct wire_fetch_done done = {has_more(s), s->skipped, s->note};
	return treaty_write(s->sock, FRAME_FETCH_DONE, &done, -1, err);
}

static int
on_fetch_one(struct session *s, struct arena *arena, const struct frame *frame,
    struct err *err)
{
	struct wire_place place;
	int code = treaty_decode(arena, frame, &place, err);

	if (code != 0)
		return code;
	struct sending sending = {
	    .s = s,
	    .by_name = true,
	    .from_inbox = place.folder == FOLDER_INBOX,
	};
	struct mailbox_sink sink = {&sending, send_message, skip_message};
	struct mailbox_wanted wanted = {place.folder, &place.key, 1};
	code = s->driver->fetch(s->box, &wanted, &sink, err);
	if (code != 0)
		return tell_failure(s, code, err);
	if (sending.sent > 0)
		return 0;
	return treaty_write(s->sock, FRAME_NOT_FOUND, &place, -1, err);
}

static int
on_move(struct session *s, struct arena *arena, const struct frame *frame,
    struct err *err)
{
	struct wire_move move;
	struct wire_moved moved;
	int code = treaty_decode(arena, frame, &move, err);

	if (code == 0 && move.count > WIRE_MOVE_MAX)
		code = err_set(err, ERR_PROTOCOL, BLAME_OPERATOR,
		    "a set of %zu moves, at most %d are allowed", move.count,
		    WIRE_MOVE_MAX);
	if (code != 0)
		return code;
	s->driver->move(s->box, arena, &move, &moved);
	for (size_t i = 0; i < moved.count; i++)
		if ((moved.items[i].result == MOVE_DONE ||
			moved.items[i].result == MOVE_VANISHED) &&
		    move.items[i].from == FOLDER_INBOX)
			known_drop(s->known, moved.items[i].key);
	return treaty_write(s->sock, FRAME_MOVED, &moved, -1, err);
}

static int
on_keep(struct session *s, struct arena *arena, const struct frame *frame,
    struct err *err)
{
	struct wire_keys keys;
	int code = treaty_decode(arena, frame, &keys, err);

	for (size_t i = 0; code == 0 && i < keys.count; i++) {
		if (frame->type == FRAME_KEEP)
			known_set(s->known, keys.keys[i], KNOWN_KEPT);
		else
			known_drop(s->known, keys.keys[i]);
	}
	return code;
}

static int
on_watch(struct session *s, struct arena *arena UNUSED,
    const struct frame *frame UNUSED, struct err *err)
{
	s->watched = true;
	return tell_changed(s, err);
}

static int
on_probe(struct session *s, struct arena *arena, const struct frame *frame,
    struct err *err)
{
	struct wire_probe probe;
	struct wire_probed probed = {.text = ""};
	int code = treaty_decode(arena, frame, &probe, err);

	if (code == 0)
		code =
		    s->driver->probe(s->box, arena, probe.token, &probed, err);
	if (code != 0)
		return tell_failure(s, code, err);
	return treaty_write(s->sock, FRAME_PROBED, &probed, -1, err);
}

static const request_fn g_requests[FRAME_TYPE_MAX] = {
    [FRAME_FETCH] = on_fetch,
    [FRAME_FETCH_ONE] = on_fetch_one,
    [FRAME_MOVE] = on_move,
    [FRAME_KEEP] = on_keep,
    [FRAME_RELEASE] = on_keep,
    [FRAME_WATCH] = on_watch,
    [FRAME_PROBE] = on_probe,
};

static int
serve_one(struct session *s, struct err *err)
{
	struct arena *arena CLEANUP(arena_cleanup)
	= arena_new(REQUEST_BYTES);
	struct frame frame;
	int code = frame_read(&s->reader, FRAME_WAIT, &frame, err);

	if (code < 0)
		return code;
	if (g_requests[frame.type] == NULL)
		return err_set(err, ERR_PROTOCOL, BLAME_OPERATOR,
		    "the mailbox was sent a frame %s",
		    frame_type_name(frame.type));
	/* Before the request changes what is known: our own claims. */
	note_news(s);
	s->rested = false;
	return g_requests[frame.type](s, arena, &frame, err);
}

/* Not in the middle of a listing, whose next page is asked for soon. */
static bool
may_rest(const struct session *s)
{
	return s->watched && !s->rested && s->driver->watch != NULL &&
	       s->next >= s->listing.count;
}

static int
quiet_ms(const struct session *s)
{
	return s->handed ? QUIET_MS : 0;
}

/* Nothing is asked for: the driver may settle down to listen. */
static void
rest(struct session *s)
{
	s->rested = true;
	s->handed = false;
	s->driver->watch(s->box);
	note_news(s);
}

/* The engine's requests, and hints of new mail while it waits for them. */
static int
serve_all(struct session *s, struct err *err)
{
	struct pollfd p[2] = {{s->sock, POLLIN, 0}, {-1, POLLIN, 0}};
	int code = 0;

	while (code == 0) {
		bool rests = may_rest(s);
		p[1].fd = s->driver->watch_fd(s->box);
		int n = poll(p, COUNT_OF(p), rests ? quiet_ms(s) : -1);
		if (n < 0 && errno != EINTR)
			return err_system(err, "poll");
		if (n == 0 && rests)
			rest(s);
		if (p[1].revents != 0)
			note_news(s);
		code = tell_changed(s, err);
		if (code == 0 && p[0].revents != 0)
			code = serve_one(s, err);
	}
	return code;
}

static int
read_settings(const struct wire_config *config, struct arena *arena,
    struct mailbox_settings *ret_settings, struct err *err)
{
	const char *limit = wire_config_get(config, "limit.message", "");
	struct mailbox_settings settings = {
	    .config = config,
	    .hangup_fd = -1,
	    .probing = wire_config_get(config, "probe", "")[0] != '\0',
	    .url = wire_config_get(config, "url", ""),
	    .spool = wire_config_get(config, "spool", "/var/tmp"),
	    .limit_bytes = LIMIT_MESSAGE_BYTES,
	};

	if (limit[0] != '\0') {
		settings.limit_bytes = strtoull(limit, NULL, DECIMAL);
		if (settings.limit_bytes == 0)
			return err_set(err, ERR_CONFIG, BLAME_OPERATOR,
			    "limits.message is \"%.40s\", not a number of "
			    "bytes",
			    limit);
	}
	settings.folders[FOLDER_INBOX] = "";
	for (int i = FOLDER_INBOX + 1; i <= FOLDER_LAST; i++) {
		const char *name = wire_folder_name((enum wire_folder)i);
		settings.folders[i] = wire_config_get(config,
		    arena_printf(arena, "folder.%s", name), name);
	}
	*ret_settings = settings;
	return 0;
}

static int
open_box(struct session *s, const struct mailbox_settings *settings,
    struct err *err)
{
	for (size_t i = 0; i < COUNT_OF(g_drivers); i++) {
		if (!text_istarts(settings->url, g_drivers[i]->scheme))
			continue;
		s->driver = g_drivers[i];
		return s->driver->open(settings, &s->box, err);
	}
	return err_set(err, ERR_CONFIG, BLAME_OPERATOR,
	    "mailbox.url \"%.100s\" is of no kind that this program knows",
	    settings->url);
}

static int
begin(struct session *s, struct arena *arena, struct err *err)
{
	struct wire_config *config = arena_alloc(arena, sizeof(*config));
	struct mailbox_settings settings = {.url = ""};
	int code = serve_config(&s->reader, arena, config, err);

	if (code != 0)
		return code;
	code = read_settings(config, arena, &settings, err);
	settings.hangup_fd = s->sock;
	if (code == 0)
		code = open_box(s, &settings, err);
	return code;
}

/* From the first word to the last; the exit status. */
static int
converse(struct session *s, struct arena *arena)
{
	struct err err;
	int code = begin(s, arena, &err);

	if (code != 0 && code != ERR_CLOSED && code != ERR_PROTOCOL)
		return serve_start_failed(s->sock, &err);
	if (code == 0)
		code = serve_ready(s->sock, &err);
	if (code == 0)
		(void)serve_all(s, &err); /* it ends by an error only */
	return serve_end(&err);
}

int
mailbox_serve(int sock)
{
	struct arena *arena CLEANUP(arena_cleanup)
	= arena_new(REQUEST_BYTES);
	struct session s = {.sock = sock, .note = ""};

	frame_reader_init(&s.reader, sock, FROM_ENGINE);
	s.listing_arena = arena_new(LISTING_BYTES);
	s.known = known_new();
	int status = converse(&s, arena);
	if (s.box != NULL)
		s.driver->close(s.box);
	known_free(s.known);
	arena_free(s.listing_arena);
	frame_reader_done(&s.reader);
	return status;
}
