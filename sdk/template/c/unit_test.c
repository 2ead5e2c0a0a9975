/* SPDX-License-Identifier: Apache-2.0
 *
 * The store by itself, linked into this program, with a host that is made for tests. No Kist is
 * needed, and a debugger sees all of it.
 */
#define _GNU_SOURCE
#include <ftw.h>

#include <kist/fake_host.h>

static int failed_checks = 0;

#define CHECK(condition)                                     \
  do {                                                       \
    if (!(condition)) {                                      \
      printf("%s:%d: %s\n", __FILE__, __LINE__, #condition); \
      ++failed_checks;                                       \
    }                                                        \
  } while (0)

static kist_status create(const kist_fake_store* store, uint8_t number, const char* name,
                          kist_fake_call* call) {
  const kist_record record = kist_fake_record(number, name);
  const kist_value values[] = {kist_fake_value("empty", ""), kist_fake_value("user", "app")};
  return kist_fake_create(store, &record, values, 2, call);
}

static kist_status get(const kist_fake_store* store, uint8_t number, kist_fake_call* call) {
  return kist_fake_get(store, kist_fake_record(number, "").id, call);
}

static void what_is_created_is_read_back(const kist_fake_store* store, kist_fake_call* call) {
  CHECK(create(store, 1, "first", call) == KIST_OK);
  CHECK(get(store, 1, call) == KIST_OK);
  CHECK(call->secret.revision == 1 && call->value_count == 2);
  CHECK(kist_fake_has(call, "user", "app") && kist_fake_has(call, "empty", ""));
  CHECK(kist_fake_list(store, NULL, call) == KIST_OK && call->row_count == 1);
}

static void a_name_is_given_once(const kist_fake_store* store, kist_fake_call* call) {
  CHECK(create(store, 2, "first", call) == KIST_ALREADY_EXISTS);
  CHECK(strcmp(call->message, "sample: a secret named 'first' exists in the workspace scope") == 0);
  CHECK(get(store, 2, call) == KIST_NOT_FOUND);
}

static void memory_that_runs_out_is_an_error(kist_fake_host* host, const kist_fake_store* store,
                                             kist_fake_call* call) {
  size_t allocation = 0;
  do {
    host->fail_allocation = ++allocation;
    get(store, 1, call);
    const int has_run_out = host->fail_allocation == 0;
    CHECK(call->status == (has_run_out ? KIST_RESOURCE_EXHAUSTED : KIST_OK));
  } while (host->fail_allocation == 0);
  CHECK(allocation > 1);
  host->fail_allocation = 0;
}

static void who_gives_up_gets_nothing(kist_fake_host* host, const kist_fake_store* store,
                                      kist_fake_call* call) {
  host->cancel_at = 1;
  CHECK(create(store, 3, "third", call) == KIST_CANCELLED);
  host->cancel_at = 0;
  host->deadline_ns = 1;
  CHECK(create(store, 3, "third", call) == KIST_DEADLINE_EXCEEDED);
  host->deadline_ns = 0;
  CHECK(kist_fake_list(store, NULL, call) == KIST_OK && call->row_count == 1);
}

static int remove_one(const char* path, const struct stat* status, int kind, struct FTW* place) {
  (void)status;
  (void)kind;
  (void)place;
  return remove(path);
}

int main(void) {
  char root[] = "/tmp/sample-XXXXXX";
  if (mkdtemp(root) == NULL) return 1;
  kist_fake_host* const host = kist_fake_host_begin();
  const kist_option options[] = {kist_fake_option("root", root)};
  kist_fake_store store;
  kist_fake_call call = {0};
  CHECK(kist_fake_open(host, kist_plugin_v1, "sample", options, 1, &store, &call) == KIST_OK);
  if (store.handle != NULL) {
    what_is_created_is_read_back(&store, &call);
    a_name_is_given_once(&store, &call);
    memory_that_runs_out_is_an_error(host, &store, &call);
    who_gives_up_gets_nothing(host, &store, &call);
    kist_fake_close(&store);
  }
  kist_fake_call_free(&call);
  CHECK(strcmp(host->misuse, "") == 0);
  CHECK(host->secure_blocks == 0);
  nftw(root, remove_one, 8, FTW_DEPTH | FTW_PHYS);
  return failed_checks == 0 ? 0 : 1;
}
