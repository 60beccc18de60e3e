/* What the files of a deployment share; nobody else includes it. */
#ifndef WEIR_MODEL_DEPLOYMENT_INTERNAL_H
#define WEIR_MODEL_DEPLOYMENT_INTERNAL_H

#include "core/model/deployment.h"

#define DEPLOYMENT_TEXTS 14

/* Its single texts: key in JSON and digest, and where it is. */
struct deployment_text_field {
	const char *key;
	const char **text;
	bool is_digested;
};
void deployment_text_fields(
	struct deployment *d, struct deployment_text_field out[DEPLOYMENT_TEXTS]);
/* In its arena. */
const char *deployment_digest(const struct deployment *deployment);

#endif
