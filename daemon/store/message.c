#include "store/message.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/io.h"
#include "base/limits.h"
#include "base/macros.h"
#include "store/sql.h"

enum {
	RAW_PIECE_BYTES = 256 * 1024
};

static const char SQL_ADD[] =
    "INSERT INTO message(key_hash, sha_hash, content_hash, mailbox_key, "
    "sha256, content_key, received_at, judged_at, from_addr, subject, "
    "message_id, class, outcome, reason, ref, folder, size_bytes, contact, "
    "first, moved_at) VALUES (:key_hash, :sha_hash, :content_hash, "
    ":mailbox_key, :sha256, :content_key, :received_at, :judged_at, "
    "lower(:from_addr), :subject, :message_id, :class, :outcome, :reason, "
    ":ref, :folder, :size_bytes, :contact, :first, :moved_at)";
static const char SQL_JUDGE[] =
    "UPDATE message SET class = :class, outcome = :outcome, reason = :reason,"
    " ref = :ref, folder = :folder, contact = :contact, first = :first,"
    " moved_at = CASE WHEN :folder = 'INBOX' THEN judged_at"
    " ELSE coalesce(:moved, moved_at) END"
    " WHERE id = :id";
static const char SQL_ADD_PART[] =
    "INSERT INTO part(message, n, name, type, bytes, sha256, verdict, "
    "encoding, offset, raw_bytes) VALUES (:message, :n, :name, :type, :bytes,"
    " :sha256, :verdict, :encoding, :offset, :raw_bytes)";
static const char SQL_PARTS[] =
    "SELECT name, type, sha256, verdict, encoding, bytes, offset, raw_bytes"
    " FROM part WHERE message = :message ORDER BY n";
static const char SQL_ADD_RAW[] =
    "INSERT INTO raw(message, piece, data) VALUES (:message, :piece, :data)";
static const char SQL_READ_RAW[] =
    "SELECT data FROM raw WHERE message = :message ORDER BY piece";

#define MESSAGE_COLUMNS                                                       \
	"SELECT id, mailbox_key, sha256, content_key, received_at, "          \
	"judged_at, from_addr, subject, message_id, class, outcome, reason, " \
	"ref, folder, size_bytes, contact, first, moved_at, settled_at, "     \
	"again FROM message "
static const char SQL_FIND[] = MESSAGE_COLUMNS "WHERE id = :id";
static const char SQL_FIND_KEY[] = MESSAGE_COLUMNS
    "WHERE key_hash = :hash AND mailbox_key = :key ORDER BY id DESC LIMIT 1";
static const char SQL_FIND_SHA[] = MESSAGE_COLUMNS
    "WHERE sha_hash = :hash AND sha256 = :sha ORDER BY id DESC LIMIT 1";
static const char SQL_FIND_CONTENT[] =
    MESSAGE_COLUMNS "WHERE content_hash = :hash AND content_key = :content"
		    " AND from_addr = lower(:from) AND outcome <> 'duplicate'"
		    " AND id <> :except ORDER BY id LIMIT 1";
static const char SQL_NEXT_AGAIN[] =
    MESSAGE_COLUMNS "WHERE again <> '' ORDER BY id LIMIT 1";

static const char SQL_SET_MOVED[] =
    "UPDATE message SET moved_at = :at, mailbox_key = :new_key,"
    " key_hash = :new_hash"
    " WHERE key_hash = :hash AND mailbox_key = :key AND moved_at IS NULL";
static const char SQL_PLACE[] =
    "UPDATE message SET mailbox_key = :key, key_hash = :hash, moved_at = :at"
    " WHERE id = :id";
static const char SQL_UNMOVED[] =
    "SELECT id, mailbox_key, folder FROM message"
    " WHERE moved_at IS NULL AND id > :after ORDER BY id LIMIT 500";
/* Moved, but the word of it was lost with the process that should hear it. */
static const char SQL_UNTOLD_ATTENTION[] =
    "SELECT id, mailbox_key, folder FROM message WHERE outcome = 'attention'"
    " AND settled_at IS NULL AND moved_at IS NULL AND folder = 'Attention'";
static const char SQL_OPEN_ATTENTION[] =
    "SELECT id, mailbox_key, folder FROM message WHERE outcome = 'attention'"
    " AND settled_at IS NULL AND moved_at IS NOT NULL"
    " AND folder = 'Attention'";
