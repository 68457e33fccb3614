/* An answer before the request has been read to its end, which the HTTP library does not know: it is written to the
 * socket by hand, and says that the connection closes. */
#ifndef EARLY_ANSWER_H
#define EARLY_ANSWER_H

#include "call.h"

/* reason: the status in words, printable ASCII. The answer is small and nothing else is under way on the socket, so it
 * is sent whole or not at all; the socket is shut for writing then. */
void early_answer_send(int fd, const struct reply *reply, const char *reason);

#endif
