#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "mailbox/imap.h"

enum {
	ITEM_BYTES = 400, /* of one line of a listing, generously */
	UID_BYTES = 12,   /* of one number in the answer to a SEARCH */
	DAY_S = 86400,
	HOUR_S = 3600,
	MINUTE_S = 60,
	PER_HUNDRED = 100,
};

/* --- what a FETCH answer says ---------------------------------------------- */

/* INTERNALDATE as an instant; 0 where it is none. */
static int64_t
read_date(const struct mailimap_date_time *date)
{
	struct civil civil = {date->dt_year, date->dt_month, date->dt_day};
	int64_t zone_s = date->dt_zone / PER_HUNDRED * (int64_t)HOUR_S +
			 date->dt_zone % PER_HUNDRED * (int64_t)MINUTE_S;

	if (date->dt_year < 1970 || !date_is_valid(civil))
		return 0;
	return date_from_civil(civil) * (int64_t)DAY_S +
	       date->dt_hour * (int64_t)HOUR_S +
	       date->dt_min * (int64_t)MINUTE_S + date->dt_sec - zone_s;
}

static void
read_static(const struct mailimap_msg_att_static *att, struct imap_item *item)
{
	if (att->att_type == MAILIMAP_MSG_ATT_UID)
		item->uid = att->att_data.att_uid;
	else if (att->att_type == MAILIMAP_MSG_ATT_RFC822_SIZE)
		item->size_bytes = att->att_data.att_rfc822_size;
	else if (att->att_type == MAILIMAP_MSG_ATT_INTERNALDATE &&
		 att->att_data.att_internal_date != NULL)
		item->received_at = read_date(att->att_data.att_internal_date);
}

struct imap_item
imap_read_att(const struct mailimap_msg_att *att)
{
	struct imap_item item = {0};

	for (clistiter *i = clist_begin(att->att_list); i != NULL;
	     i = clist_next(i)) {
		const struct mailimap_msg_att_item *one = clist_content(i);
		if (one->att_type == MAILIMAP_MSG_ATT_ITEM_STATIC &&
		    one->att_data.att_static != NULL)
			read_static(one->att_data.att_static, &item);
	}
	return item;
}

/* --- reading a listing ------------------------------------------------------ */

static void
on_item(struct mailimap_msg_att *att, void *ctx)
{
	struct imap_item item = imap_read_att(att);

	if (item.uid != 0)
		(void)g_array_append_val((GArray *)ctx, item);
}

/* None was asked for. */
static bool
on_no_body(int type, struct mailimap_msg_att_body_section *section,
    const char *data, size_t bytes, void *ctx)
{
	(void)type;
	(void)section;
	(void)data;
	(void)bytes;
	(void)ctx;
	return true;
}

/* Without one, libetpan keeps all and calls no handler. */
static void
on_progress(size_t current, size_t maximum, void *ctx)
{
	(void)current;
	(void)maximum;
	(void)ctx;
}

static struct mailimap_fetch_type *
item_type(void)
{
	struct mailimap_fetch_type *type =
	    mailimap_fetch_type_new_fetch_att_list_empty();

	BUG_ON(type == NULL);
	(void)mailimap_fetch_type_new_fetch_att_list_add(type,
	    mailimap_fetch_att_new_uid());
	(void)mailimap_fetch_type_new_fetch_att_list_add(type,
	    mailimap_fetch_att_new_rfc822_size());
	(void)mailimap_fetch_type_new_fetch_att_list_add(type,
	    mailimap_fetch_att_new_internaldate());
	return type;
}

static int
compare_items(const void *a, const void *b)
{
	uint32_t x = ((const struct imap_item *)a)->uid;
	uint32_t y = ((const struct imap_item *)b)->uid;

	return (x > y) - (x < y);
}

