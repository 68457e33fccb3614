#include "host.h"

#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <time.h>

struct mw_str host_client_id(const struct mosquitto *client) {
    return mw_cstr(mosquitto_client_id(client));
}

struct mw_str host_username(const struct mosquitto *client) {
    return mw_cstr(mosquitto_client_username(client));
}

bool host_has_address(const struct mosquitto *client) {
    return mosquitto_client_address(client) != NULL;
}

bool host_is_websocket(const struct mosquitto *client) {
    return mosquitto_client_protocol(client) == mp_websockets;
}

bool host_ends_with_connection(const struct mosquitto *client) {
    return mosquitto_client_protocol_version(client) < 5 && mosquitto_client_clean_session(client);
}

bool host_resumes(const struct mosquitto *client) {
    return !mosquitto_client_clean_session(client);
}
int host_subscriptions(const struct mosquitto *client) {
    return mosquitto_client_sub_count(client);
}

bool host_set_username(struct mosquitto *client, const char *name) {
    return mosquitto_set_username(client, name) == MOSQ_ERR_SUCCESS;
}

bool host_publish(const char *client_id, const char *topic, struct mw_str payload, int qos, bool retain) {
    if (payload.len > INT_MAX) return false;
    return mosquitto_broker_publish_copy(client_id, topic, (int)payload.len, payload.ptr, qos, retain, NULL) ==
           MOSQ_ERR_SUCCESS;
}

void host_kick(const char *client_id, bool with_will) {
    mosquitto_kick_client_by_clientid(client_id, with_will);
}

void *host_malloc(size_t size) {
    return mosquitto_malloc(size);
}
void host_free(void *p) {
    mosquitto_free(p);
}

int64_t host_unix_s(void) {
    return (int64_t)time(NULL);
}

static int64_t clock_ms(clockid_t id) {
    struct timespec ts = {0};
    clock_gettime(id, &ts);
    return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

int64_t host_unix_ms(void) {
    return clock_ms(CLOCK_REALTIME);
}
int64_t host_mono_ms(void) {
    return clock_ms(CLOCK_MONOTONIC);
}

static volatile sig_atomic_t stopping;
static const int stop_signals[] = {SIGTERM, SIGINT};
enum { STOP_SIGNALS = sizeof stop_signals / sizeof stop_signals[0] };
static struct sigaction theirs[STOP_SIGNALS];
static bool watching;

static void on_stop_signal(int number, siginfo_t *info, void *context) {
    stopping = 1;
    for (size_t i = 0; i < STOP_SIGNALS; i++) {
        if (stop_signals[i] != number) continue;
        if (theirs[i].sa_flags & SA_SIGINFO)
            theirs[i].sa_sigaction(number, info, context);
        else
            theirs[i].sa_handler(number);
    }
}

#define WAKE_SIGNAL (SIGRTMIN + 7)
static pthread_t broker_thread;
static atomic_bool may_wake;

static void on_wake_signal(int number) {
    (void)number;
}

static void take_wake_signal(void) {
    struct sigaction now, ours = {.sa_flags = SA_RESTART};
    ours.sa_handler = on_wake_signal;
    if (sigaction(WAKE_SIGNAL, NULL, &now) != 0 || (now.sa_flags & SA_SIGINFO) || now.sa_handler != SIG_DFL) return;
    broker_thread = pthread_self();
    atomic_store(&may_wake, sigaction(WAKE_SIGNAL, &ours, NULL) == 0);
}

void host_wake(void) {
    if (atomic_load(&may_wake)) (void)pthread_kill(broker_thread, WAKE_SIGNAL);
}

void host_watch_signals(void) {
    if (watching) return;
    watching = true;
    take_wake_signal();
    for (size_t i = 0; i < STOP_SIGNALS; i++) {
        if (sigaction(stop_signals[i], NULL, &theirs[i]) != 0) continue;
        /* Not handled, or taken by signalfd: then there is nothing to wrap, and the default must stay the default. */
        bool handler =
            (theirs[i].sa_flags & SA_SIGINFO) || (theirs[i].sa_handler != SIG_DFL && theirs[i].sa_handler != SIG_IGN);
        if (!handler) continue;
        struct sigaction ours = theirs[i];
        ours.sa_flags |= SA_SIGINFO;
        ours.sa_sigaction = on_stop_signal;
        sigaction(stop_signals[i], &ours, NULL);
    }
}

void host_unwatch_signals(void) {
    if (!watching) return;
    for (size_t i = 0; i < STOP_SIGNALS; i++) {
        struct sigaction now;
        /* Somebody who wrapped us later keeps his place: he would call us, so then the code must not go away anyhow. */
        if (sigaction(stop_signals[i], NULL, &now) == 0 && (now.sa_flags & SA_SIGINFO) &&
            now.sa_sigaction == on_stop_signal)
            sigaction(stop_signals[i], &theirs[i], NULL);
    }
    /* Ignored from here on, in case one is still on its way. */
    if (atomic_exchange(&may_wake, false)) (void)signal(WAKE_SIGNAL, SIG_IGN);
    watching = false;
    stopping = 0;
}

bool host_stopping(void) {
    return stopping != 0;
}

void host_log_line(void *ctx, enum mw_log_level level, const char *line) {
    static const int levels[] = {MOSQ_LOG_ERR, MOSQ_LOG_WARNING, MOSQ_LOG_NOTICE, MOSQ_LOG_DEBUG};
    (void)ctx;
    mosquitto_log_printf(levels[level], "wechat: %s", line);
}