static const char SQL_SETTLE[] = "UPDATE message SET settled_at = :at"
				 " WHERE id = :id AND settled_at IS NULL";
static const char SQL_SET_AGAIN[] =
    "UPDATE message SET again = :again WHERE id = :id";
static const char SQL_ATTEMPT_ADD[] =
    "INSERT INTO attempt(sha256, tries) VALUES (:sha, 1)"
    " ON CONFLICT (sha256) DO UPDATE SET tries = tries + 1";
static const char SQL_ATTEMPT_COUNT[] =
    "SELECT tries FROM attempt WHERE sha256 = :sha";
static const char SQL_ATTEMPT_CLEAR[] =
    "DELETE FROM attempt WHERE sha256 = :sha";
static const char SQL_COUNT_OUTCOMES[] =
    "SELECT outcome, count(*) FROM message"
    " WHERE judged_at >= :since AND judged_at < :until GROUP BY outcome";
static const char SQL_COUNT_OPEN[] =
    "SELECT count(*) FROM message"
    " WHERE outcome = 'attention' AND settled_at IS NULL";

static void
read_message(struct arena *arena, sqlite3_stmt *stmt, void *item)
{
	*(struct message *)item = (struct message){
	    .id = sql_int(stmt, 0),
	    .mailbox_key = sql_text(arena, stmt, 1),
	    .sha256 = sql_text(arena, stmt, 2),
	    .content_key = sql_text(arena, stmt, 3),
	    .received_at = sql_int(stmt, 4),
	    .judged_at = sql_int(stmt, 5),
	    .from_addr = sql_text(arena, stmt, 6),
	    .subject = sql_text(arena, stmt, 7),
	    .message_id = sql_text(arena, stmt, 8),
	    .class = sql_text(arena, stmt, 9),
	    .outcome = sql_text(arena, stmt, 10),
	    .reason = sql_text(arena, stmt, 11),
	    .ref = sql_text(arena, stmt, 12),
	    .folder = sql_text(arena, stmt, 13),
	    .size_bytes = sql_int(stmt, 14),
	    .contact = sql_int(stmt, 15),
	    .first = sql_int(stmt, 16),
	    .moved_at = sql_int(stmt, 17),
	    .settled_at = sql_int(stmt, 18),
	    .again = sql_text(arena, stmt, 19),
	};
}

static int
one_message(struct store *store, struct arena *arena, const char *text,
    const struct bind *binds, struct message *ret_message, struct err *err)
{
	const struct sql_list list = {text, sizeof(struct message),
	    read_message};

	return sql_one(store, arena, &list, binds, ret_message, err);
}

static struct bind
bind_hash(const char *name, const char *text)
{
	if (text == NULL || text[0] == '\0')
		return bind_some(name, 0);
	return bind_int(name, hash_of_text(text));
}

int
message_add(struct store *store, const struct message *message, int64_t *ret_id,
    struct err *err)
{
	bool stays = strcmp(message->folder, "INBOX") == 0;
	int64_t moved_at = message->moved_at;

	if (stays && moved_at == 0)
		moved_at = message->judged_at;
	return sql_insert(store, SQL_ADD,
	    BINDS(bind_int(":key_hash", hash_of_text(message->mailbox_key)),
		bind_int(":sha_hash", hash_of_hex(message->sha256)),
		bind_hash(":content_hash", message->content_key),
		bind_text(":mailbox_key", message->mailbox_key),
		bind_text(":sha256", message->sha256),
		bind_text(":content_key", message->content_key),
		bind_int(":received_at", message->received_at),
		bind_int(":judged_at", message->judged_at),
		bind_text(":from_addr", message->from_addr),
		bind_text(":subject", message->subject),
		bind_text(":message_id", message->message_id),
		bind_text(":class", message->class),
		bind_text(":outcome", message->outcome),
		bind_text(":reason", message->reason),
		bind_text(":ref", message->ref),
		bind_text(":folder", message->folder),
		bind_int(":size_bytes", message->size_bytes),
		bind_some(":contact", message->contact),
		bind_some(":first", message->first),
		bind_some(":moved_at", moved_at)),
	    ret_id, err);
}

