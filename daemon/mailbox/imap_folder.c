#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mailbox/imap.h"

enum {
	DECIMAL = 10,
	EPOCH_BYTES = 64
};

/* What the server calls things. */
struct names {
	char delimiter;     /* 0: the server knows no folders in folders */
	const char *prefix; /* of the personal namespace; "" */
	clist *there; /* struct mailimap_mailbox_list: the inbox's children */
};

/* --- names ------------------------------------------------------------------ */

static int
read_delimiter(struct imap_box *box, char *ret_delimiter, struct err *err)
{
	clist *list = NULL;
	int code =
	    mailimap_list(box->session, "", box->words[FOLDER_INBOX], &list);

	if (code != MAILIMAP_NO_ERROR)
		return imap_failed(box, code, "LIST", err);
	*ret_delimiter = '\0';
	for (clistiter *i = clist_begin(list); i != NULL; i = clist_next(i)) {
		const struct mailimap_mailbox_list *one = clist_content(i);
		*ret_delimiter = one->mb_delimiter;
	}
	mailimap_list_result_free(list);
	return 0;
}

/* The personal namespace's prefix in `arena`; "" where none is said. */
static const char *
read_prefix(struct imap_box *box, struct arena *arena)
{
	struct mailimap_namespace_data *data = NULL;
	const char *prefix = "";

	if (!imap_has(box, "NAMESPACE") ||
	    mailimap_namespace(box->session, &data) != MAILIMAP_NO_ERROR)
		return prefix;
	if (data->ns_personal != NULL) {
		clistiter *first = clist_begin(data->ns_personal->ns_data_list);
		const struct mailimap_namespace_info *info =
		    first == NULL ? NULL : clist_content(first);
		if (info != NULL && info->ns_prefix != NULL)
			prefix = arena_strdup(arena, info->ns_prefix);
	}
	mailimap_namespace_data_free(data);
	return prefix;
}

static bool
stands_in(const clist *list, const char *name)
{
	for (clistiter *i = clist_begin(list); i != NULL; i = clist_next(i)) {
		const struct mailimap_mailbox_list *one = clist_content(i);
		if (strcmp(one->mb_name, name) == 0)
			return true;
	}
	return false;
}

/* --- making ------------------------------------------------------------------- */

static int
create(struct imap_box *box, const char *name, struct err *err)
{
	int code = mailimap_create(box->session, name);

	if (code == MAILIMAP_ERROR_CREATE && imap_said_word(box, "exist"))
		code = MAILIMAP_NO_ERROR;
	if (code != MAILIMAP_NO_ERROR)
		return imap_failed(box, code, "making a folder", err);
	/* For mail programs that show only these; it works without. */
	code = mailimap_subscribe(box->session, name);
	if (code == MAILIMAP_ERROR_SUBSCRIBE || code == MAILIMAP_NO_ERROR)
		return 0;
	return imap_failed(box, code, "subscribing to a folder", err);
}

/*
 * A child of the inbox; where the server lets the inbox have none, beside it
 * in the personal namespace.
 */
static int
settle_folder(struct imap_box *box, struct arena *arena,
    const struct names *names, enum wire_folder folder, struct err *err)
{
	const char *name = arena_printf(arena, "%s%c%s",
	    box->words[FOLDER_INBOX], names->delimiter, box->words[folder]);
	int code = 0;

	if (names->delimiter == '\0' || !stands_in(names->there, name))
		code = names->delimiter == '\0' ? -1 : create(box, name, err);
	if (code != 0 && box->session != NULL) {
		name = arena_printf(arena, "%s%s", names->prefix,
		    box->words[folder]);
		code = create(box, name, err);
	}
	if (code != 0)
		return code;
	g_free(box->folders[folder].name);
	box->folders[folder].name = g_strdup(name);
	return 0;
}

static int
settle_all(struct imap_box *box, struct arena *arena, struct names *names,
    struct err *err)
{
	const char *pattern = arena_printf(arena, "%s%c%%",
	    box->words[FOLDER_INBOX], names->delimiter);
	int code = mailimap_list(box->session, "", pattern, &names->there);

	if (code != MAILIMAP_NO_ERROR)
		return imap_failed(box, code, "LIST", err);
	code = 0;
	for (int i = FOLDER_INBOX + 1; code == 0 && i <= FOLDER_LAST; i++)
		code =
		    settle_folder(box, arena, names, (enum wire_folder)i, err);
	mailimap_list_result_free(names->there);
	return code;
}

