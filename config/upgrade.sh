#!/usr/bin/env bash
# Installs, upgrades and rolls back SFChat without containers, as root. Any number of times: each release has
# a directory of its own below /opt/sfchat/releases, and `current` and `previous` lead to two of them.
#
#   upgrade.sh REPOSITORY [REF]   fetches, builds beside what runs, changes over, restarts one after the other
#   upgrade.sh --rollback         changes back to the release before; again, and it changes forward
#   upgrade.sh --status           says what runs
#
# A release that does not become ready is rolled back by itself. Embedded or distributed: whichever units
# of SFChat are active are restarted; if none is, only the files change.
set -euo pipefail

root=${SFCHAT_ROOT:-/opt/sfchat}
settings=${SFCHAT_SETTINGS:-/etc/sfchat/sfchat.env}
# Seconds in which a process has to say that it is ready.
patience=${SFCHAT_PATIENCE:-60}
kept_releases=3

say() { printf 'sfchat: %s\n' "$*"; }
fail() {
  printf 'sfchat: %s\n' "$*" >&2
  exit 1
}

# Nothing, where there is none: `readlink` gives a name to what is not there, too.
release_of() {
  if [ -d "$root/$1" ]; then basename "$(readlink -f "$root/$1")"; fi
}

# Atomic: at no moment is there no `current`.
point() {
  ln -sfn "releases/$2" "$root/$1.next"
  mv -Tf "$root/$1.next" "$root/$1"
}

# The assets of one release, and those that it kept, beside those of another: tabs that are open go on.
keep_assets() {
  local from=$root/releases/$1/public to=$root/releases/$2/public/assets.previous
  [ -d "$from/assets" ] || return 0
  mkdir -p "$to"
  # Only of the release itself, not what it had kept: two releases are as many as tabs can be old.
  find "$from/assets" -maxdepth 1 -type f ! -name manifest.json -exec cp -n -t "$to" {} +
}

fetch() {
  local repository=$1 ref=$2
  mkdir -p "$root/releases"
  if [ ! -d "$root/source.git" ]; then git init -q --bare "$root/source.git"; fi
  git -C "$root/source.git" fetch -q --force --depth 1 "$repository" "$ref"
  commit=$(git -C "$root/source.git" rev-parse --short=12 FETCH_HEAD)
}

# Everything happens in a directory of another name: a release that exists is whole.
build() {
  local release=$1 fresh=$root/releases/.building-$1
  rm -rf "$fresh"
  mkdir "$fresh"
  git -C "$root/source.git" archive FETCH_HEAD | tar -x -C "$fresh"
  (
    cd "$fresh"
    npm ci --ignore-scripts --include=dev --no-audit --no-fund --loglevel=error
    npm run --silent build
    npm prune --omit=dev --ignore-scripts --no-audit --no-fund --loglevel=error
  )
  # Units run as a user of their own, who reads here and writes nowhere.
  chmod -R go=rX "$fresh"
  mv -T "$fresh" "$root/releases/$release"
}

units() {
  systemctl list-units --type=service --state=active,activating,failed --plain --no-legend \
    'sfchat.service' 'sfchat-web@*.service' 'sfchat-worker.service' | awk '{ print $1 }' |
    # The worker last: the web processes must understand what it leaves.
    sort -t- -k2
}

port_of() {
  local instance=${1#sfchat-web@}
  case $1 in
    sfchat-web@*) printf '%s\n' "${instance%.service}" ;;
    *) { sed -n 's/^PORT=\([0-9]*\)$/\1/p' "$settings" 2>/dev/null || true; echo 8000; } | head -n 1 ;;
  esac
}

is_ready() {
  if [ "$1" = sfchat-worker.service ]; then
    systemctl is-active --quiet "$1"
  else
    curl --silent --fail --max-time 2 --output /dev/null "http://127.0.0.1:$(port_of "$1")/readyz"
  fi
}

await() {
  local deadline=$((SECONDS + patience))
  until is_ready "$1"; do
    if [ "$SECONDS" -ge "$deadline" ] || systemctl is-failed --quiet "$1"; then return 1; fi
    sleep 0.5
  done
}

# One after the other: while one restarts the others serve.
restart_all() {
  local unit
  while read -r unit; do
    [ -n "$unit" ] || continue
    say "restarting $unit"
    systemctl reset-failed "$unit" 2>/dev/null || true
    systemctl restart "$unit" || return 1
    await "$unit" || return 1
  done <<<"$(units)"
}

# change_over NEW OLD
change_over() {
  local new=$1 old=$2
  if [ -n "$old" ]; then
    keep_assets "$old" "$new"
    point previous "$old"
  fi
  point current "$new"
  if restart_all; then
    say "runs: $new"
    return
  fi
  [ -n "$old" ] || fail "$new does not become ready; its log says why"
  say "$new does not become ready, going back to $old"
  point current "$old"
  point previous "$new"
  restart_all || fail "$old does not become ready either; its log says why"
  fail "rolled back to $old; the log of $new says why it did not start"
}

clean_up() {
  local release
  rm -rf "$root"/releases/.building-*
  # The newest by the time at which they were built.
  find "$root/releases" -mindepth 1 -maxdepth 1 -type d -printf '%T@ %f\n' | sort -rn |
    tail -n "+$((kept_releases + 1))" | cut -d' ' -f2- | while read -r release; do
    case $release in
      "$(release_of current)" | "$(release_of previous)") ;;
      *) rm -rf "$root/releases/$release" ;;
    esac
  done
}

upgrade() {
  local current
  fetch "$1" "${2:-HEAD}"
  current=$(release_of current)
  if [ "$current" = "$commit" ]; then
    say "runs already: $commit"
    return
  fi
  if [ ! -d "$root/releases/$commit" ]; then
    say "building $commit"
    build "$commit"
  fi
  change_over "$commit" "$current"
  clean_up
}

rollback() {
  local current previous
  current=$(release_of current)
  previous=$(release_of previous)
  if [ -z "$previous" ] || [ "$previous" = "$current" ]; then fail 'there is no release before this one'; fi
  change_over "$previous" "$current"
}

status() {
  say "current:  $(release_of current)"
  say "previous: $(release_of previous)"
  local unit
  while read -r unit; do
    [ -n "$unit" ] || continue
    if is_ready "$unit"; then say "$unit is ready"; else say "$unit is NOT ready"; fi
  done <<<"$(units)"
}

# Two upgrades at once would change over under each other's feet.
mkdir -p "$root"
exec 9>"$root/.lock"
flock --nonblock 9 || fail 'another upgrade is under way'

case ${1:-} in
  --rollback) rollback ;;
  --status) status ;;
  '' | -*) sed -n '2,11s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
  *) upgrade "$@" ;;
esac
