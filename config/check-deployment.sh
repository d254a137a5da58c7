#!/usr/bin/env bash
# Checks everything in config/ that runs SFChat, with whatever tools this machine has. Says for each
# check whether it passed, failed or was left out because a tool is missing; fails if one failed.
# Nothing is started, and nothing outside a temporary directory is written.
set -euo pipefail
cd "$(dirname "$0")/.."

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0
failed=0
left_out=0

# check NAME COMMAND... : runs one check and shows its output only when it fails.
check() {
  local name=$1
  shift
  if "$@" >"$work/output" 2>&1; then
    printf 'passed:   %s\n' "$name"
    passed=$((passed + 1))
  else
    printf 'FAILED:   %s\n' "$name"
    sed 's/^/          /' "$work/output"
    failed=$((failed + 1))
  fi
}

leave_out() {
  printf 'left out: %s (%s is missing)\n' "$1" "$2"
  left_out=$((left_out + 1))
}

have() { command -v "$1" >/dev/null; }

# The plugin, or the same program by itself; version 1 does not know what compose.yaml says.
find_compose() {
  if have docker && docker compose version >/dev/null 2>&1; then
    compose=(docker compose)
  elif have docker-compose && docker-compose version 2>/dev/null | grep -Eq '^Docker Compose version'; then
    compose=(docker-compose)
  else
    return 1
  fi
}

compose_is_valid() {
  "${compose[@]}" --env-file "$1" -f config/compose.yaml config --quiet
}

compose_demands_passwords() {
  ! env -u MONGODB_PASSWORD -u MONGODB_ROOT_PASSWORD -u REDIS_PASSWORD \
    "${compose[@]}" --env-file /dev/null -f config/compose.yaml config --quiet
}

# The site as it is, but for what this machine does not have: the certificate, the log, the names of
# containers, and ports that only root may use.
nginx_is_valid() {
  local upstream=$1 dir="$work/nginx-$1"
  mkdir -p "$dir/conf.d" "$dir/tls"
  openssl req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=localhost \
    -keyout "$dir/tls/privkey.pem" -out "$dir/tls/fullchain.pem" 2>/dev/null
  sed -e "s#/etc/nginx/tls#$dir/tls#; s#/var/log/nginx#$dir#" \
    -e 's#\(listen .*\)443#\128443#; s#\(listen .*[ :]\)80 #\128080 #' \
    config/nginx/sfchat.conf >"$dir/conf.d/sfchat.conf"
  sed 's#server web-\([0-9]\):#server 127.0.0.\1:#' \
    "config/nginx/upstream-$upstream.conf" >"$dir/conf.d/upstream.conf"
  sed -e "s#/tmp/#$dir/#; s#/etc/nginx/conf.d#$dir/conf.d#" \
    config/nginx/nginx.conf >"$dir/nginx.conf"
  nginx -t -c "$dir/nginx.conf" -g "error_log $dir/error.log;"
}