int
imap_read_items(struct imap_box *box, struct mailimap_set *take_set,
    GArray *items, struct err *err)
{
	struct mailimap_fetch_type *type = item_type();
	clist *rest = NULL;

	mailimap_set_progress_callback(box->session, on_progress, on_progress,
	    NULL);
	mailimap_set_msg_att_handler(box->session, on_item, items);
	mailimap_set_msg_body_handler(box->session, on_no_body, NULL);
	int code = mailimap_uid_fetch(box->session, take_set, type, &rest);
	if (code == MAILIMAP_NO_ERROR && rest != NULL)
		mailimap_fetch_list_free(rest);
	mailimap_set_free(take_set);
	mailimap_fetch_type_free(type);
	if (code != MAILIMAP_NO_ERROR)
		return imap_failed(box, code, "listing", err);
	mailimap_set_msg_att_handler(box->session, NULL, NULL);
	g_array_sort(items, compare_items);
	return 0;
}

const struct imap_item *
imap_find_item(const GArray *items, uint32_t uid)
{
	struct imap_item wanted = {.uid = uid};

	if (items->len == 0)
		return NULL;
	return bsearch(&wanted, items->data, items->len, sizeof(wanted),
	    compare_items);
}

void
imap_forget_item(struct imap_folder *folder, uint32_t uid)
{
	const struct imap_item *item = imap_find_item(folder->items, uid);

	if (item == NULL)
		return;
	(void)g_array_remove_index(folder->items,
	    (guint)(item - &g_array_index(folder->items, struct imap_item, 0)));
	folder->exists -= folder->exists > 0;
}

/* --- the listing of a folder -------------------------------------------------- */

/* Some servers answer `n:*` with the last message, also where it is below n. */
static void
drop_below(GArray *items, uint32_t uid)
{
	guint n = 0;

	while (n < items->len &&
	       g_array_index(items, struct imap_item, n).uid < uid)
		n++;
	if (n > 0)
		(void)g_array_remove_range(items, 0, n);
}

/* All from this UID on. */
static int
read_from(struct imap_box *box, uint32_t uid, uint32_t most, GArray *items,
    struct err *err)
{
	imap_begin(box, IMAP_ANSWER_BYTES + (uint64_t)most * ITEM_BYTES);
	int code =
	    imap_read_items(box, mailimap_set_new_interval(uid, 0), items, err);
	if (code == 0)
		drop_below(items, uid);
	return code;
}

/* A day early: the engine knows the zone, and decides. */
static bool
is_wanted(const struct imap_box *box, enum wire_folder folder,
    const struct imap_item *item)
{
	return folder != FOLDER_INBOX || box->since_day == DAY_NONE ||
	       item->received_at == 0 ||
	       item->received_at / DAY_S >= box->since_day - 1;
}

/* The smallest UID of a SEARCH's answer; 0: none, or no answer at all. */
static uint32_t
smallest(const clist *found)
{
	uint32_t least = 0;

	for (clistiter *i = found == NULL ? NULL : clist_begin(found);
	     i != NULL; i = clist_next(i)) {
		uint32_t uid = *(const uint32_t *)clist_content(i);
		if (least == 0 || uid < least)
			least = uid;
	}
	return least;
}

/* Is the last of all messages wanted? Then a SEARCH has not answered: 1. */
static int
is_last_wanted(struct imap_box *box, enum wire_folder folder, struct err *err)
{
	GArray *last = g_array_new(FALSE, FALSE, sizeof(struct imap_item));

	imap_begin(box, IMAP_ANSWER_BYTES);
	int code = imap_read_items(box, mailimap_set_new_single(0), last, err);
	for (guint i = 0; code == 0 && i < last->len; i++)
		code = is_wanted(box, folder,
		    &g_array_index(last, struct imap_item, i));
	(void)g_array_free(last, TRUE);
	return code;
}

/*
 * The first UID from the day of `since` on: most of an old mailbox need not be
 * read for the little that is new. 0: there is none; 1 where it is not known.
 */
