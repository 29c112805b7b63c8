/* The page: one file of HTML that needs no other. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/report/page.h"

#include <stdlib.h>
#include <string.h>

#include "sim/base/alloc.h"

static const char STYLE[] =
    "body{font:16px/1.5 system-ui,sans-serif;color:#1a1a1a;background:#fff;"
    "max-width:1100px;margin:0 auto;padding:1rem}"
    "h1{font-size:1.6rem;line-height:1.2;margin:.5rem 0}"
    "h2{font-size:1.25rem;margin:2.2rem 0 .5rem;border-top:1px solid #ddd;"
    "padding-top:1rem}"
    "p{max-width:46rem}"
    /* Shadows where there is more to the left or right. */
    ".wide{overflow-x:auto;background:linear-gradient(90deg,#fff 30%,#fff0) "
    "0/2.5rem 100% no-repeat local,linear-gradient(270deg,#fff 30%,#fff0) "
    "100%/2.5rem 100% no-repeat local,linear-gradient(90deg,#0003,#0000) "
    "0/.8rem 100% no-repeat scroll,linear-gradient(270deg,#0003,#0000) "
    "100%/.8rem 100% no-repeat scroll}"
    "table{border-collapse:collapse;font-size:.9rem;"
    "font-variant-numeric:tabular-nums}"
    "th,td{padding:.3rem .7rem;border-bottom:1px solid #ddd;text-align:right;"
    "vertical-align:top;white-space:nowrap}"
    "th{border-bottom:2px solid #888;white-space:normal}"
    "td.t,th.t{text-align:left}"
    "small{color:#555;font-size:.8rem}"
    "dl{display:grid;grid-template-columns:max-content 1fr;gap:.2rem 1rem}"
    "dt{font-weight:600}dd{margin:0;overflow-wrap:anywhere}"
    ".figures{display:grid;gap:1.5rem;margin:1.5rem 0;"
    "grid-template-columns:repeat(auto-fit,minmax(min(100%,420px),1fr))}"
    "figure{margin:0;min-width:0;max-width:640px}"
    "figure svg{width:100%;height:auto;display:block}"
    "figcaption{font-size:.9rem;color:#333}"
    "pre{overflow-x:auto;background:#f5f5f5;padding:.7rem;font-size:.8rem}"
    "code{background:#f5f5f5;padding:0 .2rem}"
    "summary{cursor:pointer;margin:.5rem 0}"
    "@media(max-width:600px){th,td{padding:.25rem "
    ".35rem;white-space:normal}table{font-size:"
    ".8rem}th.t,td.t{white-space:normal;overflow-wrap:anywhere;min-width:"
    "4rem}dl{grid-template-columns:1fr}dd{margin-bottom:"
    ".4rem}}";

void ho_page_text(FILE *out, const char *text) {
  for (; *text; text++) {
    switch (*text) {
    case '&':
      fputs("&amp;", out);
      break;
    case '<':
      fputs("&lt;", out);
      break;
    case '>':
      fputs("&gt;", out);
      break;
    case '"':
      fputs("&quot;", out);
      break;
    default:
      putc(*text, out);
    }
  }
}

void ho_page_number(FILE *out, const char *text, int decimals, const char *na) {
  if (!strcmp(text, "NA")) {
    fputs(na, out);
  } else if (*text) {
    fprintf(out, "%.*f", decimals, strtod(text, NULL));
  } else {
    fputs("&ndash;", out);
  }
}

void ho_page_begin(FILE *out, const char *title) {
  fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">"
        "\n<meta name=\"viewport\" content=\"width=device-width,"
        "initial-scale=1\">\n<title>",
        out);
  ho_page_text(out, title);
  fprintf(out, " - handoff</title>\n<style>%s</style>\n</head>\n<body>\n",
          STYLE);
}

void ho_page_end(FILE *out) {
  fputs("</body>\n</html>\n", out);
}

/* What stands before "<svg" is for files only. */
static void include_svg(FILE *out, const char *dir, const ho_figure *figure) {
  char *path = ho_format("%s/%s.svg", dir, figure->name);
  FILE *in = fopen(path, "re");
  char *line = NULL;
  size_t cap = 0;
  bool inside = false;

  while (in && getline(&line, &cap, in) >= 0) {
    inside = inside || !strncmp(line, "<svg", 4);
    if (inside && !strncmp(line, "<title>Gnuplot", 14)) {
      fputs("<title>", out);
      ho_page_text(out, figure->title);
      fputs("</title>\n", out);
    } else if (inside && strncmp(line, "<desc>", 6) != 0) {
      fputs(line, out);
    }
  }
  free(line);
  if (in) {
    fclose(in);
  }
  free(path);
}

size_t ho_page_figures(FILE *out, const ho_figures *figures,
                       const char *prefix) {
  size_t count = 0;

  for (size_t i = 0; i < figures->count; i++) {
    const ho_figure *figure = &figures->items[i];
    if (strncmp(figure->name, prefix, strlen(prefix)) != 0) {
      continue;
    }
    fputs(count++ == 0 ? "<div class=\"figures\">\n<figure>\n" : "<figure>\n",
          out);
    include_svg(out, figures->dir, figure);
    fputs("<figcaption><strong>", out);
    ho_page_text(out, figure->title);
    fputs(".</strong> ", out);
    ho_page_text(out, figure->caption);
    fprintf(out, " <small>figures/%s</small></figcaption>\n</figure>\n",
            figure->name);
  }
  if (count > 0) {
    fputs("</div>\n", out);
  }
  return count;
}
