// SPDX-License-Identifier: Apache-2.0
// Who allocates what: the hook of the SDK, in this program, in a plugin, and in JSON.

#include <string>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <doctest/doctest.h>

#include <kist/secret_values.hpp>

#include "../loader/loaded_plugin.hpp"
#include "child_process.hpp"
#include "counted_memory.hpp"
#include "memory/secret_storage.hpp"

namespace kist {
namespace {

using test::CountedMemory;
using test::in_child;

TEST_SUITE("sdk/secret_memory") {
  TEST_CASE("bytes are released to where they came from, whatever was chosen in between") {
    CHECK(in_child([]() -> std::string {
            SecretValue from_heap("one");
            detail::SecretBuffer grown;
            grown.append("two");
            detail::use_secret_memory(CountedMemory::functions);
            grown.append(std::string(1000, 'x'));
            SecretValue counted("three");
            if (!CountedMemory::holds(counted.reveal().data())) return "not allocated there";
            if (!CountedMemory::holds(grown.data())) return "not moved there";
            detail::use_secret_memory(detail::kHeap);
            SecretValue later = std::move(counted);
            from_heap = SecretValue();
            later = SecretValue("four");
            grown = {};
            if (CountedMemory::strangers != 0) return "a stranger came back";
            return CountedMemory::given.empty() ? "all" : "some";
          }) == "all");
  }

  TEST_CASE("values and patches are allocated there too") {
    CHECK(in_child([]() -> std::string {
            detail::use_secret_memory(CountedMemory::functions);
            SecretValues values;
            values.set("key", "value");
            SecretPatch patch;
            patch.set("key", "value");
            if (!CountedMemory::holds(values[0].value.reveal().data())) return "values are not";
            if (!CountedMemory::holds(patch.value(0).reveal().data())) return "patches are not";
            return "there";
          }) == "there");
  }

  TEST_CASE("JSON that shows values is allocated there, and leaves nothing elsewhere") {
    CHECK(in_child([]() -> std::string {
            detail::use_secret_memory(CountedMemory::functions);
            {
              boost::json::object document(core::secret_storage());
              for (int i = 0; i < 100; ++i) {
                boost::json::object& inner = document[std::to_string(i)].emplace_object();
                boost::json::string& text = inner["value"].emplace_string();
                text.assign(std::string(static_cast<std::size_t>(i), 'x'));
                if (!CountedMemory::holds(text.data())) return "elsewhere";
              }
            }
            if (CountedMemory::strangers != 0) return "a stranger came back";
            return CountedMemory::given.empty() ? "there" : "not given back";
          }) == "there");
  }

  TEST_CASE("a plugin's secrets live in the memory of its host") {
    CHECK(in_child([]() -> std::string {
            core::HostTable& host = test::RecordingHost::make().table;
            host.secure_alloc = CountedMemory::functions.allocate;
            host.secure_free = CountedMemory::functions.release;
            const test::PluginDirectory directory;
            directory.write("memory.so", test::read_whole_file(KIST_TEST_MEMORY_PLUGIN));
            auto image = core::PluginImage::load(
                core::check_plugin(core::open_plugin_file(directory.path(), "memory.so"), {}),
                host);
            core::HostCall call;
            core::PluginStore::Settings settings;
            settings.options.push_back(
                {"max_secrets", core::OptionKind::integer, false, SecretValue("9")});
            auto store = core::PluginStore::open(std::move(image), "memory", host, call, settings);
            if (CountedMemory::allocations != 0) return "this program's are there too";
            store->create_secret(call, test::secret_of(1, "key", "value"));
            if (CountedMemory::given.empty()) return "what it keeps is not there";
            store.reset();
            if (CountedMemory::strangers != 0) return "a stranger came back";
            return CountedMemory::given.empty() ? "there" : "not given back";
          }) == "there");
  }
}

}  // namespace
}  // namespace kist
