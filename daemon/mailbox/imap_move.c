#include <stdio.h>
#include <string.h>

#include "base/fault.h"
#include "mailbox/imap.h"

enum {
	SET_ANSWER_BYTES = 256 * 1024,
	ATTEMPTS = 2, /* the second by a new connection */
};

/* The items of one pair of folders, and what became of them. */
struct haul {
	struct imap_box *box;
	struct arena *arena;
	enum wire_folder from, to;
	struct wire_moved_item **items;
	uint32_t *uids; /* parallel; 0: the key is of no message there */
	size_t count;
};

/* What COPYUID said: old and new UIDs, pair by pair. */
struct copied {
	uint32_t validity; /* of the target; 0: nothing was said */
	GArray *from, *to; /* uint32_t */
};

/* --- COPYUID --------------------------------------------------------------- */

static void
expand(const struct mailimap_set *set, GArray *uids)
{
	if (set == NULL)
		return;
	for (clistiter *i = clist_begin(set->set_list); i != NULL;
	     i = clist_next(i)) {
		const struct mailimap_set_item *item = clist_content(i);
		uint64_t first = item->set_first, last = item->set_last;
		if (last < first || last - first >= WIRE_MOVE_MAX)
			continue; /* more than we can have asked for */
		for (uint64_t uid = first; uid <= last; uid++) {
			uint32_t one = (uint32_t)uid;
			(void)g_array_append_val(uids, one);
		}
	}
}

static struct copied
take_copied(uint32_t validity, struct mailimap_set *source,
    struct mailimap_set *target)
{
	struct copied copied = {validity,
	    g_array_new(FALSE, FALSE, sizeof(uint32_t)),
	    g_array_new(FALSE, FALSE, sizeof(uint32_t))};

	expand(source, copied.from);
	expand(target, copied.to);
	if (copied.from->len != copied.to->len)
		copied.validity = 0; /* pairs that are none */
	if (source != NULL)
		mailimap_set_free(source);
	if (target != NULL)
		mailimap_set_free(target);
	return copied;
}

static void
free_copied(struct copied *copied)
{
	(void)g_array_free(copied->from, TRUE);
	(void)g_array_free(copied->to, TRUE);
}

/* The new UID; 0 where this one was not copied. */
static uint32_t
new_uid(const struct copied *copied, uint32_t uid)
{
	for (guint i = 0; copied->validity != 0 && i < copied->from->len; i++)
		if (g_array_index(copied->from, uint32_t, i) == uid)
			return g_array_index(copied->to, uint32_t, i);
	return 0;
}

typedef bool (*fits_fn)(const struct haul *haul, size_t i, const void *ctx);

/* Those of them that fit, as a haul of their own. */
static struct haul
pick(const struct haul *haul, fits_fn fits, const void *ctx)
{
	struct haul some = *haul;

	some.items =
	    arena_array(haul->arena, haul->count + 1, sizeof(*some.items));
	some.uids =
	    arena_array(haul->arena, haul->count + 1, sizeof(*some.uids));
	some.count = 0;
	for (size_t i = 0; i < haul->count; i++) {
		if (!fits(haul, i, ctx))
			continue;
		some.items[some.count] = haul->items[i];
		some.uids[some.count++] = haul->uids[i];
	}
	return some;
}

/* --- results ------------------------------------------------------------------ */

static void
settle_all(const struct haul *haul, enum wire_move_result result,
    const char *text)
{
	const char *copy = arena_strdup(haul->arena, text);

	for (size_t i = 0; i < haul->count; i++) {
		haul->items[i]->result = result;
		haul->items[i]->text = copy;
	}
}

/* What the server did not name was not there any more. */
static void
settle(const struct haul *haul, const struct copied *copied)
{
	const char *epoch = imap_epoch(haul->arena, haul->to, copied->validity);

	for (size_t i = 0; i < haul->count; i++) {
		struct wire_moved_item *item = haul->items[i];
		uint32_t uid =
		    haul->uids[i] == 0 ? 0 : new_uid(copied, haul->uids[i]);
		item->result = uid != 0 ? MOVE_DONE : MOVE_VANISHED;
		if (uid != 0)
			item->new_key =
			    arena_printf(haul->arena, "%s%u", epoch, uid);
	}
}

/* The listing need not be read again for what we took away ourselves. */
static void
forget_moved(const struct haul *haul)
{
	for (size_t i = 0; i < haul->count; i++)
		if (haul->items[i]->result == MOVE_DONE ||
		    haul->items[i]->result == MOVE_VANISHED)
			imap_forget_item(&haul->box->folders[haul->from],
			    haul->uids[i]);
}

/* --- commands ------------------------------------------------------------------- */

/* The UIDs that are some; NULL where there is none. */
static struct mailimap_set *
uids_of(const struct haul *haul)
{
	uint32_t *uids = g_new0(uint32_t, haul->count);
	struct mailimap_set *set = NULL;
	size_t n = 0;

	for (size_t i = 0; i < haul->count; i++)
		if (haul->uids[i] != 0)
			uids[n++] = haul->uids[i];
	if (n > 0)
		set = imap_set_of(uids, n);
	g_free(uids);
	return set;
}

