#include "forms/workbook_style.h"

#include <stdlib.h>
#include <string.h>

#include "base/date.h"

/* Arial is there wherever spreadsheets are, or a font of its widths is. */
static const char FONT[] = "Arial";

enum colour {
	INK = 0x1F2A33,
	NAVY = 0x1D4257,
	GREY = 0x5A6670,
	LINE = 0xB4C1C9,
	MIST = 0xE6EEF2,
	PALE = 0xF4F7F9,
	YELLOW = 0xFFF6D6,
	RED = 0x9B1C1C,
	ROSE = 0xFBE4E1,
	AMBER = 0x7A4F01,
	WHITE = 0xFFFFFF,
	NO_FILL = -1,
};

enum trait {
	BOLD = 1,
	ITALIC = 2,
	WRAP = 4,
	BORDER = 8,   /* thin, all round */
	RULE = 16,    /* a line below */
	BOX = 32,     /* a strong line all round */
	MIDDLE = 64,  /* vertically; else top */
	BOTTOM = 128, /* vertically */
	RIGHT = 256,
	INDENT = 512,
};

static const struct {
	double size;
	int ink, fill;
	unsigned traits;
} g_specs[STYLE_COUNT] = {
    [STYLE_TITLE] = {18, NAVY, NO_FILL, BOLD | MIDDLE},
    [STYLE_QUIET] = {9, GREY, NO_FILL, WRAP | MIDDLE},
    [STYLE_TEXT] = {10, INK, NO_FILL, WRAP | MIDDLE},
    [STYLE_STRONG] = {10, INK, NO_FILL, BOLD | WRAP | MIDDLE},
    [STYLE_BOXED] = {10, INK, NO_FILL, BOLD | WRAP | MIDDLE | BOX | INDENT},
    [STYLE_FACT_LABEL] = {10, GREY, NO_FILL, WRAP | MIDDLE},
    [STYLE_FACT] = {10, INK, NO_FILL, BOLD | WRAP | MIDDLE},
    [STYLE_SECTION] = {12, WHITE, NAVY, BOLD | MIDDLE | INDENT},
    [STYLE_BLOCK] = {11, NAVY, MIST, BOLD | MIDDLE | INDENT},
    [STYLE_BAND_NOTE] = {9, WHITE, NAVY, MIDDLE | WRAP | RIGHT | INDENT},
    [STYLE_LABEL] = {10, INK, PALE, BOLD | WRAP | BORDER | INDENT},
    [STYLE_HELP] = {9, GREY, NO_FILL, WRAP | RULE | INDENT},
    [STYLE_NOTE] = {9, RED, ROSE, BOLD | WRAP | BORDER | INDENT},
    [STYLE_NOTE_GAP] = {9, AMBER, YELLOW, BOLD | WRAP | BORDER | INDENT},
    [STYLE_HINT] = {8, GREY, NO_FILL, WRAP | BOTTOM | INDENT},
    [STYLE_HEADER] = {10, NAVY, MIST, BOLD | WRAP | BORDER | MIDDLE | INDENT},
    [STYLE_LEAD] = {10, INK, PALE, BOLD | WRAP | BORDER | INDENT},
    [STYLE_MARGIN] = {10, WHITE, NO_FILL, WRAP},
};

static void
set_traits(lxw_format *format, unsigned traits)
{
	if ((traits & BOLD) != 0)
		format_set_bold(format);
	if ((traits & ITALIC) != 0)
		format_set_italic(format);
	if ((traits & WRAP) != 0)
		format_set_text_wrap(format);
	if ((traits & RIGHT) != 0)
		format_set_align(format, LXW_ALIGN_RIGHT);
	if ((traits & INDENT) != 0)
		format_set_indent(format, 1);
	if ((traits & MIDDLE) != 0)
		format_set_align(format, LXW_ALIGN_VERTICAL_CENTER);
	else if ((traits & BOTTOM) == 0)
		format_set_align(format, LXW_ALIGN_VERTICAL_TOP);
	if ((traits & BORDER) != 0) {
		format_set_border(format, LXW_BORDER_THIN);
		format_set_border_color(format, LINE);
	}
	if ((traits & RULE) != 0) {
		format_set_bottom(format, LXW_BORDER_THIN);
		format_set_bottom_color(format, LINE);
	}
	if ((traits & BOX) != 0) {
		format_set_border(format, LXW_BORDER_MEDIUM);
		format_set_border_color(format, NAVY);
	}
}

void
workbook_styles_init(struct workbook_styles *styles, lxw_workbook *book)
{
	lxw_format *common = STAILQ_FIRST(book->formats);

	*styles = (struct workbook_styles){.book = book};
	/* It measures the columns: its digits are as wide as Calibri's, and
	 * every system has them. */
	format_set_font_name(common, FONT);
	format_set_font_size(common, 10);
}

