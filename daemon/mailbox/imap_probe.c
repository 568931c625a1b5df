/*
 * What an administrator wants to know of a server before the first start:
 * folders are looked for by EXAMINE and LIST, and nothing is made or changed.
 */
#include <string.h>

#include "mailbox/imap.h"

enum {
	NEWEST = 20, /* a mail of a moment ago is among them */
	WORDS_BYTES = 4000,
};

/* --- folders ----------------------------------------------------------------- */

/*
 * The name of a folder where it stands, in `arena`: a child of the inbox, or
 * beside it; NULL where it has yet to be made.
 */
static int
find_folder(struct imap_box *box, struct arena *arena, const char *word,
    const char **ret_name, struct err *err)
{
	const char *inbox = box->words[FOLDER_INBOX];
	clist *list = NULL;
	int code = mailimap_list(box->session, "",
	    arena_printf(arena, "*%s", word), &list);

	*ret_name = NULL;
	if (code != MAILIMAP_NO_ERROR)
		return imap_failed(box, code, "LIST", err);
	for (clistiter *i = clist_begin(list); i != NULL; i = clist_next(i)) {
		const struct mailimap_mailbox_list *one = clist_content(i);
		const char *child = arena_printf(arena, "%s%c%s", inbox,
		    one->mb_delimiter, word);
		if (strcmp(one->mb_name, child) == 0 ||
		    strcmp(one->mb_name, word) == 0)
			*ret_name = arena_strdup(arena, one->mb_name);
	}
	mailimap_list_result_free(list);
	return 0;
}

static void
add_name(struct buf *names, const char *name)
{
	if (names->len > 0)
		buf_puts(names, ", ");
	buf_puts(names, name);
}

static int
say_folders(struct imap_box *box, struct arena *arena, struct buf *out,
    struct err *err)
{
	struct buf there CLEANUP(buf_done), missing CLEANUP(buf_done);
	int code = 0;

	buf_init(&there, WORDS_BYTES);
	buf_init(&missing, WORDS_BYTES);
	for (int i = FOLDER_INBOX + 1; code == 0 && i <= FOLDER_LAST; i++) {
		const char *name = NULL;
		code = find_folder(box, arena, box->words[i], &name, err);
		add_name(name == NULL ? &missing : &there,
		    name == NULL ? box->words[i] : name);
	}
	if (there.len > 0)
		buf_printf(out, "; folders that are there: %s",
		    buf_text(&there));
	if (missing.len > 0)
		buf_printf(out, "; folders that the first start will make: %s",
		    buf_text(&missing));
	return code;
}

/* --- looking around ------------------------------------------------------------- */

static int
examine(struct imap_box *box, const char *name, uint32_t *ret_mails,
    struct err *err)
{
	imap_begin(box, IMAP_ANSWER_BYTES);
	box->selected = IMAP_NO_FOLDER;
	int code = mailimap_examine(box->session, name);
	if (code == MAILIMAP_ERROR_EXAMINE)
		return err_set(err, ERR_CONFIG, BLAME_OPERATOR,
		    "%s lets %.100s in, but not into the folder %.100s; is "
		    "its name right in mailbox.url? It says: %.150s",
		    box->url.host, box->url.user, name, imap_said(box));
	if (code != MAILIMAP_NO_ERROR)
		return imap_failed(box, code, "EXAMINE", err);
	const struct mailimap_selection_info *info =
	    box->session->imap_selection_info;
	*ret_mails = info == NULL ? 0 : info->sel_exists;
	return 0;
}

static const char *
yes_or_no(const struct imap_box *box, const char *capability)
{
	return imap_has(box, capability) ? "yes" : "no";
}

static int
look_around(struct imap_box *box, struct arena *arena,
    struct wire_probed *ret_probed, struct err *err)
{
	struct buf out CLEANUP(buf_done);
	const char *inbox = box->words[FOLDER_INBOX];
	uint32_t mails = 0;

