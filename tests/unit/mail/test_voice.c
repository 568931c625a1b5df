/*
 * The voice: every sample of every letter, text and HTML, keeps the rules for
 * what we write to people.
 */
#include <ctype.h>
#include <regex.h>

#include "base/text.h"
#include "mail/fill.h"
#include "support.h"

struct sheet {
	const char *name; /* of the letter */
	size_t number;    /* of its sample */
	struct compose_mail mail;
	struct arena *arena;
};

typedef void (*check_fn)(const struct sheet *sheet);

static void
for_each_sample(check_fn check)
{
	struct settings settings = make_settings();
	struct template_set *set = load_shipped(&settings);
	struct mailer mailer = {.settings = &settings,
	    .templates = set,
	    .instance = INSTANCE,
	    .now_at = NOW_AT};
	const char *name;
	json_t *samples;

	json_object_foreach((json_t *)templates_samples(set), name,
	    samples) for (size_t i = 0; i < json_array_size(samples); i++)
	{
		json_t *sample = json_array_get(samples, i);
		json_t *head = json_object_get(sample, "letter");
		struct letter letter = {.kind = json_string_value(
					    json_object_get(head, "kind")),
		    .ref = json_string_value(json_object_get(head, "ref")),
		    .topic = name,
		    .recipient = "amara.singh@northbank.example",
		    .name = "Amara Singh"};
		struct sheet sheet = {.name = name,
		    .number = i,
		    .arena = arena_new(1 << 26)};
		struct err err = {.code = 0};
		if (mailer_preview(&mailer, &letter,
			json_object_get(sample, "values"), &sheet.mail,
			sheet.arena, &err) < 0)
			fail_msg("%s", err.text);
		check(&sheet);
		arena_free(sheet.arena);
	}
	templates_free(set);
}

/* The words of an HTML body: no tags, no head, entities decoded. */
static char *
html_words(const struct sheet *sheet)
{
	static const struct {
		const char *entity, *text;
	} entities[] = {{"&amp;", "&"}, {"&lt;", "<"}, {"&gt;", ">"},
	    {"&quot;", "\""}, {"&#39;", "'"}, {"&nbsp;", " "}};

	const char *at = strstr(sheet->mail.html, "<body");
	char *out = arena_alloc(sheet->arena, strlen(sheet->mail.html) + 1);
	size_t n = 0;

	assert_non_null(at);
	while (*at != '\0') {
		if (*at == '<') {
			out[n++] = ' ';
			at += strcspn(at, ">") + 1;
			continue;
		}
		size_t e = 0;
		while (e < COUNT_OF(entities) &&
		       strncmp(at, entities[e].entity,
			   strlen(entities[e].entity)) != 0)
			e++;
		if (e < COUNT_OF(entities)) {
			out[n++] = entities[e].text[0];
			at += strlen(entities[e].entity);
		} else {
			out[n++] = *at++;
		}
	}
	return out;
}

/* The next run of letters and digits; NULL at the end. */
static char *
next_word(struct arena *arena, const char **at)
{
	while (**at != '\0' && !isalnum((unsigned char)**at))
		(*at)++;
	size_t n = 0;
	while (isalnum((unsigned char)(*at)[n]))
		n++;
	char *word = n == 0 ? NULL : arena_strndup(arena, *at, n);
	*at += n;
	return word;
}

static void
is_narrow(const struct sheet *sheet)
{
	char *rest = arena_strdup(sheet->arena, sheet->mail.text);

	for (char *line; (line = strsep(&rest, "\n")) != NULL;)
		if (text_width(line) > FILL_COLUMNS)
			fail_msg("%s %zu: %s", sheet->name, sheet->number,
			    line);
}

static void
says_no_word_of_ours(const struct sheet *sheet)
{
	static const char *const banned[] = {"round", "rounds", "brag",
	    "submission", "submissions", "submit", "parse", "parser", "parsed",
	    "invalid", "sha", "sha256", "spreadsheet", "approve", "approval",
	    "chase", "chasing", "escalation", "database", "null", "error",
	    "field", "token"};
	const char *parts[] = {sheet->mail.text, html_words(sheet),
	    sheet->mail.subject};

	for (size_t p = 0; p < COUNT_OF(parts); p++) {
		const char *at = parts[p], *word;
		while ((word = next_word(sheet->arena, &at)) != NULL)
			for (size_t i = 0; i < COUNT_OF(banned); i++)
				if (text_ieq(word, banned[i]))
					fail_msg("%s %zu says '%s'",
					    sheet->name, sheet->number, word);
	}
}

