/* lscpctl status: does intake work, does sending work. */
#include <sys/statvfs.h>

#include <stdio.h>
#include <string.h>

#include "base/date.h"
#include "base/text.h"
#include "ctl/verbs.h"
#include "engine/lock.h"
#include "store/message.h"

struct health {
	bool daemon, low_disk;
	int64_t last_sync_at, failed, queued, held, open;
	const char *sync_error, *send_error;
};

static bool
is_low_on_disk(struct ctl *ctl)
{
	struct statvfs fs;

	return statvfs(ctl_folder(ctl), &fs) == 0 &&
	       (int64_t)(fs.f_bavail * fs.f_frsize) <
		   ctl->settings->min_free_bytes;
}

static int
count_mails(struct ctl *ctl, struct health *health, struct err *err)
{
	const struct {
		const char *word;
		int64_t *count;
	} wanted[] = {
	    {"failed", &health->failed},
	    {"in_doubt", &health->failed},
	    {"queued", &health->queued},
	    {"sending", &health->queued},
	    {"held", &health->held},
	};
	struct store_counts counts;
	int failed = outbox_count_states(ctl->store, ctl->arena, &counts, err);

	for (size_t i = 0; failed >= 0 && i < counts.count; i++)
		for (size_t w = 0; w < COUNT_OF(wanted); w++)
			if (strcmp(counts.items[i].word, wanted[w].word) == 0)
				*wanted[w].count += counts.items[i].count;
	return failed;
}

static int
examine(struct ctl *ctl, struct health *health, struct err *err)
{
	int failed;

	*health = (struct health){.sync_error = "", .send_error = ""};
	health->daemon = lock_holder(arena_printf(ctl->arena, "%s.lock",
			     ctl->settings->store_path)) != 0;
	health->low_disk = is_low_on_disk(ctl);
	if ((failed = meta_find(ctl->store, ctl->arena, "last_sync_error",
		 &health->sync_error, err)) < 0 ||
	    (failed = meta_find(ctl->store, ctl->arena, "last_send_error",
		 &health->send_error, err)) < 0 ||
	    (failed = meta_get_number(ctl->store, "last_sync_at",
		 &health->last_sync_at, err)) < 0 ||
	    (failed = message_count_open(ctl->store, &health->open, err)) < 0)
		return failed;
	return count_mails(ctl, health, err);
}

/* "" where intake works, else why not. */
static const char *
intake_trouble(struct ctl *ctl, const struct health *health)
{
	int64_t age_s = ctl->desk.now_at - health->last_sync_at;

	if (health->sync_error[0] != '\0')
		return health->sync_error;
	if (health->low_disk)
		return "less space on the disk than min-free";
	if (health->daemon &&
	    age_s > 2 * (int64_t)settings_poll_s(ctl->settings))
		return "the last look at the mailbox is too long ago";
	return "";
}

/* A courier in trouble is none where nothing waits for it. */
static const char *
sending_trouble(struct ctl *ctl, const struct health *health)
{
	if (health->failed > 0)
		return arena_printf(ctl->arena,
		    "%lld mails failed or are in doubt",
		    (long long)health->failed);
	return health->queued > 0 ? health->send_error : "";
}

static const char *
words(struct ctl *ctl, const char *what, const char *trouble)
{
	if (trouble[0] == '\0')
		return arena_printf(ctl->arena, "%s works", what);
	return arena_printf(ctl->arena, "%s does not work (%s)", what, trouble);
}

static json_t *
figures(const struct health *health)
{
	char at[INSTANT_TEXT_BYTES] = "";

	if (health->last_sync_at != 0)
		instant_format(health->last_sync_at, at);
	return json_pack("{s:b, s:s, s:I, s:I, s:I, s:I}", "daemon",
	    health->daemon, "last_sync_at", at, "queued",
	    (json_int_t)health->queued, "held", (json_int_t)health->held,
	    "failed", (json_int_t)health->failed, "attention",
	    (json_int_t)health->open);
}

/* What works today and may not tomorrow. */
static json_t *
warnings(struct ctl *ctl)
{
	json_t *list = json_array();

	for (size_t i = 0; i < ctl->settings->oauth2_count; i++) {
		const char *text =
		    settings_secret_warning(&ctl->settings->oauth2[i],
			ctl->arena, ctl->desk.today_day);
		if (text != NULL)
			(void)json_array_append_new(list, json_string(text));
	}
	return list;
}

int
status_run(struct ctl *ctl, struct err *err)
{
	struct health health;
	int failed = examine(ctl, &health, err);

	if (failed < 0)
		return ctl_status(failed);
	const char *intake = intake_trouble(ctl, &health);
	const char *sending = sending_trouble(ctl, &health);
	bool works = intake[0] == '\0' && sending[0] == '\0';
	const char *line = arena_printf(ctl->arena, "%s, %s%s",
	    words(ctl, "intake", intake), words(ctl, "sending", sending),
	    health.daemon ? "" : "; no daemon is running");
	json_t *object = figures(&health);

	if (ctl->json) {
		(void)json_object_set_new(object, "works", json_boolean(works));
		(void)json_object_set_new(object, "text", json_string(line));
	} else {
		print_line("%s", line);
	}
	(void)json_object_set_new(object, "warnings", warnings(ctl));
	print_object(ctl, object);
	return works ? CTL_OK : 1;
}
