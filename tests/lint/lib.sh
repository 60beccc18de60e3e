# shellcheck shell=bash
# What the checks share. Each check prints one line for each finding and ends with 1 if there are any.
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 2

# all_files: what belongs to the project, tracked or about to be, one path a line.
all_files() {
	git -c safe.directory="$PWD" ls-files -co --exclude-standard 2>/dev/null |
		while IFS= read -r file; do [[ -f $file ]] && printf '%s\n' "$file"; done |
		grep . && return
	# Not a git checkout, e.g. an unpacked release.
	find . -type f -not -path './build/*' -not -path './.git/*' | sed 's|^\./||'
}

c_files() { all_files | grep -E '^(core|tui|tests)/.*\.[ch]$' | LC_ALL=C sort; }

# is_script FILE: does it begin with "#!"?
is_script() {
	local magic=
	IFS= read -r -n 2 magic <"$1" 2>/dev/null || true
	[[ $magic == '#!' ]]
}

# table NAME: the rows between <!-- NAME --> and <!-- /NAME --> in core/README.md as "first|second words".
table() {
	sed -n "/<!-- $1 -->/,/<!-- \/$1 -->/p" "${LINT_TABLES:-core/README.md}" |
		awk -F'|' 'NF >= 4 && $2 !~ /^-+$/ && ++row > 1 {
			gsub(/^ +| +$/, "", $2); gsub(/^ +| +$/, "", $3); print $2 "|" $3 }'
}
