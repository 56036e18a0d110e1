#!/usr/bin/env bash
# gatelet beside a bare mio server and nginx: the same load on each in turn, several rounds, medians and ratios.
#
#   benches/side_by_side.sh               all of it, some eight minutes
#   ROUNDS=7 SECONDS_EACH=3 benches/side_by_side.sh edge proxy function control websocket websocket_function crowd size
#
# The server (with its workers) has one processor, the load generator another one. Ratios carry over to other
# machines, absolute figures do not. On a machine that does other work, look at the processor time a request
# takes: it is the least disturbed.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

ROUNDS=${ROUNDS:-5}
SECONDS_EACH=${SECONDS_EACH:-2}
LOG=${LOG:-off} # what gatelet logs meanwhile: `info` has it write a line for each request
PARTS=("$@")
[ ${#PARTS[@]} -gt 0 ] || PARTS=(edge control proxy function websocket websocket_function crowd size)

# Where everybody listens.
GATELET=4811 BARE=4812 NGINX=4813 PROXY=4814 BACKEND=4815 FLOOR=4816 BARE_WS=4817 FLOOR_WS=4818 ALONE=4819
HOST_HEADER="Host: bench.execute-api.localhost.localstack.cloud:$GATELET"
AWS=http://127.0.0.1:$GATELET

main() {
  need wrk wrk
  need nginx nginx-light
  need node nodejs
  need python3 python3
  need curl curl
  need taskset util-linux
  [ "$(nproc)" -ge 2 ] || echo "only one processor: the load generator takes from the server" >&2
  cargo build --quiet --release --bin gatelet --example bare_mio --example bare_function --example bare_ws --example ws_load
  TARGET=${CARGO_TARGET_DIR:-target}/release
  FOLDER=$(mktemp -d)
  declare -gA PIDS=() # by server
  trap stop_all EXIT
  ulimit -n "$(ulimit -Hn)" # a crowd of connections
  for part in "${PARTS[@]}"; do "part_$part"; done
}

need() {
  command -v "$1" >/dev/null || { echo "$1 is missing: apt-get install $2" >&2; exit 2; }
}

stop_all() {
  for pid in "${PIDS[@]}"; do kill "$pid" 2>/dev/null || true; done
  wait 2>/dev/null || true
  rm -rf "$FOLDER"
}

# --- servers -----------------------------------------------------------------------------------------------

# Starts a server, unless it runs already.
start() {
  [ -n "${PIDS[$1]:-}" ] || "start_$1"
}

stop() {
  [ -n "${PIDS[$1]:-}" ] || return 0
  kill "${PIDS[$1]}" && wait "${PIDS[$1]}" 2>/dev/null || true
  unset "PIDS[$1]"
}

# on CPU SERVER COMMAND...
on() {
  taskset -c "$1" "${@:3}" &
  PIDS[$2]=$!
}

start_gatelet() {
  LS_LOG=$LOG on 0 gatelet "$TARGET/gatelet" --listen 127.0.0.1:$GATELET >"$FOLDER/gatelet.out" 2>/dev/null
  wait_for $GATELET
}

start_bare_mio() {
  on 0 bare_mio "$TARGET/examples/bare_mio" 127.0.0.1:$BARE
  wait_for $BARE
}

start_nginx() {
  nginx_conf nginx "server {
    listen 127.0.0.1:$NGINX backlog=1024;
    location / { default_type application/json; return 200 '{\"message\":\"Not Found\"}'; }
  }"
  on 0 nginx nginx -c "$FOLDER/nginx.conf" -e "$FOLDER/nginx.error"
  wait_for $NGINX
}

start_backend() {
  nginx_conf backend "server {
    listen 127.0.0.1:$BACKEND backlog=1024;
    location / { default_type application/json; return 200 '{\"hello\":\"from behind\"}'; }
  }"
  on 1 backend nginx -c "$FOLDER/backend.conf" -e "$FOLDER/backend.error"
  wait_for $BACKEND
}

start_nginx_proxy() {
  nginx_conf proxy "upstream backend { server 127.0.0.1:$BACKEND; keepalive 64; keepalive_requests 100000000; }
  server {
    listen 127.0.0.1:$PROXY backlog=1024;
    location / {
      proxy_pass http://backend;
      proxy_http_version 1.1;
      proxy_set_header Connection '';
      proxy_set_header X-Forwarded-For \$proxy_add_x_forwarded_for;
    }
  }"
  on 0 nginx_proxy nginx -c "$FOLDER/proxy.conf" -e "$FOLDER/proxy.error"
  wait_for $PROXY
}

start_floor() {
  on 0 floor "$TARGET/examples/bare_function" 127.0.0.1:$FLOOR benches/side_by_side/floor.mjs
  wait_for $FLOOR
}

