/* Modules that are still to come. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/checks/flow.h"

const ho_check_module ho_checks_supply __attribute__((weak)) = {"supply"};
const ho_check_module ho_checks_retirement
    __attribute__((weak)) = {"retirement"};
const ho_check_module ho_checks_linkability
    __attribute__((weak)) = {"linkability"};
const ho_check_module ho_checks_reset __attribute__((weak)) = {"reset"};
const ho_check_module ho_checks_idle __attribute__((weak)) = {"idle"};
const ho_check_module ho_checks_challenges
    __attribute__((weak)) = {"challenges"};
const ho_check_module ho_checks_responses __attribute__((weak)) = {"responses"};
const ho_check_module ho_checks_amplification
    __attribute__((weak)) = {"amplification"};
const ho_check_module ho_checks_attack __attribute__((weak)) = {"attack"};
const ho_check_module ho_checks_migration __attribute__((weak)) = {"migration"};
const ho_check_module ho_checks_path __attribute__((weak)) = {"path"};
const ho_check_module ho_checks_recovery __attribute__((weak)) = {"recovery"};
const ho_check_module ho_checks_preferred __attribute__((weak)) = {"preferred"};
