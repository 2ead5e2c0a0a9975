// SPDX-License-Identifier: Apache-2.0
#include "secrets/cursor.hpp"

#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "failure_of.hpp"
#include "random_rows.hpp"
#include "secrets/list_order.hpp"

namespace kist::core {
namespace {

using testing::failure_of;
using testing::RandomRows;

const CursorKey kKey{1, 2, 3};
const std::string kRefused =
    "invalid_argument: the cursor does not belong to this list; start again without one";

Uuid alice() {
  Uuid id;
  id.bytes[0] = 0xA1;
  return id;
}

ListRequest request_by(Field sort) {
  ListRequest request;
  request.sort = sort;
  request.conditions = {{Field::name, Operator::contains, {"a"}},
                        {Field::scope, Operator::equals, {"user"}}};
  return request;
}

std::string read_failure(const CursorKey& key, const Uuid& principal, ListRequest request,
                         const std::string& cursor) {
  request.cursor = cursor;
  return failure_of([&] { read_cursor(key, principal, request); });
}

TEST_SUITE("core/secrets/cursor") {
  TEST_CASE("a cursor stands for the same place in the order as the row it was made of") {
    RandomRows random(7);
    for (const Field field : {Field::id, Field::name, Field::scope, Field::workspace_id,
                              Field::user_id, Field::created, Field::updated, Field::revision}) {
      for (int round = 0; round < 20; ++round) {
        const SecretMetadata row = random.row();
        ListRequest request = request_by(field);
        request.cursor = make_cursor(kKey, alice(), request, row);
        const SecretMetadata place = read_cursor(kKey, alice(), request);
        CHECK(place.id == row.id);
        CHECK_FALSE(comes_before(field, false, place, row));
        CHECK_FALSE(comes_before(field, false, row, place));
      }
    }
  }

  TEST_CASE("times before 1970 and the longest name pass through a cursor") {
    SecretMetadata row;
    row.created = Timestamp(std::chrono::microseconds(-5));
    ListRequest request = request_by(Field::created);
    request.cursor = make_cursor(kKey, alice(), request, row);
    CHECK((read_cursor(kKey, alice(), request).created == row.created));

    for (std::size_t i = 0; i < 255; ++i) row.name += "\U0001F511";
    request = request_by(Field::name);
    request.cursor = make_cursor(kKey, alice(), request, row);
    CHECK(read_cursor(kKey, alice(), request).name == row.name);
    CHECK(request.cursor->find_first_not_of(
              "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") ==
          std::string::npos);
  }

  TEST_CASE("the page size and the order of the filters may change between pages") {
    const SecretMetadata row = RandomRows(1).row();
    ListRequest request = request_by(Field::name);
    const std::string cursor = make_cursor(kKey, alice(), request, row);
    request.size = 500;
    request.with_total = true;
    std::swap(request.conditions[0], request.conditions[1]);
    CHECK(read_failure(kKey, alice(), request, cursor).empty());
  }

  TEST_CASE("AT-07: a cursor of another principal, key, filter or order is refused") {
    const SecretMetadata row = RandomRows(1).row();
    const ListRequest request = request_by(Field::name);
    const std::string cursor = make_cursor(kKey, alice(), request, row);
    CHECK(read_failure(kKey, alice(), request, cursor).empty());
    CHECK(read_failure(kKey, Uuid{}, request, cursor) == kRefused);
    CHECK(read_failure(CursorKey{1, 2, 4}, alice(), request, cursor) == kRefused);

    const std::vector<void (*)(ListRequest&)> changes = {
        [](ListRequest& r) { r.sort = Field::id; },
        [](ListRequest& r) { r.descending = true; },
        [](ListRequest& r) { r.match_any = true; },
        [](ListRequest& r) { r.conditions.pop_back(); },
        [](ListRequest& r) { r.conditions.push_back(r.conditions[0]); },
        [](ListRequest& r) { r.conditions[0].texts[0] = "b"; },
        [](ListRequest& r) { r.conditions[0].texts.push_back(""); },
        [](ListRequest& r) { r.conditions[0].op = Operator::equals; },
        [](ListRequest& r) { r.conditions[0].field = Field::id; },
        [](ListRequest& r) { r.conditions[0].from = Timestamp{}; },
        [](ListRequest& r) { r.conditions[0].until = Timestamp{}; },
    };
    for (const auto change : changes) {
      ListRequest changed = request;
      change(changed);
      CHECK(read_failure(kKey, alice(), changed, cursor) == kRefused);
    }
  }

  TEST_CASE("AT-07: a forged cursor is refused, whichever bit was changed") {
    const ListRequest request = request_by(Field::name);
    const std::string cursor = make_cursor(kKey, alice(), request, RandomRows(1).row());
    for (std::size_t i = 0; i < cursor.size(); ++i) {
      for (const char c : {'A', '_', '9', '=', '+', '\n', '\0', '\xFF'}) {
        std::string forged = cursor;
        forged[i] = c;
        if (forged != cursor) CHECK(read_failure(kKey, alice(), request, forged) == kRefused);
      }
      CHECK(read_failure(kKey, alice(), request, cursor.substr(0, i)) == kRefused);
    }
    for (const std::string& forged :
         {cursor + "A", cursor + "=", " " + cursor, cursor + cursor, std::string(100'000, 'A'),
          std::string(1426, 'A'), std::string(64, 'A'), std::string("%%%%")}) {
      CHECK(read_failure(kKey, alice(), request, forged) == kRefused);
    }
  }

  TEST_CASE("no two keys are the same") { CHECK(new_cursor_key() != new_cursor_key()); }
}

}  // namespace
}  // namespace kist::core
