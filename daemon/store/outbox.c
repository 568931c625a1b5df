#include "store/outbox.h"

#include <string.h>

#include "base/io.h"
#include "base/macros.h"
#include "store/sql.h"

static const char SQL_ADD[] =
    "INSERT INTO outbox(kind, topic, ref, contact, recipient, envelope_to, "
    "envelope_from, subject, id_hash, message_id, in_reply_to, token, "
    "answers, counts, state, queued_at, next_at) VALUES (:kind, :topic, :ref,"
    " :contact, lower(:recipient), :envelope_to, :envelope_from, :subject, "
    ":id_hash, :message_id, :in_reply_to, :token, :answers, :counts, :state, "
    ":queued_at, :queued_at)";
static const char SQL_ADD_BODY[] =
    "INSERT INTO outbox_body(outbox, text, mime) VALUES (:id, :text, :mime)";
static const char SQL_ADD_ITEM[] =
    "INSERT INTO outbox_item(outbox, label, position, kind, ref, tbl, row, "
    "field) VALUES (:id, :label, :position, :kind, :ref, :tbl, :row, :field)";

#define OUTBOX_COLUMNS                                                      \
	"SELECT id, kind, topic, ref, contact, recipient, envelope_to, "    \
	"envelope_from, subject, message_id, in_reply_to, token, answers, " \
	"counts, state, attempts, doubts, queued_at, next_at, sent_at, "    \
	"last_error, tried_at FROM outbox "
static const char SQL_FIND[] = OUTBOX_COLUMNS "WHERE id = :id";
static const char SQL_FIND_MESSAGE_ID[] = OUTBOX_COLUMNS
    "WHERE id_hash = :hash AND message_id = :message_id ORDER BY id LIMIT 1";
static const char SQL_FIND_TOKEN[] =
    OUTBOX_COLUMNS "WHERE token = upper(replace(:token, '-', ''))"
		   " AND token <> ''";
static const char SQL_FIND_ANSWER[] =
    OUTBOX_COLUMNS "WHERE answers = :message ORDER BY id LIMIT 1";
static const char SQL_FIND_REF[] =
    OUTBOX_COLUMNS "WHERE ref = :ref AND recipient = lower(:recipient)"
		   " ORDER BY id DESC LIMIT 1";

static const char SQL_TEXT[] = "SELECT text FROM outbox_body WHERE outbox = "
			       ":id";
static const char SQL_MIME[] = "SELECT mime FROM outbox_body WHERE outbox = "
			       ":id";
#define ITEM_COLUMNS \
	"SELECT label, kind, ref, tbl, row, field FROM outbox_item "
static const char SQL_ITEMS[] =
    ITEM_COLUMNS "WHERE outbox = :id ORDER BY position";
static const char SQL_FIND_ITEM[] =
    ITEM_COLUMNS "WHERE outbox = :id AND label = upper(:label)";
static const char SQL_COUNT[] =
    "SELECT count(*), max(queued_at) FROM outbox"
    " WHERE recipient = lower(:recipient) AND queued_at >= :since"
    " AND (:kind = '' OR kind = :kind) AND (:topic = '' OR topic = :topic)"
    " AND (:ref = '' OR ref = :ref)";
static const char SQL_COUNT_ANSWERS[] =
    "SELECT count(*) FROM outbox WHERE recipient = lower(:recipient)"
    " AND queued_at >= :since AND counts";
static const char SQL_COUNT_STATES[] =
    "SELECT state, count(*) FROM outbox GROUP BY state";

static int
add_row(struct store *store, const struct outbox *mail, int64_t *ret_id,
    struct err *err)
{
	return sql_insert(store, SQL_ADD,
	    BINDS(bind_text(":kind", mail->kind),
		bind_text(":topic", mail->topic), bind_text(":ref", mail->ref),
		bind_some(":contact", mail->contact),
		bind_text(":recipient", mail->recipient),
		bind_text(":envelope_to", mail->envelope_to),
		bind_text(":envelope_from", mail->envelope_from),
		bind_text(":subject", mail->subject),
		bind_int(":id_hash", hash_of_text(mail->message_id)),
		bind_text(":message_id", mail->message_id),
		bind_text(":in_reply_to", mail->in_reply_to),
		bind_text(":token", mail->token),
		bind_some(":answers", mail->answers),
		bind_int(":counts", mail->counts),
		bind_text(":state", mail->state),
		bind_int(":queued_at", mail->queued_at)),
	    ret_id, err);
}

