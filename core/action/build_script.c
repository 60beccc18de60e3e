/*
 * The script runs under any POSIX sh, with git and flock. The lock is held by an open file, so it is
 * gone with the script however that ends; what the script starts does not inherit it (a daemon of a
 * build tool would keep it for hours).
 *
 * The tree belongs to the project, the artifact is copied out of it: the next build, of another
 * application or branch, cleans the tree. Copies are named by their checksum; the newest twenty
 * stay.
 *
 * Who asked for the build may be gone at any time, without a word: killed, or its link cut. So a line
 * that means nothing is said every two seconds, and when nobody can hear it any more, all that the
 * script has started ends with it.
 *
 * The address is given to git in a file of mode 0600, never as a word that `ps` shows. Hooks are
 * off; a workspace is foreign content.
 */
#include "core/action/build_script.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/base/shell.h"
#include "core/base/str.h"

#define LINE_BYTES ((size_t)16 << 10)

/* ---- what is taken ---- */

static bool has_control(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < 0x20 || *text == 0x7f)
			return true;
	return false;
}

/* user@host:path, which is ssh. */
static bool is_scp_like(const char *git)
{
	const char *colon = strchr(git, ':'), *slash = strchr(git, '/');

	return colon && colon != git && (!slash || colon < slash) && !str_starts(colon, "::");
}

static int check_git(const char *git, struct err *err)
{
	static const char *const schemes[] = {"https://", "ssh://", "file:///"};

	if (!*git || *git == '-' || has_control(git))
		return err_set(err, E_CONFIG, _("build.git: not an address of a repository"));
	for (size_t i = 0; i < ARRAY_SIZE(schemes); i++)
		if (str_starts(git, schemes[i]))
			return 0;
	if (*git == '/' || (!strstr(git, "://") && is_scp_like(git)))
		return 0;
	return err_set(err, E_CONFIG,
		_("build.git: only https://, ssh://, user@host:path, file:/// and absolute paths "
		  "are taken"));
}

/* Close to what git itself takes as a name. */
static int check_ref(const char *ref, struct err *err)
{
	bool is_bad = !*ref || *ref == '-' || *ref == '/' || has_control(ref) ||
		ref[strcspn(ref, " ~^:?*[\\")] || strstr(ref, "..") || strstr(ref, "@{") ||
		strstr(ref, "//") || str_ends(ref, "/") || str_ends(ref, ".lock");

	if (!is_bad)
		return 0;
	return err_set(
		err, E_CONFIG, _("build.ref: '%s' is no name of a branch, tag or commit"), ref);
}

static bool leaves_tree(const char *path)
{
	if (*path == '/')
		return true;
	while (path) {
		if (str_eq(path, "..") || str_starts(path, "../"))
			return true;
		path = strchr(path, '/');
		path = path ? path + 1 : NULL;
	}
	return false;
}

int build_check(const struct build_spec *spec, struct err *err)
{
	int rc = spec->git ? check_git(spec->git, err) : 0;

	if (rc == 0 && spec->ref && !spec->git)
		rc = err_set(err, E_CONFIG, _("build.ref needs build.git"));
	if (rc == 0 && spec->ref)
		rc = check_ref(spec->ref, err);
	if (rc == 0 && !spec->git && spec->host && !str_eq(spec->host, "local"))
		rc = err_set(err, E_CONFIG,
			_("build.host: without build.git it is built in the workspace, on this "
			  "machine"));
	if (rc == 0 && str_empty(spec->command))
		rc = err_set(err, E_CONFIG, _("build.command is missing"));
	if (rc == 0 && str_empty(spec->artifact))
		rc = err_set(err, E_CONFIG,
			_("build.artifact is missing: a pattern such as target/*.jar"));
	if (rc == 0 && (leaves_tree(spec->artifact) || has_control(spec->artifact)))
		rc = err_set(err, E_CONFIG, _("build.artifact: '%s' is not inside of the project"),
			spec->artifact);
	return rc;
}

/* ---- names ---- */

