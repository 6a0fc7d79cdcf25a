#!/bin/sh
# What Grafana starts as the backend of the Micromegas data source: finds Node.js and becomes the proxy (proxy.cjs).
#
# The same file serves every system; the build copies it under each name that Grafana looks for. Since 12.4 Grafana hands
# over no PATH and no HOME, so everything here is a shell builtin or an absolute path. Plain POSIX sh: dash, ash, bash 3.
#
# Settings, as keys of [plugin.micromegas-micromegas-datasource] in grafana.ini or as variables of Grafana:
#   node          / GF_PLUGIN_NODE           the Node.js to use
#   proxy_socket  / GF_PLUGIN_PROXY_SOCKET   path of the socket of a proxy that runs elsewhere
#   proxy_address / GF_PLUGIN_PROXY_ADDRESS  host:port of such a proxy

NEEDED=22
REJECTED=

# Grafana reads the level from the bracket.
say() {
  printf '[%s] Micromegas data source: %s\n' "$1" "$2" >&2
}

# The folder of this file; where it was started through a link, the folder that the link leads to.
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

# Becomes the proxy if this is a Node.js that can run it; returns otherwise. The version costs a few milliseconds to ask.
# Half of the usual space for new objects, in megabytes: what small answers leave behind is found sooner.
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
    say WARN "the configured Node.js, $GF_PLUGIN_NODE, is missing or older than version $NEEDED; looking for another."
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
  say ERROR "no Node.js $NEEDED or newer was found.${REJECTED:+ Not usable:$REJECTED.} Install Node.js, or name it by \"node = /path/to/node\" under [plugin.micromegas-micromegas-datasource] in grafana.ini, or run the proxy beside Grafana and set \"proxy_socket\" there."
  exit 1
}

# Stands in for a proxy that runs elsewhere: tells Grafana where, and stays for as long as Grafana does.
point_elsewhere() {
  printf '1|2|%s|%s|grpc\n' "$1" "$2"
  for sleep in /bin/sleep /usr/bin/sleep /run/current-system/sw/bin/sleep; do
    [ -x "$sleep" ] || continue
    # Grafana kills this shell, not the sleep: that must not hold Grafana's pipes, or its restart would wait for it.
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
  point_elsewhere unix "$GF_PLUGIN_PROXY_SOCKET"
elif [ -n "${GF_PLUGIN_PROXY_ADDRESS-}" ]; then
  point_elsewhere tcp "$GF_PLUGIN_PROXY_ADDRESS"
fi
become_proxy
