"""A backup of the secret among people none of whom has it: any few of them together get it back.

A fresh 16-byte key is shared out (:mod:`hashing.sharing`); a key derived from it (HKDF-SHA-256, RFC 5869) seals the
secret file's content (ChaCha20-Poly1305, RFC 8439), and every share carries the sealed secret. The seal is bound to
the numbers that all shares repeat, and tells a right key from a wrong one before anything is written.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from itertools import combinations

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from hashing.errors import ShareRefused
from hashing.keys import LinkageSecret, parse_secret, secret_content
from hashing.private import Hidden
from hashing.share_files import FORMAT, Share, ShareSet
from hashing.sharing import FEWEST_NEEDED, KEY_BYTES, MOST_SHARES, put_together, share_out

Shares = Mapping[str, Share]
"""Shares under the names of their files."""


def split(
    secret: LinkageSecret, *, shares: int, needed: int, random_bytes: Callable[[int], bytes]
) -> tuple[Share, ...]:
    """Shares of a secret, any *needed* of which give it back.

    Raises:
        ShareRefused: fewer than 2 needed, more needed than there are, or more than 16 shares.
        BackupUnavailable: the library is not installed.
    """
    _check_numbers(shares, needed)
    key, id_, nonce = Hidden(random_bytes(KEY_BYTES)), random_bytes(16).hex(), random_bytes(12)
    sealed = _cipher(key, id_).encrypt(
        nonce, secret_content(secret).reveal(), _bound(id_, secret.epoch, shares, needed)
    )
    common = ShareSet(id_, secret.epoch, shares, needed, nonce, sealed)
    parts = share_out(key, shares=shares, needed=needed)
    return tuple(Share(FORMAT, number, common, part) for number, part in enumerate(parts, 1))


def combine(given: Shares) -> LinkageSecret:
    """The secret of which enough shares are given; all that are given must be right.

    Raises:
        ShareRefused: too few, one twice, of different sets, or altered; says which file.
        BackupUnavailable: the library is not installed.
    """
    common = _check_belong_together(given)
    _check_none_comes_twice(given)
    if len(given) < common.needed:
        were = "was" if len(given) == 1 else "were"
        raise ShareRefused(
            f"{common.needed} shares are needed, and {len(given)} {were} given: {', '.join(given)}",
            hint="Ask more of the people who have one.",
        )
    opened = _open(given, common)
    return parse_secret(opened, name="the combined secret")


def _check_numbers(shares: int, needed: int) -> None:
    if needed < FEWEST_NEEDED:
        raise ShareRefused(
            "at least 2 shares must be needed",
            hint="A share that is enough by itself is a copy of the secret; rather lock one: 'headcount secret lock'.",
        )
    if needed > shares or shares > MOST_SHARES:
        raise ShareRefused(
            f"{needed} of {shares} shares cannot be had",
            hint=f"Make at most {MOST_SHARES}, and need no more than there are.",
        )


def _check_belong_together(given: Shares) -> ShareSet:
    """Of shares that differ in what all should repeat, those in the minority are named."""
    common, _ = Counter(share.set for share in given.values()).most_common(1)[0]
    others = [name for name, share in given.items() if share.set != common]
    if others:
        example = next(name for name, share in given.items() if share.set == common)
        raise ShareRefused(
            f"{', '.join(others)}: of another splitting than {example}, or altered",
            hint="Shares go together only if one 'headcount secret split' made them.",
        )
    return common


def _check_none_comes_twice(given: Shares) -> None:
    seen: dict[int, str] = {}
    for name, share in given.items():
        if share.number in seen:
            raise ShareRefused(
                f"{name}: this is share {share.number}, as {seen[share.number]} is",
                hint="Each share counts once; ask somebody else for theirs.",
            )
        seen[share.number] = name


def _open(given: Shares, common: ShareSet) -> Hidden:
    """What was sealed. Where more shares are given than needed, those that do not fit the others are named."""
    for chosen in combinations(given, common.needed):
        opened = _unsealed(chosen, given, common)
        if opened is not None:
            _check_fit(given, chosen, common)
            return opened
    raise ShareRefused(
        f"the shares do not open the secret: at least one was altered of {', '.join(given)}",
        hint="Give one share more than are needed, and the altered one is found.",
    )


def _check_fit(given: Shares, chosen: tuple[str, ...], common: ShareSet) -> None:
    altered = [name for name in given if name not in chosen and _unsealed((name, *chosen[1:]), given, common) is None]
    if altered:
        raise ShareRefused(f"{', '.join(altered)}: the share was altered", hint="Leave it out; the others are enough.")


def _unsealed(chosen: tuple[str, ...], given: Shares, common: ShareSet) -> Hidden | None:
    key = put_together((given[name].number, given[name].share) for name in chosen)
    bound = _bound(common.id, common.epoch, common.shares, common.needed)
    try:
        return Hidden(_cipher(key, common.id).decrypt(common.nonce, common.sealed, bound))
    except InvalidTag:
        return None


def _cipher(key: Hidden, id_: str) -> ChaCha20Poly1305:
    info = f"headcount/backup/v1|{id_}".encode()
    derivation = HKDF(algorithm=SHA256(), length=32, salt=b"headcount/1", info=info)
    return ChaCha20Poly1305(derivation.derive(key.reveal()))


def _bound(id_: str, epoch: int, shares: int, needed: int) -> bytes:
    """What the seal is bound to; no part can hold the separator."""
    return "|".join((FORMAT, id_, str(epoch), str(shares), str(needed))).encode()