void build_key(const struct build_spec *spec, char out[BUILD_KEY_LEN])
{
	const char *of = spec->git ? spec->git : spec->folder;
	const char *end = of + strlen(of), *name;
	char hash[HASH_HEX_LEN + 1];
	size_t len = 0;

	hash_bytes(of, strlen(of), hash);
	while (end > of && end[-1] == '/')
		end--;
	if (end - of > 4 && strncmp(end - 4, ".git", 4) == 0)
		end -= 4;
	for (name = end; name > of && name[-1] != '/' && name[-1] != ':'; name--)
		;
	/* Only letters that no shell or file system minds. */
	for (; name < end && len < 40; name++)
		if ((*name >= 'a' && *name <= 'z') || (*name >= 'A' && *name <= 'Z') ||
			(*name >= '0' && *name <= '9') || (len && strchr("._-", *name)))
			out[len++] = *name;
	if (len)
		out[len++] = '-';
	memcpy(out + len, hash, 16);
	out[len + 16] = '\0';
}

void build_digest(const struct build_spec *spec, char out[HASH_HEX_LEN + 1])
{
	/* The ref too: anybody may push what refs/pull/7/head names. */
	const char *parts[] = {spec->git ? spec->git : "", spec->git ? "" : spec->folder,
		spec->ref ? spec->ref : "", spec->command, spec->host ? spec->host : "local"};
	struct hash *hash = hash_new();

	/* With its end, so that no two lists of parts are the same bytes. */
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
		hash_add(hash, parts[i], strlen(parts[i]) + 1);
	hash_finish(hash, out);
}

/* ---- the script ---- */

static const char head[] =
	"exec 3>&1 1>&2 </dev/null\n"
	"set -u\n"
	"mask=$(umask); umask 077\n"
	"unset GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE GIT_OBJECT_DIRECTORY GIT_NAMESPACE CDPATH\n"
	"export GIT_ALLOW_PROTOCOL=https:ssh:file GIT_TERMINAL_PROMPT=0\n"
	"say() { printf '%s\\n' \"$*\" >&3; }\n"
	"fail() { text=$(printf '%s' \"$*\" | tr '\\n\\r' '  '); echo \"weir: $text\" >&2\n"
	"	say \"error $text\"; exit 1; }\n"
	/* Its own group (as ssh.h and proc.h make one): the command's children are in it too. */
	"( trap '' PIPE\n"
	"while sleep 2 3>&- >/dev/null 2>&1 && kill -s 0 $$ 2>/dev/null; do\n"
	"	printf 'beat\\n' 2>/dev/null >&3 && continue\n"
	"	trap '' TERM; kill -s TERM 0; sleep 3; kill -s KILL 0\n"
	"done ) &\n"
	"beat=$!; unset WEIR_LOGIN\n"
	"leave() { kill \"$beat\" 2>/dev/null; [ -z \"${WEIR_LOGIN:-}\" ] || rm -f -- "
	"\"$WEIR_LOGIN\"; }\n"
	"trap leave EXIT\n"
	"sha256() {\n"
	"	if command -v sha256sum >/dev/null 2>&1; then sha256sum <\"$1\"\n"
	"	elif command -v shasum >/dev/null 2>&1; then shasum -a 256 <\"$1\"\n"
	"	else openssl dgst -sha256 -r <\"$1\"; fi | cut -c1-64\n"
	"}\n"
	"cache=${XDG_CACHE_HOME:-}\n"
	"case $cache in /*) ;; *) cache=${HOME:?}/.cache ;; esac\n"
	"root=$cache/weir/projects/$key\n"
	"mkdir -p -- \"$root/artifacts\" || fail \"cannot make the folder $root\"\n"
	"command -v flock >/dev/null 2>&1 || fail 'there is no flock (util-linux) on this host'\n"
	"exec 9>>\"$root/lock\"\n"
	"if ! flock -n 9; then\n"
	"	say waiting\n"
	"	echo 'waiting for another build of this project to end' >&2\n"
	"	flock 9 || fail 'the lock of the project cannot be had'\n"
	"fi\n"
	"say begin\n";

