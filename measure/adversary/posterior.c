/* What scores say of the candidates. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/adversary/posterior.h"

#include <math.h>

/* Relative to the best score m, with weights w = exp(s - m) and their sum W:
 * p = w / W, and H = ln W - sum of p (s - m), in nats. */
void ho_link_posterior_of(ho_link_posterior *posterior, const double *scores,
                          size_t count, size_t truth) {
  double best = scores[0], total = 0, mean = 0, log_total;
  size_t ties = 0;

  for (size_t i = 1; i < count; i++) {
    best = fmax(best, scores[i]);
  }
  for (size_t i = 0; i < count; i++) {
    double w = exp(scores[i] - best);
    total += w;
    mean += w * (scores[i] - best);
    ties += scores[i] == best;
  }
  log_total = log(total);
  posterior->credit = scores[truth] == best ? 1 / (double)ties : 0;
  posterior->entropy_bits = fmax(log_total - mean / total, 0) / M_LN2;
  posterior->effective_set = exp2(posterior->entropy_bits);
  posterior->min_entropy_bits = log_total / M_LN2;
  posterior->leak_bits =
      (log((double)count) + scores[truth] - best - log_total) / M_LN2;
}
