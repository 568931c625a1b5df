/*
 * The engine: the one process with the database. A straight loop: news of the
 * children, one message judged after the other, a commit, and only then what
 * it tells the world. It never blocks on a child.
 *
 * Its parts, each with a header of its own: fetch (the talk with the mailbox),
 * feed (messages to the parser and back), batch (transactions), dispatch (the
 * outbox to the courier), timetable (what is due by the clock).
 */
#ifndef LSCPD_ENGINE_ENGINE_H
#define LSCPD_ENGINE_ENGINE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "engine/child.h"
#include "engine/classify.h"
#include "engine/incoming.h"
#include "engine/notify.h"
#include "engine/words.h"
#include "handlers/handler.h"

enum engine_mode {
	ENGINE_STAY, /* until SIGTERM */
	ENGINE_ONCE, /* one sync, one try for each mail */
};

/* What stands in the Attention folder (engine/attention.h). */
struct attention {
	struct arena *arena; /* of what follows, while it is needed */
	const char **keys;   /* of the listing, while they come */
	size_t count;
	const char **strangers; /* those that no row has */
	size_t stranger_count, next;
	int64_t *untold; /* rows that nobody told where they are */
	size_t untold_count;
	bool asking; /* the FETCH_ONE of a stranger is unanswered */
	bool missed; /* one could not be looked at */
};

/* What is judged and stands where it does not belong (engine/moves.h). */
struct moves {
	struct arena *arena;
	struct wire_move_item *items;
	size_t count, committed; /* the rest is of the open batch */
	size_t unanswered;       /* sets */
	bool swept;
};

enum {
	FETCH_SAID_BYTES = 400
};

/* The talk with the mailbox. */
struct fetch {
	bool wanted;    /* a new listing, as soon as it can be */
	bool running;   /* a FETCH is unanswered */
	bool more;      /* the listing has further pages */
	bool watching;  /* a WATCH is unanswered */
	bool finished;  /* a whole listing was fetched since the start */
	bool by_name;   /* a FETCH_ONE is unanswered */
	int64_t due_ms; /* the next poll, monotonic */
	int losses;     /* of the process, since a listing was through */
	struct attention attention;
	struct moves moves;
	/* What the log was told of each kind of trouble; "" where there is
	 * none. */
	char said_sync[FETCH_SAID_BYTES], said_moves[FETCH_SAID_BYTES],
	    said_skipped[FETCH_SAID_BYTES];
	int64_t again_busy; /* the row that is fetched to be judged again */
	enum again again_why;
	enum wire_folder again_from;
};

/* Messages between mailbox and parser. */
struct feed {
	struct incoming_queue waiting;
	struct incoming *parsing;
	int parsed; /* by this parser process */
};

/* The transaction that judged messages share. */
struct batch {
	struct incoming_queue judged;
	bool is_open;
	int64_t opened_ms;
};

enum {
	DISPATCH_SET = 64
};

/* The outbox on its way out. */
struct dispatch {
	struct outbox_due *due; /* claimed, in due_arena */
	size_t due_count;
	size_t next, answered; /* [answered, next) is with the courier */
	struct arena *due_arena;
	struct outbox_result results[DISPATCH_SET];
	size_t result_count;
	struct outbox_result *later; /* of a --once run, told at its end */
	size_t later_count;
	struct arena *later_arena;
	int64_t down_until_ms; /* the server takes no mail at all */
	bool drained;          /* nothing was due at the last look */
	int refusals;          /* of us, one after the other */
	bool known_to_work;    /* and the database knows */
};

/* What the service manager was told. */
struct standing {
	char told[600];
	int64_t due_ms; /* the next look, while there is work */
};

struct engine {
	enum engine_mode mode;
	const struct settings *settings;
	struct arena *arena; /* as long as the engine */
	struct clock clock;
	struct store *store;
	struct words words;
	struct mailer mailer;
	struct classify_self self;
	const char *folder;     /* of the database */
	int lock_fd, folder_fd; /* this database, this folder: one each */
	int bell_fd, signal_fd;
	struct child *mailbox, *parser, *courier;
	struct fetch fetch;
	struct feed feed;
	struct batch batch;
	struct dispatch dispatch;
	int32_t today_day;       /* for which the days were computed */
	int64_t paused_until_ms; /* intake, after a full disk */
	struct watchdog watchdog;
	struct standing standing;
	bool stopping;      /* what is in hand is finished, nothing begun */
	int64_t stop_at_ms; /* by then at the latest, monotonic */
	bool terminated;    /* by SIGTERM or SIGINT */
	bool hangup;        /* SIGHUP came: settings are to be read anew */
	bool has_news; /* made in this turn, so that the next must not wait */
	bool has_leftover; /* --once: something must be tried again */
	bool database_failed;
};

/*
 * Open everything: lock, database, forms, templates, children. `settings` is
 * borrowed. ERR_BUSY where another daemon has the database, ERR_DATABASE,
 * ERR_CONFIG.
 */
int engine_open(struct engine *engine, const struct settings *settings,
    const struct clock *clock, enum engine_mode mode, struct err *err);

enum {
	ENGINE_HANGUP = -1
};

/*
 * Until SIGTERM, or until a --once run is over: an exit status. ENGINE_HANGUP
 * where SIGHUP came: all is as it was, and the caller runs it again, or
 * rests and closes it.
 */
int engine_run(struct engine *engine);
/*
 * Finish what is in hand and begin nothing, before a close with which nothing
 * must be in doubt: waits as long as a server may take. `terminated` tells
 * whether SIGTERM came meanwhile.
 */
void engine_rest(struct engine *engine);
void engine_close(struct engine *engine);

/* Is anything under way: mail to judge, a listing, mails to send? */
bool engine_is_busy(const struct engine *engine);

/* The desk for one piece of work, with the clock of now. */
struct desk engine_desk(struct engine *engine, struct arena *arena);

/*
 * A short transaction of the engine's own: rides in the batch that is open,
 * else one of its own that a power cut may undo (never a kill -9).
 */
int engine_write_begin(struct engine *engine, struct err *err);
int engine_write_end(struct engine *engine, int failed, struct err *err);

/* Log a failure that leaves something to be done, and remember it. */
void
engine_complain(struct engine *engine, const char *what, const struct err *err);

#endif
