/* The rows of finished runs, one after the other in a file. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/parts.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/alloc.h"
#include "sim/base/diag.h"

#define END "end %016" PRIx64 "\n"

/* A line of a record; a run has some ten files. */
enum { LINE = 128, FILES_MAX = 100 };

/* One file of one run. */
typedef struct {
  char *name;
  uint64_t at, size;
} section;

typedef struct {
  section *sections; /* NULL: the run is not there */
  size_t count, cap;
} record;

struct ho_parts {
  FILE *in; /* NULL: there is no file */
  record *records;
  size_t total, count;
  uint64_t end, size;
};

static const uint64_t hash_begin = UINT64_C(0xcbf29ce484222325);

static uint64_t hash_on(uint64_t hash, const void *bytes, size_t len) {
  const unsigned char *c = bytes;

  for (size_t i = 0; i < len; i++) {
    hash = (hash ^ c[i]) * UINT64_C(0x100000001b3);
  }
  return hash;
}

/* ---- reading ---- */

/* Reads a line of at most LINE bytes; false at the end. */
static bool read_line(FILE *in, char *line, uint64_t *hash) {
  size_t len;

  if (!fgets(line, LINE, in)) {
    return false;
  }
  len = strlen(line);
  if (hash) {
    *hash = hash_on(*hash, line, len);
  }
  return len > 0 && line[len - 1] == '\n';
}

static bool skip_bytes(FILE *in, uint64_t size, uint64_t *hash) {
  char buf[1 << 16];

  while (size > 0) {
    size_t want = size < sizeof(buf) ? (size_t)size : sizeof(buf);
    size_t got = fread(buf, 1, want, in);
    *hash = hash_on(*hash, buf, got);
    if (got < want) {
      return false;
    }
    size -= got;
  }
  return true;
}

static bool read_section(FILE *in, record *r, uint64_t *hash) {
  char line[LINE], name[LINE];
  uint64_t size;

  if (!read_line(in, line, hash) ||
      sscanf(line, "file %99s %" SCNu64, name, &size) != 2) {
    return false;
  }
  ho_grow(&r->sections, r->count, &r->cap, sizeof(section));
  r->sections[r->count++] =
      (section){ho_strdup(name), (uint64_t)ftello(in), size};
  return skip_bytes(in, size, hash);
}

static void free_record(record *r) {
  for (size_t i = 0; i < r->count; i++) {
    free(r->sections[i].name);
  }
  free(r->sections);
  *r = (record){0};
}

static bool read_record(FILE *in, record *r, size_t *index) {
  uint64_t hash = hash_begin;
  char line[LINE], last[LINE];
  size_t files;
  bool ok = read_line(in, line, &hash) &&
            sscanf(line, "run %zu %zu", index, &files) == 2 && files > 0 &&
            files <= FILES_MAX;

  for (size_t i = 0; ok && i < files; i++) {
    ok = read_section(in, r, &hash);
  }
  snprintf(last, sizeof(last), END, hash);
  return ok && read_line(in, line, NULL) && !strcmp(line, last);
}

static void read_records(ho_parts *p) {
  size_t index;
  record r = {0};

  while (read_record(p->in, &r, &index) && index < p->total) {
    if (p->records[index].sections) {
      free_record(&r); /* it was there already */
    } else {
      p->records[index] = r;
      p->count++;
    }
    r = (record){0};
    p->end = (uint64_t)ftello(p->in);
  }
  free_record(&r);
}

int ho_parts_open(ho_parts **parts, const char *path, size_t total) {
  ho_parts *p = ho_alloc(sizeof(*p));
  int err = 0;

  p->total = total;
  p->records = ho_alloc_array(total + 1, sizeof(record));
  p->in = fopen(path, "re");
  if (p->in) {
    read_records(p);
    err = ferror(p->in) ? EIO : 0;
    clearerr(p->in);
    if (!err && (fseeko(p->in, 0, SEEK_END) != 0)) {
      err = errno;
    }
    p->size = (uint64_t)ftello(p->in);
  } else if (errno != ENOENT) {
    err = errno;
  }
  if (err) {
    ho_parts_free(p);
    errno = err;
    return HO_ERR_IO;
  }
  *parts = p;
  return 0;
}

