/* SPDX-License-Identifier: Apache-2.0
 *
 * KP-23: it has two manifests. */
#include "minimal_plugin.h"

MINIMAL_PLUGIN();
#define kist_manifest_note second_note
MANIFEST(MINIMAL_MANIFEST);
