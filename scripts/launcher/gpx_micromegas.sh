#!/bin/sh
# The executable that Grafana starts as the backend of the Micromegas data source. It finds Node.js, first in the package of the plugin
# (runtime/) and then on the machine, and replaces itself with the backend (proxy.cjs).
#
# The build copies this file to one file per platform. Grafana 12.4 and newer pass neither PATH nor HOME, so this script uses
# only shell builtins and absolute paths. It is plain POSIX sh, for dash, ash and bash 3.
#
# Settings, as keys of [plugin.micromegas-micromegas-datasource] in grafana.ini or as environment variables of Grafana:
#   node            / GF_PLUGIN_NODE             the Node.js to use
#   backend_socket  / GF_PLUGIN_BACKEND_SOCKET   path of the socket of a sidecar
#   backend_address / GF_PLUGIN_BACKEND_ADDRESS  host:port of a sidecar
#   backend_restrictions / GF_PLUGIN_BACKEND_RESTRICTIONS  `sidecar` if the sidecar has restrictions of its own
# The former names proxy_socket and proxy_address work too.

NEEDED=22
NO_NODE=3
REJECTED=
FAILED=
NEWLINE='
'

# Grafana reads the log level from the brackets.
say() {
  printf '[%s] Micromegas data source: %s\n' "$1" "$2" >&2
}

# Sets HERE to the folder of this file, and PLATFORM to the end of its name, <os>_<arch>. If the script was started
# through symbolic links, both describe the last target. Linux follows at most 40 links.
locate() {
  self=$0
  links=0
  case $self in */*) ;; *) self=./$self ;; esac
  while [ ! -f "${self%/*}/proxy.cjs" ] && [ -h "$self" ] && [ "$links" -lt 40 ]; do
    links=$((links + 1))
    target=
    for readlink in /usr/bin/readlink /bin/readlink; do
      [ -x "$readlink" ] || continue
      target=$("$readlink" "$self")
      break
    done
    case $target in
      '') break ;;
      /*) self=$target ;;
      *) self=${self%/*}/$target ;;
    esac
  done
  HERE=${self%/*}
  PLATFORM=${self##*/gpx_micromegas_}
}

# Replaces this process with the backend. The arguments are the command that starts Node.js. --max-semi-space-size, in megabytes,
# gives V8's new space half of its default size, so that the garbage of small responses is collected sooner. Up to three words of
# an administrator's options follow; --help lists the options.
run_proxy() {
  set -- "$@" --max-semi-space-size=8 "$HERE/proxy.cjs"
  [ -z "$OPTION_1" ] || set -- "$@" "$OPTION_1"
  [ -z "$OPTION_2" ] || set -- "$@" "$OPTION_2"
  [ -z "$OPTION_3" ] || set -- "$@" "$OPTION_3"
  exec "$@"
}

# Replaces this process with the backend if $1 is a Node.js that can run the backend. If not, returns. `--version` takes a
# few milliseconds.
try() {
  [ -f "$1" ] && [ -x "$1" ] || return 0
  case $REJECTED in *" $1 ("*) return 0 ;; esac
  version=$("$1" --version 2>/dev/null) || version=
  major=${version#v}
  major=${major%%.*}
  case $major in
    '' | *[!0-9]*) ;;
    *) [ "$major" -lt "$NEEDED" ] || run_proxy "$1" ;;
  esac
  REJECTED="$REJECTED${REJECTED:+,} $1 (${version:-does not run})"
}

# Replaces this process with the backend if $1, a Node.js of this package, runs. $2 is the loader of the C library that
# $1 needs; it is empty on macOS. The loader also starts a file that is not executable. If $1 does not run, the reason
# is stored for the log.
try_bundled() {
  [ -f "$1" ] || return 0
  file=$1
  if [ -n "$2" ] && [ ! -x "$2" ]; then
    fail "$2 is missing"
    return 0
  fi
  if [ -x "$file" ]; then
    set -- "$file"
  elif [ -n "$2" ]; then
    set -- "$2" "$file"
  else
    fail 'the file is not executable'
    return 0
  fi
  output=$("$@" --version 2>&1) || output=${output:-exit code $?}
  case $output in
    v[0-9]*) run_proxy "$@" ;;
    *) fail "${output%%"$NEWLINE"*}" ;;
  esac
}

