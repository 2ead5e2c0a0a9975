/* SPDX-License-Identifier: Apache-2.0
 *
 * KP-28: its store type ends before open(). */
#include "minimal_plugin.h"

MINIMAL_PLUGIN_OF_TYPE(.struct_size = offsetof(kist_store_type, open));
