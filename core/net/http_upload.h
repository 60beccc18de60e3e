/*
 * Inside core/net only: a file on its way out as the one part of a multipart/form-data body. It is
 * read on the pool, two chunks ahead at most, so that a slow disk holds up nobody.
 *
 *	upload = upload_new(loop, options->upload);
 *	upload_open(upload, on_ready, data);       on_ready(data, err) later, once
 *	n = upload_read(upload, room, len);        UPLOAD_WAIT: on_more(data) is called when there is more
 *	upload_free(upload);                       at any time; nothing is called any more
 */
#ifndef WEIR_NET_HTTP_UPLOAD_H
#define WEIR_NET_HTTP_UPLOAD_H

#include "core/net/http.h"

struct upload;

#define UPLOAD_WAIT ((int64_t)-1)
#define UPLOAD_FAILED ((int64_t)-2)

struct upload *upload_new(struct loop *loop, const struct http_upload *spec, void *progress_data);
/* Opens and measures. err: E_NOTFOUND, E_DENIED, E_ARG too large, E_INTERNAL. */
void upload_open(struct upload *upload, void (*on_ready)(void *data, const struct err *err),
	void (*on_more)(void *data), void *data);
void upload_free(struct upload *upload); /* NULL-safe */
/* Of the whole body, once it is open. */
int64_t upload_total(const struct upload *upload);
const char *upload_content_type(const struct upload *upload);
/* Bytes given; 0 at the end. */
int64_t upload_read(struct upload *upload, char *out, size_t room);
/* Why UPLOAD_FAILED; code 0 = it did not. */
const struct err *upload_error(const struct upload *upload);

#endif
