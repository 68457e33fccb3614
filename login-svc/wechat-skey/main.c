#include "mw/str.h"
#include "tool.h"

#include <stdarg.h>
#include <stdio.h>

static const char help[] =
    "Usage: wechat-skey COMMAND …\n"
    "\n"
    "Keys and tokens of mosquitto-wechat.\n"
    "\n"
    "  keygen [--kid NAME] DIR\n"
    "      Makes DIR/signing.jwks (mode 0640), which signs and verifies skeys, and DIR/login-svc.key (mode 0600), the\n"
    "      login service's own secret. Never overwrites. A login-svc.key that is there already is kept.\n"
    "  keygen --rotate [--kid NAME] DIR\n"
    "      Puts a new key first in DIR/signing.jwks and keeps the old ones, so that their skeys go on working. "
    "Members\n"
    "      of the file that this tool does not know are not kept.\n"
    "\n"
    "  mint --keys FILE --iss APPID [--uid UID] [--sid SID] [--ttl 24h] [--role service|admin] [--room NAME]…\n"
    "       [--name NICK] [--picture URL] [--iat SECONDS]\n"
    "      Prints a skey, signed with the first key of FILE. Without --uid and --sid: random ones.\n"
    "\n"
    "  inspect [--keys FILE] [TOKEN]\n"
    "      Says what a token holds and why it is refused. The token is better given on standard input: arguments are\n"
    "      seen by every user of the machine. Without --keys the signature is not checked.\n"
    "\n"
    "  --help, --version\n"
    "\n"
    "Exit status: 0 done, or the token is valid; 1 failed, or the token is refused or was not checked; 2 wrong\n"
    "arguments.\n";

static const struct command {
    const char *name;
    int (*run)(int argc, char **argv);
} commands[] = {{"keygen", keygen_main}, {"mint", mint_main}, {"inspect", inspect_main}};

static void complain_v(const char *fmt, va_list args) {
    (void)fputs("wechat-skey: ", stderr);
    (void)vfprintf(stderr, fmt, args);
    (void)fputc('\n', stderr);
}

void complain(const char *fmt, ...) {
    va_list args;
    va_start(args, fmt);
    complain_v(fmt, args);
    va_end(args);
}

int complain_usage(const char *fmt, ...) {
    va_list args;
    va_start(args, fmt);
    complain_v(fmt, args);
    va_end(args);
    (void)fputs("Try: wechat-skey --help\n", stderr);
    return STATUS_USAGE;
}

int complain_option(const char *option) {
    return complain_usage("%s: unknown, or without its value", option);
}

/* What was printed counts only once it is out. */
static int finish(int status) {
    if (fflush(stdout) == 0 && !ferror(stdout)) return status;
    complain("cannot write the output");
    return STATUS_FAILED;
}

int main(int argc, char **argv) {
    const struct mw_str name = mw_cstr(argc > 1 ? argv[1] : NULL);
    if (mw_str_eq(name, MW_STR("--help")) || mw_str_eq(name, MW_STR("-h"))) return finish(fputs(help, stdout) == EOF);
    if (mw_str_eq(name, MW_STR("--version"))) return finish(puts("wechat-skey " MW_VERSION) == EOF);
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++)
        if (mw_str_eq(name, mw_cstr(commands[i].name))) return finish(commands[i].run(argc - 1, argv + 1));
    if (!name.ptr) return complain_usage("which command: keygen, mint or inspect?");
    return complain_usage("there is no command \"%s\": keygen, mint, inspect", name.ptr);
}
