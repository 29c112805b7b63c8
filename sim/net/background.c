/* Competing load: two Poisson processes. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim/net/background.h"

#include <assert.h>
#include <stdlib.h>

#include "sim/base/alloc.h"
#include "sim/base/rng.h"
#include "sim/ns3/ns3.h"

#define NS_PER_SEC 1000000000u

__extension__ typedef unsigned __int128 wide;

enum { PACKET_BYTES = 1500 };

typedef struct {
  ho_element element; /* first */
  ho_background *bg;
  ho_direction
      enters; /* this way packets enter here, the other way they leave */
} end;

/* source makes the packets of one direction. */
typedef struct {
  ho_background *bg;
  ho_direction dir;
  uint64_t bps;
  ho_rng rng;
  ho_timer timer;
  /* When the next one is due: |ns| and |part| / (2^32 bps) ns. */
  ho_time ns;
  wide part;
} source;

struct ho_background {
  const ho_env *env;
  ho_background_config config;
  uint32_t bytes; /* of a packet */
  end near, far;
  source sources[2];
};

/* exponential draws from the exponential distribution with mean 1, in units of
 * 2^-32, by comparisons alone (von Neumann 1951): no logarithm, whose last bit
 * may differ from machine to machine.  A descending run that begins with u has
 * an odd length with probability e^-u; it is u that is taken then, and 1 added
 * to all that follows for every run that was not. */
static uint64_t exponential(ho_rng *rng) {
  for (uint64_t whole = 0;; whole++) {
    uint64_t first = ho_rng_u64(rng), last = first, next;
    bool odd = true;

    while ((next = ho_rng_u64(rng)) < last) {
      last = next;
      odd = !odd;
    }
    if (odd) {
      return whole << 32 | first >> 32;
    }
  }
}

/* draw_gap puts off |s|->ns by a gap whose mean is a packet's bits / bps. */
static void draw_gap(source *s) {
  wide work = (wide)s->bg->bytes * 8 * NS_PER_SEC, per_ns = (wide)s->bps << 32;
  wide units = s->part + work * exponential(&s->rng);

  s->ns += (ho_time)(units / per_ns);
  s->part = units % per_ns;
}

static void send_one(source *s) {
  ho_background *bg = s->bg;
  ho_packet *pkt = ho_packet_new(bg->env->pool);

  pkt->client = HO_BACKGROUND;
  pkt->len = bg->bytes;
  if (s->dir == HO_DOWN) {
    ho_element_forward(&bg->far.element, HO_DOWN, pkt);
  } else if (bg->config.make) {
    bg->config.make(bg->config.user, pkt);
  } else {
    ho_background_enter(bg, pkt);
  }
}

static void fire(void *user) {
  source *s = user;

  while (s->ns <= ho_ns_now()) {
    send_one(s);
    draw_gap(s);
  }
  ho_timer_set(&s->timer, s->ns);
}

static void end_push(ho_element *self, ho_direction dir, ho_packet *pkt) {
  const end *e = (const end *)self;
  ho_background *bg = e->bg;

  if (pkt->client != HO_BACKGROUND || dir == e->enters) {
    ho_element_forward(self, dir, pkt);
  } else if (dir == HO_DOWN && bg->config.take) {
    bg->config.take(bg->config.user, pkt);
  } else {
    ho_packet_del(bg->env->pool, pkt);
  }
}

static void init_source(ho_background *bg, ho_direction dir, uint64_t bps) {
  source *s = &bg->sources[dir];
  char *stream =
      ho_format("background.%s.%s", bg->config.name, ho_direction_name(dir));

  s->bg = bg;
  s->dir = dir;
  s->bps = bps;
  ho_rng_init(&s->rng, bg->env->seed, stream);
  ho_timer_init(&s->timer, fire, s);
  free(stream);
}

ho_background *ho_background_new(const ho_env *env,
                                 const ho_background_config *config) {
  ho_background *bg = ho_alloc(sizeof(*bg));
  uint32_t mtu = config->mtu;

  assert(!config->take == !config->make);
  bg->env = env;
  bg->config = *config;
  bg->bytes = mtu && mtu < PACKET_BYTES ? mtu : PACKET_BYTES;
  bg->near = (end){{.push = end_push}, bg, HO_UP};
  bg->far = (end){{.push = end_push}, bg, HO_DOWN};
  init_source(bg, HO_UP, config->up_bps);
  init_source(bg, HO_DOWN, config->down_bps);
  bg->config.name = NULL;
  return bg;
}

void ho_background_del(ho_background *bg) {
  free(bg);
}

ho_element *ho_background_near(ho_background *bg) {
  return &bg->near.element;
}

ho_element *ho_background_far(ho_background *bg) {
  return &bg->far.element;
}

void ho_background_enter(ho_background *bg, ho_packet *pkt) {
  ho_element_forward(&bg->near.element, HO_UP, pkt);
}

void ho_background_start(ho_background *bg) {
  for (int dir = 0; dir < 2; dir++) {
    source *s = &bg->sources[dir];

    if (s->bps > 0) {
      s->ns = ho_ns_now();
      draw_gap(s);
      ho_timer_set(&s->timer, s->ns);
    }
  }
}
