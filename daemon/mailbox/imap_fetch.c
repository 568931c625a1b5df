#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/io.h"
#include "mailbox/imap.h"
#include "mailbox/spool.h"

enum {
	SET_MESSAGES = 256,
	SET_BYTES = 16 * 1024 * 1024,
	ENVELOPE_BYTES = 1024 * 1024,   /* beyond the bodies, of one answer */
	ALONE_BYTES = 32 * 1024 * 1024, /* of one whose size was a lie */
	TRUST = 3,      /* sizes that are true for each one that is not */
	RECONNECTS = 3, /* of one request */
	MS = 1000,
	TROUBLE_FIRST_MS = 30 * MS,
	TROUBLE_DOUBLINGS = 6,
	EMPTY_TRIES = 6, /* half an hour, and then it is empty */
};

/* One message on its way. */
struct want {
	const char *key;
	struct imap_item item;
	bool too_large, again; /* a short one is asked for a second time */
	bool came;
	uint64_t got_bytes;
	int fd;
	char sha256[SHA256_HEX_BYTES];
};

/* A FETCH while its answer comes in. */
struct intake {
	struct imap_box *box;
	struct want **wants; /* of this command */
	size_t count;
	uint64_t most_bytes; /* announced for the largest of them */
	struct spool *spool; /* of the message whose body comes now */
	uint64_t got_bytes;
	char head[SPOOL_HEADER_BYTES]; /* of one that is too large */
	size_t head_bytes;
	int failed; /* our own side: the disk */
	struct err err;
};

static struct imap_trouble *
trouble_of(const struct imap_box *box, const char *key)
{
	return g_hash_table_lookup(box->trouble, key);
}

/* Any of the set may be the one: from now on each is fetched by itself. */
static void
note_trouble(struct imap_box *box, struct want **wants, size_t count,
    const struct err *err)
{
	for (size_t i = 0; i < count; i++) {
		struct imap_trouble *trouble = trouble_of(box, wants[i]->key);
		if (trouble == NULL) {
			trouble = g_new0(struct imap_trouble, 1);
			(void)g_hash_table_insert(box->trouble,
			    g_strdup(wants[i]->key), trouble);
		}
		trouble->why = *err;
		int doublings = trouble->failures < TROUBLE_DOUBLINGS
				    ? trouble->failures
				    : TROUBLE_DOUBLINGS;
		/* The first may be by chance: it is tried again at once. */
		if (trouble->failures++ > 0)
			trouble->retry_at_ms =
			    clock_mono_ms() +
			    ((int64_t)TROUBLE_FIRST_MS << doublings);
	}
}

/* --- the answer comes in ------------------------------------------------------ */

/* Never false: libetpan would be out of step. A failure is kept instead. */
static bool
on_body(int type, struct mailimap_msg_att_body_section *section,
    const char *data, size_t bytes, void *ctx)
{
	struct intake *in = ctx;

	(void)type;
	(void)section;
	in->got_bytes += bytes;
	if (in->failed != 0)
		return true;
	if (in->wants[0]->too_large) {
		size_t room = sizeof(in->head) - in->head_bytes;
		size_t n = bytes < room ? bytes : room;
		memcpy(in->head + in->head_bytes, data, n);
		in->head_bytes += n;
		return true;
	}
	if (in->spool == NULL)
		in->failed = spool_new(in->box->spool, in->most_bytes,
		    &in->spool, &in->err);
	if (in->failed == 0)
		in->failed = spool_add(in->spool, data, bytes, &in->err);
	return true;
}

static struct want *
find_want(const struct intake *in, uint32_t uid)
{
	for (size_t i = 0; i < in->count; i++)
		if (in->wants[i]->item.uid == uid)
			return in->wants[i];
	return NULL;
}

/* The header block, and a digest that also names the size. */
static int
finish_head(struct intake *in, const struct want *want)
{
	char size[32];

	in->failed =
	    spool_new(in->box->spool, SPOOL_HEADER_BYTES, &in->spool, &in->err);
	if (in->failed == 0)
		in->failed = spool_add(in->spool, in->head,
		    spool_header_bytes(in->head, in->head_bytes), &in->err);
	if (in->failed == 0) {
		(void)snprintf(size, sizeof(size), "%u", want->item.size_bytes);
		spool_digest_more(in->spool, size);
	}
	return in->failed;
}

static void
finish_body(struct intake *in, struct want *want)
{
	if (want->too_large && finish_head(in, want) != 0)
		return;
	if (in->spool == NULL) /* an empty literal has no chunk */
		in->failed = spool_new(in->box->spool, 0, &in->spool, &in->err);
	if (in->failed != 0)
		return;
	struct spool *done = in->spool;
	in->spool = NULL;
	io_close(&want->fd);
	want->fd = -1;
	in->failed = spool_finish(done, &want->fd, want->sha256, &in->err);
	want->came = in->failed == 0;
	want->got_bytes = in->got_bytes;
}

