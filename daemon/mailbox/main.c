/*
 * lscpd-mailbox: reads the inbox and files what the engine has judged. Started
 * by lscpd, with which it speaks on descriptor 3.
 */
#include <signal.h>

#include "base/log.h"
#include "mailbox/session.h"
#include "wire/serve.h"

int
main(void)
{
	log_open("lscpd-mailbox", LOG_LEVEL_INFO);
	/* Sent when somebody writes to a file on which we hold a lease. */
	(void)signal(SIGIO, SIG_IGN);
	if (!serve_has_engine())
		return SERVE_USAGE;
	return mailbox_serve(FRAME_SOCKET);
}
