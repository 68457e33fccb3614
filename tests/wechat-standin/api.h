/* The stand-in's calls, as plain requests and answers: no socket, no HTTP library.
 *
 *   GET  /sns/jscode2session   WeChat's own
 *   POST /standin/code         {"person", "nickName"?, "avatarUrl"?, "unionid"?, "blocked"?, "ttl"? seconds}
 *                              -> {"code", "openid"}; a person is invented when first named
 *   POST /standin/userinfo     {"person", profile as above, "appid"?, "openId"?, "age"? seconds, "ids"?, "plaintext"?,
 *                              "badPadding"?, "badSignature"?} -> {"rawData", "signature", "encryptedData", "iv"}
 *   POST /standin/group        {"person", "group", "form"? "openGId" or "opengid", "appid"?, "age"?, "plaintext"?,
 *                              "badPadding"?} -> {"encryptedData", "iv", "openGId"}
 *   POST /standin/behave       {"mode"?, "delay_ms"?, "errcode"?, "times"?} for the next `times` calls, -1: for ever;
 *                              what is left out is as usual, so {} ends all faults. Switches that stay as they are
 *                              unless given: "rotate" (true), "burn" (false), "rate_limit" a minute (100, 0: none).
 *                              "release": true answers at once all that were delayed so far
 *   GET  /standin/person?name= {"openid", "session_key", "unionid"}: what must never leak
 *   GET  /standin/stats        {"calls", "ok", "errcodes", "codes", "persons", "inflight", "inflight_max"}
 */
#ifndef STANDIN_API_H
#define STANDIN_API_H

#include "behave.h"
#include "people.h"

#define BODY_MAX 65536 /* of a request */

enum query_id { QUERY_APPID = 0, QUERY_SECRET, QUERY_JS_CODE, QUERY_GRANT_TYPE, QUERY_NAME, QUERY_COUNT };
extern const char *const query_names[QUERY_COUNT];

struct request {
    struct mw_str method, path, body;
    struct mw_str query[QUERY_COUNT]; /* decoded; absent when not given */
    int64_t mono_ms, unix_s;
};

struct answer {
    unsigned status;
    const char *content_type; /* static */
    char *body;               /* the caller frees it; NULL: none could be made, close the connection */
    struct behaviour behaviour;
    bool release; /* the calls that are delayed are due now */
};

struct stats {
    uint64_t calls, ok, inflight, inflight_max; /* of /sns/ calls */
};

struct api;

/* Copies app id and secret. NULL when memory is out. */
struct api *api_new(struct mw_str app_id, struct mw_str secret);
void api_free(struct api **api);

/* For mini-programs in WeChat's developer tools, whose wx.login is the real one: a code that is not one of these here
 * logs in too. */
void api_take_foreign_codes(struct api *api);

void api_answer(struct api *api, const struct request *request, struct answer *out);
/* True for WeChat's own calls, which behaviour and counts are about. */
bool api_is_wechat(struct mw_str path);
/* The server counts what waits. */
struct stats *api_stats(struct api *api);

#endif
