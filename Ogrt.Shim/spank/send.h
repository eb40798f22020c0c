/* Brings a frame to one of the servers. */
#ifndef OGRT_SPANK_SEND_H
#define OGRT_SPANK_SEND_H

#include "settings.h"

#include <stddef.h>
#include <stdint.h>

/* Tries the servers one after the other, each with its share of the time that is left. Over TCP the frame counts as
 * sent when the server has closed the connection in order, which says that it keeps the frame. Gives null, or a text
 * that says why the last server did not take it. */
const char *send_frame(const struct settings *settings, const unsigned char *frame, size_t size, int64_t deadline);

#endif