int
imap_find_folders(struct imap_box *box, struct err *err)
{
	struct arena *arena CLEANUP(arena_cleanup)
	= arena_new(IMAP_ANSWER_BYTES);
	struct names names = {.prefix = ""};
	int code = read_delimiter(box, &names.delimiter, err);

	if (code != 0)
		return code;
	names.prefix = read_prefix(box, arena);
	g_free(box->folders[FOLDER_INBOX].name);
	box->folders[FOLDER_INBOX].name = g_strdup(box->words[FOLDER_INBOX]);
	return settle_all(box, arena, &names, err);
}

int
imap_make_folder(struct imap_box *box, enum wire_folder folder, struct err *err)
{
	imap_begin(box, IMAP_ANSWER_BYTES);
	return create(box, box->folders[folder].name, err);
}

/* --- selecting ------------------------------------------------------------------ */

/* Another UIDVALIDITY: what was known of it holds no more. */
static void
note_selected(struct imap_box *box, enum wire_folder folder,
    const struct mailimap_selection_info *info)
{
	struct imap_folder *f = &box->folders[folder];

	if (f->validity != info->sel_uidvalidity) {
		(void)g_array_set_size(f->items, 0);
		f->listed = false;
		f->validity = info->sel_uidvalidity;
	}
	box->selected = (int)folder;
}

int
imap_select_anew(struct imap_box *box, enum wire_folder folder, struct err *err)
{
	imap_begin(box, IMAP_ANSWER_BYTES);
	box->selected = IMAP_NO_FOLDER;
	int code = mailimap_select(box->session, box->folders[folder].name);
	if (code == MAILIMAP_ERROR_SELECT && folder != FOLDER_INBOX) {
		/* A person deleted or renamed it. */
		code = imap_make_folder(box, folder, err);
		if (code != 0)
			return code;
		code = mailimap_select(box->session, box->folders[folder].name);
	}
	if (code != MAILIMAP_NO_ERROR) {
		/* A server may refuse in one session what it lets in another. */
		(void)imap_failed(box, code, "SELECT", err);
		imap_disconnect(box);
		return ERR_BUSY;
	}
	const struct mailimap_selection_info *info =
	    box->session->imap_selection_info;
	if (info == NULL || info->sel_uidvalidity == 0)
		return err_set(err, ERR_BUSY, BLAME_OPERATOR,
		    "%s says no UIDVALIDITY for %.100s", box->url.host,
		    box->folders[folder].name);
	note_selected(box, folder, info);
	return 0;
}

int
imap_select(struct imap_box *box, enum wire_folder folder, struct err *err)
{
	return box->selected == (int)folder
		   ? 0
		   : imap_select_anew(box, folder, err);
}

/* --- keys ------------------------------------------------------------------------ */

static size_t
write_epoch(char epoch[static EPOCH_BYTES], enum wire_folder folder,
    uint32_t validity)
{
	bool inbox = folder == FOLDER_INBOX;

	return (size_t)snprintf(epoch, EPOCH_BYTES, "%s%s%u/",
	    inbox ? "" : wire_folder_name(folder), inbox ? "" : "/", validity);
}

const char *
imap_epoch(struct arena *arena, enum wire_folder folder, uint32_t validity)
{
	char epoch[EPOCH_BYTES];

	(void)write_epoch(epoch, folder, validity);
	return arena_strdup(arena, epoch);
}

uint32_t
imap_uid_of_key(const struct imap_box *box, enum wire_folder folder,
    const char *key)
{
	char epoch[EPOCH_BYTES];
	char *end = NULL;
	size_t n = write_epoch(epoch, folder, box->folders[folder].validity);

	if (strncmp(key, epoch, n) != 0)
		return 0;
	unsigned long uid = strtoul(key + n, &end, DECIMAL);
	return *end == '\0' && uid <= UINT32_MAX ? (uint32_t)uid : 0;
}

struct mailimap_set *
imap_set_of(const uint32_t *uids, size_t count)
{
	struct mailimap_set *set = mailimap_set_new_empty();

	BUG_ON(set == NULL);
	for (size_t i = 0; i < count;) {
		size_t n = 1;
		while (i + n < count && uids[i + n] == uids[i] + n)
			n++;
		BUG_ON(mailimap_set_add_interval(set, uids[i],
			   uids[i + n - 1]) != MAILIMAP_NO_ERROR);
		i += n;
	}
	return set;
}
