/* multipart/form-data (RFC 7578) as it streams in: where its parts begin and end, and which of them is a file. Pure,
 * and holds nothing of the body: the caller shows a window on it, and keeps what is not done with yet. Any thread. */
#ifndef MW_MULTIPART_H
#define MW_MULTIPART_H

#include "mw/err.h"
#include "mw/str.h"

#define MW_MULTIPART_BOUNDARY_MAX 70 /* RFC 2046 section 5.1.1 */
#define MW_MULTIPART_HEAD_MAX 8192   /* the headers of a part */
#define MW_MULTIPART_PADDING_MAX 64  /* blanks behind a boundary */
/* A window of so many bytes always gets on. */
#define MW_MULTIPART_WINDOW_MIN (MW_MULTIPART_HEAD_MAX + 256)

enum mw_multipart_event {
    MW_MULTIPART_MORE = 0, /* nothing to tell without more bytes. Where the body ends here, it is cut */
    MW_MULTIPART_PART,     /* a part begins, and so the one before it has ended */
    MW_MULTIPART_DATA,     /* bytes of the part */
    MW_MULTIPART_END,      /* the last part has ended. What follows means nothing */
    MW_MULTIPART_BAD
};

struct mw_multipart {
    char delimiter[4 + MW_MULTIPART_BOUNDARY_MAX]; /* CR LF - - boundary */
    size_t delimiter_len;
    int state;
};

struct mw_multipart_step {
    enum mw_multipart_event event;
    size_t used;        /* bytes from the window's start that are done with; the next window begins behind them */
    struct mw_str data; /* DATA: in the window, never empty */
    bool is_file;       /* PART: it has a file name. The name itself is the client's, and nobody needs it */
    const char *why;    /* BAD: static, one sentence */
};

/* content_type: the request's header. MW_EINVAL: no multipart/form-data with a good boundary. */
MW_MUST_CHECK enum mw_err mw_multipart_start(struct mw_multipart *m, struct mw_str content_type);
/* The next event in the window: all bytes that are there and not done with yet. After END or BAD it stays with that. */
struct mw_multipart_step mw_multipart_next(struct mw_multipart *m, struct mw_str window);

#endif
