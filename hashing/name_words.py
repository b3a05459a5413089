"""Words that the parts of a name are told by. All are written as names are compared: lower-case ASCII."""

NOT_A_NAME = frozenset([
    "anonymous", "anon", "refused", "unknown", "unk", "none", "test", "baby", "babyboy", "babygirl", "consentrefused",
    "dataentry", "consent", "client", "dontknow", "doesntknow", "didntask", "prefernottoanswer", "withheld",
    "confidential", "notapplicable", "null", "missing", "noname", "nolastname", "nofirstname", "fnu", "lnu",
    "newborn", "infant", "declined", "redacted", "patient", "testpatient", "testclient", "zztest", "oldest",
    "youngest", "daughter", "unidentified", "notprovided", "notcollected", "datanotcollected", "doesnotknow",
    "clientdoesntknow", "clientrefused", "clientprefersnottoanswer", "prefersnottoanswer", "seenotes", "tbd", "xxx",
    "xx", "doe", "johndoe", "janedoe", "sinnombre", "sinapellido", "desconocido", "desconocida", "ninguno", "ninguna",
    "noaplica", "nosabe", "rehusado", "rehusa", "rechazado", "anonimo", "anonima", "reciennacido", "reciennacida",
    "cliente", "paciente", "prueba", "nfn", "nln", "nmn", "nmi", "donotuse", "duplicate", "deleted", "zzz", "xxxx",
    "nolast", "nofirst", "babya", "babyb", "babyc", "babyone", "babytwo", "newbornboy", "newborngirl", "infantboy",
    "infantgirl", "boybaby", "girlbaby", "babyboya", "babyboyb", "babygirla", "babygirlb", "unknownmale",
    "unknownfemale", "unknownunknown", "unknownclient", "clientunknown", "testtest", "clienttest", "patienttest",
    "demopatient", "democlient", "dummy", "sampleclient", "namewithheld", "nogiven", "declinedtostate",
    "declinetostate", "refusedtoanswer", "donotknow",
])  # fmt: skip
PARTICLES = frozenset([
    "de", "del", "dela", "la", "las", "los", "da", "das", "do", "dos", "di", "du", "van", "von", "der", "den", "ter",
    "ten", "le", "st", "san", "santa", "mc", "mac",
])  # fmt: skip
DEVOTIONS = frozenset([  # what follows in Maria de la Luz, Maria del Carmen, Juan de Dios
    "luz", "carmen", "angeles", "jesus", "dios", "lourdes", "rosario", "pilar", "refugio", "fatima", "guadalupe",
    "socorro", "consuelo", "rocio", "mar", "milagros", "dolores", "remedios", "soledad", "concepcion",
])  # fmt: skip
TITLES = frozenset(["mr", "mrs", "ms", "miss", "mx", "dr", "rev", "sr", "sra", "srta", "fr"])

_BEHIND_DE_LA = (
    "cruz", "rosa", "torre", "garza", "fuente", "pena", "paz", "vega", "mora", "cerda", "fuentes", "rosas", "riva",
)  # fmt: skip
_BEHIND_DEL = ("rio", "valle", "real", "toro", "campo", "bosque", "angel", "pilar", "carmen", "castillo")  # fmt: skip
_BEHIND_DE = ("leon", "jesus", "anda", "avila", "hoyos")  # fmt: skip
SURNAMES_WITH_PARTICLES = (  # those that are written in one word as often as in several
    {f"dela{name}": ("de", "la", name) for name in _BEHIND_DE_LA}
    | {f"delos{name}": ("de", "los", name) for name in ("santos", "reyes", "rios", "angeles")}
    | {f"del{name}": ("del", name) for name in _BEHIND_DEL}
    | {f"de{name}": ("de", name) for name in _BEHIND_DE}
)
JOINED_PARTICLES = {
    "dela": ("de", "la"), "delas": ("de", "las"), "delos": ("de", "los"), "vander": ("van", "der"),
    "vanden": ("van", "den"), "saint": ("st",),
}  # fmt: skip
BEHIND_O = frozenset([  # O Neill is O'Neill, but O Smith has an initial
    "neill", "neil", "neal", "brien", "bryan", "connor", "conner", "keefe", "keeffe", "malley", "reilly", "riley",
    "rourke", "shea", "sullivan", "toole", "hara", "dell", "donnell", "grady", "leary", "dea", "meara", "hare",
    "callaghan", "farrell", "gorman", "halloran", "hanlon", "kane", "laughlin", "loughlin", "mara", "dwyer",
    "flaherty", "banion", "donoghue", "donohue", "driscoll", "hearn",
])  # fmt: skip

VIETNAMESE_SURNAMES = frozenset([
    "nguyen", "tran", "pham", "huynh", "hoang", "phan", "truong", "dang", "bui", "duong", "trinh", "luong", "ngo",
])  # fmt: skip
SURNAMES_ALSO_VIETNAMESE = frozenset([
    "le", "ho", "do", "vo", "vu", "ly", "mai", "lam", "dinh", "doan", "dao", "cao", "luu", "thai", "ta", "to", "ha",
    "tong", "kieu", "chau",
])  # fmt: skip