/* Sentences end with a mark, a colon, an empty line, or a line set apart. */
static void
has_short_sentences(const struct sheet *sheet)
{
	size_t words = 0, sentences = 0, in_sentence = 0;
	char *rest = arena_strdup(sheet->arena, sheet->mail.text);

	for (char *line; (line = strsep(&rest, "\n")) != NULL;) {
		if (strncmp(line, "--- form", 8) == 0)
			break;
		if (line[0] == '\0' || strncmp(line, "  ", 2) == 0) {
			sentences += in_sentence > 0;
			in_sentence = 0;
			if (line[0] != '\0')
				continue;
		}
		for (const char *c = line; *c != '\0'; c++) {
			bool ends = strchr(".?!:", *c) != NULL &&
				    (c[1] == ' ' || c[1] == '\0');
			if (isalnum((unsigned char)*c) &&
			    (c == line || c[-1] == ' ')) {
				words++;
				in_sentence++;
			}
			if (ends) {
				sentences += in_sentence > 0;
				in_sentence = 0;
			}
		}
	}
	sentences += in_sentence > 0;
	assert_true(sentences > 0);
	if (words > 15 * sentences)
		fail_msg("%s %zu: %zu words in %zu sentences", sheet->name,
		    sheet->number, words, sentences);
}

static void
names_the_way_out(const struct sheet *sheet)
{
	if (strstr(sheet->mail.text, CONCERN) == NULL ||
	    strstr(html_words(sheet), CONCERN) == NULL)
		fail_msg("%s %zu lacks the concern line", sheet->name,
		    sheet->number);
}

/* Who, what, when: a day stands within the first five lines. */
static void
begins_with_when(const struct sheet *sheet)
{
	char *rest = arena_strdup(sheet->arena, sheet->mail.text);
	int lines = 0;

	if (strcmp(sheet->name, "concern") == 0)
		return;
	for (char *line; lines < 5 && (line = strsep(&rest, "\n")) != NULL;) {
		if (strstr(line, "day ") != NULL)
			return;
		lines += *line != '\0';
	}
	fail_msg("%s %zu does not say when", sheet->name, sheet->number);
}

static void
dates_have_weekdays(const struct sheet *sheet)
{
	static const char day[] = "(Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day ";
	static const char date[] =
	    "[0-9]{1,2} (January|February|March|April|May|June|July|August|"
	    "September|October|November|December)";
	regex_t with, without;
	regmatch_t found;
	char *text = arena_strdup(sheet->arena, sheet->mail.text);

	assert_int_equal(regcomp(&without, date, REG_EXTENDED), 0);
	assert_int_equal(regcomp(&with, arena_printf(sheet->arena, "%s$", day),
			     REG_EXTENDED),
	    0);
	for (char *c = text; *c != '\0'; c++)
		if (*c == '\n')
			*c = ' ';
	for (const char *at = text; regexec(&without, at, 1, &found, 0) == 0;
	     at += found.rm_eo) {
		const char *before = arena_strndup(sheet->arena, text,
		    (size_t)(at + found.rm_so - text));
		bool example =
		    strlen(before) > 5 &&
		    strcmp(before + strlen(before) - 5, "like ") == 0;
		/* What somebody wrote stands in quotes, as it was written. */
		size_t quotes = 0;
		for (const char *c = before; *c != '\0'; c++)
			quotes += *c == '"';
		if (!example && quotes % 2 == 0 &&
		    regexec(&with, before, 0, NULL, 0) != 0)
			fail_msg("%s %zu: a date without its weekday: %.20s",
			    sheet->name, sheet->number, at + found.rm_so);
	}
	regfree(&with);
	regfree(&without);
}

static void
says_the_same_in_html(const struct sheet *sheet)
{
	const char *text = sheet->mail.text, *html = html_words(sheet);
	const char *a, *b;

	do {
		const char *here = text;
		a = next_word(sheet->arena, &text);
		b = next_word(sheet->arena, &html);
		if ((a == NULL) != (b == NULL) ||
		    (a != NULL && strcmp(a, b) != 0))
			fail_msg("%s %zu: text '%.60s' is not HTML '%s'",
			    sheet->name, sheet->number, here,
			    b == NULL ? "" : b);
	} while (a != NULL);
}

