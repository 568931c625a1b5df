/*
 * What forms ask of the register and the store: agencies, contacts, groups and
 * actions by what a person wrote.
 */
#ifndef LSCPD_HANDLERS_LOOKUP_H
#define LSCPD_HANDLERS_LOOKUP_H

#include "forms/lookup.h"
#include "handlers/handler.h"

struct lookup {
	struct desk *desk;
	struct form_lookup form; /* for struct judge_request */
	/* The first failure of the store while judging; code 0: none. Ask
	 * after judge(), whose answers mean nothing then. */
	struct err failure;
};

/* The struct must stay where it is. */
void lookup_init(struct lookup *lookup, struct desk *desk);
/* 0, or the failure, copied into `err`. */
int lookup_result(const struct lookup *lookup, struct err *err);

#endif
