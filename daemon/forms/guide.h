/*
 * What the words of a choice mean, for letters and workbooks: "3, we do this
 * and can show that it helps children".
 */
#ifndef LSCPD_FORMS_GUIDE_H
#define LSCPD_FORMS_GUIDE_H

#include "forms/form.h"

/* The column that says best how to score: the first required choice with
 * synonyms; NULL where not each of its words has a meaning. */
const struct form_field *guide_field(const struct form *form);
/* Folded, as its longest synonym says it; "". */
const char *guide_meaning(const struct form_choice *choice, const char *value);

#endif
