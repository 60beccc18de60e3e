# shellcheck shell=bash
# The parts of tests/testbed/flink that few clusters need: high availability and what remembers ended jobs. Sourced by it,
# and uses what it sets (DIR REST SLOTS CLIENT HA, conf[] of start, and log, class, options, folder of launch).
#
# Ports after the five of every cluster: ZooKeeper, then REST, RPC and blobs of the second JobManager.
# shellcheck disable=SC2034

ports_needed() { [[ -n $HA ]] && echo 9 || echo 5; }
standby_address() { echo "http${CLIENT:+s}://127.0.0.1:$((REST + 6))"; }
standby_answers() {
	local answer
	answer=$(curl -sf --noproxy '*' --max-time 2 "$(standby_address)/overview" 2>/dev/null) || return 1
	[[ $answer =~ \"slots-total\":${SLOTS}[,}] ]]
}

archive_conf() {
	mkdir -p "$DIR/archive"
	conf+=("jobmanager.archive.fs.dir: file://$DIR/archive")
}

# A session that ends soon: a test waits for it. Flink's default is 60 s.
ha_conf() {
	local key=high-availability.type
	[[ $VERSION == 1.16.* ]] && key=high-availability
	conf=("$key: zookeeper"
		"high-availability.zookeeper.quorum: 127.0.0.1:$((REST + 5))"
		"high-availability.zookeeper.path.root: /flink"
		"high-availability.cluster-id: /$1"
		"high-availability.storageDir: file://$DIR/ha"
		"high-availability.zookeeper.client.session-timeout: 8000"
		"high-availability.jobmanager.port: $((REST + 1))"
		"${conf[@]}")
}

# The ZooKeeper that flink-dist carries.
start_zookeeper() {
	mkdir -p "$DIR"/{zk,ha}
	cat >"$DIR/conf/zoo.cfg" <<-CONF
		tickTime=1000
		initLimit=10
		syncLimit=5
		dataDir=$DIR/zk
		clientPort=$((REST + 5))
		clientPortAddress=127.0.0.1
		admin.enableServer=false
		server.1=127.0.0.1:1:2
	CONF
	launch zk
	wait_until "ZooKeeper" zk port_taken $((REST + 5))
}

# The same cluster once more, after the first one leads.
start_standby() {
	local file
	wait_until "REST of '$1' on port $REST" jm rest_answers
	cp -r "$DIR/conf" "$DIR/conf2"
	mkdir -p "$DIR"/{upload,tmp}2
	for file in "$DIR"/conf2/{config,flink-conf}.yaml; do
		[[ ! -e $file ]] || sed -i -e "s/^rest.port: .*/rest.port: $((REST + 6))/" \
			-e "s/^high-availability.jobmanager.port: .*/high-availability.jobmanager.port: $((REST + 7))/" \
			-e "s/^jobmanager.rpc.port: .*/jobmanager.rpc.port: $((REST + 7))/" \
			-e "s/^blob.server.port: .*/blob.server.port: $((REST + 8))/" \
			-e "s#^web.upload.dir: .*#web.upload.dir: $DIR/upload2#" \
			-e "s#^io.tmp.dirs: .*#io.tmp.dirs: $DIR/tmp2#" "$file"
	done
	launch jm2
	wait_until "the second JobManager of '$1'" "jm tm jm2" standby_answers
}

# extra_words zk|jm2|hs: the words of launch for these.
extra_words() {
	case $1 in
	zk)
		log=$DIR/log/zookeeper
		options+=(-Xmx64m)
		class=(org.apache.flink.runtime.zookeeper.FlinkZooKeeperQuorumPeer
			--zkConfigFile "$DIR/conf/zoo.cfg" --peerId 1)
		;;
	jm2)
		log=$DIR/log/jobmanager2
		folder=$DIR/conf2
		options+=(-Xmx224m)
		class=(org.apache.flink.runtime.entrypoint.StandaloneSessionClusterEntrypoint
			--configDir "$folder" --executionMode cluster)
		;;
	hs)
		log=$DIR/log/history
		folder=$DIR/conf-history
		options+=(-Xmx128m)
		class=(org.apache.flink.runtime.webmonitor.history.HistoryServer --configDir "$folder")
		;;
	esac
}

history_answers() { curl -sf --noproxy '*' --max-time 2 "http://127.0.0.1:$HISTORY/config" >/dev/null 2>&1; }

history() {
	local file
	load "$1"
	HISTORY=$2
	hold_lock "$WEIR_CACHE/ports.lock"
	if pid_of "$DIR" hs >/dev/null; then
		die "the HistoryServer of '$1' runs already"
	fi
	if [[ $HISTORY == auto ]]; then
		for ((HISTORY = 19400; HISTORY < 19600; ++HISTORY)); do
			port_taken "$HISTORY" || break
		done
	fi
	rm -rf "$DIR/conf-history"
	cp -r "$DIR/conf" "$DIR/conf-history"
	mkdir -p "$DIR/archive"
	for file in "$DIR"/conf-history/{config,flink-conf}.yaml; do
		[[ ! -e $file ]] || cat >>"$file" <<-CONF
			historyserver.web.address: 127.0.0.1
			historyserver.web.port: $HISTORY
			historyserver.archive.fs.dir: file://$DIR/archive
			historyserver.archive.fs.refresh-interval: 1000
			historyserver.web.tmpdir: $DIR/tmp/history
		CONF
	done
	launch hs
	wait_until "the HistoryServer of '$1' on port $HISTORY" hs history_answers
	drop_lock
	echo "http://127.0.0.1:$HISTORY"
}
