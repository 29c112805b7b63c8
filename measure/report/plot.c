/* A figure by gnuplot: a source and a data file that somebody may edit. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/report/plot.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sim/base/alloc.h"

/* A page's width in pixels at a phone's size, and a column's in inches. */
#define PAGE_WIDTH   480
#define COLUMN_WIDTH 3.35

/* Colours that the colour-blind tell apart (Okabe and Ito), and dashes for
 * those who print in grey. */
static const char LINES[] = "set linetype 1 lc rgb '#0072B2' dt 1 lw 2\n"
                            "set linetype 2 lc rgb '#D55E00' dt 2 lw 2\n"
                            "set linetype 3 lc rgb '#009E73' dt 4 lw 2\n"
                            "set linetype 4 lc rgb '#CC79A7' dt 5 lw 2\n"
                            "set linetype 5 lc rgb '#E69F00' dt 1 lw 2\n"
                            "set linetype 6 lc rgb '#56B4E9' dt 2 lw 2\n"
                            "set linetype 7 lc rgb '#000000' dt 4 lw 2\n"
                            "set linetype 8 lc rgb '#999999' dt 5 lw 2\n"
                            "set linetype cycle 8\n";

static FILE *create(ho_figures *figures, const char *name, const char *ending) {
  char *path = ho_format("%s/%s.%s", figures->dir, name, ending);
  FILE *out = fopen(path, "we");

  if (!out) {
    if (figures->diag->count == 0) {
      ho_diag_add(figures->diag, NULL, "cannot write '%s': %s", path,
                  strerror(errno));
    }
    out = fopen("/dev/null", "we");
  }
  free(path);
  return out;
}

/* Of SVG's identifiers gnuplot takes no other. */
static char *identifier(const char *name) {
  char *id = ho_strdup(name);

  for (char *c = id; *c; c++) {
    *c = isalnum((unsigned char)*c) ? *c : '_';
  }
  return id;
}

void ho_plot_open(ho_plot *plot, ho_figures *figures, const char *name,
                  double height) {
  char *id = identifier(name);

  *plot = (ho_plot){.name = ho_strdup(name)};
  plot->gp = create(figures, name, "gp");
  plot->data = create(figures, name, "dat");
  fprintf(plot->gp,
          "# gnuplot %s.gp makes %s.pdf, for a column of a paper;\n"
          "# gnuplot -e \"form='svg'\" %s.gp makes %s.svg.\n"
          "reset\n"
          "if (!exists('form')) form = 'pdf'\n"
          "if (form eq 'svg') {\n"
          "  set terminal svg size %d,%.0f dynamic enhanced font "
          "'sans-serif,13' name '%s'\n"
          "} else {\n"
          "  set terminal pdfcairo size %.2fin,%.2fin enhanced font "
          "'sans-serif,7' linewidth 0.6\n"
          "}\n"
          "set output '%s.'.form\n"
          "set encoding utf8\n%s"
          "set border 3 lc rgb '#444444'\n"
          "set tics nomirror out scale 0.5\n"
          "set grid ytics lc rgb '#dddddd' lt 1 lw 0.5 dt 1\n",
          name, name, name, name, PAGE_WIDTH, PAGE_WIDTH * height, id,
          COLUMN_WIDTH, COLUMN_WIDTH * height, name, LINES);
  free(id);
}

void ho_plot_text(FILE *gp, const char *text) {
  putc('"', gp);
  for (; *text; text++) {
    if (strchr("_^{}@&~", *text)) {
      fputs("\\\\", gp);
    } else if (*text == '"' || *text == '\\') {
      putc('\\', gp);
    }
    putc(*text == '\n' ? ' ' : *text, gp);
  }
  putc('"', gp);
}

/* ---- running it ---- */

/* In the child. */
static void become_gnuplot(const char *dir, char *const *argv, bool quiet) {
  int null = open("/dev/null", O_RDWR | O_CLOEXEC);

  if (dir && chdir(dir) != 0) {
    _exit(126);
  }
  dup2(null, STDIN_FILENO);
  dup2(quiet ? null : STDERR_FILENO, STDOUT_FILENO);
  setenv("LC_ALL", "C.UTF-8", 1);
  setenv("TZ", "UTC0", 1);
  unsetenv("GNUTERM");
  execvp(argv[0], argv);
  _exit(127);
}

