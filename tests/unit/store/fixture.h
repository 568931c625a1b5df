/*
 * What the tests of the store share: a folder of their own, a database in it,
 * and the example register in a few lines.
 */
#ifndef LSCPD_TESTS_STORE_FIXTURE_H
#define LSCPD_TESTS_STORE_FIXTURE_H

#include <sys/stat.h>

#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/date.h"
#include "base/io.h"
#include "base/macros.h"
#include "store/db.h"
#include "store/message.h"
#include "store/register.h"

struct fixture {
	char folder[64];
	char path[96];
	struct store *store;
	struct arena *arena;
	struct err err;
	struct buf lines; /* what an import told */
};

enum {
	T0 = 1772436600
}; /* 2026-03-02T07:30:00Z */

/* `expr` must not fail; the words say why it did. */
#define OK(f, expr)                                               \
	do {                                                      \
		(f)->err = (struct err){0};                       \
		if ((expr) < 0)                                   \
			fail_msg("%s: %s", #expr, (f)->err.text); \
	} while (0)
/* `expr` must give `want`, an error code or a count. */
#define GIVES(f, want, expr)                                                 \
	do {                                                                 \
		(f)->err = (struct err){0};                                  \
		int got_ = (expr);                                           \
		if (got_ != (want))                                          \
			fail_msg("%s: %d, not %d (%s)", #expr, got_, (want), \
			    (f)->err.text);                                  \
	} while (0)

static inline int
remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static inline void
fixture_open(struct fixture *f)
{
	OK(f, store_open(f->path, STORE_WRITE, &f->store, &f->err));
}

static inline void
fixture_again(struct fixture *f)
{
	store_close(f->store);
	f->store = NULL;
	fixture_open(f);
}

static inline int
fixture_setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	(void)strcpy(f->folder, "/tmp/lscpd-store-XXXXXX");
	if (mkdtemp(f->folder) == NULL)
		return -1;
	(void)snprintf(f->path, sizeof(f->path), "%s/lscpd.db", f->folder);
	f->arena = arena_new(64 * 1024 * 1024);
	buf_init(&f->lines, 1024 * 1024);
	fixture_open(f);
	*state = f;
	return 0;
}

static inline int
fixture_teardown(void **state)
{
	struct fixture *f = *state;

	store_close(f->store);
	arena_free(f->arena);
	buf_done(&f->lines);
	(void)nftw(f->folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	free(f);
	return 0;
}

#define TEST(fn) \
	cmocka_unit_test_setup_teardown(fn, fixture_setup, fixture_teardown)

static inline const char *
fixture_file(struct fixture *f, const char *name)
{
	return arena_printf(f->arena, "%s/%s", f->folder, name);
}

static inline void
write_file(struct fixture *f, const char *name, const char *text)
{
	OK(f, io_replace_file(fixture_file(f, name), text, strlen(text),
		  &f->err));
}

static inline const char *
read_file(struct fixture *f, const char *name)
{
	struct buf text CLEANUP(buf_done);

	buf_init(&text, 16 * 1024 * 1024);
	OK(f, io_read_file(fixture_file(f, name), &text, &f->err));
	return arena_strdup(f->arena, buf_text(&text));
}

static const char AGENCIES[] =
    "code,name,sector,statutory_partner,domains,aliases,active_from,"
    "active_to\n"
    "LGT,Lewisham and Greenwich Trust,health,,lgt.example,Lewisham "
    "Hospital;LHT,,\n"
    "MET,Metropolitan Police,police,POLICE,met.example,,2020-01-01,\n";
static const char CONTACTS[] =
    "email,name,agency,roles,deputy,aliases,status\n"
    "ana@lgt.example,Ana Lead,LGT,lead;executive,dan@lgt.example,"
    "a.lead@lgt.example,active\n"
    "dan@lgt.example,Dan Deputy,LGT;MET,deputy,,,away until 2026-03-05\n"
    "pat@met.example,Pat O'Hara,MET,lead,,,active\n"
    "office@lscp.example,The Office,,staff,,,active\n";
static const char GROUPS[] =
    "code,name,kind,quorum,papers_days,minutes_days\n"
    "EXEC,Executive Group,executive,POLICE & (chair | vice),5,10\n"
    "QA,Quality Assurance,subgroup,,,\n";
static const char MEMBERS[] = "group,email,capacity,voting\n"
			      "EXEC,pat@met.example,chair,1\n"
			      "EXEC,a.lead@lgt.example,member,1\n"
			      "QA,dan@lgt.example,chair,0\n";

static inline void
collect_line(void *ctx, enum register_line_kind kind, const char *text)
{
	struct fixture *f = ctx;

	(void)kind;
	buf_puts(&f->lines, text);
	buf_putc(&f->lines, '\n');
}

static inline void
write_register(struct fixture *f)
{
	write_file(f, "agencies.csv", AGENCIES);
	write_file(f, "contacts.csv", CONTACTS);
	write_file(f, "groups.csv", GROUPS);
	write_file(f, "members.csv", MEMBERS);
}

/* The code of the import; the lines are in f->lines. */
static inline int
import(struct fixture *f, const char *folder, enum register_mode mode)
{
	struct register_import job = {.folder = folder,
	    .mode = mode,
	    .today_day = date_parse_iso("2026-03-02"),
	    .line = collect_line,
	    .ctx = f};
	struct err err = {0};

	buf_clear(&f->lines);
	OK(f, store_begin(f->store, &f->err));
	int code = register_import(f->store, &job, &err);
	OK(f, store_commit(f->store, &f->err));
	f->err = err;
	return code;
}

static inline void
import_example(struct fixture *f)
{
	write_register(f);
	GIVES(f, 0, import(f, f->folder, REGISTER_APPLY));
}

static inline bool
told(const struct fixture *f, const char *text)
{
	return strstr(buf_text(&f->lines), text) != NULL;
}

static const char SHA_1[] =
    "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

/* A message that was filed. */
static inline int64_t
add_message(struct fixture *f, const char *key)
{
	const struct message message = {.mailbox_key = key,
	    .sha256 = SHA_1,
	    .content_key = "content",
	    .received_at = T0,
	    .judged_at = T0,
	    .from_addr = "Ana@LGT.example",
	    .subject = "Return",
	    .message_id = "<1@lgt.example>",
	    .class = "human",
	    .outcome = "filed",
	    .folder = "Filed",
	    .size_bytes = 4};
	int64_t id = 0;

	OK(f, message_add(f->store, &message, &id, &f->err));
	return id;
}

static inline void
begin(struct fixture *f)
{
	OK(f, store_begin(f->store, &f->err));
}

static inline void
commit(struct fixture *f)
{
	OK(f, store_commit(f->store, &f->err));
}

#endif