static const char checkout[] =
	"plain() { git -c core.hooksPath=/dev/null -c gc.auto=0 -c maintenance.auto=false \\\n"
	"	-c advice.detachedHead=false \"$@\" 3>&- 9>&-; }\n"
	"g() { plain \"$@\"; }\n"
	"command -v git >/dev/null 2>&1 || fail 'there is no git on this host'\n"
	"tree=$root/tree\n"
	"if ! git --git-dir=\"$tree/.git\" rev-parse --git-dir >/dev/null 2>&1; then\n"
	"	rm -rf -- \"$tree\"\n"
	"	git init -q --template= -- \"$tree\" || fail \"git cannot make $tree\"\n"
	"fi\n"
	"cd \"$tree\" || fail \"cannot enter $tree\"\n"
	/* Nobody else is here: what a killed build left would stop all later ones. */
	"find .git -name '*.lock' -type f -exec rm -f {} +\n"
	"printf '[remote \"weir\"]\\n\\turl = \"%s\"\\n' \"$url\" >.git/weir.config\n"
	"g config include.path weir.config || fail 'git config failed'\n"
	/* git gives its helper for https the address as a word: what it logs in with comes from a
	 * file, for submodules too. */
	"export WEIR_LOGIN=$tree/.git/weir.login\n"
	"rm -f -- \"$WEIR_LOGIN\"\n"
	"if [ -n \"$login\" ]; then\n"
	"	printf '%s\\n' \"$login\" >\"$WEIR_LOGIN\"\n"
	"	g() { plain -c credential.helper= \\\n"
	"		-c 'credential.helper=store --file=\"$WEIR_LOGIN\"' \"$@\"; }\n"
	"fi\n"
	"find_all() {\n"
	"	deep=; [ -f .git/shallow ] && deep=--unshallow\n"
	"	g fetch -q $deep --tags --force -- weir '+refs/heads/*:refs/weir/heads/*' ||\n"
	"		fail \"the repository $shown cannot be fetched\"\n"
	"}\n"
	"has() { printf '%s\\n' \"$refs\" | { while read -r x name; do\n"
	"	[ \"$name\" = \"$1\" ] && exit 0; done; exit 1; }; }\n"
	"refs=$(g ls-remote -- weir HEAD \"refs/heads/$ref\" \"refs/tags/$ref\" \"$ref\") ||\n"
	"	fail \"the repository $shown cannot be read\"\n"
	"want=\n"
	"if [ -z \"$ref\" ]; then want=HEAD\n"
	"elif has \"refs/heads/$ref\"; then want=refs/heads/$ref\n"
	"elif has \"refs/tags/$ref\"; then want=refs/tags/$ref\n"
	"else case $ref in refs/*) has \"$ref\" && want=$ref ;; esac; fi\n"
	"if [ -n \"$want\" ]; then\n"
	"	g fetch -q --depth 1 --no-tags --force -- weir \"+$want:refs/weir/want\" ||\n"
	"		fail \"$want of $shown cannot be fetched\"\n"
	"	commit=$(g rev-parse --verify --quiet 'refs/weir/want^{commit}') ||\n"
	"		fail \"$want of $shown is no commit\"\n"
	"else\n"
	"	commit=\n"
	"	case $ref in\n"
	"	???|??|?|*[!0-9a-fA-F]*) ;;\n"
	"	*)\n"
	"		[ ${#ref} -lt 40 ] || g cat-file -e \"$ref^{commit}\" 2>/dev/null ||\n"
	"			g fetch -q --depth 1 --no-tags -- weir \"$ref\" 2>/dev/null\n"
	"		[ ${#ref} -ge 40 ] && g cat-file -e \"$ref^{commit}\" 2>/dev/null || "
	"find_all\n"
	"		commit=$(g rev-parse --verify --quiet \"$ref^{commit}\") ;;\n"
	"	esac\n"
	"	[ -n \"$commit\" ] || fail \"there is no branch, tag or commit '$ref' in $shown\"\n"
	"fi\n"
	"echo \"commit $commit${ref:+ ($ref)} of $shown\" >&2\n"
	"g checkout -q --force --detach \"$commit\" || fail \"git cannot check out $commit\"\n"
	"g clean -ffdxq || fail \"git cannot clean $tree\"\n"
	"if [ -f .gitmodules ]; then\n"
	"	g submodule --quiet sync --recursive &&\n"
	"	g submodule --quiet update --init --recursive --force &&\n"
	"	g submodule --quiet foreach --recursive 'git clean -ffdxq' ||\n"
	"		fail 'the submodules cannot be fetched'\n"
	"fi\n"
	"rm -f -- \"$WEIR_LOGIN\"; unset WEIR_LOGIN\n"
	"say \"commit $commit\"\n";

