"""Made-up logs that grow or fork, witnesses that watch them, and a service that is only a log."""

from dataclasses import dataclass, field
from datetime import UTC, datetime

import httpx2

from audit.errors import CosignatureRefused, OldSizeDiffers
from audit.log import AuditLog
from audit.merkle import Tree, leaf_hash
from audit.signing import LogSigner
from audit.submission import Submission

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@dataclass
class Fork:
    """A log in memory whose history can be branched off, as an honest one's cannot."""

    signer: LogSigner
    entries: list[bytes] = field(default_factory=list)

    def grown(self, *entries: bytes) -> "Fork":
        return Fork(self.signer, [*self.entries, *entries])

    @property
    def size(self) -> int:
        return len(self.entries)

    @property
    def tree(self) -> Tree:
        tree = Tree()
        for entry in self.entries:
            tree.append(leaf_hash(entry))
        return tree

    def checkpoint(self):
        return self.signer.sign(size=self.size, root=self.tree.root(), time=NOON)

    def request(self, old: int) -> bytes:
        proof = self.tree.consistency_proof(old_size=old, new_size=self.size)
        return str(Submission(old, proof, self.checkpoint())).encode()


def service_of(log: AuditLog):
    """The three addresses of a service for witnesses, over *log*, as `httpx2.MockTransport` asks them."""

    def handle(request: httpx2.Request) -> httpx2.Response:
        if request.method == "POST":
            try:
                log.witnessing.take(request.content.decode())
            except CosignatureRefused as error:
                return httpx2.Response(403, text=error.what)
            return httpx2.Response(204)
        try:
            return httpx2.Response(200, text=log.witnessing.submission(int(request.url.params["old"])))
        except OldSizeDiffers as error:
            return httpx2.Response(409, text=f"{error.size}\n", headers={"content-type": "text/x.tlog.size"})

    return handle
