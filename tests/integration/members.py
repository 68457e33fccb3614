"""Members of a room for tests of the plugin alone: identities with skeys made here, without a login service."""
import base64
import hashlib
import time
from dataclasses import dataclass


def base32(text, length):
    return base64.b32encode(hashlib.sha256(text.encode()).digest()).decode().lower()[:length]


@dataclass(frozen=True)
class Member:
    uid: str
    sid: str
    skey: str
    ends_at: int  # Unix seconds


def member(keys, who, ttl_s=3600, **claims):
    """Somebody with a live session of ttl_s seconds. claims: name, picture, role, rooms…; sid: another session of the
    same person."""
    uid, sid = base32("uid " + who, 16), claims.pop("sid", base32("sid " + who, 26))
    ends_at = int(time.time()) + ttl_s
    skey = keys.forge(keys.claims(sub=uid, jti=sid, exp=ends_at, **{"name": who, **claims}))
    return Member(uid, sid, skey, ends_at)


def text(content, **members):
    return {"type": "text", "content": content, **members}