start_bare_ws() {
  on 0 bare_ws "$TARGET/examples/bare_ws" 127.0.0.1:$BARE_WS
  wait_for $BARE_WS
}

start_floor_ws() {
  on 0 floor_ws "$TARGET/examples/bare_ws" 127.0.0.1:$FLOOR_WS benches/side_by_side/floor.mjs
  wait_for $FLOOR_WS
}

# With one worker, as the floor has.
start_alone() {
  LS_LOG=$LOG on 0 alone "$TARGET/gatelet" --listen 127.0.0.1:$ALONE --max-workers 1 --websocket-ports 0-0 \
    >"$FOLDER/alone.out" 2>/dev/null
  wait_for $ALONE
}

nginx_conf() {
  mkdir -p "$FOLDER/$1.tmp"
  cat >"$FOLDER/$1.conf" <<CONF
daemon off; master_process off; worker_processes 1; pid $FOLDER/$1.pid; error_log /dev/null;
events { worker_connections 4096; }
http {
  access_log off; keepalive_requests 100000000; keepalive_timeout 300s;
  client_body_temp_path $FOLDER/$1.tmp; proxy_temp_path $FOLDER/$1.tmp; fastcgi_temp_path $FOLDER/$1.tmp;
  uwsgi_temp_path $FOLDER/$1.tmp; scgi_temp_path $FOLDER/$1.tmp;
  $2
}
CONF
}

