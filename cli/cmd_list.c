/* handoff list: the program documents itself. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "cli/files.h"
#include "measure/checks/check.h"
#include "measure/meter.h"
#include "measure/wrap.h"
#include "sim/base/alloc.h"
#include "sim/base/event.h"

/* "  name      about", with |about| wrapped beside a name of |width|. */
static void print_entry(const char *name, size_t width, const char *about) {
  printf("  %-*s", (int)width, name);
  if (strlen(name) > width) {
    printf("\n  %*s", (int)width, "");
  }
  fputs("  ", stdout);
  ho_wrap(stdout, about ? about : "", width + 4, width + 4);
}

static void print_listed(const ho_listed *list, size_t count) {
  size_t width = 0;

  for (size_t i = 0; i < count; i++) {
    if (strlen(list[i].name) > width) {
      width = strlen(list[i].name);
    }
  }
  for (size_t i = 0; i < count; i++) {
    print_entry(list[i].name, width < 32 ? width : 32, list[i].about);
  }
}

static int list_arms(void) {
  size_t count;
  const ho_listed *list = ho_list_arms(&count);

  print_listed(list, count);
  return HO_EXIT_OK;
}

static int list_actions(void) {
  size_t count;
  const ho_listed *list = ho_list_actions(&count);

  print_listed(list, count);
  return HO_EXIT_OK;
}

static int list_attacks(void) {
  size_t count;
  const ho_listed *list = ho_list_attacks(&count);

  print_listed(list, count);
  return HO_EXIT_OK;
}

static int list_faults(void) {
  size_t count;
  const ho_listed *list = ho_list_faults(&count);

  print_listed(list, count);
  return HO_EXIT_OK;
}

/* What it stands for is in one line, to be copied. */
static void print_network(const ho_listed *net) {
  char *source = ho_format("Source: %s", net->source);

  print_entry(net->name, 13, net->about);
  printf("    %s\n    ", net->text);
  ho_wrap(stdout, source, 4, 6);
  free(source);
}

static int list_presets(void) {
  size_t count, nets = 0;
  const ho_listed *list = ho_list_presets(&count);

  puts("Networks, as {type: preset, name: NAME}; other keys override its own:");
  for (; nets < count && list[nets].text; nets++) {
    print_network(&list[nets]);
  }
  puts("\nNATs, as nat: NAME:");
  print_listed(list + nets, count - nets);
  return HO_EXIT_OK;
}

static int list_metrics(void) {
  size_t count;
  const ho_table *tables = ho_tables(&count);

  for (size_t i = 0; i < count; i++) {
    printf("%s%s: a row is %s\n", i > 0 ? "\n" : "", tables[i].file,
           tables[i].about);
    for (size_t k = 0; k < tables[i].count; k++) {
      print_entry(tables[i].columns[k].name, 24, tables[i].columns[k].about);
    }
  }
  return HO_EXIT_OK;
}

static int list_checks(void) {
  const ho_check_info *table = ho_check_table();

  puts("Sections are RFC 9000's unless named. W: decided from datagrams and "
       "their tuples,\nF: from decrypted frames, S: from the sender's state.");
  for (size_t i = 0; i < HO_CHECK_COUNT; i++) {
    char *about =
        ho_format("%s, %s (%s): %s", ho_check_level_name(table[i].level),
                  table[i].clause, table[i].source, table[i].about);
    print_entry(table[i].id, 6, about);
    free(about);
  }
  return HO_EXIT_OK;
}

static void print_event(void *user, const char *event, const char *field,
                        const char *type, const char *about) {
  (void)user;
  if (field) {
    char *name = ho_format("  %s (%s)", field, type);
    print_entry(name, 24, about);
    free(name);
  } else {
    print_entry(event, 24, about);
  }
}

static int list_events(void) {
  ho_event_list(print_event, NULL);
  return HO_EXIT_OK;
}

/* A file that does not parse is listed too: it is there. */
static void list_scenario(const char *file) {
  ho_scenario *scenario = NULL;
  ho_source source = {0};
  ho_diag diag = {0};

  if (ho_source_read(&source, file, &diag) == 0 &&
      ho_scenario_load(&source, NULL, 0, 0, &scenario, &diag) == 0) {
    printf("%s (%s)\n    ", scenario->name, file);
    ho_wrap(stdout, scenario->about ? scenario->about : "", 4, 4);
    ho_scenario_del(scenario);
  } else {
    printf("(%s)\n    not valid: see 'handoff validate'\n", file);
  }
  ho_source_free(&source);
  ho_diag_free(&diag);
}

static int list_scenarios(void) {
  ho_diag diag = {0};
  ho_files files;
  int rv = ho_files_find(&files, NULL, 0, &diag);

  for (size_t i = 0; i < files.count; i++) {
    list_scenario(files.names[i]);
  }
  ho_diag_print(&diag, stderr);
  ho_diag_free(&diag);
  ho_files_free(&files);
  return rv == 0 ? HO_EXIT_OK : HO_EXIT_INPUT;
}

static const struct {
  const char *name;
  int (*print)(void);
} lists[] = {
    {"scenarios", list_scenarios}, {"arms", list_arms},
    {"actions", list_actions},     {"metrics", list_metrics},
    {"checks", list_checks},       {"presets", list_presets},
    {"events", list_events},       {"attacks", list_attacks},
    {"faults", list_faults},
};

enum { LISTS = sizeof(lists) / sizeof(lists[0]) };

int ho_cmd_list(const ho_options *options) {
  const char *names[LISTS], *near;

  for (size_t i = 0; i < LISTS; i++) {
    names[i] = lists[i].name;
    if (options->args_count == 1 && !strcmp(options->args[0], names[i])) {
      return lists[i].print();
    }
  }
  if (options->args_count != 1) {
    fputs("handoff: list needs one of: scenarios arms actions attacks faults "
          "metrics checks presets events\n",
          stderr);
    return HO_EXIT_INPUT;
  }
  near = ho_nearest(options->args[0], names, LISTS);
  if (near) {
    fprintf(stderr, "handoff: nothing is called '%s' (did you mean '%s'?)\n",
            options->args[0], near);
  } else {
    fprintf(stderr, "handoff: nothing is called '%s'; see 'handoff --help'\n",
            options->args[0]);
  }
  return HO_EXIT_INPUT;
}
