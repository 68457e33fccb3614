/* One HTTP call as the handlers see it: a plain request, and a way to answer it. No word of the HTTP library here. */
#ifndef CALL_H
#define CALL_H

#include "mw/err.h"
#include "mw/identity.h"

/* What we read of headers and of the query; where it may stand in both it has one name, and case does not matter. */
enum field {
    FIELD_CODE = 0,       /* X-WX-Code */
    FIELD_ENCRYPTED_DATA, /* X-WX-Encrypted-Data */
    FIELD_IV,             /* X-WX-IV */
    FIELD_ID,             /* X-WX-Id */
    FIELD_SKEY,           /* X-WX-Skey */
    FIELD_AUTHORIZATION,  /* header only */
    FIELD_UID,            /* query only, as the next */
    FIELD_AFTER,
    FIELD_CONTENT_TYPE, /* header only, as the next */
    FIELD_CONTENT_LENGTH,
    FIELD_TRANSFER_ENCODING,
    FIELD_HOST, /* twice is a bad request (RFC 9112 section 3.2) */
    FIELD_RANGE,
    FIELD_IF_RANGE,
    FIELD_IF_NONE_MATCH,
    FIELD_IF_MODIFIED_SINCE,
    FIELD_COUNT
};

#define FIELDS_BYTES_MAX 32768 /* of all headers together; also of the query */
#define FIELD_VALUE_MAX 12288  /* encryptedData is the longest that has a use */

/* Views are borrowed and stay good until the call is answered. */
struct request {
    struct mw_str method, path;
    struct mw_str fields[FIELD_COUNT]; /* absent, or with at least one byte: an empty value counts as absent */
    bool conflict; /* a field that says who calls, whom, or how long the body is came twice: in the header, or with
                    * another value in the query */
    bool length_twice;
    bool too_big; /* headers or query are over a bound */
    size_t fields_bytes;
    struct mw_str body; /* absent when there is none */
};

/* The static spelling of the field's name. */
const char *request_field_name(enum field field);
/* Takes down one header or one parameter of the query. */
void request_add_header(struct request *req, struct mw_str name, struct mw_str value);
void request_add_query(struct request *req, struct mw_str name, struct mw_str value);

/* The length that the body is announced with; 0: none, since it comes in chunks or there is no body. One that no number
 * holds gives the greatest. */
uint64_t request_length(const struct request *req);
/* False: nobody can be sure where the body ends, and so what the bytes behind it are (RFC 9112 section 6.3): its length
 * is given twice, beside chunks, or by an encoding that is not `chunked` alone. */
bool request_length_is_clear(const struct request *req);

/* The token of `Authorization: Bearer …`: the scheme's name in any case (RFC 9110 section 11.1), one blank, the token.
 * Absent when there is no such header, or one of another scheme. */
struct mw_str request_bearer(const struct request *req);

#define REPLY_ALLOW_MAX 64
#define REPLY_HEADERS_MAX 12
#define REPLY_HEADER_MAX 128

/* A file as the answer's body, and headers of the answer's own. */
struct reply_file {
    int fd; /* becomes the server's. -1: no file; the body is the reply's own, or none */
    uint64_t offset, len;
    size_t headers_count;
    struct {
        const char *name; /* static */
        char value[REPLY_HEADER_MAX];
    } headers[REPLY_HEADERS_MAX];
};

/* The body is malloc'd and goes to the server, which wipes it once it is sent. NULL: no body. */
struct reply {
    int status;
    char *body;
    size_t body_len;
    const char *content_type;    /* static; NULL: JSON */
    char allow[REPLY_ALLOW_MAX]; /* "": no such header, as the next two: X-User-Id and X-Session-Id */
    char user_id[MW_UID_LEN + 1];
    char session_id[MW_SID_LEN + 1];
    int retry_after_s;       /* 0: no such header */
    bool challenge;          /* WWW-Authenticate: Bearer */
    struct reply_file *file; /* malloc'd, becomes the server's; NULL: no file, and the answer is not to be stored */
};

/* Takes a body piece by piece, as it comes in, for a route of BODY_STREAMED. The first two are called by a thread that
 * must not wait. */
struct body_sink {
    /* Gives how many of the bytes it has taken. Fewer than len: it is busy with them, and calls call->go_on() or
     * answers when it wants the rest; until then nothing is called. */
    size_t (*take)(struct body_sink *sink, const char *data, size_t len);
    /* The body has come to its end. Answers, now or later. Not called when the call is answered already. */
    void (*end)(struct body_sink *sink);
    /* The call is over, answered or not, and will not be touched again. Once. */
    void (*close)(struct body_sink *sink);
};

/* A call is answered exactly once, by any thread, within the handler or later. It may be gone when reply() returns. */
struct call {
    struct request req;
    void (*reply)(struct call *call, const struct reply *reply);
    void (*go_on)(struct call *call); /* of a sink that was busy; once for each time */
    struct body_sink *sink;           /* of a streamed body; set by the handler unless it has answered */
};

struct service;
typedef void handler_fn(struct service *svc, struct call *call);
/* False: the call is not to be handled, and is answered. */
typedef bool guard_fn(struct service *svc, struct call *call);

#endif
