/*
 * Foreign YAML. Beyond not crashing: every mistake has a place inside the text, and what is
 * accepted comes back the same through doc_dump_yaml().
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/doc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_places(const struct doc *doc, const json_t *node, int lines)
{
	const json_t *item;
	const char *key;
	size_t i;
	struct doc_place place = doc_place(doc, node);

	if (place.line < 1 || place.column < 1 || place.line > lines)
		abort();
	json_array_foreach (node, i, item)
		check_places(doc, item, lines);
	json_object_foreach ((json_t *)node, key, item) {
		place = doc_key_place(doc, node, key);
		if (place.line < 1 || place.column < 1 || place.line > lines)
			abort();
		check_places(doc, item, lines);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	struct err err = {0};
	struct doc *doc = doc_parse_yaml("x.yaml", text, size, &err);
	int line = 0, column = 0;

	if (!doc) {
		if (err.code != E_CONFIG ||
			sscanf(err.text, "x.yaml:%d:%d: ", &line, &column) != 2 || line < 1 ||
			column < 1 || (size_t)line > size + 1)
			abort();
		return 0;
	}
	if (doc->root) {
		struct buf yaml;
		check_places(doc, doc->root, (int)size + 1);
		buf_init(&yaml, 0);
		doc_dump_yaml(&yaml, doc->root);
		struct doc *back = doc_parse_yaml("y", buf_str(&yaml), yaml.len, &err);
		if (!back ? yaml.len <= 1 << 20 : !json_equal(back->root, doc->root))
			abort();
		doc_free(back);
		buf_release(&yaml);
	}
	doc_free(doc);
	return 0;
}
