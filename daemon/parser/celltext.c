#include "parser/celltext.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/text.h"

enum {
	DAY_SECONDS = 24 * 60 * 60,
	FALSE_LEAP_DAY = 60,
	EPOCH_1900_DAY = -25569, /* 1899-12-30: right from March 1900 on */
	EPOCH_1904_DAY = -24107,
	LAST_SERIAL = 2958465, /* 9999-12-31 */
	DIGITS = 15,           /* that a spreadsheet shows and keeps */
	SPAN_DAYS = 10000,
	ISO_DAY_BYTES = 10, /* 2026-03-31 */
};

/* --- formats ------------------------------------------------------------------- */

/* The letters of a format code that mean something. */
struct letters {
	bool days, months, hours, span, percent;
	size_t zeros, others;
};

/* Behind what a code shows as it is: "text", \x, _x, *x. */
static const char *
skip_literal(const char *p)
{
	if (*p == '"') {
		p = strchr(p + 1, '"');
		return p == NULL ? NULL : p + 1;
	}
	return p[1] == '\0' ? NULL : p + 2;
}

/* [Red] and [$-409] mean nothing here, [h] is a time without an end. */
static const char *
read_bracket(const char *p, struct letters *found)
{
	if (strchr("hHmMsS", p[1]) != NULL && p[1] != '\0' &&
	    (p[2] == ']' || p[2] == p[1]))
		found->span = found->hours = true;
	p = strchr(p, ']');
	return p == NULL ? NULL : p + 1;
}

static const char *
read_letter(const char *p, struct letters *found)
{
	static const char *const words[] = {"general", "am/pm", "a/p"};

	for (size_t i = 0; i < COUNT_OF(words); i++)
		if (text_istarts(p, words[i]))
			return p + strlen(words[i]);
	bool exponent =
	    (*p == 'e' || *p == 'E') && (p[1] == '+' || p[1] == '-');
	if (!exponent && strchr("ydeYDE", *p) != NULL)
		found->days = true;
	else if (strchr("hsHS", *p) != NULL)
		found->hours = true;
	else if (*p == 'm' || *p == 'M')
		found->months = true;
	else if (*p == '%')
		found->percent = true;
	else if (*p == '0')
		found->zeros++;
	else
		found->others++;
	return p + 1;
}

static struct letters
read_code(const char *code)
{
	struct letters found = {0};

	for (const char *p = code; p != NULL && *p != '\0' && *p != ';';)
		if (strchr("\"\\_*", *p) != NULL)
			p = skip_literal(p);
		else if (*p == '[')
			p = read_bracket(p, &found);
		else
			p = read_letter(p, &found);
	return found;
}

struct cell_format
cell_format_of(const char *code)
{
	struct letters found = read_code(code);
	struct cell_format format = {CELL_NUMBER, 0};

	if (text_istarts(code, "\"TRUE\";\"TRUE\";\"FALSE\"") ||
	    text_istarts(code, "\"yes\";\"yes\";\"no\""))
		format.kind = CELL_TRUTH;
	else if (found.percent)
		format.kind = CELL_PERCENT;
	else if (found.span && !found.days)
		format.kind = CELL_SPAN;
	else if (found.hours)
		format.kind = found.days ? CELL_DATE_TIME : CELL_TIME;
	else if (found.days || found.months)
		format.kind = CELL_DATE;
	else if (found.zeros > 1 && found.zeros <= DIGITS && found.others == 0)
		format = (struct cell_format){CELL_DIGITS,
		    (unsigned char)found.zeros};
	return format;
}

/* ECMA-376 part 1, 18.8.30; the gaps are of other languages. */
struct cell_format
cell_format_builtin(unsigned id)
{
	static const struct {
		unsigned first, last;
		enum cell_kind kind;
	} ranges[] = {
	    {9, 10, CELL_PERCENT},
	    {14, 17, CELL_DATE},
	    {18, 21, CELL_TIME},
	    {22, 22, CELL_DATE_TIME},
	    {27, 31, CELL_DATE},
	    {32, 35, CELL_TIME},
	    {36, 36, CELL_DATE},
	    {45, 45, CELL_TIME},
	    {46, 46, CELL_SPAN},
	    {47, 47, CELL_TIME},
	    {50, 58, CELL_DATE},
	};

	for (size_t i = 0; i < COUNT_OF(ranges); i++)
		if (id >= ranges[i].first && id <= ranges[i].last)
			return (
			    struct cell_format){(unsigned char)ranges[i].kind,
			    0};
	return (struct cell_format){CELL_NUMBER, 0};
}

/* --- values -------------------------------------------------------------------- */

static void
put_zeros(struct buf *out, int count)
{
	for (int i = 0; i < count; i++)
		buf_putc(out, '0');
}

void
cell_put_decimal(struct buf *out, double value)
{
	char text[40], digits[DIGITS + 1];

	(void)snprintf(text, sizeof(text), "%.*e", DIGITS - 1, fabs(value));
	char *e = strchr(text, 'e');
	if (e == NULL)
		return; /* not finite */
	int exponent = (int)strtol(e + 1, NULL, 10);
	digits[0] = text[0];
	memcpy(digits + 1, text + 2, DIGITS - 1);
	digits[DIGITS] = '\0';
	int count = DIGITS;
	while (count > 1 && digits[count - 1] == '0')
		count--;
	if (value < 0 && !(count == 1 && digits[0] == '0'))
		buf_putc(out, '-');
	int whole = exponent + 1 < 0 ? 0 : exponent + 1;
	int shown = whole < count ? whole : count;
	buf_add(out, digits, (size_t)shown);
	put_zeros(out, whole == 0 ? 1 : whole - shown);
	if (count > shown) {
		buf_putc(out, '.');
		put_zeros(out, exponent < 0 ? -exponent - 1 : 0);
		buf_add(out, digits + shown, (size_t)(count - shown));
	}
}