static bool
wants_folder(const struct imap_box *box)
{
	const struct mailimap_response_info *info =
	    box->session->imap_response_info;

	return info != NULL && info->rsp_trycreate != 0;
}

typedef int (*carry_fn)(mailimap *session, struct mailimap_set *set,
    const char *mailbox, uint32_t *validity, struct mailimap_set **source,
    struct mailimap_set **target);

/* By MOVE or COPY; a folder that a person deleted is made again. */
static int
carry(const struct haul *haul, carry_fn fn, struct copied *ret_copied,
    struct err *err)
{
	struct imap_box *box = haul->box;
	struct mailimap_set *set = uids_of(haul), *from = NULL, *to = NULL;
	uint32_t validity = 0;
	int code = MAILIMAP_NO_ERROR;

	for (int attempt = 0; set != NULL && attempt < 2; attempt++) {
		imap_begin(box, SET_ANSWER_BYTES);
		code = fn(box->session, set, box->folders[haul->to].name,
		    &validity, &from, &to);
		if (code == MAILIMAP_NO_ERROR || attempt > 0 ||
		    !wants_folder(box) ||
		    imap_make_folder(box, haul->to, err) != 0)
			break;
	}
	if (set != NULL)
		mailimap_set_free(set);
	if (code == MAILIMAP_ERROR_PROTOCOL) /* BAD: it does not know it */
		box->cannot_move = true;
	if (code != MAILIMAP_NO_ERROR)
		return box->session == NULL
			   ? ERR_BUSY
			   : imap_failed(box, code, "moving mail", err);
	*ret_copied = take_copied(validity, from, to);
	return 0;
}

/* Mark and expunge these UIDs and no others. */
static int
take_away(const struct haul *haul, struct err *err)
{
	struct imap_box *box = haul->box;
	struct mailimap_set *set = uids_of(haul);
	struct mailimap_flag_list *flags;

	if (set == NULL)
		return 0;
	flags = mailimap_flag_list_new_empty();
	BUG_ON(flags == NULL);
	(void)mailimap_flag_list_add(flags, mailimap_flag_new_deleted());
	struct mailimap_store_att_flags *store =
	    mailimap_store_att_flags_new_add_flags_silent(flags);
	imap_begin(box, SET_ANSWER_BYTES);
	int code = mailimap_uid_store(box->session, set, store);
	mailimap_store_att_flags_free(store);
	if (code == MAILIMAP_NO_ERROR) {
		imap_begin(box, SET_ANSWER_BYTES);
		code = mailimap_uid_expunge(box->session, set);
	}
	mailimap_set_free(set);
	return code == MAILIMAP_NO_ERROR
		   ? 0
		   : imap_failed(box, code, "taking away what was copied", err);
}

/* What was copied and not taken away is remembered, and not copied twice. */
static void
remember(const struct haul *haul)
{
	for (size_t i = 0; i < haul->count; i++)
		if (haul->items[i]->result == MOVE_DONE)
			(void)g_hash_table_replace(haul->box->copied,
			    g_strdup(haul->items[i]->key),
			    g_strdup(haul->items[i]->new_key));
}

static void
forget(const struct haul *haul)
{
	for (size_t i = 0; i < haul->count; i++)
		(void)g_hash_table_remove(haul->box->copied,
		    haul->items[i]->key);
}

/* What a copy was named when it was made; NULL where there is none. */
static const char *
copy_of(const struct haul *haul, size_t i)
{
	return g_hash_table_lookup(haul->box->copied, haul->items[i]->key);
}

static bool
is_to_copy(const struct haul *haul, size_t i, const void *ctx)
{
	(void)ctx;
	return copy_of(haul, i) == NULL;
}

static int
copy(const struct haul *haul, struct err *err)
{
	struct copied copied;
	int code = carry(haul, mailimap_uidplus_uid_copy, &copied, err);

	if (code != 0)
		return code;
	settle(haul, &copied);
	free_copied(&copied);
	remember(haul);
	return 0;
}

static void
recall(const struct haul *haul)
{
	for (size_t i = 0; i < haul->count; i++) {
		if (copy_of(haul, i) == NULL)
			continue;
		haul->items[i]->result = MOVE_DONE;
		haul->items[i]->new_key =
		    arena_strdup(haul->arena, copy_of(haul, i));
	}
}

static int
move_by_copy(const struct haul *haul, struct err *err)
{
	struct haul fresh = pick(haul, is_to_copy, NULL);
	int code = fresh.count == 0 ? 0 : copy(&fresh, err);

	if (code != 0)
		return code;
	recall(haul);
	FAULT("mailbox-copied");
	code = take_away(haul, err);
	if (code == 0)
		forget(haul);
	return code;
}

