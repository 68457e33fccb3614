/* wechat-skey: one file for each command. Each reads its own arguments; argv[0] is the command's name. */
#ifndef WECHAT_SKEY_TOOL_H
#define WECHAT_SKEY_TOOL_H

/* What the commands return. */
enum { STATUS_OK = 0, STATUS_FAILED = 1, STATUS_USAGE = 2 };

int keygen_main(int argc, char **argv);
int mint_main(int argc, char **argv);
int inspect_main(int argc, char **argv);

/* One line on standard error, "wechat-skey: " in front. */
void complain(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* The same for wrong arguments, with a pointer to --help. Returns STATUS_USAGE. */
int complain_usage(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* What getopt_long() did not take. */
int complain_option(const char *option);

#endif