static bool
has_body(const struct mailimap_msg_att *att)
{
	for (clistiter *i = clist_begin(att->att_list); i != NULL;
	     i = clist_next(i)) {
		const struct mailimap_msg_att_item *one = clist_content(i);
		if (one->att_type == MAILIMAP_MSG_ATT_ITEM_STATIC &&
		    one->att_data.att_static != NULL &&
		    one->att_data.att_static->att_type ==
			MAILIMAP_MSG_ATT_BODY_SECTION)
			return true;
	}
	return false;
}

/* A message is complete; or somebody changed a flag, and nothing is. */
static void
on_message(struct mailimap_msg_att *att, void *ctx)
{
	struct intake *in = ctx;
	struct want *want = find_want(in, imap_read_att(att).uid);

	if (in->failed == 0 && want != NULL &&
	    (has_body(att) || in->got_bytes > 0))
		finish_body(in, want);
	spool_cleanup(&in->spool);
	in->got_bytes = in->head_bytes = 0;
}

static void
on_progress(size_t current, size_t maximum, void *ctx)
{
	(void)current;
	(void)maximum;
	(void)ctx;
}

/* --- asking --------------------------------------------------------------------- */

static struct mailimap_fetch_type *
body_type(bool too_large)
{
	struct mailimap_fetch_type *type =
	    mailimap_fetch_type_new_fetch_att_list_empty();
	struct mailimap_section *all = mailimap_section_new(NULL);

	BUG_ON(type == NULL || all == NULL);
	(void)mailimap_fetch_type_new_fetch_att_list_add(type,
	    mailimap_fetch_att_new_uid());
	(void)mailimap_fetch_type_new_fetch_att_list_add(type,
	    too_large ? mailimap_fetch_att_new_body_peek_section_partial(all, 0,
			    SPOOL_HEADER_BYTES)
		      : mailimap_fetch_att_new_body_peek_section(all));
	return type;
}

/*
 * A server that estimates sizes by what it stores may be wrong by the third
 * that base64 adds; one that was far more wrong gets more when asked again.
 */
static uint64_t
answer_bytes(const struct intake *in)
{
	bool again = trouble_of(in->box, in->wants[0]->key) != NULL;
	uint64_t bytes = 0;

	for (size_t i = 0; i < in->count; i++)
		bytes += in->wants[i]->too_large
			     ? SPOOL_HEADER_BYTES
			     : in->wants[i]->item.size_bytes;
	if (again && bytes < ALONE_BYTES)
		bytes = ALONE_BYTES;
	return 2 * bytes + ENVELOPE_BYTES;
}

/* One UID FETCH. What did not come has `came` false. */
static int
ask(struct intake *in, struct err *err)
{
	struct imap_box *box = in->box;
	struct mailimap_fetch_type *type = body_type(in->wants[0]->too_large);
	uint32_t uids[SET_MESSAGES];
	clist *rest = NULL;

	for (size_t i = 0; i < in->count; i++) {
		uids[i] = in->wants[i]->item.uid;
		if (in->wants[i]->item.size_bytes > in->most_bytes)
			in->most_bytes = in->wants[i]->item.size_bytes;
	}
	if (trouble_of(box, in->wants[0]->key) != NULL)
		in->most_bytes = ALONE_BYTES;
	struct mailimap_set *set = imap_set_of(uids, in->count);
	mailimap_set_progress_callback(box->session, on_progress, on_progress,
	    NULL);
	mailimap_set_msg_att_handler(box->session, on_message, in);
	mailimap_set_msg_body_handler(box->session, on_body, in);
	imap_begin(box, answer_bytes(in));
	int code = mailimap_uid_fetch(box->session, set, type, &rest);
	if (code == MAILIMAP_NO_ERROR && rest != NULL)
		mailimap_fetch_list_free(rest);
	mailimap_set_free(set);
	mailimap_fetch_type_free(type);
	spool_cleanup(&in->spool);
	if (code != MAILIMAP_NO_ERROR)
		return imap_failed(box, code, "fetching mail", err);
	mailimap_set_msg_att_handler(box->session, NULL, NULL);
	*err = in->err;
	return in->failed;
}

static int
fetch_set(struct imap_box *box, struct want **wants, size_t count,
    struct err *err)
{
	struct intake *in = g_new0(struct intake, 1);

	in->box = box;
	in->wants = wants;
	in->count = count;
	int code = ask(in, err);
	g_free(in);
	return code;
}