static int run(const char *dir, char *const *argv, bool quiet) {
  int status = 0;
  pid_t pid;

  fflush(NULL);
  pid = fork();
  if (pid < 0) {
    return -1;
  }
  if (pid == 0) {
    become_gnuplot(dir, argv, quiet);
  }
  while (waitpid(pid, &status, 0) < 0) {
    if (errno != EINTR) {
      return -1;
    }
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

bool ho_plot_possible(void) {
  char *argv[] = {"gnuplot", "--version", NULL};

  return run(NULL, argv, true) == 0;
}

static void render(const ho_plot *plot, ho_figures *figures, char *form) {
  char *file = ho_format("%s.gp", plot->name);
  char *argv[] = {"gnuplot", "-d", "-e", form, file, NULL};

  if (run(figures->dir, argv, false) != 0) {
    ho_diag_add(figures->diag, NULL, "gnuplot failed on '%s/%s'", figures->dir,
                file);
  }
  free(file);
}

/* The date that cairo writes would make every report another one. */
static void undate(const ho_plot *plot, ho_figures *figures) {
  static const char KEY[] = "/CreationDate (D:", NONE[] = "20000101000000";
  char *path = ho_format("%s/%s.pdf", figures->dir, plot->name), *line = NULL;
  FILE *file = fopen(path, "r+be");
  size_t cap = 0;
  ssize_t length;

  while (file && (length = getline(&line, &cap, file)) >= 0) {
    char *at = memmem(line, (size_t)length, KEY, strlen(KEY));
    if (at) {
      fseek(file, at - line + (long)strlen(KEY) - length, SEEK_CUR);
      fputs(NONE, file);
      fseek(file, 0, SEEK_END);
    }
  }
  if (!file || ferror(file) || fclose(file) != 0) {
    ho_diag_add(figures->diag, NULL, "cannot write '%s': %s", path,
                strerror(errno));
  }
  free(line);
  free(path);
}

static void finish(FILE *out, const ho_plot *plot, ho_figures *figures) {
  bool bad = ferror(out) != 0;

  bad = fclose(out) != 0 || bad;
  if (bad && figures->diag->count == 0) {
    ho_diag_add(figures->diag, NULL, "cannot write '%s/%s': %s", figures->dir,
                plot->name, strerror(errno));
  }
}

void ho_plot_close(ho_plot *plot, ho_figures *figures, char *title,
                   char *caption) {
  static char *const FORMS[] = {"form='svg'", "form='pdf'"};

  finish(plot->gp, plot, figures);
  finish(plot->data, plot, figures);
  /* Once something has failed there is no report; why, has been said. */
  for (size_t i = 0; i < 2 && figures->diag->count == 0; i++) {
    render(plot, figures, FORMS[i]);
  }
  if (figures->diag->count == 0) {
    undate(plot, figures);
  }
  ho_figures_add(figures, plot->name, title, caption);
  *plot = (ho_plot){0};
}

void ho_plot_drop(ho_plot *plot, ho_figures *figures) {
  static const char *const ENDINGS[] = {"gp", "dat"};

  fclose(plot->gp);
  fclose(plot->data);
  for (size_t i = 0; i < 2; i++) {
    char *path = ho_format("%s/%s.%s", figures->dir, plot->name, ENDINGS[i]);
    unlink(path);
    free(path);
  }
  free(plot->name);
  *plot = (ho_plot){0};
}

/* ---- the list ---- */

void ho_figures_add(ho_figures *figures, char *name, char *title,
                    char *caption) {
  ho_grow(&figures->items, figures->count, &figures->cap, sizeof(ho_figure));
  figures->items[figures->count++] = (ho_figure){name, title, caption};
}

void ho_figures_free(ho_figures *figures) {
  for (size_t i = 0; i < figures->count; i++) {
    free(figures->items[i].name);
    free(figures->items[i].title);
    free(figures->items[i].caption);
  }
  free(figures->items);
  free(figures->dir);
  *figures = (ho_figures){0};
}
