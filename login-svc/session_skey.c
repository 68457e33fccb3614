#include "session_skey.h"

enum mw_err session_skey_mint(struct service *svc, const struct mw_session *session, int64_t now_s,
                              char out[static MW_SKEY_MAX + 1]) {
    struct mw_claims claims = {.iat_s = now_s, .exp_s = session->expires_s};
    bool ok = mw_str_copy(claims.iss, sizeof claims.iss, mw_cstr(svc->cfg->app_id)) &&
              mw_str_copy(claims.uid, sizeof claims.uid, mw_cstr(session->uid)) &&
              mw_str_copy(claims.sid, sizeof claims.sid, mw_cstr(session->sid)) &&
              mw_str_copy(claims.name, sizeof claims.name, mw_cstr(session->profile.nick)) &&
              mw_str_copy(claims.picture, sizeof claims.picture, mw_cstr(session->profile.avatar));
    return ok ? keyring_mint(svc->keys, &claims, out, MW_SKEY_MAX + 1) : MW_EINVAL;
}
