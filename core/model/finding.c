#include "core/model/finding.h"

#include <stddef.h>

const char *const finding_status_words[] = {"ok", "warn", "fail", NULL};
