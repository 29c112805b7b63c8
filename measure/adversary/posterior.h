/* What scores say of the candidates: the posterior over them, and its worth. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_LINK_POSTERIOR_H
#define HO_LINK_POSTERIOR_H

#include <stddef.h>

/* ho_link_posterior is of softmax(scores), that is of a uniform prior. */
typedef struct {
  double credit;           /* 1/k if the true one is one of k best, else 0 */
  double entropy_bits;     /* H */
  double effective_set;    /* 2^H */
  double min_entropy_bits; /* -log2 of the greatest probability */
  double leak_bits; /* log2 of |count|, + log2 of the true one's probability */
} ho_link_posterior;

/* ho_link_posterior_of takes the log-likelihood ratios |scores| (nats) of
 * |count| > 0 candidates, of which number |truth| is the true one. */
void ho_link_posterior_of(ho_link_posterior *posterior, const double *scores,
                          size_t count, size_t truth);

#endif