void ho_parts_free(ho_parts *parts) {
  if (!parts) {
    return;
  }
  if (parts->in) {
    fclose(parts->in);
  }
  for (size_t i = 0; i < parts->total; i++) {
    free_record(&parts->records[i]);
  }
  free(parts->records);
  free(parts);
}

bool ho_parts_has(const ho_parts *parts, size_t index) {
  return index < parts->total && parts->records[index].sections;
}

size_t ho_parts_count(const ho_parts *parts) {
  return parts->count;
}

uint64_t ho_parts_end(const ho_parts *parts) {
  return parts->end;
}

uint64_t ho_parts_rest(const ho_parts *parts) {
  return parts->size - parts->end;
}

/* Copies |size| bytes, or up to the end of |in|, and hashes them. */
static int copy(FILE *in, uint64_t size, FILE *out, uint64_t *hash) {
  char buf[1 << 16];

  while (size > 0) {
    size_t want = size < sizeof(buf) ? (size_t)size : sizeof(buf);
    size_t got = fread(buf, 1, want, in);
    if (hash) {
      *hash = hash_on(*hash, buf, got);
    }
    if (fwrite(buf, 1, got, out) != got) {
      return HO_ERR_IO;
    }
    if (got < want) {
      errno = EIO; /* it has become shorter */
      return HO_ERR_IO;
    }
    size -= got;
  }
  return 0;
}

int ho_parts_copy(const ho_parts *parts, size_t index, const char *file,
                  FILE *out) {
  const record *r = &parts->records[index];

  for (size_t i = 0; i < r->count; i++) {
    const section *s = &r->sections[i];
    if (!strcmp(s->name, file)) {
      return fseeko(parts->in, (off_t)s->at, SEEK_SET) == 0
                 ? copy(parts->in, s->size, out, NULL)
                 : HO_ERR_IO;
    }
  }
  return 0;
}

/* ---- writing ---- */

static int is_csv(const struct dirent *entry) {
  size_t len = strlen(entry->d_name);

  return len > 4 && !strcmp(entry->d_name + len - 4, ".csv");
}

static int add_line(FILE *out, const char *line, uint64_t *hash) {
  *hash = hash_on(*hash, line, strlen(line));
  return fputs(line, out) == EOF ? HO_ERR_IO : 0;
}

static int add_file(FILE *out, const char *dir, const char *name,
                    uint64_t *hash) {
  char *path = ho_format("%s/%s", dir, name), *line;
  FILE *in = fopen(path, "re");
  int rv = HO_ERR_IO, err;

  free(path);
  if (!in) {
    return HO_ERR_IO;
  }
  if (fseeko(in, 0, SEEK_END) == 0) {
    uint64_t size = (uint64_t)ftello(in);
    rewind(in);
    line = ho_format("file %s %" PRIu64 "\n", name, size);
    rv = add_line(out, line, hash);
    rv = rv != 0 ? rv : copy(in, size, out, hash);
    free(line);
  }
  err = errno;
  fclose(in);
  errno = err;
  return rv;
}

int ho_parts_add(FILE *out, size_t index, const char *dir) {
  struct dirent **names = NULL;
  int count = scandir(dir, &names, is_csv, alphasort), rv = 0;
  uint64_t hash = hash_begin;
  char *line;

  if (count < 0) {
    return HO_ERR_IO;
  }
  line = ho_format("run %zu %d\n", index, count);
  rv = add_line(out, line, &hash);
  free(line);
  for (int i = 0; i < count; i++) {
    rv = rv != 0 ? rv : add_file(out, dir, names[i]->d_name, &hash);
    free(names[i]);
  }
  free(names);
  if (rv == 0 && fprintf(out, END, hash) < 0) {
    rv = HO_ERR_IO;
  }
  return rv;
}
