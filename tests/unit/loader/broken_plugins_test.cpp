// SPDX-License-Identifier: Apache-2.0
// Each plugin of tests/plugins/broken is refused or contained, each for its own reason.

#include <cstdint>
#include <string>

#include <doctest/doctest.h>

#include "loaded_plugin.hpp"
#include "loader/process_state.hpp"
#include "sanitizers.hpp"

namespace {

using namespace kist::core;
using namespace kist::test;

/// Who finds the fault, in the order in which a plugin meets them.
enum class By { search, load, open, call };

struct Verdict {
  By found_by = By::call;
  std::string message;  // Empty: nothing is wrong.
};

struct Fault {
  std::string plugin;
  std::string message;
};

PluginStore::Settings settings_with_token() {
  PluginStore::Settings settings;
  settings.options.push_back(
      {"token", OptionKind::string, true, kist::SecretValue("s.configured-token")});
  return settings;
}

/// "get_secret: internal: minimal: …" for the first operation that fails.
std::string first_failure(PluginStore& store) {
  HostCall call;
  std::string message;
  const auto attempt = [&](const char* operation, auto&& action) {
    if (!message.empty()) return;
    message = complaint(action);
    if (!message.empty()) message = std::string(operation) + ": " + message;
  };
  kist::SecretUpdate update;
  update.id = uuid_of(1);
  Rows rows;
  kist::ListQuery query;
  query.with_total = true;
  attempt("create_secret",
          [&] { store.create_secret(call, secret_of(1, "pin", "hunter2hunter2")); });
  attempt("get_secret", [&] { store.get_secret(call, uuid_of(1)); });
  attempt("list_secrets", [&] { store.list_secrets(call, query, rows); });
  attempt("update_secret", [&] { store.update_secret(call, update); });
  attempt("delete_secret", [&] { store.delete_secret(call, uuid_of(1), std::nullopt); });
  attempt("health", [&] { store.check_health(call); });
  return message;
}

Verdict verdict_on_bytes(const std::string& bytes) {
  const PluginDirectory directory;
  directory.write("x.so", bytes);
  std::vector<PluginCandidate> found = PluginSearch({directory.path()}, {}).all();
  REQUIRE(found.size() == 1);
  if (!found[0].checked) return {By::search, to_string(*found[0].refusal)};

  RecordingHost& host = RecordingHost::make();
  std::shared_ptr<const PluginImage> image;
  try {
    image = PluginImage::load(std::move(*found[0].checked), host.table);
  } catch (const PluginRefused& refused) {
    return {By::load, to_string(refused.finding)};
  }
  std::unique_ptr<PluginStore> store;
  const std::string opening = complaint([&] {
    HostCall call;
    store = PluginStore::open(image, "minimal", host.table, call, settings_with_token());
  });
  if (!store) return {By::open, replaced(opening, directory.path().native(), "DIR")};
  return {By::call, first_failure(*store)};
}

Verdict verdict_on(const std::string& plugin) {
  return verdict_on_bytes(bytes_of_plugin("broken/" + plugin));
}

void check(By found_by, std::initializer_list<Fault> faults) {
  const ProcessState before = ProcessState::capture();
  for (const Fault& fault : faults) {
    CAPTURE(fault.plugin);
    const Verdict verdict = verdict_on(fault.plugin);
    CHECK(verdict.message == fault.message);
    CHECK(verdict.found_by == found_by);
    CHECK(before.restore().empty());
  }
}

/// What the host says of a plugin that breaks a rule in get_secret().
std::string broke(const std::string& rule) {
  return "get_secret: internal: minimal: the store broke a rule of the ABI: " + rule;
}

}  // namespace

