#include "handlers.h"
#include "media.h"
#include "session_auth.h"
#include "upload.h"

/* What of the body must be the file. */
static uint64_t least_file(uint64_t length) {
    return length > MEDIA_BESIDE_MAX ? length - MEDIA_BESIDE_MAX : 0;
}

static void refuse_claim(struct service *svc, struct call *call, const struct session_owner *owner,
                         enum media_verdict_quota verdict) {
    switch (verdict) {
    case MEDIA_QUOTA_EXCEEDED:
        upload_refuse(svc, call, owner, 0, API_QUOTA_EXCEEDED, NULL);
        return;
    case MEDIA_QUOTA_USER_BUSY:
        upload_refuse(svc, call, owner, 0, API_TOO_MANY_UPLOADS, NULL);
        return;
    case MEDIA_QUOTA_ALL_BUSY:
        upload_refuse(svc, call, owner, 0, API_BUSY, upload_no_room_for_more);
        return;
    case MEDIA_QUOTA_OK:
    case MEDIA_QUOTA_NO_MEMORY:
    default:
        upload_refuse(svc, call, owner, 0, API_INTERNAL, NULL);
        return;
    }
}

/* Everything that the headers can tell is told before the first byte of the body. */
void handle_upload(struct service *svc, struct call *call) {
    struct session_owner owner;
    struct mw_multipart multipart;
    struct media_claim claim;
    enum api_error error = API_INTERNAL;
    const char *message = NULL;
    const uint64_t length = request_length(&call->req);
    if (!svc->media) {
        api_fail(call, API_NOT_FOUND, "This server takes no media.");
    } else if (!session_check(svc, &call->req, &owner, &error, &message)) {
        upload_refuse(svc, call, NULL, 0, error, message);
    } else if (mw_multipart_start(&multipart, call->req.fields[FIELD_CONTENT_TYPE]) != MW_OK) {
        upload_refuse(svc, call, &owner, 0, API_BAD_REQUEST,
                      "Send the file as multipart/form-data with a boundary, as wx.uploadFile does.");
    } else if (least_file(length) > (uint64_t)svc->cfg->media_max_size) {
        upload_refuse(svc, call, &owner, 0, API_BODY_TOO_BIG, upload_too_big);
    } else {
        const enum media_verdict_quota verdict =
            media_quota_begin(svc->media->quota, owner.uid, least_file(length), service_now_s(svc), &claim);
        if (verdict != MEDIA_QUOTA_OK) {
            refuse_claim(svc, call, &owner, verdict);
        } else if (upload_begin(svc, call, &multipart, &owner, &claim) != MW_OK) {
            media_quota_end(svc->media->quota, &claim);
            upload_refuse(svc, call, &owner, 0, API_INTERNAL, NULL);
        }
    }
}
