/*
 * Foreign JSON. Beyond not crashing: whatever is accepted is clean (valid UTF-8 by jansson's own
 * check, no NUL), whatever jansson takes by itself is taken unchanged, what is read without it is what
 * it would read, and its YAML gives the same tree back.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/doc.h"
#include "core/base/doc_scan.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The tree as YAML has it: every scalar but null a text. Keys that YAML refuses are left out. */
static json_t *as_texts(const json_t *node)
{
	if (json_is_string(node) || json_is_null(node))
		return json_deep_copy(node);
	if (json_is_array(node)) {
		json_t *out = json_array(), *item;
		size_t i;
		json_array_foreach (node, i, item)
			json_array_append_new(out, as_texts(item));
		return out;
	}
	if (json_is_object(node)) {
		json_t *out = json_object(), *item;
		const char *key;
		json_object_foreach ((json_t *)node, key, item)
			if (*key)
				json_object_set_new(out, key, as_texts(item));
		return out;
	}
	return json_string(json_is_true(node) ? "true" : json_is_false(node) ? "false" : "1");
}

static void check_yaml(const json_t *root)
{
	json_t *texts = as_texts(root);
	struct err err = {0};
	struct buf yaml;

	buf_init(&yaml, 0);
	doc_dump_yaml(&yaml, texts);
	struct doc *doc = doc_parse_yaml("x", buf_str(&yaml), yaml.len, &err);
	if (!doc && !strstr(err.text, "nested more than"))
		abort();
	if (doc && !json_equal(doc->root, texts))
		abort();
	doc_free(doc);
	buf_release(&yaml);
	json_decref(texts);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct err err = {0};
	json_t *plain = json_loadb((const char *)data, size, 0, NULL);
	json_t *root = doc_parse_json((const char *)data, size, "GET /x", &err);

	json_t *quick = doc_scan_tree((const char *)data, size);
	if (quick && (!plain || !json_equal(quick, plain)))
		abort();
	json_decref(quick);
	if ((root == NULL) != (err.code == E_PROTO))
		abort();
	if (plain && !json_equal(plain, root))
		abort();
	if (root) {
		char *text = json_dumps(root, 0);
		json_t *back = text ? json_loads(text, 0, NULL) : NULL;
		if (!back)
			abort();
		json_decref(back);
		free(text);
		(void)doc_int(root, "a", 0);
		(void)doc_real(root, "a", 0);
		if (size < 4096)
			check_yaml(root);
	}
	json_decref(plain);
	json_decref(root);
	return 0;
}
