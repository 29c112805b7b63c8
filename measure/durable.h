/* Data that must outlive the machine's next power cut. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_MEASURE_DURABLE_H
#define HO_MEASURE_DURABLE_H

/* Each returns 0, or
 *
 * HO_ERR_IO
 *     It could not be made durable; errno says why. */

/* ho_durable_entry waits for one file or folder; of a folder, for its list of
 * entries only. */
int ho_durable_entry(const char *path);

/* ho_durable_all waits for all of the file system that |path| is on, which is
 * quicker than one file after the other where there are many. */
int ho_durable_all(const char *path);

#endif
