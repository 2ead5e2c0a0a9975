#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# From a clean checkout to a secret that was stored, read, changed and deleted.
set -euo pipefail
cd "$(dirname "$0")/.."

usage() {
  echo "usage: host/quickstart.sh"
  echo "Installs what is missing, builds Kist into build/quickstart, and shows its command on a store in a new directory."
}

case "${1:-}" in
  "") ;;
  -h | --help) usage; exit 0 ;;
  *) usage >&2; exit 2 ;;
esac

.ci/prerequisites.sh build

echo "Building Kist (the first time takes a few minutes) ..."
mkdir -p build
log=build/quickstart.log
if ! cmake --preset release -DKIST_BUILD_TESTS=OFF -B build/quickstart > "$log" 2>&1; then
  cat "$log" >&2
  exit 1
fi
# On a terminal the build shows its progress on one line; elsewhere it stays silent unless it fails.
if [ -t 1 ]; then
  cmake --build build/quickstart
elif ! cmake --build build/quickstart >> "$log" 2>&1; then
  cat "$log" >&2
  exit 1
fi

bin=$PWD/build/quickstart/bin
PATH=$bin:$PATH
umask 077
demo=$(mktemp -d "${TMPDIR:-/tmp}/kist-demo.XXXXXX")
cd "$demo"
unset KIST_CONFIG "${!KIST_SECRETS_STORE_@}" "${!KIST_BACKUP_SECRETS_STORE_@}"

# Shows a command as one would type it, then what it really prints. An exit code that is not the expected one ends all.
show() {
  local expected=0
  if [ "$1" = --exit ]; then
    expected=$2
    shift 2
  fi
  printf '\n$ %s\n' "$1"
  local code=0
  bash -c "$1" 2>&1 || code=$?
  if [ "$code" -ne "$expected" ]; then
    echo "quickstart: exit code $code, expected $expected" >&2
    exit 1
  fi
}

cat > kist.json << 'JSON'
{
  "secrets_store": { "type": "sqlite", "path": "secrets.db" }
}
JSON
printf 'correct horse battery staple' > password.txt

show 'cat kist.json'
show 'kist config check'
show 'kist secret create db --from-file password=password.txt --from-env-file <(echo user=app)'
show --exit 1 'grep -c "correct horse" secrets.db'
show --exit 5 'kist secret create db --from-file password=password.txt'
show 'kist secret get db'
show 'kist secret get db --key password'
echo
show 'printf "app-2" | kist secret update db user=- --if-revision 1'
show 'kist secret list'
show 'kist secret delete db --yes'

rm -f password.txt
cat << TEXT

That was a real store: $demo/secrets.db, chosen by two words in $demo/kist.json,
and sealed with the key in $demo/kist-keyring.
The command, and its help: $bin/kist --help
Another store is another "type"; to write one: docs/plugins/writing.md.
TEXT
