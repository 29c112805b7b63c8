/* Removing folders with all that is in them. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_MEASURE_TREE_H
#define HO_MEASURE_TREE_H

/* ho_tree_remove removes |path| with all that is in it; it may be absent.
 * Symbolic links are removed, not followed.
 *
 * Returns 0, or
 *
 * HO_ERR_IO
 *     Something could not be removed; errno says why. */
int ho_tree_remove(const char *path);

/* ho_tree_empty removes all that is in the folder |path| but for the entry
 * |except|, which may be NULL.  Returns as ho_tree_remove does. */
int ho_tree_empty(const char *path, const char *except);

#endif
