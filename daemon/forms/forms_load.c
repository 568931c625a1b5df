#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "base/io.h"
#include "base/text.h"
#include "forms/form.h"
#include "forms/scan.h"

enum {
	MAX_FILE_BYTES = 512 * 1024,
	MAX_FORMS = 200
};

static const char g_ending[] = ".form";

static bool
has_ending(const char *name)
{
	size_t len = strlen(name), ending = strlen(g_ending);

	return *name != '.' && len > ending &&
	       strcmp(name + len - ending, g_ending) == 0;
}

int
form_load(struct arena *arena, const char *path, struct form_faults *faults,
    struct form **ret_form, struct err *err)
{
	CLEANUP(buf_done)
	struct buf buf;
	struct form *form;
	const char *slash = strrchr(path, '/');
	const char *file = slash != NULL ? slash + 1 : path;

	buf_init(&buf, MAX_FILE_BYTES);
	int rc = io_read_file(path, &buf, err);
	if (rc < 0)
		return rc;
	if (strlen(buf_text(&buf)) != buf.len) {
		fault_add(arena, faults, path, 1,
		    "a definition is text; this holds a zero byte");
		return err_set(err, ERR_CONFIG, BLAME_OPERATOR, "%s",
		    faults->items[faults->count - 1]);
	}
	rc = form_parse(arena, buf_text(&buf), path, faults, &form, err);
	if (rc < 0)
		return rc;
	if (strcmp(arena_printf(arena, "%s%s", form->name, g_ending), file) !=
	    0) {
		fault_add(arena, faults, path, 1,
		    "the form is called `%s`, so its file must be `%s%s`",
		    form->name, form->name, g_ending);
		return err_set(err, ERR_CONFIG, BLAME_OPERATOR, "%s",
		    faults->items[faults->count - 1]);
	}
	*ret_form = form;
	return 0;
}

static int
compare_names(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void
close_folder(DIR **folder)
{
	if (*folder != NULL)
		(void)closedir(*folder); /* it was only read */
}

static int
list_folder(struct arena *arena, const char *folder, const char ***ret_names,
    size_t *ret_count, struct err *err)
{
	CLEANUP(close_folder)
	DIR *dir = opendir(folder);
	const char **names = NULL;
	size_t count = 0;
	struct dirent *entry;

	if (dir == NULL)
		return err_set(err, ERR_NOT_FOUND, BLAME_OPERATOR,
		    "%s: there is no such folder of forms", folder);
	while ((entry = readdir(dir)) != NULL && count < MAX_FORMS)
		if (has_ending(entry->d_name))
			*(const char **)arena_push(arena, &names, &count,
			    sizeof(*names)) =
			    arena_printf(arena, "%s/%s", folder, entry->d_name);
	if (count > 0)
		qsort(names, count, sizeof(*names), compare_names);
	*ret_names = names;
	*ret_count = count;
	return 0;
}

int
forms_load(struct arena *arena, const char *folder, struct form_faults *faults,
    struct forms *ret_forms, struct err *err)
{
	const char **names = NULL;
	size_t count = 0, faults_before = faults->count;
	int rc = list_folder(arena, folder, &names, &count, err);

	if (rc < 0)
		return rc;
	ret_forms->items = arena_array(arena, count + 1, sizeof(struct form *));
	ret_forms->count = 0;
	for (size_t i = 0; i < count; i++) {
		struct err one = {0};
		struct form *form = NULL;
		size_t before = faults->count;
		if (form_load(arena, names[i], faults, &form, &one) == 0)
			ret_forms->items[ret_forms->count++] = form;
		else if (faults->count == before)
			fault_add(arena, faults, names[i], 1, "%s", one.text);
	}
	if (faults->count > faults_before)
		return err_set(err, ERR_CONFIG, BLAME_OPERATOR, "%s",
		    faults->items[faults_before]);
	return 0;
}