int
message_judge(struct store *store, int64_t id,
    const struct message_verdict *verdict, struct err *err)
{
	return sql_run(store, SQL_JUDGE,
	    BINDS(bind_int(":id", id), bind_text(":class", verdict->class),
		bind_text(":outcome", verdict->outcome),
		bind_text(":reason", verdict->reason),
		bind_text(":ref", verdict->ref),
		bind_text(":folder", verdict->folder),
		bind_some(":contact", verdict->contact),
		bind_some(":first", verdict->first),
		bind_some(":moved", verdict->moved_at)),
	    err);
}

int
message_add_parts(struct store *store, int64_t id,
    const struct message_parts *parts, struct err *err)
{
	for (size_t i = 0; i < parts->count; i++) {
		const struct message_part *part = &parts->items[i];
		int failed = sql_run(store, SQL_ADD_PART,
		    BINDS(bind_int(":message", id),
			bind_int(":n", (int64_t)i + 1),
			bind_text(":name", part->name),
			bind_text(":type", part->type),
			bind_int(":bytes", part->bytes),
			bind_text(":sha256", part->sha256),
			bind_text(":verdict", part->verdict),
			bind_text(":encoding", part->encoding),
			bind_int(":offset", part->offset),
			bind_int(":raw_bytes", part->raw_bytes)),
		    err);
		if (failed < 0)
			return failed;
	}
	return 0;
}

static void
read_part(struct arena *arena, sqlite3_stmt *stmt, void *item)
{
	*(struct message_part *)item = (struct message_part){
	    .name = sql_text(arena, stmt, 0),
	    .type = sql_text(arena, stmt, 1),
	    .sha256 = sql_text(arena, stmt, 2),
	    .verdict = sql_text(arena, stmt, 3),
	    .encoding = sql_text(arena, stmt, 4),
	    .bytes = sql_int(stmt, 5),
	    .offset = sql_int(stmt, 6),
	    .raw_bytes = sql_int(stmt, 7),
	};
}

int
message_list_parts(struct store *store, struct arena *arena, int64_t id,
    struct message_parts *ret_parts, struct err *err)
{
	static const struct sql_list list = {SQL_PARTS,
	    sizeof(struct message_part), read_part};

	return sql_list(store, arena, &list, BINDS(bind_int(":message", id)),
	    ret_parts, err);
}

/* As many bytes as there are, up to a whole piece. */
static ssize_t
read_piece(int fd, char *piece, off_t offset, struct err *err)
{
	size_t filled = 0;

	while (filled < RAW_PIECE_BYTES) {
		ssize_t n = pread(fd, piece + filled, RAW_PIECE_BYTES - filled,
		    offset + (off_t)filled);
		if (n < 0)
			return err_system(err, "reading a message");
		if (n == 0)
			break;
		filled += (size_t)n;
	}
	return (ssize_t)filled;
}

static void
free_text(char **text)
{
	free(*text);
}

int
message_add_raw(struct store *store, int64_t id, int fd, struct err *err)
{
	char *piece CLEANUP(free_text)
	= malloc(RAW_PIECE_BYTES);
	off_t offset = 0;

	BUG_ON(piece == NULL);
	for (int64_t n = 0;; n++) {
		ssize_t bytes = read_piece(fd, piece, offset, err);
		if (bytes <= 0)
			return (int)bytes;
		int failed = sql_run(store, SQL_ADD_RAW,
		    BINDS(bind_int(":message", id), bind_int(":piece", n),
			bind_blob(":data", piece, (size_t)bytes)),
		    err);
		if (failed < 0)
			return failed;
		offset += bytes;
	}
}

int
message_read_raw(struct store *store, int64_t id, int fd, struct err *err)
{
	sqlite3_stmt *stmt CLEANUP(sql_done)
	= NULL;
	int found = 0;
	int more = sql_open(store, SQL_READ_RAW,
	    BINDS(bind_int(":message", id)), &stmt, err);

	if (more < 0)
		return more;
	while ((more = sql_step(store, stmt, err)) == 1) {
		const void *data = sqlite3_column_blob(stmt, 0);
		int failed = io_write_all(fd, data,
		    (size_t)sqlite3_column_bytes(stmt, 0), err);
		if (failed < 0)
			return failed;
		found = 1;
	}
	return more < 0 ? more : found;
}

