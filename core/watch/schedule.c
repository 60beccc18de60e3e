/*
 * A budget is kept in two ways. Intervals are stretched so that what is to be asked fits into nine
 * tenths of it: what is looked at or moves keeps its pace as far as half of the lists' share goes,
 * the rest waits longer, all by the same factor, so nobody starves. What comes all at once (start,
 * `r`, a network that is back) is held by the bucket and by the sum of the last second, so that no
 * second sees more than was allowed.
 *
 * What failed waits 0.5 s, then 2 s, 4 s ... up to 5 s (a few, or looked at) or 60 s (many), less
 * up to a quarter by hash and try, so that a thousand do not come back together.
 */
#include "core/watch/schedule.h"

#include <string.h>

#define SLOT_MS (1000 / BUDGET_SLOTS)
/* What intervals are made to fit in; the rest is for what somebody asks for at once. */
#define PLANNED_PART 0.9
/* What is live keeps its pace within this part of what there is for lists. */
#define LIVE_PART 0.5
/* What may leave at once after a pause, of a second's worth: the rest follows as it comes in. */
#define BURST_PART 0.5
#define FIRST_RETRY_MS 500
#define RETRY_MS 2000
#define BACKOFF_FEW_MS 5000
#define BACKOFF_MAX_MS 60000
/* Two looks are 100 ms apart; more than this was no busy loop. */
#define ASLEEP_MS 2000
#define STOPPED_MS 5000
#define JUMP_MS 2000

int64_t pace_ms(enum pace pace)
{
	static const int64_t every_ms[PACE_MAX] = {
		[PACE_LIVE] = 1000, [PACE_SICK] = 2000, [PACE_CALM] = 5000};

	return every_ms[pace];
}

/* ---- the budget ---- */

void budget_init(struct budget *budget, int64_t per_second, int64_t mono_ms)
{
	memset(budget, 0, sizeof(*budget));
	budget->per_second = per_second;
	for (int i = 0; i < SHARE_MAX; i++)
		budget->tokens[i] = (double)per_second / SHARE_MAX;
	budget->filled_ms = mono_ms;
	budget->slot = mono_ms / SLOT_MS;
}

void budget_limit(struct budget *budget, int64_t per_second, int64_t mono_ms)
{
	struct budget limited;

	budget_init(&limited, per_second, mono_ms);
	memcpy(limited.demand, budget->demand, sizeof(limited.demand));
	limited.live_demand = budget->live_demand;
	*budget = limited;
}

static void forget_slots(struct budget *budget, int64_t mono_ms)
{
	int64_t slot = mono_ms / SLOT_MS, passed = slot - budget->slot;

	for (int64_t i = 0; i < passed && i < BUDGET_SLOTS; i++) {
		int32_t *old = &budget->slots[(slot - i) % BUDGET_SLOTS];
		budget->spent -= *old;
		*old = 0;
	}
	budget->slot = slot;
}

/* What a share may save up. */
static double burst_of(const struct budget *budget)
{
	return (double)budget->per_second * BURST_PART / SHARE_MAX;
}

/* Returns what there was no room for. */
static double pour(double *tokens, double most, double amount)
{
	double room = *tokens < most ? most - *tokens : 0;
	double part = amount < room ? amount : room;

	*tokens += part;
	return amount - part;
}

void budget_fill(struct budget *budget, int64_t mono_ms)
{
	int64_t passed_ms = mono_ms - budget->filled_ms;
	double most = burst_of(budget), over = 0;

	if (passed_ms <= 0)
		return;
	budget->filled_ms = mono_ms;
	forget_slots(budget, mono_ms);
	if (passed_ms > 1000)
		passed_ms = 1000;
	for (int i = 0; i < SHARE_MAX; i++)
		over += pour(&budget->tokens[i], most,
			(double)budget->per_second / SHARE_MAX * (double)passed_ms / 1000);
	for (int i = 0; i < SHARE_MAX; i++)
		over = pour(&budget->tokens[i], most, over);
}

int64_t budget_spent(const struct budget *budget)
{
	return budget->spent;
}

