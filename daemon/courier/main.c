/*
 * lscpd-courier: delivers what the engine hands out. Started by lscpd, with
 * which it speaks on descriptor 3.
 */
#include "base/log.h"
#include "courier/session.h"
#include "wire/serve.h"

int
main(void)
{
	log_open("lscpd-courier", LOG_LEVEL_INFO);
	if (!serve_has_engine())
		return SERVE_USAGE;
	return courier_serve(FRAME_SOCKET);
}