# The units as they are, but for where this machine has its programs.
prepare_units() {
  mkdir -p "$work/units"
  local unit
  for unit in config/systemd/*.service; do
    sed -e "s#/usr/bin/node#$(command -v node)#; s#/usr/bin/env #$(command -v env) #" \
      "$unit" >"$work/units/$(basename "$unit")"
  done
}

units_are_valid() {
  # Warnings count: systemd ignores a directive that it does not understand, and verify exits with 0.
  local warnings
  warnings=$(cd "$work/units" && systemd-analyze verify --man=no ./*.service 2>&1) || {
    printf '%s\n' "$warnings"
    return 1
  }
  # Whether it names the file or the unit; but not the two keys that systemd before 254 goes on without,
  # nor what it says of other units of this machine.
  warnings=$(grep -F sfchat <<<"$warnings" |
    grep -Ev "Unknown key( name)? 'Restart(Steps|MaxDelaySec)'" || true)
  printf '%s\n' "$warnings"
  [ -z "$warnings" ]
}

# 0 is locked up, 10 exposed; systemd-analyze takes the threshold times ten.
unit_is_confined() {
  (cd "$work/units" && systemd-analyze security --offline=true --threshold=20 --no-pager "./$1")
}

json_is_valid() {
  node -e 'JSON.parse(require("fs").readFileSync(process.argv[1], "utf8"))' "$1"
}

# The dashboard and the alerts ask only for metrics that the service has.
metrics_exist() {
  local name missing=0
  while read -r name; do
    if ! grep -Eq "'(${name}|${name%_bucket}|${name%_sum}|${name%_count})'" src/http/ops/*.ts; then
      echo "no such metric: $name"
      missing=1
    fi
  done < <(grep -Eoh 'sfchat_[a-z_]+' config/grafana/*.json config/prometheus/*.yaml | sort -u)
  return "$missing"
}

# Every variable that is set for the service is one that it reads.
settings_exist() {
  local name missing=0
  while read -r name; do
    if ! grep -q "'$name'" config/settings.ts; then
      echo "no such setting: $name"
      missing=1
    fi
  done < <(
    {
      sed -n '/^x-settings:/,/^$/p; /^x-web:/,/^$/p' config/compose.yaml | grep -Eo '^ +[A-Z_]+:'
      grep -Eoh '^Environment=.*' config/systemd/*.service | sed 's/^Environment=//' | tr ' ' '\n' |
        grep -Eo '^[A-Z_]+='
    } | tr -d ' :=' | sort -u | grep -vx NODE_ENV
  )
  return "$missing"
}

no_secret_is_filled_in() {
  ! grep -E '(PASSWORD|TOKEN|SECRET)=.+' config/docker/*.example
}

check_compose() {
  if ! find_compose; then
    leave_out 'compose.yaml: docker compose config' 'docker compose'
    return
  fi
  sed 's/=$/=x/' config/docker/sfchat.env.example >"$work/sfchat.env"
  check 'compose.yaml: docker compose config' compose_is_valid "$work/sfchat.env"
  check 'compose.yaml: does not start without passwords' compose_demands_passwords
}

check_nginx() {
  local upstream
  for upstream in local compose; do
    if have nginx && have openssl; then
      check "nginx -t with upstream-$upstream.conf" nginx_is_valid "$upstream"
    else
      leave_out "nginx -t with upstream-$upstream.conf" 'nginx or openssl'
    fi
  done
}

check_systemd() {
  if ! have systemd-analyze; then
    leave_out 'systemd-analyze verify and security' 'systemd-analyze'
    return
  fi
  prepare_units
  check 'systemd-analyze verify' units_are_valid
  local unit
  for unit in sfchat.service sfchat-web@.service sfchat-worker.service; do
    if systemd-analyze --help | grep -q -e --offline; then
      check "systemd-analyze security $unit: 2.0 at the most" unit_is_confined "$unit"
    else
      leave_out "systemd-analyze security $unit" 'systemd 250 or later'
    fi
  done
}

check_prometheus() {
  if have promtool; then
    check 'promtool check rules' promtool check rules config/prometheus/alerts.yaml
    check 'promtool test rules' promtool test rules config/prometheus/alerts.test.yaml
  else
    leave_out 'promtool check rules, test rules' promtool
  fi
}

check_form() {
  local script
  for script in config/*.sh .ci/run; do
    if have shellcheck; then
      check "shellcheck $script" shellcheck "$script"
    else
      leave_out "shellcheck $script" shellcheck
    fi
  done
  if have hadolint; then
    check 'hadolint Dockerfile' hadolint config/docker/Dockerfile
  else
    leave_out 'hadolint Dockerfile' hadolint
  fi
  if [ -x node_modules/.bin/prettier ]; then
    check 'every YAML and JSON file can be read' node_modules/.bin/prettier --check \
      config/compose.yaml 'config/prometheus/*.yaml' 'config/grafana/*.json'
  else
    leave_out 'every YAML file can be read' 'prettier (npm ci)'
    check 'the dashboard can be read' json_is_valid config/grafana/sfchat.json
  fi
}

check_compose
check_nginx
check_systemd
check_prometheus
check_form
check 'dashboard and alerts name only metrics that there are' metrics_exist
check 'compose.yaml and units name only settings that there are' settings_exist
check 'no secret is filled in' no_secret_is_filled_in

printf '%d passed, %d failed, %d left out\n' "$passed" "$failed" "$left_out"
[ "$failed" -eq 0 ]