static int
add_item(struct store *store, int64_t id, size_t position,
    const struct outbox_item *item, struct err *err)
{
	return sql_run(store, SQL_ADD_ITEM,
	    BINDS(bind_int(":id", id), bind_text(":label", item->label),
		bind_int(":position", (int64_t)position),
		bind_text(":kind", item->kind), bind_text(":ref", item->ref),
		bind_text(":tbl", item->tbl), bind_text(":row", item->row),
		bind_text(":field", item->field)),
	    err);
}

int
outbox_add(struct store *store, const struct outbox *mail,
    const struct outbox_body *body, const struct outbox_items *items,
    int64_t *ret_id, struct err *err)
{
	int failed = add_row(store, mail, ret_id, err);

	if (failed == 0)
		failed = sql_run(store, SQL_ADD_BODY,
		    BINDS(bind_int(":id", *ret_id),
			bind_text(":text", body->text),
			bind_blob(":mime", body->mime, body->mime_bytes)),
		    err);
	for (size_t i = 0; failed == 0 && i < items->count; i++)
		failed = add_item(store, *ret_id, i, &items->items[i], err);
	return failed;
}

static void
read_mail(struct arena *arena, sqlite3_stmt *stmt, void *item)
{
	*(struct outbox *)item = (struct outbox){
	    .id = sql_int(stmt, 0),
	    .kind = sql_text(arena, stmt, 1),
	    .topic = sql_text(arena, stmt, 2),
	    .ref = sql_text(arena, stmt, 3),
	    .contact = sql_int(stmt, 4),
	    .recipient = sql_text(arena, stmt, 5),
	    .envelope_to = sql_text(arena, stmt, 6),
	    .envelope_from = sql_text(arena, stmt, 7),
	    .subject = sql_text(arena, stmt, 8),
	    .message_id = sql_text(arena, stmt, 9),
	    .in_reply_to = sql_text(arena, stmt, 10),
	    .token = sql_text(arena, stmt, 11),
	    .answers = sql_int(stmt, 12),
	    .counts = sql_int(stmt, 13) != 0,
	    .state = sql_text(arena, stmt, 14),
	    .attempts = (int)sql_int(stmt, 15),
	    .doubts = (int)sql_int(stmt, 16),
	    .queued_at = sql_int(stmt, 17),
	    .next_at = sql_int(stmt, 18),
	    .sent_at = sql_int(stmt, 19),
	    .last_error = sql_text(arena, stmt, 20),
	    .tried_at = sql_int(stmt, 21),
	};
}

static int
one_mail(struct store *store, struct arena *arena, const char *text,
    const struct bind *binds, struct outbox *ret_mail, struct err *err)
{
	const struct sql_list list = {text, sizeof(struct outbox), read_mail};

	return sql_one(store, arena, &list, binds, ret_mail, err);
}

int
outbox_find(struct store *store, struct arena *arena, int64_t id,
    struct outbox *ret_mail, struct err *err)
{
	return one_mail(store, arena, SQL_FIND, BINDS(bind_int(":id", id)),
	    ret_mail, err);
}

int
outbox_find_message_id(struct store *store, struct arena *arena,
    const char *message_id, struct outbox *ret_mail, struct err *err)
{
	return one_mail(store, arena, SQL_FIND_MESSAGE_ID,
	    BINDS(bind_int(":hash", hash_of_text(message_id)),
		bind_text(":message_id", message_id)),
	    ret_mail, err);
}

int
outbox_find_token(struct store *store, struct arena *arena, const char *token,
    struct outbox *ret_mail, struct err *err)
{
	return one_mail(store, arena, SQL_FIND_TOKEN,
	    BINDS(bind_text(":token", token)), ret_mail, err);
}

int
outbox_find_answer(struct store *store, struct arena *arena, int64_t message,
    struct outbox *ret_mail, struct err *err)
{
	return one_mail(store, arena, SQL_FIND_ANSWER,
	    BINDS(bind_int(":message", message)), ret_mail, err);
}

int
outbox_find_ref(struct store *store, struct arena *arena, const char *ref,
    const char *recipient, struct outbox *ret_mail, struct err *err)
{
	return one_mail(store, arena, SQL_FIND_REF,
	    BINDS(bind_text(":ref", ref), bind_text(":recipient", recipient)),
	    ret_mail, err);
}

int
outbox_text(struct store *store, struct arena *arena, int64_t id,
    const char **ret_text, struct err *err)
{
	sqlite3_stmt *stmt CLEANUP(sql_done)
	= NULL;
	int found =
	    sql_open(store, SQL_TEXT, BINDS(bind_int(":id", id)), &stmt, err);

	if (found == 0)
		found = sql_step(store, stmt, err);
	if (found == 1)
		*ret_text = sql_text(arena, stmt, 0);
	return found;
}