bool budget_allows(const struct budget *budget, enum share share)
{
	return budget->tokens[share] > 0 && budget->spent < budget->per_second;
}

bool budget_is_idle(const struct budget *budget)
{
	for (int i = 0; i < SHARE_MAX; i++)
		if (budget->tokens[i] <= burst_of(budget) / 2)
			return false;
	return true;
}

void budget_spend(struct budget *budget, enum share share, int cost)
{
	budget->tokens[share] -= cost;
	budget->spent += cost;
	budget->slots[budget->slot % BUDGET_SLOTS] += cost;
}

/* What of the planned part is there for this share. */
static double room_of(const struct budget *budget, enum share share)
{
	double planned = (double)budget->per_second * PLANNED_PART;
	double other = budget->demand[share == SHARE_LISTS ? SHARE_DETAILS : SHARE_LISTS];
	double least = planned / SHARE_MAX;

	return planned - (other < least ? other : least);
}

static double stretch_to(double demand, double room)
{
	return demand > room ? demand / room : 1;
}

double budget_stretch_live(const struct budget *budget)
{
	double room = room_of(budget, SHARE_LISTS);
	double alike = stretch_to(budget->demand[SHARE_LISTS], room);
	double own = stretch_to(budget->live_demand, room * LIVE_PART);

	return own < alike ? own : alike;
}

double budget_stretch(const struct budget *budget, enum share share)
{
	double room = room_of(budget, share);
	double alike = stretch_to(budget->demand[share], room);
	double live = share == SHARE_LISTS ? budget_stretch_live(budget) : alike;

	if (live >= alike)
		return alike;
	return stretch_to(
		budget->demand[share] - budget->live_demand, room - budget->live_demand / live);
}

/* ---- waits ---- */

static int64_t jitter_ms(int64_t wait_ms, uint32_t hash, int failures)
{
	uint32_t mixed = (hash ^ (uint32_t)failures * 2654435761u) * 2246822519u;

	return wait_ms - wait_ms / 4 * (int64_t)((mixed >> 16) % 100) / 100;
}

int64_t schedule_wait_ms(const struct wait_facts *facts)
{
	int64_t interval_ms = (int64_t)((double)pace_ms(facts->pace) * facts->stretch);
	int64_t most_ms =
		facts->few_fail || facts->pace == PACE_LIVE ? BACKOFF_FEW_MS : BACKOFF_MAX_MS;
	int shift = facts->failures - 2 < 6 ? facts->failures - 2 : 6;

	if (facts->failures == 0)
		return interval_ms;
	/* The first miss is checked at once: one lost packet is not an outage. */
	if (facts->failures == 1)
		return FIRST_RETRY_MS;
	int64_t wait_ms = (int64_t)RETRY_MS << shift;
	if (wait_ms > most_ms)
		wait_ms = most_ms;
	wait_ms = jitter_ms(wait_ms, facts->hash, facts->failures);
	/* Who does not answer is not asked more often than who does. */
	return facts->stretch > 1 && wait_ms < interval_ms ? interval_ms : wait_ms;
}

int64_t schedule_phase_ms(uint32_t hash, int64_t interval_ms)
{
	return interval_ms > 0 ? (int64_t)(hash % (uint64_t)interval_ms) : 0;
}

/* ---- clocks ---- */

struct clock_gap clocks_gap(const struct clocks *before, const struct clocks *now)
{
	int64_t passed_ms = now->mono_ms - before->mono_ms;
	int64_t awake_ms = now->awake_ms - before->awake_ms;
	int64_t jump_ms = now->wall_ms - before->wall_ms - passed_ms;
	struct clock_gap gap = {0};

	if (jump_ms >= JUMP_MS || jump_ms <= -JUMP_MS)
		gap.jump_ms = jump_ms;
	/* A machine that another one holds still counts nothing meanwhile, and is set forward. */
	gap.slept = passed_ms - awake_ms >= ASLEEP_MS || jump_ms >= STOPPED_MS;
	gap.stopped = awake_ms >= STOPPED_MS;
	return gap;
}
