/* The receiver operating characteristic of scores, pooled over units. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_STATS_ROC_H
#define HO_STATS_ROC_H

#include <stddef.h>
#include <stdint.h>

/* ho_roc compares the scores of true pairs with those of false ones.  Each
 * pair belongs to a unit, which is what a bootstrap draws. */
typedef struct ho_roc ho_roc;

/* ho_roc_new makes one for |units| units and |count| true pairs, with the
 * score |scores|[i] in unit |unit|[i], both of which it copies.  ho_roc_del
 * frees it. */
ho_roc *ho_roc_new(size_t units, const double *scores, const size_t *unit,
                   size_t count);
void ho_roc_del(ho_roc *roc);

/* ho_roc_false adds a false pair of unit |unit|.  All false pairs of a unit
 * are added one after the other; ho_roc_end follows the last. */
void ho_roc_false(ho_roc *roc, size_t unit, double score);
void ho_roc_end(ho_roc *roc);

/* ho_roc_falses is how many false pairs there are. */
uint64_t ho_roc_falses(const ho_roc *roc);

/* ho_roc_auc is the share of (true pair, false pair) in which the true one has
 * the greater score, ties counted half; NaN without any of either kind. */
double ho_roc_auc(const ho_roc *roc);

/* ho_roc_auc_drawn is the same of a resample in which unit u occurs |times|[u]
 * times.  Beyond HO_ROC_EXACT units it is the linear approximation at the
 * whole sample (the components of DeLong et al., Biometrics 44, 1988): exact
 * ones would take time in proportion to the square of the units. */
#define HO_ROC_EXACT 256
double ho_roc_auc_drawn(const ho_roc *roc, const uint32_t *times);

/* ho_roc_detected is how many true pairs score strictly more than a threshold
 * which at most |allowed| false pairs exceed, with the smallest such threshold.
 */
uint64_t ho_roc_detected(const ho_roc *roc, uint64_t allowed);

/* ho_auc is the area for |true_count| scores against |false_count|, as in
 * ho_roc_auc. */
double ho_auc(const double *true_scores, size_t true_count,
              const double *false_scores, size_t false_count);

#endif
