#include "settings/shared.h"

#include <limits.h>
#include <string.h>
#include <unistd.h>

/* PREFIX of the program that runs, which may have been put elsewhere whole. */
static const char *
own_share(struct arena *arena, const char *name)
{
	char own[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", own, sizeof(own) - 1);

	if (n <= 0)
		return "";
	own[n] = '\0';
	*strrchr(own, '/') = '\0';
	char *slash = strrchr(own, '/');
	if (slash == NULL || strcmp(slash, "/bin") != 0)
		return "";
	*slash = '\0';
	return arena_printf(arena, "%s/share/lscpd/%s", own, name);
}

const char *
shared_path(const struct option_reader *reader, const char *beside,
    const char *installed)
{
	struct arena *arena = reader->arena;
	const char *const places[] = {
	    option_path(reader, beside),
	    option_path(reader, installed),
	    own_share(arena, installed),
	    arena_printf(arena, "%s/%s", LSCPD_SHARE, installed),
	};

	for (size_t i = 0; i < COUNT_OF(places); i++)
		if (access(places[i], F_OK) == 0)
			return places[i];
	return places[0];
}