static int
find_first(struct imap_box *box, enum wire_folder folder, uint32_t exists,
    uint32_t *ret_first, struct err *err)
{
	struct civil day = date_to_civil(box->since_day - 1);
	clist *found = NULL;

	*ret_first = 1;
	if (folder != FOLDER_INBOX || box->since_day == DAY_NONE)
		return 0;
	struct mailimap_search_key *key = mailimap_search_key_new_since(
	    mailimap_date_new(day.day, day.month, day.year));
	BUG_ON(key == NULL);
	imap_begin(box, IMAP_ANSWER_BYTES + (uint64_t)exists * UID_BYTES);
	int code = mailimap_uid_search(box->session, NULL, key, &found);
	mailimap_search_key_free(key);
	if (code != MAILIMAP_NO_ERROR)
		return 0; /* it need not know how to */
	uint32_t first = smallest(found);
	if (found != NULL)
		mailimap_search_result_free(found);
	code = first == 0 ? is_last_wanted(box, folder, err) : 0;
	*ret_first = code == 0 ? first : 1;
	return code < 0 ? code : 0;
}

/* Adds those that are wanted; `fresh` stands behind all that there are. */
static void
keep_wanted(const struct imap_box *box, enum wire_folder folder,
    const GArray *fresh, GArray *items)
{
	for (guint i = 0; i < fresh->len; i++) {
		const struct imap_item *item =
		    &g_array_index(fresh, struct imap_item, i);
		if (is_wanted(box, folder, item))
			(void)g_array_append_vals(items, item, 1);
	}
}

/* Where the next message stands: what the server says, or behind the last. */
static uint32_t
next_uid(const struct imap_folder *folder, const GArray *fresh,
    uint32_t uidnext)
{
	uint32_t next = uidnext != 0 ? uidnext : folder->uidnext;

	if (fresh->len > 0) {
		uint32_t last =
		    g_array_index(fresh, struct imap_item, fresh->len - 1).uid;
		if (last >= next)
			next = last + 1;
	}
	return next == 0 ? 1 : next;
}

/*
 * What came since the last listing, where that explains the server's count;
 * else something is gone, and all that was wanted is read again.
 */
static int
read_news(struct imap_box *box, enum wire_folder number, uint32_t exists,
    GArray *fresh, struct err *err)
{
	struct imap_folder *folder = &box->folders[number];
	uint32_t first;
	int code = 0;

	if (folder->listed) {
		code = read_from(box, folder->uidnext, exists, fresh, err);
		if (code != 0 || folder->items->len == 0 ||
		    folder->exists + fresh->len == exists)
			return code;
		first = g_array_index(folder->items, struct imap_item, 0).uid;
	} else {
		code = find_first(box, number, exists, &first, err);
		if (code != 0)
			return code;
	}
	(void)g_array_set_size(folder->items, 0);
	(void)g_array_set_size(fresh, 0);
	return first == 0 ? 0 : read_from(box, first, exists, fresh, err);
}

static int
refresh(struct imap_box *box, enum wire_folder number, struct err *err)
{
	struct imap_folder *folder = &box->folders[number];
	const struct mailimap_selection_info *info =
	    box->session->imap_selection_info;
	uint32_t exists = info->sel_exists, uidnext = info->sel_uidnext;
	int code = 0;

	if (folder->listed && exists == folder->exists && uidnext != 0 &&
	    uidnext == folder->uidnext)
		return 0;
	GArray *fresh = g_array_new(FALSE, FALSE, sizeof(struct imap_item));
	if (exists > 0)
		code = read_news(box, number, exists, fresh, err);
	else
		(void)g_array_set_size(folder->items, 0);
	folder->listed = code == 0;
	if (code == 0) {
		keep_wanted(box, number, fresh, folder->items);
		folder->exists = exists;
		folder->uidnext = next_uid(folder, fresh, uidnext);
	}
	(void)g_array_free(fresh, TRUE);
	return code;
}

/* --- STATUS -------------------------------------------------------------------- */

