/*
 * Text of any charset, or of a wrong one, into UTF-8. Total: whatever comes
 * in, valid UTF-8 without NUL comes out. The order of belief: what is declared
 * if it decodes, ISO-2022-JP by its escapes, UTF-8 if valid, the fallback
 * (windows-1252). iso-8859-1 and us-ascii are read as windows-1252, as all
 * writers of mail mean it.
 */
#ifndef LSCPD_PARSER_CHARSET_H
#define LSCPD_PARSER_CHARSET_H

#include <stddef.h>

#include "base/arena.h"
#include "base/buf.h"

/*
 * Open every charset that is served, in both directions, and keep them open:
 * glibc loads their modules from disk, which the sandbox forbids later.
 */
void charset_init(void);

/*
 * Append `data` as UTF-8. `label` is the declared charset or NULL, `fallback`
 * as in struct parse_options.
 */
void charset_decode(struct buf *out, const char *label, const char *fallback,
    const void *data, size_t bytes);

/*
 * The same for a file of its own, which says of itself what it is (by a BOM,
 * by every other byte being NUL, by being valid UTF-8): that outranks `label`.
 */
void charset_decode_file(struct buf *out, const char *label,
    const char *fallback, const void *file, size_t bytes);

/*
 * What a library has already decoded, made safe: bytes that are not UTF-8 are
 * read as windows-1252, C1 controls as what windows-1252 means by them, other
 * controls become spaces (LF and TAB too). At most `max_bytes` long.
 */
char *charset_clean(struct arena *arena, const char *text, size_t max_bytes);

#endif
