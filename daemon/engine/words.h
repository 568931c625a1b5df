/*
 * What the clerk can say and understand: the forms and the templates of the
 * settings, read and checked together. For whoever starts, checks or reloads.
 */
#ifndef LSCPD_ENGINE_WORDS_H
#define LSCPD_ENGINE_WORDS_H

#include "base/problems.h"
#include "forms/form.h"
#include "mail/template.h"
#include "settings/settings.h"

struct words {
	struct forms forms; /* in the arena */
	struct template_set *templates;
};

/*
 * Read both, also where one is wrong. What is wrong goes to `problems`, all of
 * it in one go, and ERR_CONFIG; there is nothing to free then. `arena` must
 * outlive the words.
 */
int words_load(struct arena *arena, const struct settings *settings,
    struct problems *problems, struct words *ret_words, struct err *err);
void words_done(struct words *words);
/* Read, and forget again: is all of it right? */
int words_check(const struct settings *settings, struct problems *problems,
    struct err *err);

#endif
