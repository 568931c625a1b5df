/*
 * Templates of letters: a logic-less mustache subset over JSON values.
 *
 *   {{x}} {{a.b}} {{.}}   a value; escaped in .html; in .txt one line of text
 *   {{{x}}}               a value as it is (.txt: with its line ends)
 *   {{#x}} … {{/x}}       for each item of a list; once where x is filled
 *   {{^x}} … {{/x}}       where x is empty, false or null
 *   {{> x}}               the template x, of the same kind
 *   {{! … }}              a comment
 *
 * A tag of a section, a partial or a comment that stands alone on its line
 * swallows the line. A name that the values do not have is an error with file
 * and line: a letter with a hole in it is never sent.
 *
 * A folder of templates holds NAME.txt (its first line `Subject: …`), NAME.html
 * and samples.json, which says for each NAME what values it takes: by an
 * example. Templates without a sample (header, footer …) are partials. Loading
 * renders every sample, and refuses a line that no sample shows.
 *
 * The room mail's mailer is the caller; lscpd --check loads only.
 */
#ifndef LSCPD_MAIL_TEMPLATE_H
#define LSCPD_MAIL_TEMPLATE_H

#include <jansson.h>
#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/problems.h"

struct template_set;

enum template_part {
	TEMPLATE_SUBJECT,
	TEMPLATE_TEXT,
	TEMPLATE_HTML
};

enum {
	TEMPLATE_OUTPUT_BYTES = 1024 * 1024,
	TEMPLATE_DEPTH = 30,
};

/*
 * Read, compile and check all templates of a folder. What is wrong goes to
 * `problems`; ERR_CONFIG then, and no set. `common` holds an example of the
 * values that every letter has (mailer_common_sample()); borrowed.
 */
int templates_load(const char *folder, const json_t *common,
    struct problems *problems, struct template_set **ret_set, struct err *err);
void templates_free(struct template_set *set);

/* Is there a letter of this name? Partials are none. */
bool templates_have(const struct template_set *set, const char *name);

/*
 * Append one part of the letter `name` to `out`. The text part comes unfilled:
 * fill_text() makes it 72 columns wide. ERR_CONFIG with file and line where a
 * value is missing, ERR_NOT_FOUND for an unknown letter, ERR_LIMIT.
 */
int template_render(const struct template_set *set, const char *name,
    enum template_part part, const json_t *values, struct buf *out,
    struct err *err);

/*
 * The samples of all letters: {"receipt": [{"about": "…", "letter": {…},
 * "values": {…}}, …], …}. Borrowed.
 */
const json_t *templates_samples(const struct template_set *set);

#endif
