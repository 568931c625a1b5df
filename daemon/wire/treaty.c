#include "wire/treaty.h"

#include <string.h>

#include "base/text.h"
#include "wire/pack.h"

static const char *const g_folders[] = {
    [FOLDER_INBOX] = "INBOX",
    [FOLDER_FILED] = "Filed",
    [FOLDER_PROBLEMS] = "Problems",
    [FOLDER_ATTENTION] = "Attention",
    [FOLDER_IGNORED] = "Ignored",
    [FOLDER_QUARANTINE] = "Quarantine",
};

const char *
wire_folder_name(enum wire_folder folder)
{
	BUG_ON((unsigned)folder >= COUNT_OF(g_folders));
	return g_folders[folder];
}

bool
wire_folder_find(const char *name, enum wire_folder *ret_folder)
{
	for (size_t i = 0; i < COUNT_OF(g_folders); i++) {
		if (strcmp(g_folders[i], name) == 0) {
			*ret_folder = (enum wire_folder)i;
			return true;
		}
	}
	return false;
}

const char *
wire_config_get(const struct wire_config *config, const char *name,
    const char *otherwise)
{
	for (size_t i = 0; i < config->count; i++)
		if (strcmp(config->items[i].name, name) == 0)
			return config->items[i].value;
	return otherwise;
}

/*
 * One member of a payload: where it stands in its struct and how it travels.
 * What only some kinds have: `last` the greatest value of an enum, `count_at`
 * the size_t behind an array or a byte run, `of` the shape of an array's items
 * (NULL: strings).
 */
enum kind {
	U32,
	U64,
	I64,
	BOOL,
	ENUM,
	STR,
	DIGEST,
	BYTES,
	ARRAY
};

struct shape;

struct member {
	enum kind kind;
	uint32_t last;
	size_t at, count_at;
	const struct shape *of;
};

struct shape {
	size_t bytes;
	const struct member *members;
	size_t count;
};

#define AT(type, member) offsetof(struct type, member)
#define SHAPE(type, list)                                   \
	{                                                   \
		sizeof(struct type), (list), COUNT_OF(list) \
	}
#define PLAIN(kind, type, member)                    \
	{                                            \
		(kind), 0, AT(type, member), 0, NULL \
	}
#define CHOICE(type, member, last)                      \
	{                                               \
		ENUM, (last), AT(type, member), 0, NULL \
	}
#define LIST(type, member, of)                                    \
	{                                                         \
		ARRAY, 0, AT(type, member), AT(type, count), (of) \
	}

static const struct member g_setting_members[] = {
    PLAIN(STR, wire_setting, name),
    PLAIN(STR, wire_setting, value),
};
static const struct shape g_setting = SHAPE(wire_setting, g_setting_members);

static const struct member g_config[] = {LIST(wire_config, items, &g_setting)};

static const struct member g_ready[] = {PLAIN(STR, wire_ready, version)};

static const struct member g_failed[] = {
    PLAIN(STR, wire_failed, text),
    PLAIN(BOOL, wire_failed, temporary),
    PLAIN(BOOL, wire_failed, disk_full),
};

static const struct member g_fetch[] = {
    CHOICE(wire_fetch, listing, LISTING_LAST),
    PLAIN(U32, wire_fetch, max_messages),
    PLAIN(U64, wire_fetch, max_bytes),
};

static const struct member g_attention[] = {
    LIST(wire_attention, keys, NULL),
    PLAIN(BOOL, wire_attention, more),
    PLAIN(STR, wire_attention, epoch),
};

static const struct member g_message[] = {
    PLAIN(STR, wire_message, key),
    PLAIN(I64, wire_message, received_at),
    PLAIN(U64, wire_message, size_bytes),
    PLAIN(DIGEST, wire_message, sha256),
    PLAIN(BOOL, wire_message, cut),
    PLAIN(BOOL, wire_message, too_large),
    PLAIN(BOOL, wire_message, by_name),
};

static const struct member g_fetch_done[] = {
    PLAIN(BOOL, wire_fetch_done, more),
    PLAIN(U32, wire_fetch_done, skipped),
    PLAIN(STR, wire_fetch_done, note),
};

static const struct member g_move_item_members[] = {
    PLAIN(STR, wire_move_item, key),
    CHOICE(wire_move_item, from, FOLDER_LAST),
    CHOICE(wire_move_item, to, FOLDER_LAST),
};
static const struct shape g_move_item =
    SHAPE(wire_move_item, g_move_item_members);

static const struct member g_move[] = {LIST(wire_move, items, &g_move_item)};

static const struct member g_moved_item_members[] = {
    PLAIN(STR, wire_moved_item, key),
    CHOICE(wire_moved_item, result, MOVE_LAST),
    PLAIN(STR, wire_moved_item, new_key),
    PLAIN(STR, wire_moved_item, text),
};
static const struct shape g_moved_item =
    SHAPE(wire_moved_item, g_moved_item_members);

