// SPDX-License-Identifier: Apache-2.0
// The headers of the ABI, each by itself, in the oldest C++ that they are meant for.

#include <kist/host.h>
#include <kist/plugin.h>
#include <kist/store.h>
#include <kist/types.h>

static_assert(__cplusplus == 201703L, "this file is compiled as C++17");
static_assert(noexcept(kist_plugin_v1(nullptr)), "what crosses the boundary does not throw");
