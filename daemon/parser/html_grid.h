/*
 * Tables of a page: which of them hold data, and their cells as a grid with
 * row and column spans expanded.
 */
#ifndef LSCPD_PARSER_HTML_GRID_H
#define LSCPD_PARSER_HTML_GRID_H

#include "parser/html_render.h"

/*
 * Put out a table of data: its lines, and a grid into render->page. False if
 * it is none (a table that only lays out the page): nothing was put out.
 */
bool html_grid_render(struct render *r, const xmlNode *table);

#endif
