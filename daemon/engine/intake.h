/*
 * Intake: one message in, one outcome out. A message is judged in steps, each
 * of which may decide: known already? what kind of sender? a concern about a
 * child? a child's data? readable? who is it, and is that proven? and then the
 * handlers. All that it does to the database and the outbox happens in the
 * savepoint that the caller has open.
 */
#ifndef LSCPD_ENGINE_INTAKE_H
#define LSCPD_ENGINE_INTAKE_H

#include "engine/classify.h"
#include "engine/incoming.h"
#include "handlers/handler.h"

/* Where the message goes. */
struct intake_verdict {
	int64_t message;         /* its row; 0 where none was made */
	enum wire_folder folder; /* FOLDER_INBOX: it stays there */
	const char *known_key;   /* of intake_known(): its name until now */
};

/*
 * Before anything is parsed: is it a message that we have judged already and
 * only have to move (again)? 1 with the folder, 0 for a new one. A message
 * that a person brought back from Attention is new: `in->again` is set.
 */
int intake_known(struct desk *desk, struct incoming *in,
    struct intake_verdict *ret_verdict, struct err *err);

/* `record` is NULL where the parser made none (in->killer, in->unparsed). */
int intake_judge(struct desk *desk, const struct classify_self *self,
    const struct incoming *in, const struct record *record,
    struct intake_verdict *ret_verdict, struct err *err);

#endif
