#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "base/io.h"
#include "base/text.h"
#include "mail/template_node.h"
#include "mail/values.h"

enum {
	SET_BYTES = 32 * 1024 * 1024,
	FILE_BYTES = 256 * 1024,
	SAMPLES_BYTES = 4 * 1024 * 1024,
};

#define SUBJECT_KEY "Subject:"

struct loader {
	struct template_set *set;
	struct problems *problems;
	const char *samples_path;
	size_t before; /* problems of others */
};

static struct template_letter *
find_or_make(struct template_set *set, const char *name)
{
	struct template_letter *letter = template_find(set, name);

	if (letter != NULL)
		return letter;
	letter = arena_push(set->arena, &set->letters, &set->letter_count,
	    sizeof(*set->letters));
	letter->name = arena_strdup(set->arena, name);
	return letter;
}

static void
compile(struct loader *l, const struct template_source *source,
    struct template_file *file)
{
	file->path = source->path;
	file->there = true;
	template_parse(l->set->arena, source, l->problems, &file->nodes);
}

/* The first line of a letter is its subject; a partial has none. */
static void
compile_text(struct loader *l, struct template_source source,
    struct template_letter *letter)
{
	if (text_istarts(source.text, SUBJECT_KEY)) {
		size_t n = strcspn(source.text, "\n");
		struct template_source subject = source;
		subject.text = text_trim(l->set->arena,
		    arena_strndup(l->set->arena,
			source.text + strlen(SUBJECT_KEY),
			n - strlen(SUBJECT_KEY)));
		compile(l, &subject, &letter->parts[TEMPLATE_SUBJECT]);
		source.text += n + (source.text[n] == '\n');
		source.line++;
	}
	compile(l, &source, &letter->parts[TEMPLATE_TEXT]);
}

static void
load_file(struct loader *l, const char *file, enum template_part part)
{
	struct arena *arena = l->set->arena;
	const char *path = arena_printf(arena, "%s/%s", l->set->folder, file);
	CLEANUP(buf_done)
	struct buf text;
	struct err err = {.code = 0};

	buf_init(&text, FILE_BYTES);
	if (io_read_file(path, &text, &err) < 0) {
		problems_add_err(l->problems, path, &err,
		    "make it a file that can be read");
		return;
	}
	if (!text_is_utf8(buf_text(&text), text.len) ||
	    strlen(buf_text(&text)) != text.len) {
		problems_add(l->problems, path, 0,
		    "is not UTF-8 text; save it as UTF-8");
		return;
	}
	struct template_letter *letter = find_or_make(l->set,
	    arena_strndup(arena, file, (size_t)(strrchr(file, '.') - file)));
	struct template_source source = {path,
	    arena_strdup(arena, buf_text(&text)), 1};
	if (part == TEMPLATE_TEXT)
		compile_text(l, source, letter);
	else
		compile(l, &source, &letter->parts[TEMPLATE_HTML]);
}

