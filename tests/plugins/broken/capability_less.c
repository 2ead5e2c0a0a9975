/* SPDX-License-Identifier: Apache-2.0
 *
 * KP-3: it lacks a capability that its manifest declares. */
#include "minimal_plugin.h"

MINIMAL_PLUGIN_OF_TYPE(.capabilities = KIST_CAP_SCAN);