static lxw_format *
new_format(struct workbook_styles *styles, double size, int ink, int fill)
{
	lxw_format *format = workbook_add_format(styles->book);

	format_set_font_name(format, FONT);
	format_set_font_size(format, size);
	format_set_font_color(format, (lxw_color_t)ink);
	if (fill != NO_FILL)
		format_set_bg_color(format, (lxw_color_t)fill);
	return format;
}

lxw_format *
workbook_style(struct workbook_styles *styles, enum workbook_style style)
{
	lxw_format **format = &styles->named[style];

	if (*format != NULL)
		return *format;
	if (style == STYLE_NEEDED) {
		*format = workbook_add_format(styles->book);
		format_set_bg_color(*format, YELLOW);
		return *format;
	}
	*format = new_format(styles, g_specs[style].size, g_specs[style].ink,
	    g_specs[style].fill);
	set_traits(*format, g_specs[style].traits);
	return *format;
}

lxw_format *
workbook_input(struct workbook_styles *styles, enum workbook_number number,
    enum workbook_look look)
{
	static const char *const numbers[] = {
	    [NUMBER_TEXT] = "@",
	    [NUMBER_PLAIN] = "General",
	    [NUMBER_WHOLE] = "#,##0",
	    [NUMBER_PERCENT] = "0.0%",
	    [NUMBER_DATE] = "d mmm yyyy",
	};
	static const int inks[] = {INK, RED, INK};
	static const int fills[] = {WHITE, ROSE, YELLOW};
	lxw_format **format = &styles->inputs[number][look];

	if (*format != NULL)
		return *format;
	*format = new_format(styles, 10, inks[look], fills[look]);
	set_traits(*format, WRAP | BORDER);
	if (look != LOOK_PLAIN) {
		format_set_border(*format, LXW_BORDER_MEDIUM);
		format_set_border_color(*format,
		    look == LOOK_WRONG ? RED : AMBER);
	}
	format_set_align(*format, LXW_ALIGN_LEFT);
	format_set_indent(*format, 1);
	format_set_num_format(*format, numbers[number]);
	format_set_unlocked(*format);
	return *format;
}

enum workbook_number
workbook_number_of(enum form_type type)
{
	static const enum workbook_number numbers[] = {
	    [TYPE_INTEGER] = NUMBER_WHOLE,
	    [TYPE_DECIMAL] = NUMBER_PLAIN,
	    [TYPE_PERCENT] = NUMBER_PERCENT,
	    [TYPE_DATE] = NUMBER_DATE,
	    [TYPE_MEETING] = NUMBER_TEXT, /* the last; all others are texts */
	};

	return numbers[type];
}

/* All of it; more digits than a cell holds make it a text. */
static bool
read_number(const char *value, double *ret_number)
{
	char *end;
	double number = strtod(value, &end);

	if (*end != '\0' || end == value ||
	    strspn(value, "-.0123456789") != strlen(value) ||
	    strlen(value) > 15)
		return false;
	*ret_number = number;
	return true;
}

void
workbook_put(lxw_worksheet *sheet, lxw_row_t row, lxw_col_t column,
    const char *value, enum workbook_number number, lxw_format *format)
{
	double parsed;
	int32_t day;

	if (*value == '\0') {
		(void)worksheet_write_blank(sheet, row, column, format);
	} else if (number == NUMBER_DATE &&
		   (day = date_parse_iso(value)) != DAY_NONE) {
		struct civil civil = date_to_civil(day);
		lxw_datetime at = {.year = civil.year,
		    .month = civil.month,
		    .day = civil.day};
		(void)worksheet_write_datetime(sheet, row, column, &at, format);
	} else if (number != NUMBER_TEXT && number != NUMBER_DATE &&
		   read_number(value, &parsed)) {
		double scale = number == NUMBER_PERCENT ? 100 : 1;
		(void)worksheet_write_number(sheet, row, column, parsed / scale,
		    format);
	} else {
		(void)worksheet_write_string(sheet, row, column, value, format);
	}
}

size_t
workbook_lines(const char *text, double width)
{
	/* Letters are narrower than digits, but words do not end where lines
	 * do. */
	size_t lines = 0, chars = width < 3 ? 3 : (size_t)(width * 1.1 - 2);

	for (const char *line = text; line != NULL;) {
		const char *end = strchr(line, '\n');
		size_t bytes =
		    end == NULL ? strlen(line) : (size_t)(end - line);
		lines += bytes == 0 ? 1 : (bytes + chars - 1) / chars;
		line = end == NULL ? NULL : end + 1;
	}
	return lines;
}

double
workbook_height(size_t lines)
{
	enum {
		MOST = 30 /* a higher row is no use on a screen */
	};

	return 4 + 12.75 * (double)(lines > MOST ? MOST : lines);
}