int
message_find(struct store *store, struct arena *arena, int64_t id,
    struct message *ret_message, struct err *err)
{
	return one_message(store, arena, SQL_FIND, BINDS(bind_int(":id", id)),
	    ret_message, err);
}

int
message_find_key(struct store *store, struct arena *arena,
    const char *mailbox_key, struct message *ret_message, struct err *err)
{
	return one_message(store, arena, SQL_FIND_KEY,
	    BINDS(bind_int(":hash", hash_of_text(mailbox_key)),
		bind_text(":key", mailbox_key)),
	    ret_message, err);
}

int
message_find_sha(struct store *store, struct arena *arena, const char *sha256,
    struct message *ret_message, struct err *err)
{
	return one_message(store, arena, SQL_FIND_SHA,
	    BINDS(bind_int(":hash", hash_of_hex(sha256)),
		bind_text(":sha", sha256)),
	    ret_message, err);
}

int
message_find_content(struct store *store, struct arena *arena,
    const struct message_content *content, struct message *ret_message,
    struct err *err)
{
	if (content->content_key[0] == '\0')
		return 0;
	return one_message(store, arena, SQL_FIND_CONTENT,
	    BINDS(bind_int(":hash", hash_of_text(content->content_key)),
		bind_text(":content", content->content_key),
		bind_text(":from", content->from_addr),
		bind_int(":except", content->except)),
	    ret_message, err);
}

int
message_set_moved(struct store *store, const struct message_moved *moved,
    size_t count, int64_t at, struct err *err)
{
	for (size_t i = 0; i < count; i++) {
		const char *key = moved[i].mailbox_key;
		const char *new_key =
		    moved[i].new_key[0] == '\0' ? key : moved[i].new_key;
		int failed = sql_run(store, SQL_SET_MOVED,
		    BINDS(bind_int(":at", at),
			bind_int(":hash", hash_of_text(key)),
			bind_text(":key", key),
			bind_int(":new_hash", hash_of_text(new_key)),
			bind_text(":new_key", new_key)),
		    err);
		if (failed < 0)
			return failed;
	}
	return 0;
}

static void
read_move(struct arena *arena, sqlite3_stmt *stmt, void *item)
{
	*(struct message_move *)item = (struct message_move){
	    .id = sql_int(stmt, 0),
	    .mailbox_key = sql_text(arena, stmt, 1),
	    .folder = sql_text(arena, stmt, 2),
	};
}

int
message_list_unmoved(struct store *store, struct arena *arena, int64_t after_id,
    struct message_moves *ret_moves, struct err *err)
{
	static const struct sql_list list = {SQL_UNMOVED,
	    sizeof(struct message_move), read_move};

	return sql_list(store, arena, &list,
	    BINDS(bind_int(":after", after_id)), ret_moves, err);
}

