/* A load balancer in front of the server. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_SCENARIO_LOAD_BALANCER_H
#define HO_SCENARIO_LOAD_BALANCER_H

#include "sim/scenario/keys.h"

/* ho_load_balancer_read reads |node|, the value of `load_balancer`, into |out|,
 * whose CID length it sets.  What is wrong is noted. */
void ho_load_balancer_read(ho_loader *l, const yaml_node_t *node,
                           ho_server_config *out);

/* ho_load_balancer_check notes it if |server|, which has been read without
 * problems, has another `cid_length` than that of |node|. */
void ho_load_balancer_check(ho_loader *l, const ho_section *server,
                            const yaml_node_t *node);

#endif
