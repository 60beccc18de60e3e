/* A flat list, walked at each key: some hundred bindings. */
#include "tui/ui/keymap.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "tui/ui/keymap_private.h"

#define NUMBER_MAX 9999999

/* "g,g" at words[0..len) → keys. */
static int binding_parse(struct binding *binding, const char *word, size_t len, struct err *err)
{
	char name[KEY_NAME_MAX];

	while (len && binding->count < KEYMAP_SEQUENCE_MAX) {
		const char *comma = memchr(word + 1, ',', len - 1);
		size_t part = comma ? (size_t)(comma - word) : len;
		snprintf(name, sizeof(name), "%.*s", (int)part, word);
		if (part >= sizeof(name) || !key_parse(name, &binding->keys[binding->count++]))
			return err_set(err, E_CONFIG, _("keys of '%s': no key is called '%s'"),
				binding->name, name);
		word += part + (comma != NULL);
		len -= part + (comma != NULL);
	}
	if (len)
		return err_set(err, E_CONFIG, _("keys of '%s': at most %d in a sequence"),
			binding->name, KEYMAP_SEQUENCE_MAX);
	return 0;
}

static bool starts_alike(const struct key *a, size_t a_count, const struct key *b, size_t b_count)
{
	for (size_t i = 0; i < a_count && i < b_count; i++)
		if (!key_eq(&a[i], &b[i]))
			return false;
	return true;
}

const struct binding *keymap_put(struct keymap *keymap, struct binding *binding)
{
	struct binding *other;

	vec_each (other, &keymap->bindings) {
		if (!(other->views & binding->views) ||
			!starts_alike(other->keys, other->count, binding->keys, binding->count))
			continue;
		if (other->layer == binding->layer) {
			if (other->id != CMD_MAX && binding->id != CMD_MAX)
				return other;
			continue;
		}
		/* "g: none" is also about what begins with g, but "g x: none" is not about g. */
		if (binding->id != CMD_MAX || other->count >= binding->count)
			other->views &= ~binding->views;
	}
	vec_push(&keymap->bindings, *binding);
	return NULL;
}

static int keymap_add(struct keymap *keymap, const struct command *command, const char *word,
	size_t len, struct err *err)
{
	struct binding binding = {
		.id = command->id, .name = command->name, .views = command->views};
	const struct binding *other;
	int rc = binding_parse(&binding, word, len, err);

	if (rc)
		return rc;
	other = keymap_put(keymap, &binding);
	if (other)
		return err_set(err, E_CONFIG, _("the keys '%.*s' mean both '%s' and '%s'"),
			(int)len, word, other->name, command->name);
	return 0;
}

/* Stable, and a few hundred at most. */
static void sort_by_layer(struct binding *bindings, size_t count)
{
	for (size_t i = 1; i < count; i++)
		for (size_t k = i; k && bindings[k - 1].layer < bindings[k].layer; k--) {
			struct binding former = bindings[k - 1];
			bindings[k - 1] = bindings[k];
			bindings[k] = former;
		}
}

static bool is_digit(const struct key *key)
{
	return key->sym == KEY_SYM_CHAR && !key->mods && key->ch >= '0' && key->ch <= '9';
}

void keymap_settle(struct keymap *keymap)
{
	const struct binding *binding;
	size_t kept = 0;

	for (size_t i = 0; i < keymap->bindings.len; i++) {
		struct binding *it = &keymap->bindings.data[i];
		if (it->views && it->id != CMD_MAX)
			keymap->bindings.data[kept++] = *it;
		else
			free(it->arg);
	}
	keymap->bindings.len = kept;
	sort_by_layer(keymap->bindings.data, kept);
	keymap->counting = IN_ALL;
	vec_each (binding, &keymap->bindings)
		if (is_digit(&binding->keys[0]))
			keymap->counting &= ~binding->views;
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
	keymap_settle(keymap);
	*out = keymap;
	return 0;
}

void keymap_free(struct keymap *keymap)
{
	struct binding *binding;

	if (!keymap)
		return;
	vec_each (binding, &keymap->bindings)
		free(binding->arg);
	vec_release(&keymap->bindings);
	free(keymap);
}

/* -- typing -- */

static enum keymap_result lookup(const struct keymap *keymap, const struct keymap_state *state,
	enum command_view view, struct keymap_hit *hit)
{
	const struct binding *binding;

	vec_each (binding, &keymap->bindings) {
		if (!(binding->views & (unsigned)view) || binding->count < state->count ||
			!starts_alike(binding->keys, binding->count, state->keys, state->count))
			continue;
		if (binding->count > state->count)
			return KEYMAP_PREFIX;
		*hit = (struct keymap_hit){binding->id, binding->arg, state->number};
		return KEYMAP_FOUND;
	}
	return KEYMAP_NONE;
}

/* 0 is no number's first digit. */
static bool count_digit(const struct keymap *keymap, struct keymap_state *state,
	enum command_view view, const struct key *key)
{
	int digit = (int)key->ch - '0';

	if (!is_digit(key) || state->count || !(keymap->counting & (unsigned)view) ||
		(!digit && !state->number))
		return false;
	if (state->number <= (NUMBER_MAX - digit) / 10)
		state->number = state->number * 10 + digit;
	return true;
}

enum keymap_result keymap_feed(const struct keymap *keymap, struct keymap_state *state,
	enum command_view view, const struct key *key, struct keymap_hit *hit)
{
	enum keymap_result result = KEYMAP_NONE;

	if (count_digit(keymap, state, view, key))
		return KEYMAP_PREFIX;
	if (state->count < KEYMAP_SEQUENCE_MAX) {
		state->keys[state->count++] = *key;
		result = lookup(keymap, state, view, hit);
	}
	if (result != KEYMAP_PREFIX)
		*state = (struct keymap_state){0};
	return result;
}

/* -- showing -- */

/* "gg", but "ctrl-x ctrl-c". */
static void keys_text(const struct key *keys, size_t count, char *out, size_t size)
{
	bool is_plain = true;
	size_t len = 0;

	*out = '\0';
	for (size_t i = 0; i < count; i++)
		is_plain = is_plain && keys[i].sym == KEY_SYM_CHAR && !keys[i].mods &&
			keys[i].ch != ' ';
	for (size_t i = 0; i < count; i++) {
		char name[KEY_NAME_MAX];
		key_name(&keys[i], name, sizeof(name));
		int wrote =
			snprintf(out + len, size - len, "%s%s", i && !is_plain ? " " : "", name);
		if (wrote < 0 || (size_t)wrote >= size - len)
			return;
		len += (size_t)wrote;
	}
}

bool keymap_next(const struct keymap *keymap, enum command_view view,
	const struct keymap_state *typed, size_t *at, struct view_key *out)
{
	size_t skip = typed ? typed->count : 0;

	while (*at < keymap->bindings.len) {
		const struct binding *binding = &keymap->bindings.data[(*at)++];
		if (!(binding->views & (unsigned)view) || binding->count <= skip ||
			(skip && !starts_alike(binding->keys, skip, typed->keys, skip)))
			continue;
		out->id = binding->id;
		out->arg = binding->arg;
		keys_text(
			binding->keys + skip, binding->count - skip, out->keys, sizeof(out->keys));
		return true;
	}
	return false;
}

void keymap_typed(const struct keymap_state *state, char *out, size_t size)
{
	int len = state->number ? snprintf(out, size, "%d", state->number) : 0;

	if (len >= 0 && (size_t)len < size)
		keys_text(state->keys, state->count, out + len, size - (size_t)len);
}