static int
compare_keys(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

struct sorted_keys {
	const char **keys;
	size_t count;
	const char *epoch;
};

static bool
is_present(const struct sorted_keys *present, const struct message_move *row)
{
	return bsearch(&row->mailbox_key, present->keys, present->count,
		   sizeof(char *), compare_keys) != NULL;
}

/* Those that stand there were moved, whoever should have told us. */
static int
believe_present(struct store *store, struct arena *arena,
    const struct sorted_keys *present, int64_t at, struct err *err)
{
	static const struct sql_list list = {SQL_UNTOLD_ATTENTION,
	    sizeof(struct message_move), read_move};
	struct message_moves untold;
	int failed = sql_list(store, arena, &list, BINDS(), &untold, err);

	for (size_t i = 0; failed >= 0 && i < untold.count; i++) {
		const struct message_move *row = &untold.items[i];
		const struct message_moved moved = {row->mailbox_key, ""};
		if (is_present(present, row))
			failed = message_set_moved(store, &moved, 1, at, err);
	}
	return failed;
}

static int
settle_absent(struct store *store, const struct message_moves *open,
    const struct sorted_keys *present, int64_t at, struct err *err)
{
	int settled = 0;

	for (size_t i = 0; i < open->count; i++) {
		const struct message_move *row = &open->items[i];
		if (is_present(present, row) ||
		    strncmp(row->mailbox_key, present->epoch,
			strlen(present->epoch)) != 0)
			continue;
		int failed = message_settle(store, row->id, at, err);
		if (failed < 0)
			return failed;
		settled++;
	}
	return settled;
}

int
message_settle_gone(struct store *store, const struct message_present *present,
    int64_t at, struct err *err)
{
	struct arena *arena CLEANUP(arena_cleanup)
	= arena_new(LIMIT_ARENA_BYTES);
	struct message_moves open;
	struct sorted_keys sorted = {arena_array(arena, present->count + 1,
					 sizeof(char *)),
	    present->count, present->epoch};

	for (size_t i = 0; i < present->count; i++)
		sorted.keys[i] = present->keys[i];
	qsort(sorted.keys, sorted.count, sizeof(*sorted.keys), compare_keys);
	int failed = believe_present(store, arena, &sorted, at, err);
	if (failed >= 0)
		failed = message_list_open(store, arena, &open, err);
	if (failed < 0)
		return failed;
	return settle_absent(store, &open, &sorted, at, err);
}

int
message_list_open(struct store *store, struct arena *arena,
    struct message_moves *ret_moves, struct err *err)
{
	static const struct sql_list list = {SQL_OPEN_ATTENTION,
	    sizeof(struct message_move), read_move};

	return sql_list(store, arena, &list, BINDS(), ret_moves, err);
}

int
message_place(struct store *store, int64_t id, const char *key,
    int64_t moved_at, struct err *err)
{
	return sql_run(store, SQL_PLACE,
	    BINDS(bind_int(":id", id), bind_text(":key", key),
		bind_int(":hash", hash_of_text(key)),
		bind_some(":at", moved_at)),
	    err);
}

int
message_settle(struct store *store, int64_t id, int64_t at, struct err *err)
{
	return sql_run(store, SQL_SETTLE,
	    BINDS(bind_int(":id", id), bind_int(":at", at)), err);
}

int
message_set_again(struct store *store, int64_t id, const char *again,
    struct err *err)
{
	int changed = sql_change(store, SQL_SET_AGAIN,
	    BINDS(bind_int(":id", id), bind_text(":again", again)), err);

	if (changed == 0)
		return err_set(err, ERR_NOT_FOUND, BLAME_OPERATOR,
		    "there is no message %lld", (long long)id);
	return changed < 0 ? changed : 0;
}

int
message_clear_again(struct store *store, int64_t id, struct err *err)
{
	return message_set_again(store, id, "", err);
}

int
message_next_again(struct store *store, struct arena *arena,
    struct message *ret_message, struct err *err)
{
	return one_message(store, arena, SQL_NEXT_AGAIN, BINDS(), ret_message,
	    err);
}

int
attempt_add(struct store *store, const char *sha256, int *ret_tries,
    struct err *err)
{
	int failed = sql_run(store, SQL_ATTEMPT_ADD,
	    BINDS(bind_text(":sha", sha256)), err);

	return failed < 0 ? failed
			  : attempt_count(store, sha256, ret_tries, err);
}

int
attempt_clear(struct store *store, const char *sha256, struct err *err)
{
	return sql_run(store, SQL_ATTEMPT_CLEAR,
	    BINDS(bind_text(":sha", sha256)), err);
}

int
attempt_count(struct store *store, const char *sha256, int *ret_tries,
    struct err *err)
{
	int64_t tries;
	int found = sql_number(store, SQL_ATTEMPT_COUNT,
	    BINDS(bind_text(":sha", sha256)), &tries, err);

	if (found < 0)
		return found;
	*ret_tries = (int)tries;
	return 0;
}

int
message_count_outcomes(struct store *store, struct arena *arena,
    int64_t since_at, int64_t until_at, struct store_counts *ret_counts,
    struct err *err)
{
	static const struct sql_list list = {SQL_COUNT_OUTCOMES,
	    sizeof(struct store_count), sql_read_count};

	return sql_list(store, arena, &list,
	    BINDS(bind_int(":since", since_at), bind_int(":until", until_at)),
	    ret_counts, err);
}

int
message_count_open(struct store *store, int64_t *ret_count, struct err *err)
{
	int found = sql_number(store, SQL_COUNT_OPEN, BINDS(), ret_count, err);

	return found < 0 ? found : 0;
}