static const char in_folder[] = "cd \"$tree\" || fail \"cannot enter $tree\"\n"
				"echo \"built in $tree, as it is\" >&2\n";

static const char tail[] =
	"say step command\n"
	"echo \"+ $command\" >&2\n"
	/* Never as a word: it may set TOKEN=… */
	"( umask \"$mask\"; export WEIR_COMMAND=\"$command\"\n"
	"exec sh -c 'eval \"unset WEIR_COMMAND\n$WEIR_COMMAND\"' ) 3>&- 9>&-\n"
	"status=$?\n"
	"say \"status $status\"\n"
	"[ $status -eq 0 ] || exit 1\n"
	"say step artifact\n"
	"cd \"$tree\" || fail \"the command has removed $tree\"\n"
	"IFS=; set -- ./$pattern; unset IFS\n"
	"count=0; names=; found=\n"
	"for file do\n"
	"	[ -f \"$file\" ] || continue\n"
	"	count=$((count + 1)); found=$file\n"
	"	[ $count -le 10 ] && names=\"$names${names:+, }${file#./}\"\n"
	"done\n"
	"[ $count -gt 0 ] || fail \"no file matches $pattern in $tree\"\n"
	"[ $count -eq 1 ] || fail \"$count files match $pattern: $names. Name the one that is "
	"meant\"\n"
	"case $found in *[[:cntrl:]]*) fail 'the name of the artifact has control characters' ;; "
	"esac\n"
	"sum=$(sha256 \"$found\"); kept=$root/artifacts/$sum; name=${found##*/}\n"
	"[ ${#sum} -eq 64 ] || fail 'the checksum of the artifact cannot be made'\n"
	"mkdir -p -- \"$kept\" && cp -f -- \"$found\" \"$kept/.part\" &&\n"
	"	mv -f -- \"$kept/.part\" \"$kept/$name\" && touch -- \"$kept\" ||\n"
	"	fail \"the artifact cannot be copied to $kept\"\n"
	"[ \"$(sha256 \"$kept/$name\")\" = \"$sum\" ] || fail \"the artifact was copied wrongly\"\n"
	"ls -1t -- \"$root/artifacts\" | tail -n +21 | while read -r old; do\n"
	"	case $old in *[!0-9a-f]*) ;; ?*) rm -rf -- \"${root:?}/artifacts/$old\" ;; esac\n"
	"done\n"
	"size=$(wc -c <\"$kept/$name\")\n"
	"echo \"artifact ${found#./}, sha256 $sum\" >&2\n"
	"say \"artifact $((size)) $sum $kept/$name\"\n";

static void assign(struct buf *out, const char *name, const char *value)
{
	buf_addf(out, "%s=", name);
	sh_quote(out, value);
	buf_addc(out, '\n');
}

/* In a value of git's configuration. */
static char *config_value(const char *text)
{
	struct buf out;

	buf_init(&out, 0);
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			buf_addc(&out, '\\');
		buf_addc(&out, *text);
	}
	return buf_detach(&out);
}

char *build_address(const char *git)
{
	const char *scheme = strstr(git, "://"), *at;
	size_t start = scheme ? (size_t)(scheme - git) + 3 : 0;
	size_t len = start + strcspn(git + start, "/");

	at = scheme ? memrchr(git + start, '@', len - start) : NULL;
	return at ? xasprintf("%.*s%s", (int)start, git, at + 1) : xstrdup(git);
}