/* --- what came is handed on ------------------------------------------------------- */

static bool
is_short(const struct want *want)
{
	return !want->too_large && want->got_bytes < want->item.size_bytes;
}

static void
count_size(struct imap_box *box, const struct want *want)
{
	if (want->too_large || want->again || want->got_bytes == 0)
		return;
	if (want->got_bytes == want->item.size_bytes)
		box->sizes_true++;
	else
		box->sizes_false++;
}

/*
 * A literal that ended as the protocol has it is whole, whatever was announced:
 * Exchange, for one, estimates sizes. From a server whose sizes are true a
 * shorter one is a sign of something cut.
 */
static bool
is_doubtful(const struct imap_box *box, const struct want *want)
{
	return is_short(want) && box->sizes_true > TRUST * box->sizes_false;
}

static int
hand_on(const struct imap_box *box, const struct want *want,
    const struct mailbox_sink *sink, struct err *err)
{
	struct wire_message message = {
	    .key = want->key,
	    .received_at = want->item.received_at,
	    .size_bytes =
		want->too_large ? want->item.size_bytes : want->got_bytes,
	    .cut = !want->too_large &&
		   (want->got_bytes == 0 || is_doubtful(box, want)),
	    .too_large = want->too_large,
	};

	memcpy(message.sha256, want->sha256, sizeof(message.sha256));
	return sink->take(sink->ctx, &message, want->fd, err);
}

static void
skip(const struct want *want, const char *why, const struct mailbox_sink *sink)
{
	char text[600];

	(void)snprintf(text, sizeof(text),
	    "message %.60s, which is tried again later: %s", want->key, why);
	sink->skip(sink->ctx, want->key, text);
}

/* The server knows of it, and its body has yet to come: true for a while. */
static bool
must_come_yet(struct imap_box *box, struct want *want,
    const struct mailbox_sink *sink)
{
	const struct err none = {
	    .text = "the server announces it, and it has no body yet"};

	if (want->got_bytes > 0)
		return false;
	note_trouble(box, &want, 1, &none);
	if (trouble_of(box, want->key)->failures > EMPTY_TRIES)
		return false;
	skip(want, none.text, sink);
	return true;
}

/* Is it cut, or larger than it may be, against what was announced? */
static bool
must_ask_again(const struct imap_box *box, struct want *want)
{
	if (!want->too_large && want->got_bytes > box->limit_bytes) {
		want->item.size_bytes = (uint32_t)want->got_bytes;
		want->too_large = true;
		return true;
	}
	return is_doubtful(box, want);
}

/*
 * In their order. One that is doubtful is asked for once more; where it stays
 * as short, it is handed on as cut.
 */
static int
deliver(struct imap_box *box, struct want **wants, size_t count,
    const struct mailbox_sink *sink, struct err *err)
{
	int code = 0;

	for (size_t i = 0; i < count; i++)
		if (wants[i]->came)
			count_size(box, wants[i]);
	for (size_t i = 0; code == 0 && i < count; i++) {
		struct want *want = wants[i];
		if (want->came && must_ask_again(box, want)) {
			want->again = true;
			want->came = false;
			code = fetch_set(box, &want, 1, err);
			if (code == ERR_BUSY)
				note_trouble(box, &want, 1, err);
		}
		if (code == 0 && want->came &&
		    !must_come_yet(box, want, sink)) {
			code = hand_on(box, want, sink, err);
			if (code == 0)
				(void)g_hash_table_remove(box->trouble,
				    want->key);
		}
		io_close(&want->fd);
		want->fd = -1;
	}
	return code;
}

/* --- what breaks the connection ----------------------------------------------------- */

static bool
is_alone(const struct imap_box *box, const struct want *want)
{
	const struct imap_trouble *trouble = trouble_of(box, want->key);

	return want->too_large || want->item.size_bytes > SPOOL_MEMORY_BYTES ||
	       trouble != NULL;
}

/* As many as make one command; they stand behind each other. */
static size_t
plan_set(const struct imap_box *box, struct want **wants, size_t count)
{
	uint64_t bytes = 0;
	size_t n = 0;

	if (is_alone(box, wants[0]))
		return 1;
	while (n < count && n < SET_MESSAGES && !is_alone(box, wants[n])) {
		bytes += wants[n]->item.size_bytes;
		if (n > 0 && bytes > SET_BYTES)
			break;
		n++;
	}
	return n;
}

/* True where it has to wait; the engine is told. */
static bool
must_wait(const struct imap_box *box, const struct want *want,
    const struct mailbox_sink *sink)
{
	const struct imap_trouble *trouble = trouble_of(box, want->key);

	if (trouble == NULL || clock_mono_ms() >= trouble->retry_at_ms)
		return false;
	skip(want, trouble->why.text, sink);
	return true;
}

