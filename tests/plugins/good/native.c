/* SPDX-License-Identifier: Apache-2.0
 *
 * A store that filters, sorts and pages by itself, or so it says: it answers each list with what it
 * was asked, one condition or workspace a row. */
#include "minimal_plugin.h"

static kist_status echo(kist_store* store, kist_call* call, const kist_list_request* request) {
  if (request->flags & KIST_LIST_WITH_TOTAL) store->host->list_total(call, 42);
  for (size_t i = 0; i < request->condition_count; ++i) {
    const kist_condition* const condition = &request->conditions[i];
    kist_record record = record_of((kist_uuid){{0}}, "a condition");
    if (condition->text_count != 0) record.name = condition->texts[condition->text_count - 1];
    record.created_us = condition->from_us;
    record.updated_us = condition->until_us;
    record.revision = condition->field * 100 + condition->op;
    const kist_status status = store->host->list_item(call, &record);
    if (status == KIST_ENOUGH) return KIST_OK;
    if (status != KIST_OK) return status;
  }
  for (size_t i = 0; i < request->workspace_count; ++i) {
    kist_record record = record_of((kist_uuid){{0}}, "a workspace");
    record.workspace_id = request->workspaces[i];
    record.user_id = request->user_id;
    record.revision = request->flags;
    record.created_us = (int64_t)request->offset;
    record.updated_us = (int64_t)request->limit;
    if (request->after != NULL) record.id = request->after->id;
    const kist_status status = store->host->list_item(call, &record);
    if (status == KIST_ENOUGH) return KIST_OK;
    if (status != KIST_OK) return status;
  }
  return KIST_OK;
}

MANIFEST(MINIMAL_MANIFEST_OF(MINIMAL_ID, 1,
                             "{\"type\":\"minimal\",\"threading\":\"concurrent\","
                             "\"capabilities\":[\"native_query\"]}"));
STORE_TABLE(.list_secrets = echo);
STORE_TYPE(.threading = KIST_THREADING_CONCURRENT, .capabilities = KIST_CAP_NATIVE_QUERY);
PLUGIN();
