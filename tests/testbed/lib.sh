# shellcheck shell=bash
# Shared by the scripts of this folder, which source it. Defines functions and the two roots, starts nothing.
#
#   WEIR_CACHE    what is downloaded or built once and then only read: Flink homes, the job jar.
#   WEIR_TESTBED  what belongs to running clusters, one folder each. Tests set it to a folder of their own.

WEIR_CACHE=${WEIR_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/weir}
WEIR_TESTBED=${WEIR_TESTBED:-$WEIR_CACHE/testbed}
PROGRAM=${0##*/}
SECONDS=0

# One progress line on stderr: seconds since the script began, then the text.
say() { printf '[%s %3ds] %s\n' "$PROGRAM" "$SECONDS" "$*" >&2; }

die() {
	printf '%s: %s\n' "$PROGRAM" "$*" >&2
	exit 1
}

bad_usage() {
	printf '%s: %s (see %s --help)\n' "$PROGRAM" "$*" "$PROGRAM" >&2
	exit 2
}

# The comment block at the top of the calling script is its help.
show_help() { sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//p}' "$0"; }

# hold_lock FILE: wait for FILE's lock and keep it until the script ends, on descriptor 9.
# Whatever is started to outlive the script must be given 9>&-, or it would keep the lock.
hold_lock() {
	mkdir -p "$(dirname "$1")"
	exec 9>"$1"
	if ! flock -n 9; then
		say "waiting for another $PROGRAM (${1##*/})"
		flock 9
	fi
}

drop_lock() { exec 9>&-; }

# Prints the system's own Python when it can make virtual environments (a version manager's python3
# may come first in PATH and lack parts), else python3.
find_python() {
	local python
	for python in /usr/bin/python3 "$(command -v python3 || true)"; do
		if [[ -x $python ]] && "$python" -c 'import venv, ensurepip' 2>/dev/null; then
			echo "$python"
			return
		fi
	done
	die "no Python 3 with venv (packages python3 python3-venv)"
}

# java_major HOME: 17, or nothing where HOME is not a JDK. Reads a file, so as to start no JVM.
java_major() {
	[[ -x $1/bin/java && -x $1/bin/javac && -r $1/release ]] || return 0
	sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$1/release"
}

# Prints the home of a JDK of version 11 to 21, 17 before others: Flink does not run on newer ones.
find_jdk() {
	local home major
	local -a homes=(${JAVA_HOME:+"$JAVA_HOME"})
	homes+=(/usr/lib/jvm/*17* /usr/lib/jvm/*21* /usr/lib/jvm/*11*)
	if command -v javac >/dev/null; then
		homes+=("$(dirname "$(dirname "$(readlink -f "$(command -v javac)")")")")
	fi
	for home in "${homes[@]}"; do
		major=$(java_major "$home")
		if [[ $major ]] && ((major >= 11 && major <= 21)); then
			echo "$home"
			return
		fi
	done
	die "no JDK between 11 and 21 found in JAVA_HOME, /usr/lib/jvm or PATH (package openjdk-17-jdk-headless)"
}

# Does something listen on this port of 127.0.0.1?
port_taken() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# Is the block of $2 ports from $1 free? (A cluster needs five.)
block_is_free() {
	local port
	for ((port = $1; port < $1 + ${2:-5}; port++)); do
		port_taken "$port" && return 1
	done
	return 0
}

# keep_block PORT DIR: the block stays that cluster's until give_block, also while its processes are killed and started
# again. Fails when it is another one's.
keep_block() {
	local dir
	dir=$(cat "$WEIR_CACHE/ports/$1" 2>/dev/null) && [[ -e $dir/cluster ]] && return 1
	mkdir -p "$WEIR_CACHE/ports" && echo "$2" >"$WEIR_CACHE/ports/$1"
}
give_block() { [[ $(cat "$WEIR_CACHE/ports/$1" 2>/dev/null) != "$2" ]] || rm -f "$WEIR_CACHE/ports/$1"; }

# json_string TEXT: TEXT as a JSON string. Control characters other than tab and line ends are not expected here.
json_string() {
	local text=$1
	text=${text//\\/\\\\}
	text=${text//\"/\\\"}
	text=${text//$'\n'/\\n}
	text=${text//$'\r'/\\r}
	text=${text//$'\t'/\\t}
	printf '"%s"' "$text"
}

# rest PORT METHOD PATH [curl arguments]: the answer's body. On an HTTP error, failure, and the innermost cause on stderr.
rest() {
	local port=$1 method=$2 path=$3 answer code cause
	shift 3
	answer=$(curl -sS --noproxy '*' --max-time 60 -X "$method" -w '\n%{http_code}' "$@" \
		"http://127.0.0.1:$port$path") || return 1
	code=${answer##*$'\n'}
	answer=${answer%$'\n'*}
	if [[ $code != 2* ]]; then
		cause=${answer##*Caused by: }
		printf '%s: %s %s answered %s: %s\n' "$PROGRAM" "$method" "$path" "$code" "${cause:0:400}" >&2
		return 1
	fi
	printf '%s\n' "$answer"
}