static void
put_clock(struct buf *out, long seconds)
{
	buf_printf(out, "%02ld:%02ld", seconds / 3600, seconds / 60 % 60);
	if (seconds % 60 != 0)
		buf_printf(out, ":%02ld", seconds % 60);
}

static void
put_day(struct buf *out, long serial, enum cell_epoch epoch)
{
	char text[DATE_TEXT_BYTES];

	if (epoch == EPOCH_1900 && serial == FALSE_LEAP_DAY) {
		buf_puts(out, "1900-02-29");
		return;
	}
	if (epoch == EPOCH_1904)
		serial += EPOCH_1904_DAY;
	else
		serial += EPOCH_1900_DAY + (serial < FALSE_LEAP_DAY);
	date_format_iso((int32_t)serial, text);
	buf_puts(out, text);
}

static void
put_moment(struct buf *out, double value, enum cell_kind kind,
    enum cell_epoch epoch)
{
	long all = lround(value * DAY_SECONDS);
	long day = all / DAY_SECONDS, seconds = all % DAY_SECONDS;
	long first = epoch == EPOCH_1900 ? 1 : 0;

	if (kind == CELL_TIME)
		put_clock(out, seconds);
	else if (kind == CELL_SPAN)
		put_clock(out, all);
	else if (day < first)
		cell_put_decimal(out, value); /* a number in a date's clothes */
	else
		put_day(out, day, epoch);
	if (kind == CELL_DATE_TIME && day >= first && seconds != 0) {
		buf_putc(out, ' ');
		put_clock(out, seconds);
	}
}

static bool
is_moment(double value, enum cell_kind kind)
{
	double last = kind == CELL_SPAN ? SPAN_DAYS : LAST_SERIAL + 1;

	return value >= 0 && value < last;
}

static void
put_digits(struct buf *out, double value, int digits)
{
	if (value < 0 || value >= 1e15 || value != floor(value))
		cell_put_decimal(out, value);
	else
		buf_printf(out, "%0*.0f", digits, value);
}

void
cell_put_number(struct buf *out, double value, struct cell_format format,
    enum cell_epoch epoch)
{
	switch ((enum cell_kind)format.kind) {
	case CELL_PERCENT:
		cell_put_decimal(out, value * 100);
		buf_putc(out, '%');
		return;
	case CELL_TRUTH:
		buf_puts(out, value != 0 ? "yes" : "no");
		return;
	case CELL_DIGITS:
		put_digits(out, value, format.digits);
		return;
	case CELL_DATE:
	case CELL_TIME:
	case CELL_DATE_TIME:
	case CELL_SPAN:
		if (is_moment(value, (enum cell_kind)format.kind)) {
			put_moment(out, value, (enum cell_kind)format.kind,
			    epoch);
			return;
		}
		break;
	case CELL_NUMBER:
		break;
	}
	cell_put_decimal(out, value);
}

void
cell_put_truth(struct buf *out, const char *word)
{
	buf_puts(out,
	    *word == '1' || *word == 't' || *word == 'T' ? "yes" : "no");
}

/* Digits as a number up to `max`; moves behind them. */
static bool
take_number(const char **text, long max, long *ret)
{
	char *end;

	if (**text < '0' || **text > '9')
		return false;
	long value = strtol(*text, &end, 10);
	if (value > max)
		return false;
	*text = end;
	*ret = value;
	return true;
}

static bool
take_sign(const char **text, char sign)
{
	if (**text != sign)
		return false;
	++*text;
	return true;
}

/* Whole seconds, rounded; a leap second may be among them. */
static bool
take_seconds(const char **text, long *ret)
{
	char *end;

	if (**text < '0' || **text > '9')
		return false;
	double value = strtod(*text, &end);
	if (!(value < 61))
		return false;
	*text = end;
	*ret = lround(value);
	return true;
}

/* T14:30, T14:30:00.5; what follows is a zone. -1 if it is none. */
static long
read_clock(const char *text)
{
	long hour, minute, second = 0;

	if (!take_sign(&text, 'T') || !take_number(&text, 23, &hour) ||
	    !take_sign(&text, ':') || !take_number(&text, 59, &minute) ||
	    (take_sign(&text, ':') && !take_seconds(&text, &second)))
		return -1;
	return hour * 3600 + minute * 60 + second;
}

bool
cell_put_iso(struct buf *out, const char *text)
{
	char day[DATE_TEXT_BYTES] = "";
	size_t bytes = strnlen(text, ISO_DAY_BYTES);

	memcpy(day, text, bytes);
	if (date_parse_iso(day) == DAY_NONE)
		return false;
	long seconds = text[bytes] == '\0' ? 0 : read_clock(text + bytes);
	if (seconds < 0)
		return false;
	buf_puts(out, day);
	if (seconds > 0) {
		buf_putc(out, ' ');
		put_clock(out, seconds);
	}
	return true;
}

bool
cell_put_duration(struct buf *out, const char *text)
{
	long hour, minute, second;

	if (!take_sign(&text, 'P') || !take_sign(&text, 'T') ||
	    !take_number(&text, SPAN_DAYS * 24L, &hour) ||
	    !take_sign(&text, 'H') || !take_number(&text, 59, &minute) ||
	    !take_sign(&text, 'M') || !take_seconds(&text, &second) ||
	    !take_sign(&text, 'S'))
		return false;
	put_clock(out, hour * 3600 + minute * 60 + second);
	return true;
}
