/* A flat list, walked at each key: some eighty bindings. */
#include "tui/ui/keymap.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/base/vec.h"

struct binding {
	struct key keys[KEYMAP_SEQUENCE_MAX];
	size_t count;
	unsigned views;
	const struct command *command;
};

struct keymap {
	VEC(struct binding) bindings;
};

/* "g,g" at words[0..len) → keys. */
static int binding_parse(struct binding *binding, const char *word, size_t len, struct err *err)
{
	char name[32];

	while (len && binding->count < KEYMAP_SEQUENCE_MAX) {
		const char *comma = memchr(word + 1, ',', len - 1);
		size_t part = comma ? (size_t)(comma - word) : len;
		snprintf(name, sizeof(name), "%.*s", (int)part, word);
		if (part >= sizeof(name) || !key_parse(name, &binding->keys[binding->count++]))
			return err_set(err, E_CONFIG, _("keys of '%s': no key is called '%s'"),
				binding->command->name, name);
		word += part + (comma != NULL);
		len -= part + (comma != NULL);
	}
	if (len)
		return err_set(err, E_CONFIG, _("keys of '%s': at most %d in a sequence"),
			binding->command->name, KEYMAP_SEQUENCE_MAX);
	return 0;
}

static bool starts_alike(const struct binding *a, const struct binding *b)
{
	size_t count = a->count < b->count ? a->count : b->count;

	for (size_t i = 0; i < count; i++)
		if (!key_eq(&a->keys[i], &b->keys[i]))
			return false;
	return true;
}

static int keymap_add(struct keymap *keymap, const struct command *command, const char *word,
	size_t len, struct err *err)
{
	struct binding binding = {.command = command, .views = command->views};
	const struct binding *other;
	int rc = binding_parse(&binding, word, len, err);

	if (rc)
		return rc;
	vec_each (other, &keymap->bindings) {
		if ((other->views & binding.views) && starts_alike(other, &binding))
			return err_set(err, E_CONFIG, _("the keys '%.*s' mean both '%s' and '%s'"),
				(int)len, word, other->command->name, command->name);
	}
	vec_push(&keymap->bindings, binding);
	return 0;
}

int keymap_new(struct keymap **out, const struct command *table, size_t count, struct err *err)
{
	struct keymap *keymap = xcalloc(1, sizeof(*keymap));

	for (size_t i = 0; i < count; i++) {
		if (!(table[i].where & ON_KEY))
			continue;
		for (const char *p = table[i].keys ? table[i].keys : ""; *p;) {
			size_t len = strcspn(p, " ");
			int rc = keymap_add(keymap, &table[i], p, len, err);
			if (rc) {
				keymap_free(keymap);
				return rc;
			}
			p += len;
			p += strspn(p, " ");
		}
	}
	*out = keymap;
	return 0;
}

void keymap_free(struct keymap *keymap)
{
	if (!keymap)
		return;
	vec_release(&keymap->bindings);
	free(keymap);
}

static enum keymap_result lookup(const struct keymap *keymap, const struct keymap_state *state,
	enum command_view view, enum command_id *id)
{
	const struct binding *binding;
	struct binding typed = {.count = state->count};

	memcpy(typed.keys, state->keys, sizeof(typed.keys));
	vec_each (binding, &keymap->bindings) {
		if (!(binding->views & (unsigned)view) || binding->count < typed.count ||
			!starts_alike(binding, &typed))
			continue;
		if (binding->count > typed.count)
			return KEYMAP_PREFIX;
		*id = binding->command->id;
		return KEYMAP_FOUND;
	}
	return KEYMAP_NONE;
}

enum keymap_result keymap_feed(const struct keymap *keymap, struct keymap_state *state,
	enum command_view view, const struct key *key, enum command_id *id)
{
	enum keymap_result result = KEYMAP_NONE;

	if (state->count < KEYMAP_SEQUENCE_MAX) {
		state->keys[state->count++] = *key;
		result = lookup(keymap, state, view, id);
	}
	if (result == KEYMAP_NONE && state->count > 1) {
		state->keys[0] = *key;
		state->count = 1;
		result = lookup(keymap, state, view, id);
	}
	if (result != KEYMAP_PREFIX)
		state->count = 0;
	return result;
}