static const struct member g_moved[] = {LIST(wire_moved, items, &g_moved_item)};

static const struct member g_keys[] = {LIST(wire_keys, keys, NULL)};

static const struct member g_probe[] = {PLAIN(STR, wire_probe, token)};

static const struct member g_probed[] = {
    PLAIN(STR, wire_probed, text),
    PLAIN(U32, wire_probed, mails),
    PLAIN(BOOL, wire_probed, found),
};

static const struct member g_place[] = {
    CHOICE(wire_place, folder, FOLDER_LAST),
    PLAIN(STR, wire_place, key),
};

static const struct member g_deliver[] = {
    PLAIN(I64, wire_deliver, outbox_id),
    PLAIN(I64, wire_deliver, queued_at),
    PLAIN(STR, wire_deliver, instance),
    PLAIN(STR, wire_deliver, message_id),
    PLAIN(STR, wire_deliver, envelope_from),
    PLAIN(STR, wire_deliver, envelope_to),
    {BYTES, 0, AT(wire_deliver, mime), AT(wire_deliver, mime_bytes), NULL},
};

static const struct member g_delivered[] = {
    PLAIN(I64, wire_delivered, outbox_id),
    CHOICE(wire_delivered, result, DELIVERY_LAST),
    PLAIN(STR, wire_delivered, text),
};

static const struct shape g_shapes[FRAME_TYPE_MAX] = {
    [FRAME_CONFIG] = SHAPE(wire_config, g_config),
    [FRAME_READY] = SHAPE(wire_ready, g_ready),
    [FRAME_START_FAILED] = SHAPE(wire_failed, g_failed),
    [FRAME_FETCH] = SHAPE(wire_fetch, g_fetch),
    [FRAME_ATTENTION] = SHAPE(wire_attention, g_attention),
    [FRAME_MESSAGE] = SHAPE(wire_message, g_message),
    [FRAME_FETCH_DONE] = SHAPE(wire_fetch_done, g_fetch_done),
    [FRAME_SYNC_FAILED] = SHAPE(wire_failed, g_failed),
    [FRAME_MOVE] = SHAPE(wire_move, g_move),
    [FRAME_MOVED] = SHAPE(wire_moved, g_moved),
    [FRAME_KEEP] = SHAPE(wire_keys, g_keys),
    [FRAME_RELEASE] = SHAPE(wire_keys, g_keys),
    [FRAME_FETCH_ONE] = SHAPE(wire_place, g_place),
    [FRAME_NOT_FOUND] = SHAPE(wire_place, g_place),
    [FRAME_PROBE] = SHAPE(wire_probe, g_probe),
    [FRAME_PROBED] = SHAPE(wire_probed, g_probed),
    [FRAME_PARSE_FAILED] = SHAPE(wire_failed, g_failed),
    [FRAME_DELIVER] = SHAPE(wire_deliver, g_deliver),
    [FRAME_DELIVERED] = SHAPE(wire_delivered, g_delivered),
};

/* By memcpy: a struct pointer must not be read as another pointer's type. */
static const void *
get_pointer(const char *at)
{
	const void *value;

	memcpy(&value, at, sizeof(value));
	return value;
}

static size_t
get_size(const char *at)
{
	size_t value;

	memcpy(&value, at, sizeof(value));
	return value;
}

static uint32_t
get_u32(const char *at)
{
	uint32_t value;

	memcpy(&value, at, sizeof(value));
	return value;
}

static uint64_t
get_u64(const char *at)
{
	uint64_t value;

	memcpy(&value, at, sizeof(value));
	return value;
}

static bool
get_bool(const char *at)
{
	bool value;

	memcpy(&value, at, sizeof(value));
	return value;
}

static void
write_struct(const struct shape *shape, const char *from, struct buf *out);

static void
write_array(const struct member *m, const char *from, struct buf *out)
{
	size_t count = get_size(from + m->count_at);
	const char *items = get_pointer(from + m->at);

	BUG_ON(count > UINT32_MAX);
	pack_u32(out, (uint32_t)count);
	for (size_t i = 0; i < count; i++) {
		if (m->of == NULL)
			pack_str(out,
			    ((const char *const *)(const void *)items)[i]);
		else
			write_struct(m->of, items + i * m->of->bytes, out);
	}
}

static void
write_member(const struct member *m, const char *from, struct buf *out)
{
	const char *at = from + m->at;

	switch (m->kind) {
	case U32:
	case ENUM:
		pack_u32(out, get_u32(at));
		break;
	case U64:
	case I64:
		pack_u64(out, get_u64(at));
		break;
	case BOOL:
		pack_u8(out, get_bool(at));
		break;
	case STR:
		pack_str(out, get_pointer(at));
		break;
	case DIGEST:
		pack_str(out, at);
		break;
	case BYTES:
		pack_bytes(out, get_pointer(at), get_size(from + m->count_at));
		break;
	case ARRAY:
		write_array(m, from, out);
		break;
	}
}