/* "https://user:password@host": what git's store of logins holds; NULL = none is said. */
static char *login_of(const char *git)
{
	size_t scheme = strlen("https://"), len;
	const char *at, *colon;

	if (!str_starts(git, "https://"))
		return NULL;
	len = strcspn(git + scheme, "/");
	at = memrchr(git + scheme, '@', len);
	colon = at ? memchr(git + scheme, ':', (size_t)(at - git) - scheme) : NULL;
	return colon ? xstrndup(git, scheme + len) : NULL;
}

static void assign_address(struct buf *out, const char *git)
{
	char *shown = build_address(git), *login = login_of(git);
	char *url = config_value(login ? shown : git);

	assign(out, "url", url);
	assign(out, "login", login ? login : "");
	assign(out, "shown", shown);
	mem_wipe(url, strlen(url));
	if (login)
		mem_wipe(login, strlen(login));
	free(login);
	free(url);
	free(shown);
}

void build_script(const struct build_spec *spec, struct buf *out)
{
	char key[BUILD_KEY_LEN];

	build_key(spec, key);
	assign(out, "key", key);
	assign(out, "command", spec->command);
	assign(out, "pattern", spec->artifact);
	if (spec->git) {
		assign_address(out, spec->git);
		assign(out, "ref", spec->ref ? spec->ref : "");
	} else {
		assign(out, "tree", spec->folder);
	}
	buf_adds(out, head);
	buf_adds(out, spec->git ? checkout : in_folder);
	buf_adds(out, tail);
}

/* ---- what it says ---- */

void build_progress_init(struct build_progress *progress)
{
	*progress = (struct build_progress){.status = -1, .size = -1};
	buf_init(&progress->line, LINE_BYTES);
}

void build_progress_release(struct build_progress *progress)
{
	buf_release(&progress->line);
	free(progress->artifact);
	free(progress->error);
}

static bool is_hex(const char *text, size_t len)
{
	return strlen(text) == len && strspn(text, "0123456789abcdef") == len;
}

/* "SIZE SHA256 PATH" */
static bool artifact_said(struct build_progress *progress, char *text)
{
	char *sum = strchr(text, ' '), *path = sum ? strchr(sum + 1, ' ') : NULL;

	if (!path)
		return false;
	*sum++ = *path++ = '\0';
	if (!is_hex(sum, HASH_HEX_LEN) || *path != '/' || !str_to_int64(text, &progress->size) ||
		progress->size < 0)
		return false;
	memcpy(progress->sha256, sum, HASH_HEX_LEN + 1);
	free(progress->artifact);
	progress->artifact = xstrdup(path);
	progress->step = BUILD_OVER;
	return true;
}

static bool line_said(struct build_progress *progress, char *line)
{
	int64_t status;

	if (str_eq(line, "beat")) {
		return true;
	} else if (str_eq(line, "waiting")) {
		progress->is_waiting = true;
	} else if (str_eq(line, "begin")) {
		progress->is_waiting = false;
		progress->has_begun = true;
	} else if (str_starts(line, "commit ") && (is_hex(line + 7, 40) || is_hex(line + 7, 64))) {
		memcpy(progress->commit, line + 7, strlen(line + 7) + 1);
	} else if (str_eq(line, "step command")) {
		progress->step = BUILD_COMMAND_RUN;
	} else if (str_starts(line, "status ") && str_to_int64(line + 7, &status)) {
		progress->status = (int)status;
	} else if (str_eq(line, "step artifact")) {
		progress->step = BUILD_ARTIFACT;
	} else if (str_starts(line, "artifact ")) {
		return artifact_said(progress, line + 9);
	} else if (str_starts(line, "error ")) {
		free(progress->error);
		progress->error = xstrdup(line + 6);
	} else {
		return false;
	}
	return true;
}

void build_said(struct build_progress *progress, const char *bytes, size_t len)
{
	for (size_t i = 0; i < len && !progress->is_broken; i++) {
		if (bytes[i] != '\n') {
			progress->is_broken = buf_addc(&progress->line, bytes[i]) < 0;
			continue;
		}
		if (progress->line.len && !line_said(progress, progress->line.data))
			progress->is_broken = true;
		buf_reset(&progress->line);
	}
}