static int
compare_names(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static void
load_files(struct loader *l)
{
	struct dirent **names = NULL;
	int count = scandir(l->set->folder, &names, NULL, compare_names);

	if (count < 0) {
		struct err err = {.code = 0};
		(void)err_system(&err, "%s", l->set->folder);
		problems_add_err(l->problems, l->set->folder, &err,
		    "name a folder of templates");
	}
	for (int i = 0; i < count; i++) {
		const char *ending = strrchr(names[i]->d_name, '.');
		if (names[i]->d_name[0] == '.' || ending == NULL)
			(void)ending; /* hidden files, editors' copies */
		else if (strcmp(ending, ".txt") == 0)
			load_file(l, names[i]->d_name, TEMPLATE_TEXT);
		else if (strcmp(ending, ".html") == 0)
			load_file(l, names[i]->d_name, TEMPLATE_HTML);
		free(names[i]);
	}
	free(names);
}

static void
load_samples(struct loader *l)
{
	CLEANUP(buf_done)
	struct buf text;
	struct err err = {.code = 0};
	json_error_t wrong;

	buf_init(&text, SAMPLES_BYTES);
	if (io_read_file(l->samples_path, &text, &err) < 0) {
		problems_add_err(l->problems, l->samples_path, &err,
		    "the samples of all letters must be there");
		return;
	}
	l->set->samples = json_loadb(buf_text(&text), text.len,
	    JSON_REJECT_DUPLICATES, &wrong);
	if (l->set->samples == NULL)
		problems_add(l->problems, l->samples_path, wrong.line,
		    "%s; it must be one JSON object", wrong.text);
	else if (!json_is_object(l->set->samples))
		problems_add(l->problems, l->samples_path, 1,
		    "must be an object of letters, each a list of samples");
}

static void
check_sample(struct loader *l, const char *name, const json_t *values)
{
	for (int part = TEMPLATE_SUBJECT; part <= TEMPLATE_HTML; part++) {
		CLEANUP(buf_done)
		struct buf out;
		struct err err = {.code = 0};
		buf_init(&out, TEMPLATE_OUTPUT_BYTES);
		if (template_render(l->set, name, (enum template_part)part,
			values, &out, &err) < 0) {
			problems_add(l->problems, l->samples_path, 0,
			    "the sample of '%s': %s", name, err.text);
			return;
		}
	}
}

static void
check_letter(struct loader *l, const char *name, const json_t *samples,
    const json_t *common)
{
	static const char *const lacks[] = {"its first line `Subject: …` in",
	    "the file", "the file"};
	const struct template_letter *letter = template_find(l->set, name);
	size_t before = l->problems->count;

	for (int part = TEMPLATE_SUBJECT; part <= TEMPLATE_HTML; part++)
		if (letter == NULL || !letter->parts[part].there)
			problems_add(l->problems, l->set->folder, 0,
			    "the letter '%s' lacks %s %s.%s; write it", name,
			    lacks[part], name,
			    part == TEMPLATE_HTML ? "html" : "txt");
	if (json_array_size(samples) == 0)
		problems_add(l->problems, l->samples_path, 0,
		    "'%s' must be a list of at least one sample", name);
	for (size_t i = 0;
	     i < json_array_size(samples) && l->problems->count == before;
	     i++) {
		CLEANUP(values_drop)
		json_t *values = values_complete(common,
		    json_object_get(json_array_get(samples, i), "values"));
		check_sample(l, name, values);
	}
}

/* What no sample shows was never tried, and would fail on the day. */
static void
check_shown(struct loader *l, const struct template_file *file,
    const struct node *nodes, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (nodes[i].kind != NODE_TEXT && !nodes[i].shown)
			problems_add(l->problems, file->path, nodes[i].line,
			    "no sample shows '%s', so it was never tried; add "
			    "one to samples.json",
			    nodes[i].text);
		else
			check_shown(l, file, nodes[i].items,
			    nodes[i].item_count);
	}
}

static void
check_all(struct loader *l, const json_t *common)
{
	const char *name;
	json_t *samples;

	json_object_foreach(l->set->samples, name, samples)
	    check_letter(l, name, samples, common);
	if (l->problems->count > l->before)
		return;
	for (size_t i = 0; i < l->set->letter_count; i++)
		for (int part = 0; part <= TEMPLATE_HTML; part++) {
			const struct template_file *file =
			    &l->set->letters[i].parts[part];
			/* A partial that nobody uses does no harm. */
			if (file->nodes.count > 0 && file->nodes.items[0].shown)
				check_shown(l, file, file->nodes.items,
				    file->nodes.count);
		}
}

int
templates_load(const char *folder, const json_t *common,
    struct problems *problems, struct template_set **ret_set, struct err *err)
{
	struct arena *arena = arena_new(SET_BYTES);
	struct template_set *set = arena_alloc(arena, sizeof(*set));
	size_t before = problems->count;

	set->arena = arena;
	set->folder = arena_strdup(arena, folder);
	struct loader l = {set, problems,
	    arena_printf(arena, "%s/samples.json", folder), before};
	load_files(&l);
	load_samples(&l);
	if (problems->count == before)
		check_all(&l, common);
	if (problems->count > before) {
		templates_free(set);
		return err_set(err, ERR_CONFIG, BLAME_OPERATOR,
		    "%s: the templates have %zu problems", folder,
		    problems->count - before);
	}
	*ret_set = set;
	return 0;
}

void
templates_free(struct template_set *set)
{
	if (set == NULL)
		return;
	json_decref(set->samples);
	arena_free(set->arena);
}

bool
templates_have(const struct template_set *set, const char *name)
{
	return json_object_get(set->samples, name) != NULL;
}

const json_t *
templates_samples(const struct template_set *set)
{
	return set->samples;
}
