/*
 * Commands by mail: the whole subject, or the first line of the new text, is
 * one of a few words.
 */
#include <string.h>

#include "base/macros.h"
#include "base/text.h"
#include "handlers/commands.h"
#include "handlers/handler.h"
#include "handlers/letters.h"

enum {
	LINE_CHARS = 120, /* a longer line is no command */
};

/* What may stand behind the word. */
enum command_takes {
	TAKES_NOTHING,
	TAKES_REFERENCE, /* one word or none */
	TAKES_FORM,
};

static const struct command {
	const char *word;
	enum command_takes takes;
	command_fn run;
} g_commands[] = {
    {"help", TAKES_NOTHING, command_help},
    {"template", TAKES_FORM, command_template},
    {"mine", TAKES_NOTHING, command_mine},
    {"status", TAKES_REFERENCE, command_status},
    {"check", TAKES_NOTHING, command_check},
    {"withdraw", TAKES_REFERENCE, command_withdraw},
};

/* In front of a subject, as often as they like. */
static const char *const g_prefixes[] = {"re:", "fw:", "fwd:", "aw:", "wg:"};

static const char *
skip_prefixes(const char *subject)
{
	for (;;) {
		const char *start = subject;
		subject += strspn(subject, " \t");
		for (size_t i = 0; i < COUNT_OF(g_prefixes); i++)
			if (text_istarts(subject, g_prefixes[i]))
				subject += strlen(g_prefixes[i]);
		/* [LSCP R-000123], [EXTERNAL] */
		const char *end = *subject == '[' ? strchr(subject, ']') : NULL;
		if (end != NULL)
			subject = end + 1;
		if (subject == start)
			return subject;
	}
}

/* What stands behind the word, without marks at either end. */
static const char *
argument_of(struct arena *arena, const char *behind)
{
	char *text = text_trim(arena, behind + strspn(behind, " \t:-"));
	size_t len = strlen(text);

	while (len > 0 && strchr(".!?,;: ", text[len - 1]) != NULL)
		text[--len] = '\0';
	return text_ieq(text, "please") ? "" : text;
}

static size_t
count_words(struct arena *arena, const char *text)
{
	size_t count = 0;

	for (char **words = text_split(arena, text, " \t"); *words != NULL;
	     words++)
		count++;
	return count;
}

/* Prose often begins with these words: `status update attached`. */
static bool
fits(const struct intake *intake, const struct command *command,
    const char *argument)
{
	size_t words = count_words(intake->desk->arena, argument);

	switch (command->takes) {
	case TAKES_NOTHING:
		return words == 0;
	case TAKES_REFERENCE:
		return words == 0 ||
		       (words == 1 && strpbrk(argument, "0123456789/") != NULL);
	case TAKES_FORM:
		break;
	}
	return words <= 2 || forms_find(intake->desk->forms, argument) != NULL;
}

/* The command that a line is; NULL if it is none. */
static const struct command *
find_command(const struct intake *intake, const char *line,
    const char **ret_argument)
{
	struct arena *arena = intake->desk->arena;
	const char *text = text_trim(arena, line);

	if (strlen(text) > LINE_CHARS)
		return NULL;
	for (size_t i = 0; i < COUNT_OF(g_commands); i++) {
		size_t len = strlen(g_commands[i].word);
		if (!text_istarts(text, g_commands[i].word) ||
		    (text[len] != '\0' && strchr(" \t:.!?", text[len]) == NULL))
			continue;
		const char *argument = argument_of(arena, text + len);
		if (!fits(intake, &g_commands[i], argument))
			return NULL;
		*ret_argument = argument;
		return &g_commands[i];
	}
	return NULL;
}

static const char *
first_line(struct arena *arena, const char *text)
{
	char **lines = text_split(arena, text, "\n");

	return lines[0] == NULL ? "" : lines[0];
}

static int
take(struct intake *intake, struct err *err)
{
	const struct reading *reading = &intake->reading;
	const char *argument = "";

	if (intake->contact == NULL || !intake->is_proven)
		return 0;
	const struct command *command = find_command(intake,
	    skip_prefixes(intake->record->subject), &argument);
	if (command == NULL)
		command = find_command(intake,
		    first_line(intake->desk->arena, reading->rest), &argument);
	if (command == NULL)
		return 0;
	/* An old subject above a form that was filled in: the form counts. */
	if (command->run != command_check && reading->form != NULL &&
	    reading_has_answers(reading))
		return 0;
	return command->run(intake, argument, err);
}

int
command_answer(struct intake *intake, struct letter *letter,
    const json_t *values, struct err *err)
{
	int failed = letter_answer(intake, letter, values, err);

	if (failed < 0)
		return failed;
	intake->outcome = (struct outcome){.outcome = "answered",
	    .reason = "",
	    .ref = letter->ref == NULL ? "" : letter->ref};
	return 1;
}

const struct handler handler_command = {
    .name = "command",
    .summary = "help, template, mine, status, check, withdraw",
    .take = take,
};
