/* The clock of the fleet, its addresses and names, and what a person does to a job. */
#include "tests/bench/fleetd/sim.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "tests/support/fleetd.h"

const char *const manner_names[MANNER_MAX] = {"fine", "slow", "dead", "reset", "refused"};

static const char *const versions[] = {"1.16.3", "1.20.5", "2.2.1"};

/* splitmix64: one step of it mixes 64 bits well. */
static uint64_t mix(uint64_t x)
{
	x += 0x9e3779b97f4a7c15u;
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
	x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
	return x ^ (x >> 31);
}

uint64_t sim_hash(const struct sim *sim, uint64_t kind, uint64_t a, uint64_t b)
{
	return mix(mix(mix(mix(sim->options.seed) + kind) + a) + b);
}

/* ---- life ---- */

static enum manner manner_of(const struct sim *sim, int manager)
{
	double at = (double)(sim_hash(sim, 'm', (uint64_t)manager, 0) % 100000) / 1000;

	for (enum manner m = SLOW; m < MANNER_MAX; m++) {
		if (at < sim->options.manners[m])
			return m;
		at -= sim->options.manners[m];
	}
	return FINE;
}

/* An event is two changes: it goes, and it comes back. */
static double steps_per_ms(double percent)
{
	return percent / 100 / 2 / 1000;
}

void sim_init(struct sim *sim, const struct sim_options *options)
{
	memset(sim, 0, sizeof(*sim));
	sim->options = *options;
	sim->started_ms = clock_awake_ms();
	sim->notes = xcalloc((size_t)options->jobs + 1, sizeof(*sim->notes));
	sim->manners = xcalloc((size_t)options->managers + 1, 1);
	for (int i = 0; i < options->managers; i++)
		sim->manners[i] = (uint8_t)manner_of(sim, i);
	vec_push(&sim->churn, ((struct stretch){0, 0, steps_per_ms(options->churn)}));
}

void sim_release(struct sim *sim)
{
	vec_release(&sim->churn);
	vec_release(&sim->triggers);
	vec_release(&sim->started);
	for (size_t i = 0; i < sim->jars.len; i++)
		free(sim->jars.data[i].id);
	vec_release(&sim->jars);
	free(sim->notes);
	free(sim->manners);
}

int64_t sim_now_ms(const struct sim *sim)
{
	if (sim->options.frozen_ms >= 0)
		return sim->options.frozen_ms;
	return clock_awake_ms() - sim->started_ms;
}

void sim_churn(struct sim *sim, double percent)
{
	struct stretch last = sim->churn.data[sim->churn.len - 1];
	int64_t now_ms = sim_now_ms(sim);

	last.steps += (double)(now_ms - last.from_ms) * last.steps_per_ms;
	last.from_ms = now_ms;
	last.steps_per_ms = steps_per_ms(percent);
	vec_push(&sim->churn, last);
}

void sim_change(struct sim *sim, int job, enum job_status status)
{
	struct note *note = &sim->notes[job];

	note->at_ms = sim_now_ms(sim);
	note->status = (uint8_t)status;
	if (status == JOB_RUNNING) {
		note->started_ms = note->at_ms;
		note->renewals++;
		note->restarts = 0;
	} else if (status == JOB_RESTARTING) {
		note->restarts++;
	}
}

void sim_start(struct sim *sim, const struct started *started)
{
	size_t count = (size_t)sim->options.jobs + sim->started.len + 1;

	sim->notes = xrealloc(sim->notes, (count + 1) * sizeof(*sim->notes));
	sim->notes[count - 1] = (struct note){0};
	vec_push(&sim->started, *started);
}

/* ---- addresses ---- */

const char *sim_version(const struct sim *sim, int manager)
{
	return sim->options.version ? sim->options.version
				    : versions[manager % (int)ARRAY_SIZE(versions)];
}

bool sim_is_since(const struct sim *sim, int manager, const char *version)
{
	return str_cmp_natural(sim_version(sim, manager), version) >= 0;
}

int sim_manager_of(const struct sim *sim, int job)
{
	const struct sim_options *options = &sim->options;

	if (job >= options->jobs)
		return sim->started.data[job - options->jobs].manager;
	if (job < options->big || options->managers == 1)
		return 0;
	if (options->big)
		return 1 + (job - options->big) % (options->managers - 1);
	return job % options->managers;
}

/* From the one at `i` on. */
static int started_at(const struct sim *sim, int manager, size_t i)
{
	while (i < sim->started.len && sim->started.data[i].manager != manager)
		i++;
	return i < sim->started.len ? sim->options.jobs + (int)i : -1;
}

int sim_first(const struct sim *sim, int manager)
{
	int job = sim->options.big && manager > 0 ? sim->options.big + manager - 1 : manager;
	bool is_there = job < sim->options.jobs && sim_manager_of(sim, job) == manager;

	return is_there ? job : started_at(sim, manager, 0);
}

int sim_next(const struct sim *sim, int manager, int job)
{
	const struct sim_options *options = &sim->options;
	bool is_block = options->managers == 1 || (options->big && manager == 0);

	if (job >= options->jobs)
		return started_at(sim, manager, (size_t)(job - options->jobs) + 1);
	job += is_block ? 1 : options->big ? options->managers - 1 : options->managers;
	if (job < options->jobs && sim_manager_of(sim, job) == manager)
		return job;
	return started_at(sim, manager, 0);
}

int sim_manager_at(const struct sim *sim, uint32_t address)
{
	int high = (int)((address >> 16 & 255) - 1) * FLEETD_LAST + (int)(address >> 8 & 255);
	int manager = high * FLEETD_LAST + (int)(address & 255) - 1;

	return manager >= 0 && manager < sim->options.managers && fleetd_address(manager) == address
		? manager
		: -1;
}

/* ---- names ---- */

static const char *const teams[SIM_TEAMS] = {"ads", "billing", "catalog", "checkout", "cdc", "crm",
	"delivery", "dwd", "dws", "finance", "fraud", "growth", "inventory", "iot", "ledger",
	"loyalty", "maps", "media", "mobile", "ods", "orders", "payments", "pricing", "risk",
	"search", "security", "support", "telemetry", "users", "warehouse"};
static const char *const things[] = {"orders", "payments", "clicks", "profiles", "stock",
	"shipments", "ledger", "sessions", "prices", "refunds", "coupons", "devices", "invoices",
	"events", "tickets", "reviews", "carts", "alerts", "trips", "accounts"};
static const char *const doings[] = {"sync", "enrich", "join", "count", "dedupe", "score", "export",
	"ingest", "window", "route", "audit", "index"};
static const char *const chinese[] = {"订单同步", "支付对账", "点击统计", "用户画像", "库存快照"};

#define CHINESE_EACH 20

void sim_app_name(const struct sim *sim, int job, char name[64])
{
	uint64_t h = sim_hash(sim, 'n', (uint64_t)job, 0);

	snprintf(name, 64, "%s-%s-%05d", things[h % ARRAY_SIZE(things)],
		doings[(h >> 16) % ARRAY_SIZE(doings)], job);
}

void sim_job_name(const struct sim *sim, int job, char name[64])
{
	uint64_t h = sim_hash(sim, 'n', (uint64_t)job, 1);

	if (h % CHINESE_EACH)
		sim_app_name(sim, job, name);
	else
		snprintf(name, 64, "%s-%05d", chinese[(h >> 16) % ARRAY_SIZE(chinese)], job);
}

const char *sim_team(int job)
{
	return teams[job % SIM_TEAMS];
}

void sim_cluster_name(int manager, char name[64])
{
	snprintf(name, 64, "jm-%05d", manager);
}