TEST_SUITE("core/loader/broken_plugins") {
  TEST_CASE("a good plugin gets through the search, the load, the opening and every call") {
    const Verdict verdict = verdict_on_bytes(bytes_of_plugin("good/minimal"));
    CHECK(verdict.message == "");
    CHECK(verdict.found_by == By::call);
  }

  TEST_CASE("a search refuses what needs no code of the plugin to be seen (AT-21, AT-24)") {
    const std::string one_symbol = "expected the one symbol 'kist_plugin_v1'";
    const std::string manifest = "; expected a manifest that can be read";
    check(By::search,
          {
              {"extra_export",
               "KP-1: the file also exports 'another_symbol'; " + one_symbol + " and no other"},
              {"no_export", "KP-1: the file exports no symbol; " + one_symbol},
              {"ifunc", "KP-1: 'kist_plugin_v1' has symbol type 10; expected 2, a function"},
              {"data_entry", "KP-1: 'kist_plugin_v1' has symbol type 1; expected 2, a function"},
              {"interpreter",
               "KP-20: the file names a program interpreter, so it is a program; expected a shared "
               "object"},
              {"executable_stack",
               "KP-21: the file asks for an executable stack; expected no PF_X in PT_GNU_STACK"},
              {"text_relocations",
               "KP-21: the file has text relocations; expected position-independent code"},
              {"runpath", "KP-22: the file has DT_RUNPATH '/opt/evil'; expected none"},
              {"unlisted_library",
               "KP-22: the file needs the library 'libresolv.so.2'; expected only the C and C++ "
               "runtimes "
               "and libraries that the configuration allows"},
              {"no_manifest",
               "KP-23: the file has 0 notes named KistPlugin; expected one, the manifest"},
              {"two_manifests",
               "KP-23: the file has 2 notes named KistPlugin; expected one, the manifest"},
              {"manifest_no_json", "KP-23: manifest: byte 0: syntax error" + manifest},
              {"manifest_cut", "KP-23: manifest: byte 27: incomplete JSON" + manifest},
              {"manifest_too_large",
               "KP-23: manifest: the text has 65540 bytes, expected at most 65536" + manifest},
              {"manifest_duplicate_keys",
               "KP-23: manifest: byte 41: the key 'id' stands twice" + manifest},
              {"manifest_id_for_terminal", "KP-23: manifest: byte 20: syntax error" + manifest},
              {"manifest_without_stores",
               "KP-23: manifest: 'stores' is a list of 0, expected a list of 1 to 16" + manifest},
              {"manifest_of_major_2",
               "KP-24: the plugin is built for ABI major 2; expected 1, which this host has"},
              {"manifest_says_major_2",
               "KP-24: the manifest says ABI major 2; expected 1, which this host has"},
          });
  }

  TEST_CASE("a manifest whose note lies about its size is not read (KP-20, AT-23)") {
    const Verdict verdict = verdict_on("manifest_sizes_lie");
    CHECK(verdict.found_by == By::search);
    CHECK(verdict.message.starts_with("KP-20: the note at offset "));
    CHECK(verdict.message.find(" says that it has 11 bytes of name and 1073741824 of description; "
                               "expected all notes inside their segment of ") != std::string::npos);
  }

  TEST_CASE("a load refuses a plugin that is not what its manifest says (KP-3, AT-24)") {
    const std::string as_declared = " as in its manifest";
    check(By::load,
          {
              {"id_differs",
               "KP-3: the plugin's id is 'org.example.other\\x0a'; expected "
               "'org.example.minimal'" +
                   as_declared},
              {"version_differs",
               "KP-3: the plugin's version is '1.0.1'; expected '1.0.0'" + as_declared},
              {"type_differs",
               "KP-3: the plugin has no store type 'minimal'; expected the store types of its "
               "manifest"},
              {"type_more", "KP-3: the plugin has 2 store types; expected 1" + as_declared},
              {"type_absent", "KP-3: the plugin has 0 store types; expected 1" + as_declared},
              {"threading_differs",
               "KP-3: store type 'minimal' is concurrent; expected serial" + as_declared},
              {"capability_more",
               "KP-3: store type 'minimal' has 'persistent'; expected the "
               "capabilities of its manifest"},
              {"capability_less",
               "KP-3: store type 'minimal' has not 'local'; expected the "
               "capabilities of its manifest"},
          });
  }

  TEST_CASE(
      "a load refuses tables with holes, of another version, or without end (KP-24, KP-28, AT-23, "
      "AT-24)") {
    const std::string whole = "expected the size that ABI 1.0 gives it";
    check(By::load,
          {
              {"cannot_serve",
               "KP-24: the plugin says that it cannot serve this host; expected a "
               "plugin that takes ABI 1.0"},
              {"table_of_major_2", "KP-24: the plugin's table is of ABI major 2; expected 1"},
              {"plugin_cut", "KP-28: the plugin's table is cut short; " + whole},
              {"id_null", "KP-28: the plugin's id is null; expected its text"},
              {"types_null", "KP-28: the plugin has no store types; expected at least one"},
              {"types_endless", "KP-28: the list of store types has no end; expected 16 at most"},
              {"type_cut", "KP-28: the table of a store type is cut short; " + whole},
              {"type_name_null", "KP-28: the name of a store type is null; expected its text"},
              {"open_null", "KP-28: open() of store type 'minimal' is null; expected a function"},
              {"table_null",
               "KP-28: the operations of store type 'minimal' are cut short or null; "
               "expected all of ABI 1.0"},
              {"table_cut",
               "KP-28: the operations of store type 'minimal' are cut short or null; "
               "expected all of ABI 1.0"},
              {"get_null",
               "KP-28: get_secret() of store type 'minimal' is null; expected a function"},
              {"close_null", "KP-28: close() of store type 'minimal' is null; expected a function"},
          });
  }

  TEST_CASE("a load says which symbol is missing, at once and not in a later call (KP-27, AT-24)") {
    check(By::load, {{"lazy_undefined",
                      "KP-27: undefined symbol: a_function_that_nobody_defines; expected a file "
                      "that the dynamic linker maps"}});
  }

  TEST_CASE(
      "a plugin that changes the process when it is loaded is refused, and the change undone "
      "(KP-14, AT-21, AT-23)" *
      doctest::skip(kist::test::kUnderTsan)) {
    const std::string expected = "; expected a plugin that leaves the process as it is";
    check(By::load,
          {
              {"loads_signal_handler",
               "KP-14: loading it changed the handler of signal 10" + expected},
              {"loads_signal_mask", "KP-14: loading it changed the signal mask" + expected},
              {"loads_umask", "KP-14: loading it changed the umask" + expected},
              {"loads_locale", "KP-14: loading it changed the locale" + expected},
              {"loads_directory", "KP-14: loading it changed the working directory" + expected},
              {"loads_environment", "KP-14: loading it changed the environment" + expected},
              {"loads_closes_input", "KP-14: loading it changed descriptor 0" + expected},
              {"entry_changes_state", "KP-14: loading it changed the umask" + expected},
          });
  }

  TEST_CASE("opening fails with the plugin's reason, or with the rule that it broke (AT-23)") {
    check(
        By::open,
        {
            {"open_fails", "unavailable: minimal: cannot reach 'db.example': connection refused"},
            {"open_fails_without_reason",
             "store_denied: minimal: the store gave no reason (status 8)"},
            {"open_fails_with_store", "unavailable: minimal: the store gave no reason (status 10)"},
            {"open_reveals_option", "store_denied: minimal: token '(redacted)' is wrong"},
            {"open_without_store",
             "internal: minimal: the store broke a rule of the ABI: KP-29: "
             "it opened without a store"},
            {"open_changes_state",
             "failed_precondition: plugin 'DIR/x.so' refused by KP-14: "
             "opening a store changed the working directory; expected a "
             "plugin that leaves the process as it is"},
        });
  }

  TEST_CASE(
      "a result that does not hold together fails the call and nothing else (KP-9, KP-29, AT-23)") {
    check(
        By::call,
        {
            {"fails_then_ok", broke("KP-29: it returned success after the call had failed")},
            {"ok_without_secret", broke("KP-29: it returned success without a whole secret")},
            {"value_not_committed", broke("KP-29: it returned success without a whole secret")},
            {"two_secrets", broke("KP-29: it began a second secret")},
            {"secret_for_delete",
             "delete_secret: internal: minimal: the store broke a rule of the ABI: KP-29: it began "
             "a secret in a call that has none"},
            {"rows_for_get", broke("KP-29: it sent a row in a call that has none")},
            {"total_for_get", broke("KP-29: it gave a total in a call that has none")},
            {"another_secret",
             broke("KP-29: it gave secret 09000000-0000-0000-0000-000000000000 for "
                   "01000000-0000-0000-0000-000000000000")},
            {"keys_out_of_order",
             broke("KP-29: the keys of the secret are not in ascending order")},
            {"key_twice", broke("KP-29: the keys of the secret are not in ascending order")},
            {"key_too_long", broke("KP-29: a key of the secret is not 1 to 255 bytes long")},
            {"key_empty", broke("KP-29: a key of the secret is not 1 to 255 bytes long")},
            {"key_lies_about_memory",
             broke("KP-29: a key of the secret is not 1 to 255 bytes long")},
            {"key_not_utf8", broke("KP-29: a key of the secret is not UTF-8 without NUL")},
            {"value_before_secret", broke("KP-29: it reserved a value outside of a secret, or "
                                          "before the last one was committed")},
            {"commits_too_much", broke("KP-29: it committed more bytes than it had reserved")},
            {"commits_nothing", broke("KP-29: it committed a value that it had not reserved")},
            {"reserves_twice", broke("KP-29: it reserved a value outside of a secret, or before "
                                     "the last one was committed")},
            {"value_too_large", broke("KP-29: it returned success after the call had failed")},
            {"too_many_keys", broke("KP-29: it returned success after the call had failed")},
            {"scope_unknown", broke("KP-29: the secret's scope is neither workspace nor user")},
            {"record_null", broke("KP-29: it began a secret without a record")},
            {"record_cut", broke("KP-29: the secret's scope is neither workspace nor user")},
            {"name_lies_about_size", broke("KP-29: the secret's name is longer than 1020 bytes")},
            {"row_null",
             "list_secrets: internal: minimal: the store broke a rule of the ABI: KP-29: it sent "
             "a row without a record"},
            {"total_missing",
             "list_secrets: internal: minimal: the store broke a rule of the ABI: KP-29: it "
             "returned success without the total that was asked for"},
            {"other_thread", broke("KP-9: it called the host for this call from another thread")},
        });
  }

  TEST_CASE("a secret that is too large is refused by the host, in the host's words") {
    const std::string expected =
        "get_secret: resource_exhausted: minimal: the secret is larger than 1048576 bytes or has "
        "more than 1000 keys";
    check(By::call, {{"reserves_size_max", expected}, {"reserves_half_of_memory", expected}});
  }

  TEST_CASE("a secret with a damaged name is corrupt, and its name goes nowhere (AT-42)") {
    const std::string damaged =
        "get_secret: corrupt: minimal: the name of secret 01000000-0000-0000-0000-000000000000 is "
        "damaged";
    check(By::call, {{"name_empty", damaged},
                     {"name_not_utf8", damaged},
                     {"name_for_terminal", damaged},
                     {"name_too_long", damaged}});
  }

  TEST_CASE(
      "an error reaches the caller on one line, without a secret, and not at any length (KP-7, "
      "KP-15, KP-17, AT-23, AT-42)") {
    const std::string no_reason = "get_secret: unavailable: minimal: the store gave no reason";
    check(
        By::call,
        {
            {"status_unknown",
             "get_secret: internal: minimal: the store gave no reason (status -7)"},
            {"fails_with_ok", "get_secret: internal: minimal: all is well"},
            {"fails_twice", "get_secret: not_found: minimal: there is no such secret"},
            {"value_and_error", "get_secret: corrupt: minimal: the second half is damaged"},
            {"error_null", no_reason},
            {"error_cut", no_reason},
            {"error_grown", "get_secret: unavailable: minimal: seen"},
            {"message_null", no_reason},
            {"message_for_terminal",
             "get_secret: internal: minimal: \\x1b[2J\\x0d\\x0alevel=info "
             "msg=\"all is well\""},
            {"message_not_utf8", "get_secret: internal: minimal: acc\\xe8s refus\\xe9"},
            {"message_too_long", "get_secret: internal: minimal: " + std::string(1024, 'm') + "…"},
            {"message_reveals_value",
             "create_secret: unavailable: minimal: cannot write '(redacted)'"},
            {"message_reveals_read", "get_secret: corrupt: minimal: '(redacted)' fails its check"},
            {"list_fails_late", "list_secrets: unavailable: minimal: the connection broke"},
        });
  }
}
