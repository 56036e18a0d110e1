"""How the other files of this folder were made, once: `python3 make.py` (with the `openssl` command) makes new ones.

- `jwks.json`: the public keys, one of each kind that is verified, and some that verify nothing.
- `tokens.json`: for each algorithm one token with the same claims, good until 2100.
- `signer.txt`: the private key of `ec256` (PKCS #8, base64), with which tests sign tokens of their own.
"""

import base64
import json
import pathlib
import re
import subprocess
import tempfile

HERE = pathlib.Path(__file__).parent
CLAIMS = {
    "iss": "https://issuer.test", "sub": "user", "aud": ["other", "me"], "exp": 4102444800, "iat": 1600000000,
    "scope": "openid read", "cognito:groups": ["admin", "power user"], "email_verified": True,
}
KINDS = {
    "rsa": ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"],
    "ec256": ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"],
    "ec384": ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384"],
    "small": ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:1024"],
}
ALGORITHMS = {
    "RS256": "rsa", "RS384": "rsa", "RS512": "rsa", "PS256": "rsa", "PS384": "rsa", "PS512": "rsa",
    "ES256": "ec256", "ES384": "ec384",
}


def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def openssl(*arguments, **more):
    return subprocess.run(["openssl", *arguments], check=True, capture_output=True, **more).stdout


def public(kid, path):
    """The public part of a key, as key sets have it."""
    text = openssl("pkey", "-in", path, "-noout", "-text").decode()
    if "modulus:" in text:
        n = bytes.fromhex(re.sub(r"[^0-9a-f]", "", re.search(r"modulus:([\s0-9a-f:]+)", text).group(1)))
        e = int(re.search(r"publicExponent: (\d+)", text).group(1))
        return {"kty": "RSA", "kid": kid, "use": "sig", "n": b64(n.lstrip(b"\0")), "e": b64(e.to_bytes(3, "big"))}
    point = bytes.fromhex(re.sub(r"[^0-9a-f]", "", re.search(r"pub:([\s0-9a-f:]+)", text).group(1)))
    x, y = point[1 : len(point) // 2 + 1], point[len(point) // 2 + 1 :]
    return {"kty": "EC", "kid": kid, "crv": f"P-{len(x) * 8}", "x": b64(x), "y": b64(y)}


def raw(der, size):
    numbers, at = [], 2 if der[1] < 0x80 else 3
    for _ in range(2):
        length = der[at + 1]
        numbers.append(int.from_bytes(der[at + 2 : at + 2 + length], "big").to_bytes(size, "big"))
        at += 2 + length
    return b"".join(numbers)


def generate(kind, path):
    """Makes a key of a kind."""
    openssl("genpkey", *KINDS[kind], "-out", path)


def token(algorithm, kid, path, claims):
    """A token that the key at `path` signs."""
    parts = [{"alg": algorithm, "kid": kid, "typ": "JWT"}, claims]
    signed = ".".join(b64(json.dumps(part, separators=(",", ":")).encode()) for part in parts)
    pss = ["-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:digest"] if algorithm[0] == "P" else []
    signature = openssl("dgst", f"-sha{algorithm[2:]}", "-sign", path, *pss, input=signed.encode())
    return f"{signed}.{b64(raw(signature, int(algorithm[2:]) // 8) if algorithm[0] == 'E' else signature)}"


def main(folder):
    paths = {kid: f"{folder}/{kid}" for kid in KINDS}
    for kid, path in paths.items():
        generate(kid, path)
    keys = [public(kid, path) for kid, path in paths.items()]
    keys.append({"kty": "oct", "kid": "secret", "k": "c2VjcmV0"})
    keys.append({**keys[0], "kid": "encrypts", "use": "enc"})
    keys.append({**keys[0], "kid": "only512", "alg": "RS512"})
    keys.append({**keys[0], "kid": "broken", "n": "!"})
    tokens = {algorithm: token(algorithm, kid, paths[kid], CLAIMS) for algorithm, kid in ALGORITHMS.items()}
    tokens["RS256 of a small key"] = token("RS256", "small", paths["small"], CLAIMS)
    tokens["RS256 of a key for RS512"] = token("RS256", "only512", paths["rsa"], CLAIMS)
    signer = openssl("pkcs8", "-topk8", "-nocrypt", "-in", paths["ec256"], "-outform", "DER")
    (HERE / "jwks.json").write_text(json.dumps({"keys": keys}, indent=1) + "\n")
    (HERE / "tokens.json").write_text(json.dumps(tokens, indent=1) + "\n")
    (HERE / "signer.txt").write_text(base64.b64encode(signer).decode() + "\n")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        main(folder)
