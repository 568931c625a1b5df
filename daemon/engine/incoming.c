#include "engine/incoming.h"

#include <stdlib.h>
#include <string.h>

#include "base/io.h"
#include "base/macros.h"

struct incoming *
incoming_new(const struct wire_message *message, int take_fd)
{
	struct incoming *in = calloc(1, sizeof(*in));

	BUG_ON(in == NULL);
	in->key = strdup(message->key);
	BUG_ON(in->key == NULL);
	memcpy(in->sha256, message->sha256, sizeof(in->sha256));
	in->received_at = message->received_at;
	in->size_bytes = message->size_bytes;
	in->cut = message->cut;
	in->too_large = message->too_large;
	in->from = FOLDER_INBOX;
	in->fd = take_fd;
	return in;
}

void
incoming_free(struct incoming *in)
{
	if (in == NULL)
		return;
	io_close(&in->fd);
	free(in->key);
	free(in);
}

void
incoming_push(struct incoming_queue *queue, struct incoming *in)
{
	in->next = NULL;
	if (queue->last == NULL)
		queue->first = in;
	else
		queue->last->next = in;
	queue->last = in;
	queue->count++;
}

void
incoming_push_front(struct incoming_queue *queue, struct incoming *in)
{
	in->next = queue->first;
	queue->first = in;
	if (queue->last == NULL)
		queue->last = in;
	queue->count++;
}

struct incoming *
incoming_pop(struct incoming_queue *queue)
{
	struct incoming *in = queue->first;

	if (in == NULL)
		return NULL;
	queue->first = in->next;
	if (queue->first == NULL)
		queue->last = NULL;
	queue->count--;
	in->next = NULL;
	return in;
}

void
incoming_drop_all(struct incoming_queue *queue)
{
	for (struct incoming *in; (in = incoming_pop(queue)) != NULL;)
		incoming_free(in);
}
