// SPDX-License-Identifier: Apache-2.0
#include "secrets/directory.hpp"

#include <set>
#include <string>

#include <doctest/doctest.h>

#include "failure_of.hpp"
#include "secrets/uuid.hpp"

namespace kist::core {
namespace {

using testing::failure_of;

const Uuid kDeployment = *Uuid::parse("3f0c2d4e-5a6b-4c7d-8e9f-001122334455");
const Uuid kGivenId = *Uuid::parse("11111111-1111-4111-8111-111111111111");

TEST_SUITE("core/secrets/uuid") {
  TEST_CASE("a new id is a version 4 UUID, and another one each time") {
    std::set<Uuid> ids;
    for (int i = 0; i < 1000; ++i) {
      const Uuid id = new_uuid();
      CHECK((id.bytes[6] & 0xF0) == 0x40);
      CHECK((id.bytes[8] & 0xC0) == 0x80);
      ids.insert(id);
    }
    CHECK(ids.size() == 1000);
  }

  TEST_CASE("a name's id is the same on every host, and for ever") {
    // uuid.uuid5(deployment, 'workspace:default') of Python's standard library says the same.
    CHECK(named_uuid(kDeployment, "workspace", "default").to_string() ==
          "6e76631e-4576-5843-9fae-ab25fa561a55");
    CHECK(named_uuid(kDeployment, "workspace", "default") !=
          named_uuid(kDeployment, "principal", "default"));
    CHECK(named_uuid(kDeployment, "workspace", "default") !=
          named_uuid(kGivenId, "workspace", "default"));
  }
}

TEST_SUITE("core/secrets/directory") {
  TEST_CASE("without configuration there is a workspace and a principal named default") {
    const Directory directory(kDeployment, {}, {});
    CHECK(directory.workspaces().size() == 1);
    CHECK(directory.default_workspace().name == "default");
    CHECK(directory.default_workspace().id == named_uuid(kDeployment, "workspace", "default"));
    CHECK(directory.principals().size() == 1);
    CHECK(directory.find_principal("default")->id == directory.local_principal().id);
    CHECK(directory.local_principal().may(Role::admin, kGivenId));
  }

  TEST_CASE("things are found by name and by id, and what is unknown is null") {
    const Directory directory(kDeployment, {{"research", kGivenId}, {"default", {}}}, {});
    CHECK(directory.find_workspace("research")->id == kGivenId);
    CHECK(directory.find_workspace(kGivenId.to_hex())->name == "research");
    CHECK(directory.find_workspace("nowhere") == nullptr);
    CHECK(directory.find_workspace("") == nullptr);
    CHECK(directory.find_workspace(kDeployment.to_string()) == nullptr);
    CHECK(directory.default_workspace().name == "default");
    CHECK(Directory(kDeployment, {{"b", {}}, {"a", {}}}, {}).default_workspace().name == "b");
  }

  TEST_CASE("a principal has the higher of its role in a workspace and its role everywhere") {
    const Directory directory(
        kDeployment, {{"default", {}}, {"research", {}}},
        {{"alice", {}, {{"default", Role::writer}}},
         {"deploy",
          {},
          {{"*", Role::reader}, {"research", Role::lister}, {"default", Role::admin}}}});
    const Uuid& here = directory.find_workspace("default")->id;
    const Uuid& research = directory.find_workspace("research")->id;
    const Principal& alice = *directory.find_principal("alice");
    CHECK(alice.id == named_uuid(kDeployment, "principal", "alice"));
    CHECK(alice.may(Role::reader, here));
    CHECK(alice.may(Role::writer, here));
    CHECK_FALSE(alice.may(Role::admin, here));
    CHECK_FALSE(alice.role_in(research));
    CHECK_FALSE(alice.may(Role::lister, research));
    const Principal& deploy = *directory.find_principal("deploy");
    CHECK(deploy.role_in(research) == Role::reader);
    CHECK(deploy.role_in(here) == Role::admin);
    CHECK(deploy.role_in(kGivenId) == Role::reader);
    CHECK(directory.local_principal().id == named_uuid(kDeployment, "principal", "default"));
  }

  TEST_CASE("a directory that contradicts itself is refused") {
    const auto failure = [](const std::vector<WorkspaceEntry>& workspaces,
                            const std::vector<PrincipalEntry>& principals) {
      return failure_of([&] { Directory(kDeployment, workspaces, principals); });
    };
    CHECK(failure({{"a", {}}, {"a", {}}}, {}) ==
          "invalid_argument: workspace 'a' is configured twice");
    CHECK(failure({{"a", kGivenId}, {"b", kGivenId}}, {}) ==
          "invalid_argument: workspace 'b' has the id of workspace 'a'");
    CHECK(failure({}, {{"p", {}, {}}, {"p", {}, {}}}) ==
          "invalid_argument: principal 'p' is configured twice");
    CHECK(failure({}, {{"p", {}, {{"lab", Role::reader}}}}) ==
          "invalid_argument: principal 'p' has a role in workspace 'lab', which is not configured");
    CHECK(failure({{"*", {}}}, {}) ==
          "invalid_argument: a workspace is named '*', which stands for all of them in roles");
    CHECK(failure({{" ", {}}}, {}) ==
          "invalid_argument: the name ' ' begins with white space (U+0020)");
  }

  TEST_CASE("roles have the names that a configuration uses") {
    for (const Role role : {Role::lister, Role::reader, Role::writer, Role::admin}) {
      CHECK(parse_role(to_string(role)) == role);
    }
    CHECK_FALSE(parse_role("Admin"));
    CHECK_FALSE(parse_role(""));
  }
}

}  // namespace
}  // namespace kist::core