static struct mailimap_status_att_list *
status_atts(void)
{
	static const int atts[] = {MAILIMAP_STATUS_ATT_MESSAGES,
	    MAILIMAP_STATUS_ATT_UIDNEXT, MAILIMAP_STATUS_ATT_UIDVALIDITY};
	struct mailimap_status_att_list *list =
	    mailimap_status_att_list_new_empty();

	BUG_ON(list == NULL);
	for (size_t i = 0; i < COUNT_OF(atts); i++)
		(void)mailimap_status_att_list_add(list, atts[i]);
	return list;
}

/* One value of a STATUS answer; 0 where it is not in it. */
static uint32_t
status_value(const struct mailimap_mailbox_data_status *status, int att)
{
	if (status->st_info_list == NULL)
		return 0;
	for (clistiter *i = clist_begin(status->st_info_list); i != NULL;
	     i = clist_next(i)) {
		const struct mailimap_status_info *info = clist_content(i);
		if (info->st_att == att)
			return info->st_value;
	}
	return 0;
}

bool
imap_is_unchanged(struct imap_box *box, enum wire_folder folder)
{
	const struct imap_folder *f = &box->folders[folder];
	struct mailimap_mailbox_data_status *status = NULL;
	bool same = false;

	if (!f->listed)
		return false;
	struct mailimap_status_att_list *atts = status_atts();
	imap_begin(box, IMAP_ANSWER_BYTES);
	int code = mailimap_status(box->session, f->name, atts, &status);
	mailimap_status_att_list_free(atts);
	if (code == MAILIMAP_NO_ERROR && status != NULL) {
		same = status_value(status, MAILIMAP_STATUS_ATT_UIDVALIDITY) ==
			   f->validity &&
		       status_value(status, MAILIMAP_STATUS_ATT_UIDNEXT) ==
			   f->uidnext &&
		       status_value(status, MAILIMAP_STATUS_ATT_MESSAGES) ==
			   f->exists;
		mailimap_mailbox_data_status_free(status);
	}
	return same;
}

/* --- the whole ------------------------------------------------------------------ */

static void
write_listing(const struct imap_box *box, enum wire_folder folder,
    struct arena *arena, struct mailbox_listing *listing)
{
	const struct imap_folder *f = &box->folders[folder];
	const char *epoch = imap_epoch(arena, folder, f->validity);

	*listing = (struct mailbox_listing){.note = "", .epoch = epoch};
	listing->items =
	    arena_array(arena, f->items->len + 1, sizeof(*listing->items));
	for (guint i = 0; i < f->items->len; i++) {
		const struct imap_item *item =
		    &g_array_index(f->items, struct imap_item, i);
		listing->items[listing->count++] =
		    (struct mailbox_listed){arena_printf(arena, "%s%u", epoch,
						item->uid),
			item->size_bytes};
	}
}

/*
 * The inbox is selected each time, which alone shows a new UIDVALIDITY. Of the
 * other folder one question tells mostly that all is as it was.
 */
static int
list_once(struct imap_box *box, enum wire_folder folder, struct err *err)
{
	if (folder != FOLDER_INBOX && imap_is_unchanged(box, folder))
		return 0;
	int code = imap_select_anew(box, folder, err);

	return code != 0 ? code : refresh(box, folder, err);
}

int
imap_list(void *ctx, enum wire_folder folder, struct arena *arena,
    struct mailbox_listing *ret_listing, struct err *err)
{
	struct imap_box *box = ctx;
	bool fresh = false;
	int code = imap_ready(box, &fresh, err);

	if (code != 0)
		return code;
	code = list_once(box, folder, err);
	/* A connection that was left alone may have died meanwhile. */
	if (code != 0 && box->session == NULL && !fresh &&
	    box->patience_ms == 0) {
		code = imap_ready(box, NULL, err);
		if (code != 0)
			return code;
		code = list_once(box, folder, err);
	}
	if (code != 0) {
		imap_note_failure(box, err);
		return code;
	}
	box->failures = 0;
	write_listing(box, folder, arena, ret_listing);
	return 0;
}
