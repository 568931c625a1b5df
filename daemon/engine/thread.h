/*
 * Which mail of ours a message answers: by In-Reply-To, by the reply code in
 * its text (some relays rewrite Message-IDs), by References. A mail counts
 * only for the person it was sent to: whoever else holds its code holds a
 * forwarded mail.
 */
#ifndef LSCPD_ENGINE_THREAD_H
#define LSCPD_ENGINE_THREAD_H

#include "handlers/handler.h"

/* Fills intake->thread; no thread is no error. */
int thread_find(struct intake *intake, struct err *err);

#endif
