/* A router that clears the ECN bits of what passes, as some do. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_NET_BLEACH_H
#define HO_NET_BLEACH_H

#include "sim/net/element.h"

/* ho_bleach_init makes |element|, which lives in its owner, such a router, both
 * ways (RFC 9000, 13.4.2.1, is what endpoints do about it). */
void ho_bleach_init(ho_element *element);

#endif
