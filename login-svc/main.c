/* Arguments, signals, start and stop. */
#include "media_sweep.h"
#include "mw/parse.h"
#include "mw/secret.h"
#include "service.h"
#include "stderr_log.h"
#include "sysclock.h"

#include <curl/curl.h>
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/resource.h>

static const char usage[] =
    "Usage: mosquitto-wechat-login -c FILE [--test-config | --sweep-media AGE]\n"
    "\n"
    "Turns the codes of wx.login into sessions and skeys.\n"
    "\n"
    "  -c FILE        the configuration; see login-svc.conf.example\n"
    "  --test-config  read it and the files that it names, say what is wrong, and exit\n"
    "  --sweep-media AGE\n"
    "                 remove media that came longer ago than AGE (90d, 12h), say how many, and exit; also while the\n"
    "                 service runs\n"
    "  --help         this text\n"
    "  --version      the version\n"
    "\n"
    "SIGHUP reads the signing keys again. SIGTERM ends the service when what it is doing is done.\n";

struct args {
    const char *conf;
    int64_t sweep_age_s; /* 0: no sweep */
    bool test_config, help, version;
};

#define SWEEP_AGE_MAX_S (INT64_C(100) * 366 * 86400)

/* NULL, or what is wrong. Elsewhere a bare number is seconds: here it would sweep all that is there away. */
static const char *read_age(const char *text, struct args *out) {
    const struct mw_str age = mw_cstr(text);
    const bool bare = age.len > 0 && age.ptr[age.len - 1] >= '0' && age.ptr[age.len - 1] <= '9';
    int64_t age_s;
    if (bare || mw_parse_duration_s(age, SWEEP_AGE_MAX_S, &age_s) != MW_OK || age_s == 0)
        return "--sweep-media needs an age, such as 90d";
    out->sweep_age_s = age_s;
    return NULL;
}

/* NULL, or what is wrong. */
static const char *read_args(int argc, char **argv, struct args *out) {
    static const char sweep_is[] = "--sweep-media=";
    const char *wrong = NULL;
    for (int i = 1; i < argc && !wrong; i++) {
        struct mw_str arg = mw_cstr(argv[i]);
        if (mw_str_eq(arg, MW_STR("--test-config")))
            out->test_config = true;
        else if (mw_str_eq(arg, MW_STR("--help")) || mw_str_eq(arg, MW_STR("-h")))
            out->help = true;
        else if (mw_str_eq(arg, MW_STR("--version")))
            out->version = true;
        else if (mw_str_starts(arg, MW_STR(sweep_is)))
            wrong = read_age(argv[i] + sizeof sweep_is - 1, out);
        else if (mw_str_eq(arg, MW_STR("--sweep-media")))
            wrong = read_age(++i < argc ? argv[i] : "", out);
        else if (!mw_str_eq(arg, MW_STR("-c")))
            return "unknown argument";
        else if (++i == argc)
            return "-c needs a file";
        else
            out->conf = argv[i];
    }
    if (wrong) return wrong;
    return out->conf || out->help || out->version ? NULL : "-c FILE is needed";
}

/* Memory goes back and forth with every log-in: not to the system and back, page by page. One arena for all threads: a
 * log-in passes through three of them, and what each keeps free for itself is no use to the others. */
static void keep_memory(void) {
    (void)mallopt(M_TRIM_THRESHOLD, 1 << 20);
    (void)mallopt(M_ARENA_MAX, 1);
}

/* Thousands of connections: as many files as we are allowed. */
static void raise_file_limit(void) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= limit.rlim_max) return;
    limit.rlim_cur = limit.rlim_max;
    (void)setrlimit(RLIMIT_NOFILE, &limit);
}

/* Blocked before any thread starts, so that only the main thread takes them, when it waits for them. */
static sigset_t block_signals(void) {
    sigset_t set;
    (void)sigemptyset(&set);
    (void)sigaddset(&set, SIGHUP);
    (void)sigaddset(&set, SIGINT);
    (void)sigaddset(&set, SIGTERM);
    (void)pthread_sigmask(SIG_BLOCK, &set, NULL);
    (void)signal(SIGPIPE, SIG_IGN);
    (void)signal(SIGXFSZ, SIG_IGN); /* a limit on the size of files is an error like a full disk */
    return set;
}

static int run(struct service *svc) {
    const sigset_t signals = block_signals();
    struct service_error err;
    if (service_start(svc, &err) != MW_OK) {
        mw_log(&stderr_log, MW_LOG_ERROR, "start.failed", "why=\"%s\"", err.text);
        return 1;
    }
    mw_log(&stderr_log, MW_LOG_INFO, "listen.ready", "addr=%s port=%u version=" MW_VERSION, svc->cfg->listen_addr.host,
           (unsigned)http_server_port(svc->public_server));
    if (svc->admin_server)
        mw_log(&stderr_log, MW_LOG_INFO, "admin.ready", "addr=%s port=%u", svc->cfg->admin_addr.host,
               (unsigned)http_server_port(svc->admin_server));
    for (int signal_no = 0; signal_no != SIGINT && signal_no != SIGTERM;)
        if (sigwait(&signals, &signal_no) == 0 && signal_no == SIGHUP) service_reload(svc);
    mw_log(&stderr_log, MW_LOG_INFO, "stop.begin", "%s", "");
    service_stop(svc);
    mw_log(&stderr_log, MW_LOG_INFO, "stop.done", "%s", "");
    return 0;
}

int main(int argc, char **argv) {
    static struct config cfg;
    static struct service svc;
    struct config_error bad_conf;
    struct service_error bad_secret;
    struct args args = {NULL, 0, false, false, false};
    const char *wrong = read_args(argc, argv, &args);
    if (wrong) {
        (void)fprintf(stderr, "%s\n%s", wrong, usage);
        return 2;
    }
    if (args.help || args.version) {
        (void)fputs(args.help ? usage : "mosquitto-wechat-login " MW_VERSION "\n", stdout);
        return 0;
    }
    if (config_load(args.conf, &cfg, &bad_conf) != MW_OK) {
        (void)fprintf(stderr, "%s\n", bad_conf.text);
        return 1;
    }
    if (args.sweep_age_s > 0) return media_sweep(&cfg, args.sweep_age_s, sysclock.unix_ms(NULL) / 1000);
    (void)prctl(PR_SET_DUMPABLE, 0); /* a core file would hold the secrets */
    svc.clock = sysclock;
    svc.log = &stderr_log;
    int status = 1;
    if (service_prepare(&svc, &cfg, &bad_secret) != MW_OK) {
        (void)fprintf(stderr, "%s: %s\n", args.conf, bad_secret.text);
    } else if (args.test_config) {
        (void)printf("%s: ok\n", args.conf);
        status = 0;
    } else if (curl_global_init(CURL_GLOBAL_DEFAULT) == 0) {
        raise_file_limit();
        keep_memory();
        status = run(&svc);
        curl_global_cleanup();
    }
    service_stop(&svc);
    return status;
}
