/* Broker event -> one call -> the only return codes that the event allows. */
#ifndef PLUGIN_CALLBACKS_H
#define PLUGIN_CALLBACKS_H

#include "plugin.h"

struct callback {
    int event;
    MOSQ_FUNC_generic_callback fn;
    bool optional; /* not known to Mosquitto 2.0 */
    bool once;     /* only for the first listener that loads the plugin */
};

extern const struct callback callbacks[];
extern const size_t callbacks_count;

#endif