/* Stands on the row of the bytes; ERR_NOT_FOUND where there is none. */
static int
open_mime(struct store *store, int64_t id, sqlite3_stmt **ret_stmt,
    struct err *err)
{
	int found = sql_open(store, SQL_MIME, BINDS(bind_int(":id", id)),
	    ret_stmt, err);

	if (found == 0)
		found = sql_step(store, *ret_stmt, err);
	if (found == 0)
		return err_set(err, ERR_NOT_FOUND, BLAME_OPERATOR,
		    "there is no mail %lld", (long long)id);
	return found < 0 ? found : 0;
}

int
outbox_read_mime(struct store *store, int64_t id, struct buf *buf,
    struct err *err)
{
	sqlite3_stmt *stmt CLEANUP(sql_done)
	= NULL;
	int failed = open_mime(store, id, &stmt, err);

	if (failed < 0)
		return failed;
	const void *data = sqlite3_column_blob(stmt, 0);
	buf_add(buf, data, (size_t)sqlite3_column_bytes(stmt, 0));
	if (buf->over)
		return err_set(err, ERR_LIMIT, BLAME_OPERATOR,
		    "mail %lld is longer than %zu bytes", (long long)id,
		    buf->max);
	return 0;
}

int
outbox_write_mime(struct store *store, int64_t id, int fd, struct err *err)
{
	sqlite3_stmt *stmt CLEANUP(sql_done)
	= NULL;
	int failed = open_mime(store, id, &stmt, err);

	if (failed < 0)
		return failed;
	const void *data = sqlite3_column_blob(stmt, 0);
	return io_write_all(fd, data, (size_t)sqlite3_column_bytes(stmt, 0),
	    err);
}

static void
read_item(struct arena *arena, sqlite3_stmt *stmt, void *item)
{
	*(struct outbox_item *)item = (struct outbox_item){
	    .label = sql_text(arena, stmt, 0),
	    .kind = sql_text(arena, stmt, 1),
	    .ref = sql_text(arena, stmt, 2),
	    .tbl = sql_text(arena, stmt, 3),
	    .row = sql_text(arena, stmt, 4),
	    .field = sql_text(arena, stmt, 5),
	};
}

int
outbox_list_items(struct store *store, struct arena *arena, int64_t id,
    struct outbox_items *ret_items, struct err *err)
{
	static const struct sql_list list = {SQL_ITEMS,
	    sizeof(struct outbox_item), read_item};

	return sql_list(store, arena, &list, BINDS(bind_int(":id", id)),
	    ret_items, err);
}

int
outbox_find_item(struct store *store, struct arena *arena, int64_t id,
    const char *label, struct outbox_item *ret_item, struct err *err)
{
	static const struct sql_list list = {SQL_FIND_ITEM,
	    sizeof(struct outbox_item), read_item};

	return sql_one(store, arena, &list,
	    BINDS(bind_int(":id", id), bind_text(":label", label)), ret_item,
	    err);
}

int
outbox_ask(struct store *store, const struct outbox_question *question,
    int64_t *ret_count, int64_t *ret_last_at, struct err *err)
{
	sqlite3_stmt *stmt CLEANUP(sql_done)
	= NULL;
	int found = sql_open(store, SQL_COUNT,
	    BINDS(bind_text(":recipient", question->recipient),
		bind_int(":since", question->since_at),
		bind_text(":kind", question->kind),
		bind_text(":topic", question->topic),
		bind_text(":ref", question->ref)),
	    &stmt, err);

	if (found == 0)
		found = sql_step(store, stmt, err);
	if (found < 0)
		return found;
	*ret_count = sql_int(stmt, 0);
	*ret_last_at = sql_int(stmt, 1);
	return 0;
}

int
outbox_count_answers(struct store *store, const char *recipient,
    int64_t since_at, int64_t *ret_count, struct err *err)
{
	int found = sql_number(store, SQL_COUNT_ANSWERS,
	    BINDS(bind_text(":recipient", recipient),
		bind_int(":since", since_at)),
	    ret_count, err);

	return found < 0 ? found : 0;
}

int
outbox_count_states(struct store *store, struct arena *arena,
    struct store_counts *ret_counts, struct err *err)
{
	static const struct sql_list list = {SQL_COUNT_STATES,
	    sizeof(struct store_count), sql_read_count};

	return sql_list(store, arena, &list, BINDS(), ret_counts, err);
}
