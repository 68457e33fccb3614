/* wechat-standin: a local stand-in for the part of WeChat's server API that a login needs, and a door through which
 * tests and the demo invent people. It serves loopback addresses only: it knows everybody's secrets. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "api.h"
#include "mw/identity.h"
#include "mw/parse.h"
#include "server.h"

#define SECRET_TEXT_MAX 128

struct options {
    uint32_t ip; /* host byte order */
    uint16_t port;
    const char *app_id;
    char secret[SECRET_TEXT_MAX + 1];
    bool foreign_codes;
};

static const char usage[] =
    "usage: wechat-standin [--listen 127.0.0.1:PORT] [--foreign-codes] --app-id wx... --app-secret TEXT|@FILE\n"
    "Answers GET /sns/jscode2session as WeChat does. POST /standin/code {\"person\":\"alice\"} makes a login code.\n"
    "PORT 0, the default, takes a free one; \"standin.ready port=N\" on stdout tells which.\n"
    "--foreign-codes: a code of letters, digits, - and _ that was not made here logs in as one person, always the "
    "same:\n"
    "for a mini-program in WeChat's developer tools, whose wx.login gives codes of its own.\n";

static bool parse_listen(const char *text, struct options *out) {
    const char *colon = strrchr(text, ':');
    char host[INET_ADDRSTRLEN];
    struct in_addr address;
    uint64_t port = 0;
    if (!colon || !mw_str_copy(host, sizeof host, mw_bytes(text, (size_t)(colon - text)))) return false;
    if (inet_pton(AF_INET, host, &address) != 1 || ntohl(address.s_addr) >> 24 != 127) return false;
    if (mw_parse_u64(mw_cstr(colon + 1), UINT16_MAX, &port) != MW_OK) return false;
    out->ip = ntohl(address.s_addr);
    out->port = (uint16_t)port;
    return true;
}

/* The first line of a file, or the text itself. */
static bool read_secret(const char *text, char out[static SECRET_TEXT_MAX + 1]) {
    if (text[0] != '@') return text[0] && mw_str_copy(out, SECRET_TEXT_MAX + 1, mw_cstr(text));
    FILE *file = fopen(text + 1, "re");
    if (!file) return false;
    bool ok = fgets(out, SECRET_TEXT_MAX + 1, file) != NULL;
    fclose(file);
    if (ok) out[strcspn(out, "\r\n")] = '\0';
    return ok && out[0];
}

static bool parse_options(int argc, char **argv, struct options *out) {
    static const struct option longs[] = {{"listen", required_argument, NULL, 'l'},
                                          {"app-id", required_argument, NULL, 'i'},
                                          {"app-secret", required_argument, NULL, 's'},
                                          {"foreign-codes", no_argument, NULL, 'f'},
                                          {"help", no_argument, NULL, 'h'},
                                          {0}};
    int c;
    while ((c = getopt_long(argc, argv, "h", longs, NULL)) != -1) {
        switch (c) {
        case 'l':
            if (!parse_listen(optarg, out)) {
                fprintf(stderr, "wechat-standin: --listen: must be 127.x.y.z:PORT\n");
                return false;
            }
            break;
        case 'i':
            if (!mw_is_appid(mw_cstr(optarg))) {
                fprintf(stderr, "wechat-standin: --app-id: must be wx and 1 to 30 of a-z0-9\n");
                return false;
            }
            out->app_id = optarg;
            break;
        case 's':
            if (!read_secret(optarg, out->secret)) {
                fprintf(stderr, "wechat-standin: --app-secret: 1 to %d bytes, or @ and a file that holds them\n",
                        SECRET_TEXT_MAX);
                return false;
            }
            break;
        case 'f':
            out->foreign_codes = true;
            break;
        case 'h':
            fputs(usage, stdout);
            exit(0);
        default:
            fputs(usage, stderr);
            return false;
        }
    }
    if (optind < argc || !out->app_id || !out->secret[0]) {
        fputs(usage, stderr);
        return false;
    }
    return true;
}

static void raise_file_limit(void) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    limit.rlim_cur = limit.rlim_max;
    (void)setrlimit(RLIMIT_NOFILE, &limit);
}

static int stop_signals(void) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    signal(SIGPIPE, SIG_IGN);
    if (sigprocmask(SIG_BLOCK, &set, NULL) != 0) return -1;
    return signalfd(-1, &set, SFD_CLOEXEC);
}

int main(int argc, char **argv) {
    struct options options = {.ip = INADDR_LOOPBACK};
    struct api *api = NULL;
    struct server *server = NULL;
    int status = EXIT_FAILURE, stop_fd = -1;
    if (!parse_options(argc, argv, &options)) return 2;
    raise_file_limit();
    stop_fd = stop_signals();
    if (stop_fd < 0) goto done;
    errno = ENOMEM;
    api = api_new(mw_cstr(options.app_id), mw_cstr(options.secret));
    if (!api) goto done;
    if (options.foreign_codes) api_take_foreign_codes(api);
    server = server_start(api, options.ip, options.port);
    if (!server) goto done;
    printf("standin.ready port=%" PRIu16 "\n", server_port(server));
    fflush(stdout);
    if (server_run(server, stop_fd)) status = EXIT_SUCCESS;
done:
    if (status != EXIT_SUCCESS) perror("wechat-standin");
    server_stop(&server);
    api_free(&api);
    if (stop_fd >= 0) close(stop_fd);
    return status;
}
