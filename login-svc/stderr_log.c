#include "stderr_log.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

/* One write for each line, so that lines of several threads do not mix. */
static void write_line(void *ctx, enum mw_log_level level, const char *line) {
    static const char *const levels[] = {
        [MW_LOG_ERROR] = "error", [MW_LOG_WARN] = "warn", [MW_LOG_INFO] = "info", [MW_LOG_DEBUG] = "debug"};
    char text[MW_LOG_LINE_MAX + 64], stamp[32];
    struct timespec now;
    struct tm utc;
    (void)ctx;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    (void)gmtime_r(&now.tv_sec, &utc);
    (void)strftime(stamp, sizeof stamp, "%Y-%m-%dT%H:%M:%S", &utc);
    int len = snprintf(text, sizeof text, "%s.%03ldZ %s %s\n", stamp, now.tv_nsec / 1000000, levels[level], line);
    if (len <= 0) return;
    size_t all = (size_t)len < sizeof text ? (size_t)len : sizeof text - 1;
    ssize_t n = write(STDERR_FILENO, text, all); /* a log that can not be written has nowhere to say so */
    (void)n;
}

const struct mw_log stderr_log = {write_line, NULL, MW_LOG_INFO};
