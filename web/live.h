/*
 * /events: server-sent events for a signed-in viewer, who gets what they may see and
 * nothing else. The connection sleeps between events; one that does not keep up with
 * LIVE_BYTES is closed, and comes back by itself. So is one whose session has ended, or sees
 * other things by now, at the next heartbeat: it must ask again.
 */
#ifndef WEB_LIVE_H
#define WEB_LIVE_H

#include "http.h"

enum { LIVE_BYTES = 65536, OF_ONE_STUDENT = 16 /* viewers at once; one more gets 429 */ };

enum MHD_Result live_events(Request *request);
void live_heartbeat(void *server); /* a struct Server */
void live_stop_all(void);
int live_count(void);

#endif
