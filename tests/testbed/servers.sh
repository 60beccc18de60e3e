# shellcheck shell=bash
# Several servers in one folder, for a script that starts them. Sourced by it after lib.sh. Uses what it sets: DIR, and
# SERVERS, their names. DIR/env has the ports (NAME_PORT=…), DIR/NAME.pid the process ids; each server's words name a file
# of DIR.

# new_port NAME: PORT is a free one, and is written to DIR/env.
new_port() {
	while :; do
		PORT=$((20000 + RANDOM % 12000))
		grep -q "=$PORT\$" "$DIR/env" || port_taken "$PORT" || break
	done
	printf '%s_PORT=%s\n' "${1^^}" "$PORT" >>"$DIR/env"
}

port_of() { sed -n "s/^${1^^}_PORT=//p" "$DIR/env"; }

# run NAME FILE COMMAND...: in the background; what it says goes to DIR/FILE.
run() {
	local name=$1 file=$2
	shift 2
	setsid "$@" >"$DIR/$file" 2>&1 </dev/null &
	echo $! >"$DIR/$name.pid"
	disown
}

# Until something listens on each port.
wait_for_ports() {
	local port name
	while read -r port; do
		until port_taken "$port"; do
			for name in "${SERVERS[@]}"; do
				kill -0 "$(<"$DIR/$name.pid")" 2>/dev/null || die "$name did not start: $(tail -n 3 "$DIR/$name".{out,log,error} 2>/dev/null)"
			done
			sleep 0.05
		done
	done < <(sed 's/.*=//' "$DIR/env")
}

# Does the server of this name run, and is it ours? A number in a file may be another's by now.
is_ours() {
	local pid
	[[ -r $DIR/$1.pid ]] || return 1
	pid=$(<"$DIR/$1.pid")
	[[ $pid =~ ^[0-9]+$ ]] && tr '\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null | grep -qF "$DIR/"
}

# watch_owner PID: when that process ends (a test that is killed), so do they.
watch_owner() {
	# shellcheck disable=SC2016
	setsid bash -c 'while kill -0 "$1" 2>/dev/null; do sleep 1; done; exec "$2" down "$3"' watch \
		"$1" "$(readlink -f "$0")" "$DIR" >/dev/null 2>&1 </dev/null &
	disown
}
