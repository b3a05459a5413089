"""Keyed functions of many short texts at once: AES-CMAC, and the pseudo-random bytes that one text stands for.

A client list holds millions of texts, nearly all of them different, and each has to be keyed several times. One call of
a keyed hash costs more than all else that is done to a text; AES takes thousands of blocks in one call. AES-CMAC
(RFC 4493, NIST SP 800-38B) is a pseudo-random function of texts of any length; so is counter-mode AES over
what it gives (docs/adr/0015-aes-for-tokens.md).
"""

from __future__ import annotations

import numpy as np
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import ECB
from numpy.typing import NDArray

from hashing import accelerator
from hashing.texts import Texts

BLOCK = 16  # bytes
KEY_BYTES = 32
_AT_ONCE = 128 * 1024  # bytes that stay in the processor's cache
Blocks = NDArray[np.uint8]


class BlockCipher:
    """AES-128 on many blocks; never used to encrypt anything, only as a pseudo-random permutation."""

    def __init__(self, key: bytes) -> None:
        """*key* is 16 bytes long."""
        # ECB is AES block by block, which is what the constructions here are built of.
        self._cipher = Cipher(AES(key), ECB())  # noqa: S305

    def __call__(self, blocks: Blocks) -> Blocks:
        """Blocks of shape (..., 16) -> blocks of the same shape. Several threads may call it at once."""
        content = self._cipher.encryptor().update(np.ascontiguousarray(blocks).data)
        return np.frombuffer(content, dtype=np.uint8).reshape(blocks.shape)

    def write(self, blocks: Blocks, room: NDArray[np.uint8]) -> None:
        """The same, written to some *room*, of which there is at least a byte less than a block too much."""
        self._cipher.encryptor().update_into(blocks.reshape(-1).data, room.data)


class KeyedFunction:
    """A pseudo-random function of texts under one 32-byte key: half of it for AES-CMAC, half for the expansion."""

    def __init__(self, key: bytes) -> None:
        """*key* is derived for one purpose (:meth:`hashing.keys.LinkageSecret.derive`)."""
        if len(key) != KEY_BYTES:
            raise ValueError("a key is 32 bytes long")
        self._mac, self._stretch = BlockCipher(key[:BLOCK]), BlockCipher(key[BLOCK:])
        self._whole, self._shorter = _subkeys(self._mac)

    def tags(self, texts: Texts, lead: bytes = b"") -> Blocks:
        """AES-CMAC of each text behind a *lead*: shape (texts, 16)."""
        if accelerator.native is not None:
            return self._quick_tags(texts, lead)
        texts = texts.behind(lead) if lead else texts
        tags = np.empty((len(texts), BLOCK), dtype=np.uint8)
        sizes = np.maximum(1, -(-texts.lengths // BLOCK))
        for size in np.unique(sizes).tolist():
            rows = np.flatnonzero(sizes == size)
            tags[rows] = self._chained(texts.take(rows), size)
        return tags

    def _quick_tags(self, texts: Texts, lead: bytes) -> Blocks:
        lengths, width = np.ascontiguousarray(texts.lengths), texts.letters.shape[1]
        sizes = np.maximum(1, -(-(lengths + len(lead)) // BLOCK))
        most = int(sizes.max(initial=1))
        blocks = np.empty((len(texts), most, BLOCK), dtype=np.uint8)
        letters = np.ascontiguousarray(texts.letters)
        accelerator.native.padded_blocks(lead, letters, width, lengths, self._whole, self._shorter, most, blocks)  # type: ignore[union-attr]
        tags = self._mac(blocks[:, 0])
        for place in range(1, most):
            rows = np.flatnonzero(sizes > place)
            tags = tags if tags.flags.writeable else tags.copy()
            tags[rows] = self._mac(tags[rows] ^ blocks[rows, place])
        return tags

    def _chained(self, texts: Texts, size: int) -> Blocks:
        """CMAC of texts that all take *size* blocks."""
        padded = np.zeros((len(texts), size * BLOCK), dtype=np.uint8)
        width = min(texts.letters.shape[1], size * BLOCK)
        padded[:, :width] = texts.letters[:, :width]
        short = np.flatnonzero(texts.lengths < size * BLOCK)
        padded[short, texts.lengths[short]] = 0x80
        blocks = padded.reshape(len(texts), size, BLOCK)
        blocks[:, -1] ^= self._whole
        blocks[short, -1] ^= self._whole ^ self._shorter
        state = self._mac(blocks[:, 0])
        for place in range(1, size):
            state = self._mac(state ^ blocks[:, place])
        return state

    def stretched(self, tags: Blocks, size: int) -> NDArray[np.uint8]:
        """Pseudo-random bytes for each tag, shape (tags, size): AES of the tag XOR 0, 1, 2, ... as in counter mode."""
        count = -(-size // BLOCK)
        if count == 1:
            return self._stretch(tags)[:, :size]
        stretched = np.empty(len(tags) * count * BLOCK + BLOCK, dtype=np.uint8)
        self.stretch_into(stretched, tags, count)
        return stretched[:-BLOCK].reshape(len(tags), count * BLOCK)[:, :size]

    def stretch_into(self, room: NDArray[np.uint8], tags: Blocks, count: int) -> None:
        """Write *count* pseudo-random blocks for each tag to *room*, of which there is a block too much."""
        width = count * BLOCK
        counter = np.arange(count, dtype=">u2").view(np.uint8).reshape(count, 2)
        step = max(1, _AT_ONCE // width)
        for start in range(0, len(tags), step):
            blocks = np.repeat(tags[start : start + step, None, :], count, axis=1)
            blocks[:, :, -2:] ^= counter
            self._stretch.write(blocks, room[start * width :])

    def bytes_of(self, texts: Texts, size: int, lead: bytes = b"") -> NDArray[np.uint8]:
        """Pseudo-random bytes for each text behind a *lead*: shape (texts, size)."""
        return self.stretched(self.tags(texts, lead), size)


def _subkeys(cipher: BlockCipher) -> tuple[Blocks, Blocks]:
    """K1 for a whole last block and K2 for a padded one (RFC 4493, section 2.3)."""
    start = int.from_bytes(cipher(np.zeros((1, BLOCK), dtype=np.uint8)).tobytes(), "big")
    whole = _doubled(start)
    return _block(whole), _block(_doubled(whole))


def _doubled(number: int) -> int:
    """Multiplication by x in GF(2^128)."""
    doubled = number << 1
    return (doubled ^ 0x87) & ((1 << 128) - 1) if doubled >> 128 else doubled


def _block(number: int) -> Blocks:
    return np.frombuffer(number.to_bytes(BLOCK, "big"), dtype=np.uint8)