static void
write_struct(const struct shape *shape, const char *from, struct buf *out)
{
	for (size_t i = 0; i < shape->count; i++)
		write_member(&shape->members[i], from, out);
}

void
treaty_encode(enum frame_type type, const void *payload, struct buf *out)
{
	BUG_ON((unsigned)type >= FRAME_TYPE_MAX);
	write_struct(&g_shapes[type], payload, out);
}

struct decoding {
	struct unpack in;
	struct arena *arena;
};

static void
read_struct(struct decoding *d, const struct shape *shape, char *to);

/* What the kinds take on the wire at least. */
static const size_t g_min_bytes[] = {
    [U32] = 4,
    [U64] = 8,
    [I64] = 8,
    [BOOL] = 1,
    [ENUM] = 4,
    [STR] = 4,
    [DIGEST] = 4,
    [BYTES] = 4,
    [ARRAY] = 4,
};

static size_t
item_min_bytes(const struct shape *shape)
{
	size_t bytes = 0;

	if (shape == NULL)
		return g_min_bytes[STR];
	for (size_t i = 0; i < shape->count; i++)
		bytes += g_min_bytes[shape->members[i].kind];
	return bytes;
}

static void
read_array(struct decoding *d, const struct member *m, char *to)
{
	size_t count = unpack_count(&d->in, item_min_bytes(m->of));
	size_t bytes = m->of == NULL ? sizeof(char *) : m->of->bytes;
	char *items = arena_array(d->arena, count, bytes);

	for (size_t i = 0; i < count && !d->in.bad; i++) {
		if (m->of == NULL)
			((const char **)(void *)items)[i] =
			    unpack_str(&d->in, d->arena);
		else
			read_struct(d, m->of, items + i * bytes);
	}
	memcpy(to + m->at, &items, sizeof(items));
	memcpy(to + m->count_at, &count, sizeof(count));
}

static void
read_digest(struct decoding *d, char *to)
{
	const char *text = unpack_str(&d->in, d->arena);

	if (strlen(text) != SHA256_HEX_BYTES - 1 ||
	    strspn(text, "0123456789abcdef") != SHA256_HEX_BYTES - 1)
		d->in.bad = true;
	else
		memcpy(to, text, SHA256_HEX_BYTES);
}

#define PUT(to, value)                             \
	do {                                       \
		__typeof__(value) put_ = (value);  \
		memcpy((to), &put_, sizeof(put_)); \
	} while (0)

static uint32_t
read_choice(struct decoding *d, uint32_t last)
{
	uint32_t number = unpack_u32(&d->in);

	d->in.bad |= number > last;
	return d->in.bad ? 0 : number;
}

static bool
read_bool(struct decoding *d)
{
	uint8_t byte = unpack_u8(&d->in);

	d->in.bad |= byte > 1;
	return byte == 1;
}

static void
read_member(struct decoding *d, const struct member *m, char *to)
{
	char *at = to + m->at;
	size_t bytes = 0;

	switch (m->kind) {
	case U32:
		PUT(at, unpack_u32(&d->in));
		break;
	case ENUM:
		PUT(at, read_choice(d, m->last));
		break;
	case U64:
	case I64:
		PUT(at, unpack_u64(&d->in));
		break;
	case BOOL:
		PUT(at, read_bool(d));
		break;
	case STR:
		PUT(at, unpack_str(&d->in, d->arena));
		break;
	case DIGEST:
		read_digest(d, at);
		break;
	case BYTES:
		PUT(at, unpack_bytes(&d->in, &bytes));
		PUT(to + m->count_at, bytes);
		break;
	case ARRAY:
		read_array(d, m, to);
		break;
	}
}

static void
read_struct(struct decoding *d, const struct shape *shape, char *to)
{
	for (size_t i = 0; i < shape->count; i++)
		read_member(d, &shape->members[i], to);
}

int
treaty_decode(struct arena *arena, const struct frame *frame, void *ret_payload,
    struct err *err)
{
	const struct shape *shape = &g_shapes[frame->type];
	struct decoding d = {.arena = arena};

	unpack_init(&d.in, frame->data, frame->bytes);
	char *whole = arena_alloc(arena, shape->bytes + 1);
	read_struct(&d, shape, whole);
	if (!unpack_end(&d.in))
		return err_set(err, ERR_PROTOCOL, BLAME_OPERATOR,
		    "the payload of a frame %s is not sound",
		    frame_type_name(frame->type));
	if (shape->bytes > 0)
		memcpy(ret_payload, whole, shape->bytes);
	return 0;
}

int
treaty_write(int sock, enum frame_type type, const void *payload, int fd,
    struct err *err)
{
	struct buf out CLEANUP(buf_done);

	buf_init(&out, frame_max_bytes(type) + 1);
	treaty_encode(type, payload, &out);
	return frame_write(sock, type, &out, fd, err);
}
