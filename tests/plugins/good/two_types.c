/* SPDX-License-Identifier: Apache-2.0
 *
 * One plugin with two store types, whose secrets tell which of them was asked. */
#include "minimal_plugin.h"

static kist_status red_get(kist_store* store, kist_call* call, const kist_get_request* request) {
  const kist_record record = record_of(request->id, "red");
  return send_secret(store, call, &record);
}

static kist_status blue_get(kist_store* store, kist_call* call, const kist_get_request* request) {
  const kist_record record = record_of(request->id, "blue");
  return send_secret(store, call, &record);
}

#define STORE(type) \
  "{\"type\":\"" type "\",\"threading\":\"serial\",\"capabilities\":[\"scan\",\"local\"]}"
MANIFEST(MINIMAL_MANIFEST_OF("org.example.two-types", 1, STORE("red") "," STORE("blue")));

static const kist_store_table red_table = {sizeof(kist_store_table),
                                           0,
                                           good_create,
                                           red_get,
                                           good_list,
                                           good_update,
                                           good_delete,
                                           NULL,
                                           NULL,
                                           good_close};
static const kist_store_table blue_table = {sizeof(kist_store_table),
                                            0,
                                            good_create,
                                            blue_get,
                                            good_list,
                                            good_update,
                                            good_delete,
                                            NULL,
                                            NULL,
                                            good_close};
static const kist_store_type red = {sizeof(kist_store_type),
                                    KIST_THREADING_SERIAL,
                                    KIST_CAP_SCAN | KIST_CAP_LOCAL,
                                    "red",
                                    &red_table,
                                    good_open};
static const kist_store_type blue = {sizeof(kist_store_type),
                                     KIST_THREADING_SERIAL,
                                     KIST_CAP_SCAN | KIST_CAP_LOCAL,
                                     "blue",
                                     &blue_table,
                                     good_open};
/* Not in the order of the manifest, which has none. */
static const kist_store_type* const store_types[] = {&blue, &red, NULL};
static const kist_plugin plugin = {sizeof(kist_plugin),     KIST_ABI_MAJOR, KIST_ABI_MINOR,
                                   "org.example.two-types", "1.0.0",        store_types};

const kist_plugin* kist_plugin_v1(const kist_host* host) {
  (void)host;
  return &plugin;
}
