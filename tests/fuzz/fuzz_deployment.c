/* The manifest of a release: whole, or refused; what was read is written and read the same. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/doc.h"
#include "core/base/str.h"
#include "core/model/deployment.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool claim)
{
	if (!claim)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	json_t *json = doc_parse_json((const char *)data, size, "manifest", NULL), *again;
	struct deployment *deployment = NULL, *back = NULL;

	if (json && deployment_parse(&deployment, json, NULL) == 0) {
		char *text = deployment_text(deployment), *same;
		check(deployment->name && deployment->job_name && deployment->parallelism != 0);
		check(strlen(deployment->digest) == DIGEST_LEN);
		again = deployment_json(deployment);
		check(deployment_parse(&back, again, NULL) == 0);
		same = deployment_text(back);
		check(str_eq(text, same) && back->arg_count == deployment->arg_count);
		free(text);
		free(same);
		json_decref(again);
	}
	deployment_free(deployment);
	deployment_free(back);
	json_decref(json);
	return 0;
}
