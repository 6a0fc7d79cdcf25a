#!/bin/sh
# The executable that Grafana starts as the backend of the Micromegas data source. It finds Node.js and replaces itself with
# the proxy (proxy.cjs).
#
# The build copies this file to one file per platform. Grafana 12.4 and newer pass neither PATH nor HOME, so this script uses
# only shell builtins and absolute paths. It is plain POSIX sh, for dash, ash and bash 3.
#
# Settings, as keys of [plugin.micromegas-micromegas-datasource] in grafana.ini or as environment variables of Grafana:
#   node          / GF_PLUGIN_NODE           the Node.js to use
#   proxy_socket  / GF_PLUGIN_PROXY_SOCKET   path of the socket of a sidecar
#   proxy_address / GF_PLUGIN_PROXY_ADDRESS  host:port of a sidecar

NEEDED=22
REJECTED=

# Grafana reads the log level from the brackets.
say() {
  printf '[%s] Micromegas data source: %s\n' "$1" "$2" >&2
}

# Sets HERE to the folder of this file. If the script was started through a symbolic link, it is the folder of the target.
locate() {
  self=$0
  case $self in */*) ;; *) self=./$self ;; esac
  if [ ! -f "${self%/*}/proxy.cjs" ] && [ -h "$self" ]; then
    for readlink in /usr/bin/readlink /bin/readlink; do
      [ -x "$readlink" ] || continue
      target=$("$readlink" "$self")
      case $target in /*) self=$target ;; *) self=${self%/*}/$target ;; esac
      break
    done
  fi
  HERE=${self%/*}
}

# Replaces this process with the proxy if $1 is a Node.js that can run it. Returns otherwise. `--version` takes a few
# milliseconds. The option sets half of the default size of V8's new space, in megabytes, so that the garbage of small
# answers is collected sooner.
try() {
  [ -f "$1" ] && [ -x "$1" ] || return 0
  version=$("$1" --version 2>/dev/null) || version=
  major=${version#v}
  major=${major%%.*}
  case $major in
    '' | *[!0-9]*) ;;
    *) [ "$major" -lt "$NEEDED" ] || exec "$1" --max-semi-space-size=8 "$HERE/proxy.cjs" ;;
  esac
  REJECTED="$REJECTED $1 (${version:-does not run})"
}

try_path() {
  rest=${PATH-}:
  while [ -n "$rest" ]; do
    folder=${rest%%:*}
    rest=${rest#*:}
    case $folder in /*) try "$folder/node" ;; esac
  done
}

become_proxy() {
  if [ ! -f "$HERE/proxy.cjs" ]; then
    say ERROR "proxy.cjs is missing in $HERE. Install the plugin again."
    exit 1
  fi
  if [ -n "${GF_PLUGIN_NODE-}" ]; then
    try "$GF_PLUGIN_NODE"
    say WARN "the configured Node.js, $GF_PLUGIN_NODE, is missing or older than version $NEEDED. Another Node.js is used if one is found."
  fi
  try "$HERE/node"
  try_path
  for node in \
    /usr/local/bin/node /usr/bin/node /bin/node /opt/homebrew/bin/node /opt/local/bin/node /snap/bin/node \
    /run/current-system/sw/bin/node /usr/local/lib/nodejs/bin/node /usr/local/lib/nodejs/*/bin/node \
    /opt/node/bin/node /opt/nodejs/bin/node /opt/node-*/bin/node /opt/homebrew/opt/node@*/bin/node \
    /usr/local/opt/node@*/bin/node /usr/local/nvm/versions/node/*/bin/node; do
    try "$node"
  done
  say ERROR "no Node.js $NEEDED or newer was found.${REJECTED:+ Not usable:$REJECTED.} Install Node.js, or set \"node = /path/to/node\" in the section [plugin.micromegas-micromegas-datasource] of grafana.ini, or run the plugin's backend as a sidecar and set \"proxy_socket\" in that section."
  exit 1
}

# Prints the handshake with the address of the sidecar, and waits until Grafana exits.
point_to_sidecar() {
  printf '1|2|%s|%s|grpc\n' "$1" "$2"
  for sleep in /bin/sleep /usr/bin/sleep /run/current-system/sw/bin/sleep; do
    [ -x "$sleep" ] || continue
    # Grafana kills this shell but not the sleep command. If that command kept Grafana's pipes open, it would delay a restart.
    while kill -0 "$PPID" 2>/dev/null; do
      "$sleep" 5 </dev/null >/dev/null 2>&1
    done
    exit 0
  done
  say ERROR "there is no sleep command on this system, which proxy_socket and proxy_address need."
  exit 1
}

locate
if [ -n "${GF_PLUGIN_PROXY_SOCKET-}" ]; then
  point_to_sidecar unix "$GF_PLUGIN_PROXY_SOCKET"
elif [ -n "${GF_PLUGIN_PROXY_ADDRESS-}" ]; then
  point_to_sidecar tcp "$GF_PLUGIN_PROXY_ADDRESS"
fi
become_proxy
