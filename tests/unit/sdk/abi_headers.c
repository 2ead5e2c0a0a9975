/* SPDX-License-Identifier: Apache-2.0
 * The ABI headers are C11 as well as C++, and their frozen structs have the layout that 1.0 gave
 * them (LP64).
 */
#include <kist/plugin.h>

_Static_assert(sizeof(kist_bytes) == 16, "frozen");
_Static_assert(sizeof(kist_uuid) == 16, "frozen");
_Static_assert(sizeof(kist_value) == 40, "frozen");
_Static_assert(sizeof(kist_option) == 40, "frozen");
_Static_assert(sizeof(kist_condition) == 40, "frozen");
_Static_assert(offsetof(kist_record, name) == 56, "1.0");
_Static_assert(sizeof(kist_record) == 104, "1.0");
_Static_assert(sizeof(kist_error) == 48, "1.0");
_Static_assert(offsetof(kist_host, fail) == 24, "1.0");
_Static_assert(sizeof(kist_host) == 128, "1.0");
_Static_assert(sizeof(kist_store_table) == 72, "1.0");
_Static_assert(sizeof(kist_store_type) == 40, "1.0");
_Static_assert(sizeof(kist_plugin) == 32, "1.0");
_Static_assert(KIST_INTERNAL == 16 && KIST_ENOUGH == 100, "numbers are for ever");
