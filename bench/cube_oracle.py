"""The slow, obvious cube: sets of people in plain Python, a cell at a time, written without the statements in sight."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

import networkx as nx
import pyarrow as pa

BANDS = ("under_5", "5_12", "13_17", "18_24", "25_34", "35_44", "45_54", "55_64", "65_plus")
CHILDREN = BANDS[:3]


@dataclass(frozen=True)
class Service:
    """Units of a service in a month."""

    area: str
    month: str
    type: str = "other"
    unit: str = "encounters"
    amount: int = 1


@dataclass(frozen=True)
class Client:
    """A record: whose it is under each grouping, and what was given."""

    agency: str
    row: str
    person: int
    loose: int = -1
    strict: int = -1
    household: str | None = None
    age: str | None = None
    services: tuple[Service, ...] = field(default=())

    def under(self, grouping: str) -> int:
        """The number of the person under a grouping."""
        value = {"person": self.person, "loose": self.loose, "strict": self.strict}[grouping]
        return self.person if value < 0 else value


Who = Callable[[Client], int]
Cells = dict[tuple[str, str], set[int]]


def tables(clients: Sequence[Client]) -> tuple[pa.Table, pa.Table]:
    """The clients as the tables of a run."""
    records = {
        "agency": pa.array([c.agency for c in clients], pa.string()),
        "row": pa.array([c.row for c in clients], pa.string()),
        "household": pa.array([c.household for c in clients], pa.string()),
        "age": pa.array([c.age for c in clients], pa.string()),
        **{name: pa.array([c.under(name) for c in clients], pa.int64()) for name in ("person", "loose", "strict")},
        "missing": pa.array([0] * len(clients), pa.int16()),
    }
    given = [(c, s) for c in clients for s in c.services]
    services = {
        "agency": pa.array([c.agency for c, _ in given], pa.string()),
        "row": pa.array([c.row for c, _ in given], pa.string()),
        **{
            name: pa.array([getattr(s, name) for _, s in given], pa.string())
            for name in ("area", "type", "month", "unit")
        },
        "units": pa.array([s.amount for _, s in given], pa.int64()),
    }
    return pa.table(records), pa.table(services)


def people(grouping: str) -> Who:
    """Who a client is, as a person."""
    return lambda client: client.under(grouping)


def homes(clients: Sequence[Client], grouping: str) -> Who:
    """People and the households that list them, as a graph; a household is a connected part."""
    graph: nx.Graph[tuple[object, ...]] = nx.Graph()
    for client in clients:
        graph.add_node(("person", client.under(grouping)))
        if client.household:
            graph.add_edge(("person", client.under(grouping)), ("household", client.agency, client.household))
    part = {node: place for place, nodes in enumerate(nx.connected_components(graph)) for node in nodes}
    return lambda client: part["person", client.under(grouping)]


def number(month: str) -> int:
    """A month, counted from the year 0."""
    return int(month[:4]) * 12 + int(month[5:]) - 1


def spelled(month: int) -> str:
    """The month of that number."""
    return f"{month // 12:04d}-{month % 12 + 1:02d}"


def quarter(month: str) -> str:
    """The quarter of a month."""
    return f"{month[:4]}-Q{(int(month[5:]) - 1) // 3 + 1}"


class Oracle:
    """Answers for one grouping; *first* and *last* are the months of the period."""

    def __init__(self, clients: Sequence[Client], who: Who, first: str, last: str) -> None:
        """Take in the clients."""
        self.clients, self.who, self.first, self.last = clients, who, first, last
        self.every = [(who(c), c, s) for c in clients for s in c.services]
        self.met = [(w, c, s) for w, c, s in self.every if first <= s.month <= last]
        self.told: dict[int, list[str]] = defaultdict(list)
        self.known: dict[int, set[str]] = defaultdict(set)
        for client in clients:
            self.known[who(client)].add(client.agency)
            if client.age:
                self.told[who(client)].append(client.age)
        self.months: dict[int, list[int]] = defaultdict(list)
        for w, month in sorted({(w, number(s.month)) for w, _, s in self.every}):
            self.months[w].append(month)

    def total(self) -> set[int]:
        """Everybody of the period."""
        return {w for w, _, _ in self.met}

    def member(self, dimension: str, w: int, client: Client, service: Service) -> str:
        """The member of a dimension that a service of somebody falls into."""
        if dimension == "agency":
            return client.agency
        if dimension == "area":
            return service.area
        if dimension == "month":
            return service.month
        if dimension == "quarter":
            return quarter(service.month)
        if dimension == "year":
            return service.month[:4]
        return self.age(w) if dimension == "age" else self.kind(w)

    def age(self, w: int) -> str:
        """The band that most records tell; of several the youngest."""
        told = Counter(self.told[w])
        most = max(told.values(), default=0)
        return next((band for band in BANDS if told[band] == most and most), "unknown")

    def kind(self, w: int) -> str:
        """Of a household, by its members' bands."""
        told = set(self.told[w])
        children, adults = any(a in CHILDREN for a in told), any(a not in CHILDREN for a in told)
        if children and adults:
            return "adults_and_children"
        return "children_only" if children else "adults_only" if adults else "ages_unknown"

    def grid(self, rows: str, columns: str = "") -> Cells:
        """One dimension, or two."""
        cells: Cells = defaultdict(set)
        for w, c, s in self.met:
            cells[self.member(rows, w, c, s), self.member(columns, w, c, s) if columns else ""].add(w)
        return cells

    def types(self) -> Cells:
        """Types within areas."""
        cells: Cells = defaultdict(set)
        for w, _, s in self.met:
            cells[f"{s.area}: {s.type}", ""].add(w)
        return cells

    def overlap(self) -> Cells:
        """Two agencies."""
        at: dict[str, set[int]] = defaultdict(set)
        for w, c, _ in self.met:
            at[c.agency].add(w)
        return {(one, other): at[one] & at[other] for one in at for other in at}

    def combinations(self) -> Cells:
        """Exactly these agencies."""
        at: dict[int, set[str]] = defaultdict(set)
        for w, c, _ in self.met:
            at[w].add(c.agency)
        cells: Cells = defaultdict(set)
        for w, agencies in at.items():
            names = sorted(agencies)
            cells[" + ".join(names) if len(names) > 1 else f"{names[0]} only", ""].add(w)
            if len(names) == 1:
                cells["one agency only", ""].add(w)
        return cells

    def status(self, w: int, month: int) -> str:
        """New, continuing or returning in a month."""
        before = [m for m in self.months[w] if m < month]
        if not before:
            return "new"
        return "returning" if month - max(before) > 3 else "continuing"

    def first_seen(self) -> Cells:
        """New in the period, or there before."""
        cells: Cells = defaultdict(set)
        for w in self.total():
            new = spelled(self.months[w][0]) >= self.first
            cells["new" if new else "before", ""].add(w)
        return cells

    def flow(self, every: str) -> Cells:
        """New, continuing and returning, by month or quarter."""
        cells: Cells = defaultdict(set)
        for w, months in self.months.items():
            inside = [m for m in months if number(self.first) <= m <= number(self.last)]
            seen: set[str] = set()
            for month in inside:
                at = spelled(month) if every == "month" else quarter(spelled(month))
                if at not in seen:
                    cells[at, self.status(w, month)].add(w)
                seen.add(at)
        return cells

    def active(self, month: int) -> set[int]:
        """Active at the end of a month."""
        return {w for w, months in self.months.items() if any(month - 2 <= m <= month for m in months)}

    def turnover(self) -> Cells:
        """What changed the number of the active."""
        cells: Cells = {}
        for month in range(number(self.first), number(self.last) + 1):
            start, end = self.active(month - 1), self.active(month)
            here = {w for w, months in self.months.items() if month in months}
            new = {w for w in here if self.status(w, month) == "new"}
            parts = {"active at start": start, "new": new, "returned": here - start - new}
            parts |= {"inactive": start - end, "active at end": end}
            cells |= {(spelled(month), name): some for name, some in parts.items()}
        return cells

    def pathways(self) -> Cells:
        """The first area, and the next."""
        areas: dict[tuple[int, int], set[str]] = defaultdict(set)
        for w, _, s in self.every:
            areas[w, number(s.month)].add(s.area)
        cells: Cells = defaultdict(set)
        for w, months in self.months.items():
            start = months[0]
            if not number(self.first) <= start <= number(self.last):
                continue
            following = "none"
            for month in months[1:]:
                others = areas[w, month] - areas[w, start]
                if month <= start + 3 and others:
                    following = self.one(others)
                    break
            cells[self.one(areas[w, start]), following].add(w)
        return cells

    @staticmethod
    def one(areas: Iterable[str]) -> str:
        """One area, or a word for several."""
        some = sorted(areas)
        return some[0] if len(some) == 1 else "several areas at once"

    def gap(self, at: str, months: int, unknown_to: Sequence[str]) -> tuple[set[int], set[int]]:
        """Who is unknown there, and who is known."""
        end = number(self.last)
        recent = [(w, c, s) for w, c, s in self.every if end - 11 <= number(s.month) <= end]
        often: dict[int, set[str]] = defaultdict(set)
        for w, c, s in recent:
            if at in (s.area, c.agency):
                often[w].add(s.month)
        regular = {w for w, some in often.items() if len(some) >= months}
        known = {w for w, _, s in recent if s.area in unknown_to}
        return regular - known, regular & known

    def units(self, *dimensions: str) -> Counter[tuple[str, str]]:
        """What was given, added up."""
        found: Counter[tuple[str, str]] = Counter()
        for w, c, s in self.met:
            found[", ".join(self.member(d, w, c, s) for d in dimensions), s.unit] += s.amount
        return found

    def knowing(self, some: set[int]) -> int:
        """How many agencies know any of them."""
        return len({agency for w in some for agency in self.known[w]})
