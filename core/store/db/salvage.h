/*
 * What a damaged file still says, held against what stands in its place now: the rows that are lost, in
 * words. Blocking, inside of a repair.
 */
#ifndef WEIR_STORE_DB_SALVAGE_H
#define WEIR_STORE_DB_SALVAGE_H

#include "core/base/buf.h"
#include "core/store/db/db.h"

/*
 * aside: the damaged file, which is left as it is (a copy is read). db: open, with what was restored,
 * or empty. Appends a line for each row of schema->named that it does not hold, or holds otherwise;
 * returns their number, or -1 when nothing can be read. Numbers that were given away there are not
 * given again.
 */
int salvage(struct db *db, const char *aside, struct buf *lost);

#endif
