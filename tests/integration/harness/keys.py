"""Keys and tokens: by the project's own tool, and forged ones for the tests of what must be refused."""
import base64
import hashlib
import hmac
import json
import subprocess
import time


def b64url(raw):
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def unb64url(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def forge(claims, *, key, kid, header=None, signature=None):
    """A JWT of any shape. claims: an object, or text to be taken as it is; header: changes to the proper one (None
    takes a member out); signature: in place of the right one."""
    head = {"alg": "HS256", "typ": "JWT", "kid": kid, **(header or {})}
    head = {name: value for name, value in head.items() if value is not None}
    body = claims if isinstance(claims, str) else json.dumps(claims, ensure_ascii=False)
    signed = b64url(json.dumps(head).encode()) + "." + b64url(body.encode())
    if signature is None:
        signature = b64url(hmac.new(key, signed.encode(), hashlib.sha256).digest())
    return f"{signed}.{signature}"


class Keys:
    """A key folder as `wechat-skey keygen` makes it."""

    APP_ID = "wx4f4bc4dec97d474b"

    def __init__(self, settings, folder):
        self.tool = settings.skey_tool
        self.folder = folder
        self.signing = folder / "signing.jwks"
        self.secret = folder / "login-svc.key"
        self._run("keygen", folder)

    def run(self, *args, stdin=""):
        """wechat-skey with these arguments; a CompletedProcess."""
        return subprocess.run([self.tool, *map(str, args)], input=stdin, capture_output=True, text=True, check=False)

    def _run(self, *args):
        done = self.run(*args)
        assert done.returncode == 0, f"wechat-skey {args[0]}: {done.stdout}{done.stderr}"
        return done.stdout.strip()

    def mint(self, **options):
        """A token of wechat-skey mint: uid, sid, ttl, role, name, picture, iat; room, which may be a list."""
        arguments = []
        for name, value in options.items():
            for each in value if isinstance(value, list) else [value]:
                arguments += [f"--{name}", each]
        return self._run("mint", "--keys", self.signing, "--iss", self.APP_ID, *arguments)

    def jwks(self):
        return json.loads(self.signing.read_text())

    def first(self):
        """The signing key's bytes and its kid."""
        key = self.jwks()["keys"][0]
        return unb64url(key["k"]), key["kid"]

    def write(self, jwks):
        """Replaces the file at once, as an operator should."""
        fresh = self.signing.with_suffix(".new")
        fresh.write_text(jwks if isinstance(jwks, str) else json.dumps(jwks))
        fresh.chmod(0o640)
        fresh.rename(self.signing)

    def rotate(self):
        """A new key in front of the old ones. A reload makes it count."""
        self._run("keygen", "--rotate", self.folder)

    def forget_old(self):
        """Leaves the signing key alone in the set."""
        self.write({"keys": self.jwks()["keys"][:1]})

    def claims(self, **changes):
        """Claims that are all right, save for the changes; None takes a claim out."""
        now = int(time.time())
        claims = {"iss": self.APP_ID, "sub": "a" * 16, "jti": "b" * 26, "iat": now, "exp": now + 3600, **changes}
        return {name: value for name, value in claims.items() if value is not None}

    def forge(self, claims=None, header=None, signature=None):
        """A token signed with the first key. Without arguments it is one that must be accepted."""
        key, kid = self.first()
        return forge(self.claims() if claims is None else claims, key=key, kid=kid, header=header, signature=signature)
