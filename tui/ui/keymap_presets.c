/*
 * What differs from the program's own keys, as a keymap.yaml would say it. The default keys already
 * know j k h G gg, Ctrl-D and Ctrl-U, so vim adds numbers (42G, 5j): its digits are bound to nothing.
 * Where one reads, space and b turn pages, as in less; in lists space marks.
 */
#include "core/base/mem.h"
#include "core/base/str.h"
#include "tui/ui/keymap.h"

const char *const keymap_preset_names[] = {"default", "vim", "emacs", NULL};

#define PAGES                                                                                      \
	"  space: page-down\n"                                                                     \
	"  b: page-up\n"
#define PAGED "run:\n" PAGES "help:\n" PAGES

static const char less[] = PAGED "log:\n" PAGES "text:\n" PAGES;

static const char vim[] = "all:\n"
			  "  1: none\n"
			  "  2: none\n"
			  "  3: none\n"
			  "  4: none\n"
			  "  5: none\n"
			  "  6: none\n"
			  "  7: none\n"
			  "  8: none\n"
			  "  9: none\n"
			  "  0: none\n"
			  "  ctrl-e: down\n"
			  "  ctrl-y: up\n"
			  "  ctrl-o: history-back\n"
			  "  Z Z: quit\n"
			  "  Z Q: q!\n"
			  "card:\n"
			  "  g 1: overview\n"
			  "  L: next-tab\n"
			  "  H: previous-tab\n" PAGED "log:\n" PAGES "text:\n" PAGES;

static const char emacs[] =
	"all:\n"
	"  ctrl-v: page-down\n"
	"  alt-v: page-up\n"
	"  alt-<: top\n"
	"  alt->: bottom\n"
	"  ctrl-f: right\n"
	"  ctrl-b: left\n"
	"  ctrl-a: top\n"
	"  ctrl-e: bottom\n"
	"  ctrl-g: out\n"
	"  ctrl-s: filter\n"
	"  alt-x: palette\n"
	"  alt-g: line\n"
	"  ctrl-x ctrl-c: quit\n"
	"  ctrl-x k: back\n"
	"  ctrl-x b: last\n"
	"  ctrl-x left: history-back\n"
	"  ctrl-x right: history-forward\n"
	"  ctrl-x ctrl-s: save\n"
	"  ctrl-x ctrl-f: open\n" PAGED "log:\n" PAGES "  ctrl-r: search-previous\n"
	"text:\n" PAGES "  ctrl-r: search-previous\n";

const char *keymap_preset(const char *name)
{
	static const char *const texts[] = {less, vim, emacs};

	for (size_t i = 0; keymap_preset_names[i]; i++)
		if (str_eq(keymap_preset_names[i], name))
			return texts[i];
	return NULL;
}