static void
loads_nothing(const struct sheet *sheet)
{
	static const char *const outside[] = {"http:", "https:", "src=", "url(",
	    "<script", "<img", "<link", "@import", "<style", "onload"};

	for (size_t i = 0; i < COUNT_OF(outside); i++)
		if (text_ifind(sheet->mail.html, outside[i]) != NULL)
			fail_msg("%s loads by %s", sheet->name, outside[i]);
	assert_non_null(strstr(sheet->mail.html, "max-width:640px"));
	assert_non_null(strstr(sheet->mail.html, "lang=\"en-GB\""));
}

static size_t
count_of(const char *text, const char *what)
{
	size_t n = 0;

	while ((text = strstr(text, what)) != NULL) {
		n++;
		text += strlen(what);
	}
	return n;
}

static void
closes_its_tags(const struct sheet *sheet)
{
	static const char *const tags[] = {"table", "tr", "td", "p", "h2", "b",
	    "div", "body", "html"};

	for (size_t i = 0; i < COUNT_OF(tags); i++) {
		struct arena *arena = sheet->arena;
		size_t open = count_of(sheet->mail.html,
				  arena_printf(arena, "<%s>", tags[i])) +
			      count_of(sheet->mail.html,
				  arena_printf(arena, "<%s ", tags[i]));
		size_t closed = count_of(sheet->mail.html,
		    arena_printf(arena, "</%s>", tags[i]));
		if (open != closed)
			fail_msg("%s %zu: %zu <%s>, %zu closed", sheet->name,
			    sheet->number, open, tags[i], closed);
	}
}

/* A mail that asks for something ends with what an answer needs. */
static void
ends_with_its_code(const struct sheet *sheet)
{
	static const char *const silent[] = {"concern", "concern-staff",
	    "budget", "too-large", "person-will-look", "failed-mail-staff",
	    "no-sending-staff", "staff-notice"};
	static const char ending[] =
	    "\nReply code: XXXX-XXXX (please leave this line in)\n";
	const char *code = strstr(sheet->mail.text, ending);
	bool answerable = true;

	for (size_t i = 0; i < COUNT_OF(silent); i++)
		answerable = answerable && strcmp(sheet->name, silent[i]) != 0;
	if ((code != NULL) != answerable ||
	    (strstr(sheet->mail.text, "\nRef: ") != NULL) != answerable)
		fail_msg("%s %zu: Ref and Reply code", sheet->name,
		    sheet->number);
	if (code != NULL)
		assert_string_equal(code, ending);
}

/* The lines to type are no answers themselves. */
static void
examples_are_no_answers(const struct sheet *sheet)
{
	char *rest = arena_strdup(sheet->arena, sheet->mail.text);

	for (char *line; (line = strsep(&rest, "\n")) != NULL;) {
		const char *at = line + strspn(line, " ");
		size_t label = strspn(at, "ABCDEFGHIJKLMNOPQRSTUVWXYZ");
		if (label > 0 && label < 3 && at[label] == ':')
			assert_true(
			    strncmp(at + label, ": and your ", 11) == 0);
		label = strspn(at, "0123456789");
		if (label > 0 && label < 3 && at[label] == ' ')
			assert_null(strstr(at, " - "));
	}
}

static void
keeps_within_columns(void **state)
{
	(void)state;
	for_each_sample(is_narrow);
}

static void
keeps_plain_words(void **state)
{
	(void)state;
	for_each_sample(says_no_word_of_ours);
	for_each_sample(has_short_sentences);
	for_each_sample(dates_have_weekdays);
}

static void
keeps_its_shape(void **state)
{
	(void)state;
	for_each_sample(names_the_way_out);
	for_each_sample(begins_with_when);
	for_each_sample(ends_with_its_code);
	for_each_sample(examples_are_no_answers);
}

static void
keeps_html_in_step(void **state)
{
	(void)state;
	for_each_sample(says_the_same_in_html);
	for_each_sample(loads_nothing);
	for_each_sample(closes_its_tags);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(keeps_within_columns),
	    cmocka_unit_test(keeps_plain_words),
	    cmocka_unit_test(keeps_its_shape),
	    cmocka_unit_test(keeps_html_in_step),
	};

	assert_true(date_set_zone("Europe/London"));
	return cmocka_run_group_tests(tests, NULL, NULL);
}
