#include "wire/serve.h"

#include <sys/socket.h>

#include "base/log.h"

bool
serve_has_engine(void)
{
	int type = 0;
	socklen_t len = sizeof(type);

	if (getsockopt(FRAME_SOCKET, SOL_SOCKET, SO_TYPE, &type, &len) == 0 &&
	    type == SOCK_STREAM)
		return true;
	log_error("this program is started by lscpd, not by hand");
	return false;
}

int
serve_config(struct frame_reader *reader, struct arena *arena,
    struct wire_config *ret_config, struct err *err)
{
	struct frame frame;
	int code = frame_read(reader, FRAME_WAIT, &frame, err);

	if (code < 0)
		return code;
	if (frame.type != FRAME_CONFIG)
		return err_set(err, ERR_PROTOCOL, BLAME_OPERATOR,
		    "the first frame is %s, not CONFIG",
		    frame_type_name(frame.type));
	return treaty_decode(arena, &frame, ret_config, err);
}

int
serve_ready(int sock, struct err *err)
{
	struct wire_ready ready = {LSCPD_VERSION};

	return treaty_write(sock, FRAME_READY, &ready, -1, err);
}

struct wire_failed
serve_failure(const struct err *why)
{
	return (struct wire_failed){
	    .text = why->text,
	    .temporary = why->code != ERR_CONFIG,
	    .disk_full = why->code == ERR_FULL,
	};
}

int
serve_start_failed(int sock, const struct err *why)
{
	struct wire_failed failed = serve_failure(why);
	struct err err;

	if (treaty_write(sock, FRAME_START_FAILED, &failed, -1, &err) != 0)
		return serve_end(&err);
	return SERVE_CONFIG;
}

int
serve_end(const struct err *why)
{
	if (why->code == ERR_CLOSED)
		return SERVE_OK;
	log_error("%s", why->text);
	return SERVE_BROKEN;
}
