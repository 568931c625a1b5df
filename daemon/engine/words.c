#include "engine/words.h"

#include "base/limits.h"
#include "mail/mailer.h"

static void
load_forms(struct arena *arena, const char *folder, struct problems *problems,
    struct forms *ret_forms)
{
	struct form_faults faults = {0};
	struct err err = {0};
	int failed = forms_load(arena, folder, &faults, ret_forms, &err);

	for (size_t i = 0; i < faults.count; i++)
		problems_add_line(problems, faults.items[i]);
	if (failed < 0 && faults.count == 0)
		problems_add_err(problems, folder, &err,
		    "name a folder of forms");
}

static void
load_templates(const struct settings *settings, struct problems *problems,
    struct template_set **ret_templates)
{
	size_t before = problems->count;
	json_t *common = mailer_common_sample(settings);
	struct err err = {0};
	int failed = templates_load(settings->templates_path, common, problems,
	    ret_templates, &err);

	json_decref(common);
	if (failed < 0 && problems->count == before)
		problems_add_err(problems, settings->templates_path, &err,
		    "name a folder of templates");
}

int
words_load(struct arena *arena, const struct settings *settings,
    struct problems *problems, struct words *ret_words, struct err *err)
{
	struct words words = {.templates = NULL};
	size_t before = problems->count;

	load_forms(arena, settings->forms_path, problems, &words.forms);
	load_templates(settings, problems, &words.templates);
	if (problems->count > before) {
		words_done(&words);
		return err_set(err, ERR_CONFIG, BLAME_OPERATOR,
		    "forms and templates have %zu problems",
		    problems->count - before);
	}
	*ret_words = words;
	return 0;
}

void
words_done(struct words *words)
{
	templates_free(words->templates);
	words->templates = NULL;
}

int
words_check(const struct settings *settings, struct problems *problems,
    struct err *err)
{
	struct arena *arena CLEANUP(arena_cleanup)
	= arena_new(LIMIT_ARENA_BYTES);
	struct words words;
	int failed = words_load(arena, settings, problems, &words, err);

	if (failed == 0)
		words_done(&words);
	return failed;
}
