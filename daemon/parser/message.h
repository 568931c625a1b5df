/*
 * The structure of a message: which of its leaves are bodies, which are parts,
 * what lies in messages attached to it.
 */
#ifndef LSCPD_PARSER_MESSAGE_H
#define LSCPD_PARSER_MESSAGE_H

#include "parser/context.h"

void message_walk(struct context *ctx, GMimeMessage *message);

#endif
