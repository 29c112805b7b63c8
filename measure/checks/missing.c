/* Modules that are still to come. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/checks/flow.h"

const ho_check_module ho_checks_supply = {"supply"};
const ho_check_module ho_checks_retirement = {"retirement"};
const ho_check_module ho_checks_linkability = {"linkability"};
const ho_check_module ho_checks_reset = {"reset"};
const ho_check_module ho_checks_idle = {"idle"};
