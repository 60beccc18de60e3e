/* Eight heights; nought is the lowest bar, so that it differs from what is not known. */
#include "tui/widget/spark.h"

#include "core/base/buf.h"

#define HEIGHTS 8

static const char *const bars[HEIGHTS][2] = {{"▁", "_"}, {"▂", "."}, {"▃", ":"}, {"▄", "-"},
	{"▅", "="}, {"▆", "+"}, {"▇", "*"}, {"█", "#"}};

void spark_text(const double *values, size_t count, double full, bool ascii, struct buf *out)
{
	double largest = full;

	for (size_t i = 0; full <= 0 && i < count; i++)
		largest = values[i] > largest ? values[i] : largest;
	for (size_t i = 0; i < count; i++) {
		int height = largest > 0 ? (int)(values[i] / largest * HEIGHTS) : 0;

		if (values[i] < 0)
			buf_adds(out, " ");
		else
			buf_adds(out, bars[height < HEIGHTS ? height : HEIGHTS - 1][ascii]);
	}
}