/* One request's work. */
struct errand {
	struct imap_box *box;
	enum wire_folder folder;
	const struct mailbox_sink *sink;
	struct want **wants;
	size_t count;
	int reconnects;
	int64_t started_ms;
};

/*
 * The server refused the set, or the connection broke with it. On with the
 * others, by a new one, while the request has not cost two timeouts yet.
 */
static int
recover(struct errand *errand, struct want **wants, size_t count,
    struct err *err)
{
	struct imap_box *box = errand->box;
	int64_t most_ms = 2 * MS * (int64_t)box->stream_settings.timeout_s;
	uint32_t validity = box->folders[errand->folder].validity;
	struct err why = *err;
	int code;

	note_trouble(box, wants, count, err);
	if (box->session != NULL)
		return 0;
	if (errand->reconnects++ >= RECONNECTS ||
	    clock_mono_ms() - errand->started_ms >= most_ms)
		return why.code;
	code = imap_ready(box, NULL, err);
	if (code == 0)
		code = imap_select(box, errand->folder, err);
	if (code == 0 && box->folders[errand->folder].validity != validity)
		code = err_set(err, ERR_BUSY, BLAME_NOBODY,
		    "%s has begun the folder anew; it is listed again",
		    box->url.host);
	return code;
}

static int
run(struct errand *errand, struct err *err)
{
	struct imap_box *box = errand->box;
	size_t at = 0;
	int code = 0;

	while (code == 0 && at < errand->count) {
		struct want **set = errand->wants + at;
		if (must_wait(box, set[0], errand->sink)) {
			at++;
			continue;
		}
		size_t n = plan_set(box, set, errand->count - at);
		code = fetch_set(box, set, n, err);
		if (code == ERR_BUSY) {
			code = recover(errand, set, n, err);
			continue;
		}
		if (code == 0)
			code = deliver(box, set, n, errand->sink, err);
		at += n;
	}
	return code;
}

/* --- the request ---------------------------------------------------------------------- */

/* Those that have a UID here, with size and date; what is gone is left out. */
static int
look_up(struct imap_box *box, const struct mailbox_wanted *wanted,
    struct want *all, struct want **ret_wants, size_t *ret_count,
    struct err *err)
{
	struct imap_folder *folder = &box->folders[wanted->folder];
	GArray *single = g_array_new(FALSE, FALSE, sizeof(struct imap_item));
	int code = 0;

	*ret_count = 0;
	for (size_t i = 0; code == 0 && i < wanted->count; i++) {
		uint32_t uid =
		    imap_uid_of_key(box, wanted->folder, wanted->keys[i]);
		if (uid == 0)
			continue;
		const struct imap_item *item =
		    imap_find_item(folder->items, uid);
		/* The size of one that was not all there may be another. */
		if (item == NULL || trouble_of(box, wanted->keys[i]) != NULL) {
			(void)g_array_set_size(single, 0);
			imap_begin(box, IMAP_ANSWER_BYTES);
			code = imap_read_items(box,
			    mailimap_set_new_single(uid), single, err);
			item = code == 0 ? imap_find_item(single, uid) : NULL;
		}
		if (item == NULL)
			continue;
		struct want *want = &all[*ret_count];
		*want = (struct want){.key = wanted->keys[i],
		    .item = *item,
		    .too_large = item->size_bytes > box->limit_bytes,
		    .fd = -1};
		ret_wants[(*ret_count)++] = want;
	}
	(void)g_array_free(single, TRUE);
	return code;
}

int
imap_fetch(void *ctx, const struct mailbox_wanted *wanted,
    const struct mailbox_sink *sink, struct err *err)
{
	struct imap_box *box = ctx;

	if (wanted->count == 0)
		return 0;
	int code = imap_ready(box, NULL, err);
	if (code == 0)
		code = imap_select(box, wanted->folder, err);
	if (code != 0)
		return code;
	struct want *all = g_new0(struct want, wanted->count);
	struct want **wants = g_new0(struct want *, wanted->count);
	struct errand errand = {.box = box,
	    .folder = wanted->folder,
	    .sink = sink,
	    .wants = wants,
	    .started_ms = clock_mono_ms()};
	code = look_up(box, wanted, all, wants, &errand.count, err);
	if (code == 0)
		code = run(&errand, err);
	if (code == ERR_BUSY)
		imap_note_failure(box, err);
	for (size_t i = 0; i < errand.count; i++)
		io_close(&all[i].fd);
	g_free(wants);
	g_free(all);
	return code;
}
