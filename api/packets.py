"""Council packets: made once, with the release or when somebody first wants it, and kept beside the database."""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass, field
from pathlib import Path

from api.errors import CannotKeep
from api.storage.releases import KeptRelease
from audit.disk import Disk, put_file

_ZIP_EPOCH = (1980, 1, 1, 0, 0, 0)  # a packet's bytes do not depend on the hour


@dataclass(frozen=True, slots=True)
class Packets:
    """The packets in *folder*, of releases of *town*."""

    folder: Path
    town: str
    disk: Disk = field(default_factory=Disk)

    def of(self, kept: KeptRelease) -> bytes:
        """The packet of a release, which is made now if there is none yet.

        Raises:
            CannotKeep: the disk refused it.
            HeadcountError: what makes packets is not installed.
        """
        path = self.folder / f"{kept.digest}.zip"
        if path.exists():
            return path.read_bytes()
        content = packet_of(kept, self.town)
        try:
            self.folder.mkdir(mode=0o700, exist_ok=True)
            put_file(self.disk, path, content)
        except OSError as error:
            raise CannotKeep("the service's disk could not take the packet", hint="Tell the operator.") from error
        return content


def packet_of(kept: KeptRelease, town: str) -> bytes:
    """The council packet of a release, as a zip whose bytes depend on nothing else but the day of the release.

    Raises:
        HeadcountError: what makes packets is not installed.
    """
    from linkage.packet.command import check_is_installed

    check_is_installed()
    from linkage.packet.document import About
    from linkage.packet.files import packet

    about = About("Unduplicated counts", town, kept.made.date())
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in packet(kept.released, about):
            archive.writestr(zipfile.ZipInfo(name, _ZIP_EPOCH), text, zipfile.ZIP_DEFLATED)
    return content.getvalue()
