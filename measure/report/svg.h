/* Pictures written as SVG, without another program. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_REPORT_SVG_H
#define HO_REPORT_SVG_H

#include <stdio.h>

/* Coordinates are pixels from the upper left corner, written with two decimals.
 * Texts are escaped; |title| is what a browser shows when one points there,
 * NULL: nothing. */

/* ho_svg_begin and ho_svg_end stand around a picture of that size with a white
 * ground. */
void ho_svg_begin(FILE *out, double width, double height, const char *title);
void ho_svg_end(FILE *out);

void ho_svg_rect(FILE *out, double x, double y, double width, double height,
                 const char *fill, const char *title);
void ho_svg_line(FILE *out, double x0, double y0, double x1, double y1,
                 const char *colour, double width);

/* ho_svg_circle draws a disk, with |hollow| only its edge. */
void ho_svg_circle(FILE *out, double x, double y, double radius,
                   const char *colour, int hollow, const char *title);

/* ho_svg_text writes |text| with its base line at |y|; |anchor| is start,
 * middle or end. */
void ho_svg_text(FILE *out, double x, double y, const char *anchor, int size,
                 const char *colour, const char *text);

/* ho_svg_width is about how wide |text| gets at |size|. */
double ho_svg_width(const char *text, int size);

#endif