fail() {
  FAILED="$FAILED${FAILED:+;} $file: $1"
}

# The Node.js of the package: for glibc and musl on Linux, for the system on macOS. On Alpine, a library may imitate
# glibc, but Node.js does not run with it. So the Node.js for musl is tried first on Alpine.
try_runtime() {
  case $PLATFORM in
    linux_amd64) glibc=/lib64/ld-linux-x86-64.so.2 musl=/lib/ld-musl-x86_64.so.1 ;;
    linux_arm64) glibc=/lib/ld-linux-aarch64.so.1 musl=/lib/ld-musl-aarch64.so.1 ;;
  esac
  [ ! -f /etc/alpine-release ] || try_bundled "$HERE/runtime/musl/bin/node_$PLATFORM" "$musl"
  try_bundled "$HERE/runtime/glibc/bin/node_$PLATFORM" "$glibc"
  [ -f /etc/alpine-release ] || try_bundled "$HERE/runtime/musl/bin/node_$PLATFORM" "$musl"
  try_bundled "$HERE/runtime/macos/bin/node_$PLATFORM" ''
}

# Explains why the Node.js of the package is not used.
explain_runtime() {
  case $PLATFORM in
    darwin_*) advice=" If a browser downloaded the package, run: xattr -dr com.apple.quarantine '$HERE'." ;;
    *) advice= ;;
  esac
  say WARN "the Node.js of this package does not run on this machine:${FAILED:- the package is not for $PLATFORM}.$advice Another Node.js is used if one is found."
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
  try_runtime
  [ ! -d "$HERE/runtime" ] || explain_runtime
  try "$HERE/node"
  try_path
  for node in \
    /usr/local/bin/node /usr/bin/node /bin/node /opt/homebrew/bin/node /opt/local/bin/node /snap/bin/node \
    /run/current-system/sw/bin/node /usr/local/lib/nodejs/bin/node /usr/local/lib/nodejs/*/bin/node \
    /opt/node/bin/node /opt/nodejs/bin/node /opt/node-*/bin/node /opt/homebrew/opt/node@*/bin/node \
    /usr/local/opt/node@*/bin/node /usr/local/nvm/versions/node/*/bin/node; do
    try "$node"
  done
  install="Install the plugin's package for $PLATFORM, which contains Node.js, or install Node.js"
  [ -z "$FAILED" ] || install='Install Node.js'
  say ERROR "no Node.js $NEEDED or newer was found.${REJECTED:+ Not usable:$REJECTED.} $install, or set \"node = /path/to/node\" in the section [plugin.micromegas-micromegas-datasource] of grafana.ini, or run the plugin's backend as a sidecar and set \"backend_socket\" in that section."
  exit "$NO_NODE"
}

# $1: the former name of a setting that is set. $2: its name.
say_renamed() {
  say WARN "the setting $1 is now named $2. Rename it in the configuration of Grafana."
}

# Exports the variables of Grafana whose names a shell variable cannot have, such as that of the key allowed-hosts: dash drops them,
# so the backend would not see that a restriction is mistyped. `__` replaces each `-` and `.`, which leaves the name mistyped. The
# values are not kept. /proc has the variables without separators, because `read` skips NUL.
keep_names() {
  [ -r "/proc/$$/environ" ] || return 0
  variables=
  while IFS= read -r line || [ -n "$line" ]; do
    variables=$variables$line$NEWLINE
  done <"/proc/$$/environ"
  while :; do
    case $variables in *GF_PLUGIN_*=*) ;; *) return 0 ;; esac
    variables=${variables#*GF_PLUGIN_}
    name=${variables%%=*}
    case $name in '' | *[!A-Za-z0-9_.-]*) continue ;; *[.-]*) ;; *) continue ;; esac
    valid=GF_PLUGIN_
    while [ -n "$name" ]; do
      part=${name%%[.-]*}
      valid=$valid$part
      [ "$part" != "$name" ] || break
      valid=${valid}__
      name=${name#"$part"?}
    done
    export "$valid=mistyped"
  done
}

# Ends this process if a restriction of grafana.ini is set, because the sidecar does not read grafana.ini. `set` without arguments
# prints all variables. A name that contains a part of a restriction's name counts as this restriction, because it may be mistyped.
keep_restrictions() {
  [ "${GF_PLUGIN_BACKEND_RESTRICTIONS-}" != sidecar ] || return 0
  rest=$(set)$NEWLINE
  while [ -n "$rest" ]; do
    line=${rest%%"$NEWLINE"*}
    rest=${rest#*"$NEWLINE"}
    case $line in *=\'\' | *=) continue ;; GF_PLUGIN_*=*) name=${line%%=*} ;; *) continue ;; esac
    case $name in
      GF_PLUGIN_PROXY_ALLOW_REMOTE) continue ;;
      *HOST*) key=allowed_hosts ;;
      *REFUSE* | *PLAIN* | *TEXT* | *TOKEN*) key=refuse_plaintext_tokens ;;
      *FOLDER* | *FILE*) key=allowed_file_folders ;;
      *ALL* | *WED*) key='the restriction that probably is meant' ;;
      *) continue ;;
    esac
    say ERROR "the sidecar does not read $key of grafana.ini ($name). Set the restriction in the environment of the sidecar, and backend_restrictions = sidecar in grafana.ini."
    exit 1
  done
}

# Writes to the log if the sidecar does not respond, and if it responds for the first time or again. $1 and $2 are those of
# point_to_sidecar. The check needs Node.js, which Grafana's side of a sidecar may not have: then only the socket is looked for.
check_sidecar() {
  case $1 in unix) OPTION_2=unix:$2 ;; *) OPTION_2=$2 ;; esac
  OPTION_1=--check
  problem=$(become_proxy </dev/null 2>&1 >/dev/null)
  case $? in
    0) problem= ;;
    "$NO_NODE")
      problem=
      [ "$1" != unix ] || [ -S "$2" ] || problem="There is no socket $2. The sidecar does not run, or listens at another address."
      [ -n "$problem" ] || state="used, but not checked without Node.js"
      ;;
  esac
  if [ -n "$problem" ]; then
    say ERROR "the sidecar is down, and all queries fail. ${problem##*"$NEWLINE"}"
    DOWN=yes
  elif [ "$DOWN" != no ]; then
    say INFO "the sidecar at $2 is ${state:-used, and responds}."
    DOWN=no
  fi
}

# Prints the handshake with the address of the sidecar, checks the sidecar now and each minute, and waits until Grafana exits.
point_to_sidecar() {
  keep_restrictions
  printf '1|2|%s|%s|grpc\n' "$1" "$2"
  DOWN=
  state=
  turns=0
  for sleep in /bin/sleep /usr/bin/sleep /run/current-system/sw/bin/sleep; do
    [ -x "$sleep" ] || continue
    # Grafana kills this shell but not the sleep command. If that command kept Grafana's pipes open, it would delay a restart.
    while kill -0 "$PPID" 2>/dev/null; do
      [ $((turns % 12)) -ne 0 ] || check_sidecar "$1" "$2"
      turns=$((turns + 1))
      "$sleep" 5 </dev/null >/dev/null 2>&1
    done
    exit 0
  done
  say ERROR "backend_socket and backend_address need the command sleep, which this system does not have."
  exit 1
}

OPTION_1=${1-} OPTION_2=${2-} OPTION_3=${3-}
keep_names
locate
if [ -n "$OPTION_1" ]; then
  : # Grafana gives no options, so an administrator has started this file.
elif [ -n "${GF_PLUGIN_BACKEND_SOCKET-}" ]; then
  point_to_sidecar unix "$GF_PLUGIN_BACKEND_SOCKET"
elif [ -n "${GF_PLUGIN_BACKEND_ADDRESS-}" ]; then
  point_to_sidecar tcp "$GF_PLUGIN_BACKEND_ADDRESS"
elif [ -n "${GF_PLUGIN_PROXY_SOCKET-}" ]; then
  say_renamed proxy_socket backend_socket
  point_to_sidecar unix "$GF_PLUGIN_PROXY_SOCKET"
elif [ -n "${GF_PLUGIN_PROXY_ADDRESS-}" ]; then
  say_renamed proxy_address backend_address
  point_to_sidecar tcp "$GF_PLUGIN_PROXY_ADDRESS"
fi
become_proxy
