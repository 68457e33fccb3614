/* Errors of the whole project: one enum, 0 is success, and nothing else is returned.
 * Out-parameters are untouched on failure unless a function says otherwise. */
#ifndef MW_ERR_H
#define MW_ERR_H

#define MW_MUST_CHECK __attribute__((warn_unused_result))

enum mw_err {
    MW_OK = 0,
    MW_EINVAL,   /* the input breaks a rule of its format */
    MW_ENOENT,   /* no such thing */
    MW_EEXIST,   /* there is one already */
    MW_EEXPIRED, /* it was valid once */
    MW_EAUTH,    /* a signature, key or tag does not fit */
    MW_ETOOBIG,  /* over a stated bound */
    MW_ENOMEM,
    MW_EIO,   /* the answer is unknown: callers deny */
    MW_EBUSY, /* a bound on waiting work is reached: try later */
    MW_EFULL, /* the disk, or what may be used of it, is full */
    MW_ERR_COUNT
};

/* Static text, never NULL, also for values outside the enum. */
const char *mw_err_text(enum mw_err err);

#endif
