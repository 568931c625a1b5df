#include "courier/session.h"

#include <stdlib.h>

#include "base/fault.h"
#include "base/text.h"
#include "courier/driver.h"
#include "wire/frame.h"
#include "wire/serve.h"
#include "wire/treaty.h"

enum {
	REQUEST_BYTES = 64 * 1024 * 1024, /* a cap, not a size */
	TIMEOUT_S = 60,
};

static const struct courier_driver *const g_drivers[] = {
    &g_courier_maildir,
    &g_courier_smtps,
    &g_courier_smtp,
};

struct session {
	int sock;
	struct frame_reader reader;
	struct courier_settings settings;
	const struct courier_driver *driver;
	void *way;
};

static int
serve_one(struct session *s, struct err *err)
{
	struct arena *arena CLEANUP(arena_cleanup)
	= arena_new(REQUEST_BYTES);
	struct wire_deliver mail;
	struct frame frame;
	struct err why = {.text = ""};
	int code = frame_read(&s->reader, FRAME_WAIT, &frame, err);

	if (code < 0)
		return code;
	if (frame.type != FRAME_DELIVER)
		return err_set(err, ERR_PROTOCOL, BLAME_OPERATOR,
		    "the courier was sent a frame %s",
		    frame_type_name(frame.type));
	code = treaty_decode(arena, &frame, &mail, err);
	if (code != 0)
		return code;
	struct wire_delivered done = {.outbox_id = mail.outbox_id};
	done.result = s->driver->deliver(s->way, &mail, &why);
	done.text = done.result == DELIVERY_SENT ? "" : why.text;
	FAULT("courier-delivered");
	return treaty_write(s->sock, FRAME_DELIVERED, &done, -1, err);
}

static struct courier_settings
read_settings(const struct wire_config *config)
{
	struct courier_settings settings = {
	    .url = wire_config_get(config, "url", ""),
	    .starttls =
		text_ieq(wire_config_get(config, "starttls", ""), "true"),
	    .password_file = wire_config_get(config, "password-file", ""),
	    .credential = wire_config_get(config, "credential", ""),
	    .ca_file = wire_config_get(config, "ca-file", ""),
	    .proxy = wire_config_get(config, "proxy", ""),
	    .timeout_s = atoi(wire_config_get(config, "timeout", "")),
	};

	if (settings.timeout_s <= 0)
		settings.timeout_s = TIMEOUT_S;
	settings.oauth2 = (struct token_settings){
	    .token_url = wire_config_get(config, "oauth2.token-url", ""),
	    .client_id = wire_config_get(config, "oauth2.client-id", ""),
	    .client_secret_file =
		wire_config_get(config, "oauth2.client-secret-file", ""),
	    .scope = wire_config_get(config, "oauth2.scope", ""),
	    .ca_file = wire_config_get(config, "oauth2.ca-file", ""),
	    .proxy = settings.proxy,
	    .timeout_s = settings.timeout_s,
	};
	return settings;
}

static int
open_way(struct session *s, struct err *err)
{
	const struct courier_settings *settings = &s->settings;

	for (size_t i = 0; i < COUNT_OF(g_drivers); i++) {
		if (!text_istarts(settings->url, g_drivers[i]->scheme))
			continue;
		s->driver = g_drivers[i];
		return s->driver->open(settings, &s->way, err);
	}
	return err_set(err, ERR_CONFIG, BLAME_OPERATOR,
	    "outgoing.url \"%.100s\" is of no kind that this program knows",
	    settings->url);
}

static int
begin(struct session *s, struct arena *arena, struct err *err)
{
	struct wire_config config;
	int code = serve_config(&s->reader, arena, &config, err);

	if (code != 0)
		return code;
	s->settings = read_settings(&config);
	return open_way(s, err);
}

/* From the first word to the last; the exit status. */
static int
converse(struct session *s, struct arena *arena)
{
	struct err err;
	int code = begin(s, arena, &err);

	if (code != 0 && code != ERR_CLOSED && code != ERR_PROTOCOL)
		return serve_start_failed(s->sock, &err);
	if (code == 0)
		code = serve_ready(s->sock, &err);
	while (code == 0)
		code = serve_one(s, &err);
	return serve_end(&err);
}

int
courier_serve(int sock)
{
	struct arena *arena CLEANUP(arena_cleanup)
	= arena_new(REQUEST_BYTES);
	struct session s = {.sock = sock};

	frame_reader_init(&s.reader, sock, FROM_ENGINE);
	int status = converse(&s, arena);
	if (s.way != NULL)
		s.driver->close(s.way);
	frame_reader_done(&s.reader);
	return status;
}