	buf_init(&out, WORDS_BYTES);
	int code = examine(box, inbox, &mails, err);
	if (code != 0)
		return code;
	buf_printf(&out,
	    "logged in to %s port %d as %s; %s holds %u mail%s; IDLE %s, MOVE "
	    "%s, UIDPLUS %s",
	    box->url.host, box->url.port, box->url.user, inbox, mails,
	    mails == 1 ? "" : "s", yes_or_no(box, "IDLE"),
	    yes_or_no(box, "MOVE"), yes_or_no(box, "UIDPLUS"));
	if (!imap_has(box, "MOVE") && !imap_has(box, "UIDPLUS"))
		buf_printf(&out, " (so what is filed has to stay in %s)",
		    inbox);
	code = say_folders(box, arena, &out, err);
	ret_probed->text = arena_strdup(arena, buf_text(&out));
	ret_probed->mails = mails;
	return code;
}

/* --- looking for one mail --------------------------------------------------------- */

static struct mailimap_fetch_type *
subject_type(void)
{
	clist *names = clist_new();

	BUG_ON(names == NULL || clist_append(names, strdup("Subject")) != 0);
	return mailimap_fetch_type_new_fetch_att(
	    mailimap_fetch_att_new_body_peek_section(
		mailimap_section_new_header_fields(
		    mailimap_header_list_new(names))));
}

static bool
says(const struct mailimap_msg_att *att, const char *token)
{
	for (clistiter *i = clist_begin(att->att_list); i != NULL;
	     i = clist_next(i)) {
		const struct mailimap_msg_att_item *one = clist_content(i);
		const struct mailimap_msg_att_static *fixed =
		    one->att_type == MAILIMAP_MSG_ATT_ITEM_STATIC
			? one->att_data.att_static
			: NULL;
		if (fixed == NULL ||
		    fixed->att_type != MAILIMAP_MSG_ATT_BODY_SECTION)
			continue;
		const struct mailimap_msg_att_body_section *body =
		    fixed->att_data.att_body_section;
		if (body->sec_body_part != NULL &&
		    memmem(body->sec_body_part, body->sec_length, token,
			strlen(token)) != NULL)
			return true;
	}
	return false;
}

static int
look_in(struct imap_box *box, const char *name, const char *token,
    bool *ret_found, struct err *err)
{
	uint32_t mails = 0;
	clist *list = NULL;
	int code = examine(box, name, &mails, err);

	if (code != 0 || mails == 0)
		return code;
	imap_begin(box, IMAP_ANSWER_BYTES);
	struct mailimap_set *set =
	    mailimap_set_new_interval(mails > NEWEST ? mails - NEWEST + 1 : 1,
		mails);
	struct mailimap_fetch_type *type = subject_type();
	code = mailimap_fetch(box->session, set, type, &list);
	mailimap_fetch_type_free(type);
	mailimap_set_free(set);
	if (code != MAILIMAP_NO_ERROR)
		return imap_failed(box, code, "FETCH", err);
	for (clistiter *i = clist_begin(list); i != NULL; i = clist_next(i))
		*ret_found |= says(clist_content(i), token);
	mailimap_fetch_list_free(list);
	return 0;
}

/* In the inbox, or where a daemon that runs beside us has filed it. */
static int
look_for(struct imap_box *box, struct arena *arena, const char *token,
    struct wire_probed *ret_probed, struct err *err)
{
	const char *inbox = box->words[FOLDER_INBOX];
	const char *ignored = NULL;
	int code = look_in(box, inbox, token, &ret_probed->found, err);

	ret_probed->text = inbox;
	if (code != 0 || ret_probed->found)
		return code;
	code =
	    find_folder(box, arena, box->words[FOLDER_IGNORED], &ignored, err);
	if (code == 0 && ignored != NULL) {
		code = look_in(box, ignored, token, &ret_probed->found, err);
		ret_probed->text = ignored;
	}
	return code;
}

int
imap_probe(void *ctx, struct arena *arena, const char *token,
    struct wire_probed *ret_probed, struct err *err)
{
	struct imap_box *box = ctx;
	int code = imap_ready(box, NULL, err);

	if (code != 0)
		return code;
	return token[0] == '\0' ? look_around(box, arena, ret_probed, err)
				: look_for(box, arena, token, ret_probed, err);
}