wait_for() {
  for _ in $(seq 500); do
    (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null && return
    sleep 0.01
  done
  echo "nothing listens on port $1" >&2
  exit 1
}

# --- load --------------------------------------------------------------------------------------------------

# Asks one server for a while: load SERVER URL CONNECTIONS SCRIPT [wrk arguments]. Results gather in a file.
load() {
  local server=$1 url=$2 connections=$3 script=$4
  shift 4
  local before result failed
  before=$(cpu "${PIDS[$server]}")
  result=$(REPORT=benches/side_by_side/report.lua taskset -c 1 wrk -t1 -c"$connections" -d"${SECONDS_EACH}s" \
    -s "benches/side_by_side/$script.lua" "$@" "$url" | sed -n 's/^RESULT //p')
  read -r _ _ _ failed <<<"$result"
  [ "$failed" -eq 0 ] || echo "$server: $failed requests failed" >&2
  echo "$result $before $(cpu "${PIDS[$server]}")" >>"$FOLDER/result.$server"
}

# The same with WebSockets: load_ws SERVER PORT HOST CONNECTIONS IN_FLIGHT.
load_ws() {
  local server=$1 before result failed
  before=$(cpu "${PIDS[$server]}")
  result=$(taskset -c 1 "$TARGET/examples/ws_load" echo "127.0.0.1:$2" "$3" /dev "$4" "$5" "$SECONDS_EACH" |
    sed -n 's/^RESULT //p')
  read -r _ _ _ failed <<<"$result"
  [ "$failed" -eq 0 ] || echo "$server: $failed messages failed" >&2
  echo "$result $before $(cpu "${PIDS[$server]}")" >>"$FOLDER/result.$server"
}

# The processor time of a process and its children so far, in ticks of 10 ms.
cpu() {
  cat "/proc/$1/stat" $(sed 's|[0-9]\+|/proc/&/stat|g' "/proc/$1/task/$1/children") 2>/dev/null |
    awk '{ sub(/.*\) /, ""); ticks += $12 + $13 } END { print ticks }'
}

# report TITLE SERVER...: medians of what gathered for these servers, and ratios to the first one.
report() {
  python3 - "$FOLDER" "$@" <<'PYTHON'
import os, statistics, sys

folder, title, *servers = sys.argv[1:]
first = None
print(f"\n{title}\n  {'':<14}{'requests/s':>12}{'ratio':>7}{'p50 us':>10}{'ratio':>7}{'cpu us':>9}{'ratio':>7}")
for server in servers:
    path = f"{folder}/result.{server}"
    runs = [[float(n) for n in line.split()] for line in open(path)]
    os.remove(path)
    row = [statistics.median(values) for values in
           zip(*((rate, p50, (after - before) * 1e4 / count) for rate, p50, count, _, before, after in runs))]
    first = first or row
    ratios = [value / max(base, 1e-9) for value, base in zip(row, first)]
    print(f"  {server:<14}{row[0]:>12,.0f}{ratios[0]:>7.2f}{row[1]:>10,.0f}{ratios[1]:>7.2f}{row[2]:>9.1f}{ratios[2]:>7.2f}")
PYTHON
}

rounds() { seq "$ROUNDS"; }

# --- parts -------------------------------------------------------------------------------------------------

# A request that the gateway answers itself: no route fits.
part_edge() {
  start bare_mio; start nginx; start gatelet
  api bench '{"name":"bench","protocolType":"HTTP","tags":{"_custom_id_":"bench"}}'
  post /v2/apis/bench/stages '{"stageName":"$default","autoDeploy":true}'
  expect 404 "$AWS/nothing" -H "$HOST_HEADER"
  for connections in 1 16 64 256; do edge "$connections connections" "$connections" report; done
  edge "64 connections, pipelined by 16" 64 pipelined
}

edge() {
  for _ in $(rounds); do
    load bare_mio http://127.0.0.1:$BARE/nothing "$2" "$3" -H "$HOST_HEADER"
    load gatelet $AWS/nothing "$2" "$3" -H "$HOST_HEADER"
    load nginx http://127.0.0.1:$NGINX/nothing "$2" "$3" -H "$HOST_HEADER"
  done
  report "A request that the gateway answers itself, $1" bare_mio gatelet nginx
}

# GetApi through the AWS front door.
part_control() {
  start bare_mio; start gatelet
  api control '{"name":"control","protocolType":"HTTP","tags":{"_custom_id_":"control"}}'
  expect 200 $AWS/v2/apis/control
  for _ in $(rounds); do
    load bare_mio http://127.0.0.1:$BARE/v2/apis/control 1 report
    load gatelet $AWS/v2/apis/control 1 report
  done
  report "GetApi, 1 connection" bare_mio gatelet
}

# HTTP_PROXY, and nginx in gatelet's place.
part_proxy() {
  start backend; start nginx_proxy; start gatelet
  api proxied '{"name":"proxied","protocolType":"HTTP","target":"http://127.0.0.1:'$BACKEND'/","tags":{"_custom_id_":"proxied"}}'
  local host="Host: proxied.execute-api.localhost.localstack.cloud:$GATELET"
  expect 200 $AWS/ -H "$host"
  for connections in 1 16 64; do
    for _ in $(rounds); do
      load nginx_proxy http://127.0.0.1:$PROXY/ "$connections" report -H "$host"
      load gatelet $AWS/ "$connections" report -H "$host"
    done
    report "HTTP_PROXY to a local nginx, $connections connections" nginx_proxy gatelet
  done
}

# An HTTP API in front of a node function: one worker, one connection, and some.
part_function() {
  start floor; start gatelet
  function_package "export const handler = async (event) => ({ statusCode: 200, body: event.rawPath });"
  post /2015-03-31/functions "@$FOLDER/function.json"
  curl -s -X PUT "$AWS/2017-10-31/functions/bench/concurrency" -d '{"ReservedConcurrentExecutions":1}' >/dev/null
  api called '{"name":"called","protocolType":"HTTP","target":"arn:aws:lambda:us-east-1:000000000000:function:bench","tags":{"_custom_id_":"called"}}'
  local host="Host: called.execute-api.localhost.localstack.cloud:$GATELET"
  expect 200 $AWS/hello -H "$host"
  for _ in $(rounds); do
    load floor http://127.0.0.1:$FLOOR/hello 1 report -H "$host"
    load gatelet $AWS/hello 1 report -H "$host"
  done
  report "An HTTP API to a node function, 1 connection, one warm worker" floor gatelet
}

# Messages that come back: through a MOCK route.
part_websocket() {
  start bare_ws; start gatelet
  socket echo $AWS
  local integration
  integration=$(made integrationId $AWS/v2/apis/echo/integrations '{"integrationType":"MOCK"}')
  made integrationResponseId "$AWS/v2/apis/echo/integrations/$integration/integrationresponses" '{"integrationResponseKey":"$default"}' >/dev/null
  serve echo $AWS "$integration"
  for connections in 1 64 1000; do websocket "$connections connections" "$connections" 1; done
  websocket "64 connections, 16 in flight on each" 64 16
}

websocket() {
  for _ in $(rounds); do
    load_ws bare_ws $BARE_WS localhost "$2" "$3"
    load_ws gatelet $GATELET echo.execute-api.localhost:$GATELET "$2" "$3"
  done
  report "WebSocket messages echoed by a MOCK route, $1" bare_ws gatelet
}

# Messages that a node function sends back: one worker.
part_websocket_function() {
  start floor_ws; start alone
  local aws=http://127.0.0.1:$ALONE integration
  function_package "export const handler = async (event) => ({ statusCode: 200, body: event.body });"
  AWS=$aws post /2015-03-31/functions "@$FOLDER/function.json"
  socket called $aws
  integration=$(made integrationId $aws/v2/apis/called/integrations '{"integrationType":"AWS_PROXY","integrationMethod":"POST","integrationUri":"arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:000000000000:function:bench/invocations"}')
  serve called $aws "$integration"
  for connections in 1 64 1000; do websocket_function "$connections connections" "$connections" 1; done
  websocket_function "64 connections, 16 in flight on each" 64 16
}

websocket_function() {
  for _ in $(rounds); do
    load_ws floor_ws $FLOOR_WS localhost "$2" "$3"
    load_ws alone $ALONE called.execute-api.localhost:$ALONE "$2" "$3"
  done
  report "WebSocket messages sent back by a node function, one worker, $1" floor_ws alone
}

# Ten thousand that are just there.
part_crowd() {
  stop alone; start alone # an empty one
  socket crowd http://127.0.0.1:$ALONE
  local integration
  integration=$(made integrationId http://127.0.0.1:$ALONE/v2/apis/crowd/integrations '{"integrationType":"MOCK"}')
  serve crowd http://127.0.0.1:$ALONE "$integration" never
  printf '\nA crowd of idle WebSockets\n'
  taskset -c 1 "$TARGET/examples/ws_load" crowd 127.0.0.1:$ALONE crowd.execute-api.localhost:$ALONE /dev 10000 "${PIDS[alone]}" |
    sed 's/^/  /'
}

# How large, how soon, how much memory.
part_size() {
  python3 - "$TARGET/gatelet" <<'PYTHON'
import os, statistics, subprocess, sys, time

times, memory = [], []
for _ in range(20):
    began = time.perf_counter()
    process = subprocess.Popen([sys.argv[1], "--listen", "127.0.0.1:0"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    for line in process.stdout:
        if line.strip() == "Ready.":
            break
    times.append((time.perf_counter() - began) * 1e3)
    time.sleep(0.05)
    status = open(f"/proc/{process.pid}/status").read()
    memory.append(int(status.split("VmRSS:")[1].split()[0]) / 1024)
    process.terminate()
    process.wait()
print(f"\nbinary {os.path.getsize(sys.argv[1]) / 1e6:.2f} MB;"
      f" start to Ready. {statistics.median(times):.1f} ms; idle RSS {statistics.median(memory):.1f} MB")
PYTHON
}

# --- the control plane -------------------------------------------------------------------------------------

# function_package CODE: what CreateFunction is sent.
function_package() {
  python3 - "$FOLDER/function.json" "$1" <<'PYTHON'
import base64, io, json, sys, zipfile

code = io.BytesIO()
with zipfile.ZipFile(code, "w") as package:
    package.writestr("index.mjs", sys.argv[2])
json.dump({"FunctionName": "bench", "Runtime": "nodejs22.x", "Handler": "index.handler",
           "Role": "arn:aws:iam::000000000000:role/any",
           "Code": {"ZipFile": base64.b64encode(code.getvalue()).decode()}}, open(sys.argv[1], "w"))
PYTHON
}

# socket ID URL: a WebSocket API. serve ID URL INTEGRATION [ROUTE]: its route that replies, and its stage.
socket() {
  AWS=$2 api "$1" '{"name":"'"$1"'","protocolType":"WEBSOCKET","routeSelectionExpression":"$request.body.action","tags":{"_custom_id_":"'"$1"'"}}'
}

serve() {
  local route
  route=$(made routeId "$2/v2/apis/$1/routes" '{"routeKey":"'"${4:-\$default}"'","target":"integrations/'"$3"'","routeResponseSelectionExpression":"$default"}')
  made routeResponseId "$2/v2/apis/$1/routes/$route/routeresponses" '{"routeResponseKey":"$default"}' >/dev/null
  made stageName "$2/v2/apis/$1/stages" '{"stageName":"dev","autoDeploy":true}' >/dev/null
}

# made MEMBER URL BODY: posts, and prints a member of the answer.
made() {
  AWS=$2 post "" "$3"
  python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))[sys.argv[2]])' "$FOLDER/answer" "$1"
}

api() { curl -s -X DELETE "$AWS/v2/apis/$1" >/dev/null; post /v2/apis "$2"; }

post() {
  local status
  status=$(curl -s -o "$FOLDER/answer" -w '%{http_code}' -H 'Content-Type: application/json' -d "$2" "$AWS$1")
  case $status in 2*) ;; *) echo "POST $1: $status $(cat "$FOLDER/answer")" >&2; exit 1 ;; esac
}

expect() {
  local expected=$1 status
  shift
  status=$(curl -s -o "$FOLDER/answer" -w '%{http_code}' "$@")
  [ "$status" = "$expected" ] || { echo "$*: $status, not $expected: $(cat "$FOLDER/answer")" >&2; exit 1; }
}

main