static bool
is_unsure(const struct haul *haul, size_t i, const void *ctx)
{
	(void)ctx;
	return haul->uids[i] != 0 && haul->items[i]->result == MOVE_VANISHED;
}

static bool
is_among(const struct haul *haul, size_t i, const void *ctx)
{
	return imap_find_item(ctx, haul->uids[i]) != NULL;
}

/* Those that the server did not name: gone, or still there? */
static int
look_after(const struct haul *haul, struct haul *ret_left, struct err *err)
{
	struct haul unsure = pick(haul, is_unsure, NULL);
	GArray *there;
	int code;

	*ret_left = unsure;
	if (unsure.count == 0)
		return 0;
	there = g_array_new(FALSE, FALSE, sizeof(struct imap_item));
	imap_begin(haul->box, SET_ANSWER_BYTES);
	code = imap_read_items(haul->box, uids_of(&unsure), there, err);
	if (code == 0)
		*ret_left = pick(&unsure, is_among, there);
	(void)g_array_free(there, TRUE);
	return code;
}

static int
move_otherwise(const struct haul *haul, struct err *err)
{
	struct imap_box *box = haul->box;
	char why[400];

	if (imap_has(box, "UIDPLUS"))
		return move_by_copy(haul, err);
	(void)snprintf(why, sizeof(why),
	    "%s has neither MOVE nor UIDPLUS: mail is filed and stays in the "
	    "inbox",
	    box->url.host);
	settle_all(haul, MOVE_STAYS, why);
	return 0;
}

/* A server that says OK and moves nothing is not believed again. */
static int
move_by_move(const struct haul *haul, struct err *err)
{
	struct copied copied;
	struct haul left;
	int code = carry(haul, mailimap_uidplus_uid_move, &copied, err);

	if (code != 0)
		return code;
	settle(haul, &copied);
	free_copied(&copied);
	code = look_after(haul, &left, err);
	if (code != 0 || left.count == 0)
		return code;
	haul->box->cannot_move = true;
	return move_otherwise(&left, err);
}

/* --- a pair of folders -------------------------------------------------------------- */

static int
haul_once(const struct haul *haul, struct err *err)
{
	struct imap_box *box = haul->box;
	int code = imap_ready(box, NULL, err);

	if (code == 0)
		code = imap_select(box, haul->from, err);
	if (code != 0)
		return code;
	for (size_t i = 0; i < haul->count; i++)
		haul->uids[i] =
		    imap_uid_of_key(box, haul->from, haul->items[i]->key);
	FAULT("mailbox-move");
	if (imap_has(box, "MOVE") && !box->cannot_move)
		code = move_by_move(haul, err);
	else
		code = move_otherwise(haul, err);
	FAULT("mailbox-moved");
	return code;
}

/*
 * Where the connection is lost on the way, the server may have done it all the
 * same: a second attempt finds out.
 */
static int
haul_all(const struct haul *haul, struct err *err)
{
	struct imap_box *box = haul->box;
	int code = ERR_BUSY;

	for (int attempt = 0; code != 0 && attempt < ATTEMPTS; attempt++) {
		code = haul_once(haul, err);
		if (code == 0)
			forget_moved(haul);
		else if (box->session != NULL || box->patience_ms > 0)
			break;
	}
	if (code != 0 && box->session == NULL)
		imap_note_failure(box, err);
	return code;
}

/* Gather all that go the way of `first`. */
static void
gather(struct haul *haul, const struct wire_move *move,
    struct wire_moved_item *items, size_t first)
{
	haul->from = move->items[first].from;
	haul->to = move->items[first].to;
	haul->count = 0;
	for (size_t i = first; i < move->count; i++)
		if (move->items[i].from == haul->from &&
		    move->items[i].to == haul->to)
			haul->items[haul->count++] = &items[i];
}

static bool
is_first_of_its_way(const struct wire_move *move, size_t at)
{
	for (size_t i = 0; i < at; i++)
		if (move->items[i].from == move->items[at].from &&
		    move->items[i].to == move->items[at].to)
			return false;
	return true;
}

void
imap_move(void *ctx, struct arena *arena, const struct wire_move *move,
    struct wire_moved *ret_moved)
{
	struct wire_moved_item *items =
	    arena_array(arena, move->count + 1, sizeof(*items));
	struct haul haul = {.box = ctx, .arena = arena};
	struct err err = {0};

	haul.items = arena_array(arena, move->count + 1, sizeof(*haul.items));
	haul.uids = arena_array(arena, move->count + 1, sizeof(*haul.uids));
	for (size_t i = 0; i < move->count; i++)
		items[i] = (struct wire_moved_item){move->items[i].key,
		    MOVE_VANISHED, "", ""};
	for (size_t i = 0; i < move->count; i++) {
		if (!is_first_of_its_way(move, i))
			continue;
		gather(&haul, move, items, i);
		if (haul_all(&haul, &err) != 0)
			settle_all(&haul, MOVE_FAILED, err.text);
	}
	*ret_moved = (struct wire_moved){items, move->count};
}
