/* Pictures written as SVG, without another program. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/report/svg.h"

#include <string.h>

#include "measure/report/page.h"

void ho_svg_begin(FILE *out, double width, double height, const char *title) {
  fprintf(out,
          "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %.0f "
          "%.0f\" width=\"%.0f\" height=\"%.0f\" "
          "font-family=\"sans-serif\">\n<title>",
          width, height, width, height);
  ho_page_text(out, title);
  fputs("</title>\n", out);
  ho_svg_rect(out, 0, 0, width, height, "#ffffff", NULL);
}

void ho_svg_end(FILE *out) {
  fputs("</svg>\n", out);
}

static void end_shape(FILE *out, const char *name, const char *title) {
  if (!title) {
    fputs("/>\n", out);
    return;
  }
  fputs("><title>", out);
  ho_page_text(out, title);
  fprintf(out, "</title></%s>\n", name);
}

void ho_svg_rect(FILE *out, double x, double y, double width, double height,
                 const char *fill, const char *title) {
  fprintf(out,
          "<rect x=\"%.2f\" y=\"%.2f\" width=\"%.2f\" height=\"%.2f\" "
          "fill=\"%s\"",
          x, y, width, height, fill);
  end_shape(out, "rect", title);
}

void ho_svg_line(FILE *out, double x0, double y0, double x1, double y1,
                 const char *colour, double width) {
  fprintf(out,
          "<line x1=\"%.2f\" y1=\"%.2f\" x2=\"%.2f\" y2=\"%.2f\" stroke=\"%s\" "
          "stroke-width=\"%.2f\"/>\n",
          x0, y0, x1, y1, colour, width);
}

void ho_svg_circle(FILE *out, double x, double y, double radius,
                   const char *colour, int hollow, const char *title) {
  fprintf(out,
          "<circle cx=\"%.2f\" cy=\"%.2f\" r=\"%.2f\" stroke=\"%s\" "
          "stroke-width=\"1.2\" fill=\"%s\"",
          x, y, radius, colour, hollow ? "#ffffff" : colour);
  end_shape(out, "circle", title);
}

void ho_svg_text(FILE *out, double x, double y, const char *anchor, int size,
                 const char *colour, const char *text) {
  fprintf(out,
          "<text x=\"%.2f\" y=\"%.2f\" text-anchor=\"%s\" font-size=\"%d\" "
          "fill=\"%s\">",
          x, y, anchor, size, colour);
  ho_page_text(out, text);
  fputs("</text>\n", out);
}

double ho_svg_width(const char *text, int size) {
  return 0.56 * size * (double)strlen(text);
}
