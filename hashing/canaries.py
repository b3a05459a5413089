"""Fictional people that every agency encodes the same way, or one of them normalises differently.

They cover what drifts first between versions: accents, joined and double surnames, nicknames, suffixes, dates.
"""

from __future__ import annotations

from datetime import date

from hashing.clients import Client
from hashing.columns import understand
from hashing.importers.sheets import Sheet
from hashing.rows import ClientReader

_HEADER = "Client ID|First Name|Middle Name|Last Name|Suffix|Nickname|Date of Birth|SSN|Phone|Address|Unit|ZIP"
_PEOPLE = """\
1|Zoë|Q|Núñez-García||Zo|1984-03-27|219-09-9998|(360) 555-0101|12 N Imaginary Road||98382
2|Bob||O'Fiction|Jr||02/29/1972|xxxxx4321|360.555.0102|Apt 4, 99 Nowhere Ave||98382
3|María de la Luz|||||1991|||TRANSIENT||
4|Thi|Van|Nguyễn|||31-DEC-1959||1-360-555-0103 x12|7 Unreal Blvd #B2||98362-1234
5|김|||||1963-07-04||||
6|Ana||FictionInvented||Anita|07/04/63|000-12-3456|555-5555|PO Box 31||98382
7|JOSÉ|L|DE LA CRUZ MADEUP|III|PEPE|1948-11-30|512-34-5678|3605550104|450 SE Pretend Street|Unit 12|98382
8|Katherine|A|McSample||Katie|1 May 2003||3605550105|450 SE Pretend St Apt 12||98382
9|Baby||Testcase||||||General Delivery||98382
10|Anne-Marie||St. Example|Sr.|Nan|1935-01-01|78051120||8b Made Up Lane||08382
11|Łukasz||Wymyślony|||1977-08-09||(564) 555-0106|1010 Phantom Pl||98382
12|Dolores|R|Ficticia Inventada||Lola|2010-10-10||3605550107|77 Fabled Ct||98382
13|Minh||Trần|||1988-02-28|||||98382
14|William|H|Notreal|IV|Bill|1966-06-06|601-02-0304|3605550108|||98363
15|Running Water||Two Clouds|||1957-12-12||||5 Story Rd|98382
16|Oksana||Vymyshlena|||1995-05-17||3605550109|302 Legend Ter Unit C||98382
17|Kwame||Imani-Example|||2001-09-30|||302 Legend Terrace #D||98382
18|X||Y|||1999-09-09|||||
19|Guadalupe||Ejemplo||Lupita|1979-12-12||3605550110|PO BOX 8||98382
20|Steven||Fabricated|2nd|Steve|1955-04-01|433-54-3937|3605550111|13 Mirage Hwy||98382"""
_AS_OF = date(2026, 1, 1)  # fixed: two-digit years must not change their meaning with the calendar


def _read() -> tuple[Client, ...]:
    rows = [line.split("|") for line in (_HEADER, *_PEOPLE.splitlines())]
    table = understand(Sheet("canaries", rows))
    if table is None:
        raise AssertionError("the canaries' header is not recognised")
    reader = ClientReader(table, today=_AS_OF)
    return tuple(client for line, cells in table.lines() if (client := reader.read(line, cells)))


CANARIES = _read()
