"""Cities with their zone, language and a range of telephone numbers that belongs to nobody we know."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class City:
    """A place where contacts live. `phone` is a pattern in which each # is a digit."""

    name: str
    region: str
    postal_code: str
    phone: str


@dataclass(frozen=True, slots=True)
class Country:
    """A country with its cities; `names` is the language of its people's names."""

    code: str
    weight: int
    names: str
    locale: str
    zone: str
    street: str
    cities: tuple[City, ...]


# Numbers are from the ranges that regulators keep for fiction where there are any (555-01xx in North
# America, 7946 0xxx and 496 0xxx in Britain, 99 00 in France, 23125 in Berlin), else plainly made up.
COUNTRIES: tuple[Country, ...] = (
    Country("PT", 17, "pt", "pt-PT", "Europe/Lisbon", "Rua {name} {number}", (
        City("Lisbon", "Lisboa", "1200-###", "+35191234####"), City("Porto", "Porto", "4000-###", "+35192234####"),
        City("Braga", "Braga", "4700-###", "+35196234####"), City("Coimbra", "Coimbra", "3000-###", "+35193234####"),
        City("Faro", "Faro", "8000-###", "+35191334####"),
    )),
    Country("ES", 13, "es", "es-ES", "Europe/Madrid", "Calle {name} {number}", (
        City("Madrid", "Madrid", "280##", "+346123####8"), City("Barcelona", "Cataluña", "080##", "+346223####8"),
        City("Valencia", "Comunidad Valenciana", "460##", "+346323####8"),
        City("Seville", "Andalucía", "410##", "+346423####8"), City("Bilbao", "País Vasco", "480##", "+346523####8"),
    )),
    Country("GB", 15, "en", "en-GB", "Europe/London", "{number} {name} Street", (
        City("London", "England", "EC1A #BB", "+4420794600##"), City("Manchester", "England", "M1 #AE", "+4416149600##"),
        City("Bristol", "England", "BS1 #LT", "+4411749600##"), City("Edinburgh", "Scotland", "EH1 #YZ", "+4413149600##"),
        City("Leeds", "England", "LS1 #AB", "+4411349600##"),
    )),
    Country("IE", 4, "ie", "en-IE", "Europe/Dublin", "{number} {name} Road", (
        City("Dublin", "Leinster", "D02 X2##", "+35385123####"), City("Cork", "Munster", "T12 X2##", "+35386123####"),
        City("Galway", "Connacht", "H91 X2##", "+35387123####"),
    )),
    Country("DE", 12, "de", "de-DE", "Europe/Berlin", "{name}straße {number}", (
        City("Berlin", "Berlin", "101##", "+493023125###"), City("Hamburg", "Hamburg", "200##", "+494066969###"),
        City("Munich", "Bayern", "803##", "+498999998###"), City("Cologne", "Nordrhein-Westfalen", "506##", "+492214710###"),
        City("Frankfurt", "Hessen", "603##", "+496990009###"),
    )),
    Country("FR", 10, "fr", "fr-FR", "Europe/Paris", "{number} rue {name}", (
        City("Paris", "Île-de-France", "750##", "+33199001#5#"), City("Lyon", "Auvergne-Rhône-Alpes", "690##", "+3346571####"),
        City("Bordeaux", "Nouvelle-Aquitaine", "330##", "+3353649####"), City("Nantes", "Pays de la Loire", "440##", "+3326191####"),
        City("Lille", "Hauts-de-France", "590##", "+3335301####"),
    )),
    Country("IT", 6, "it", "it-IT", "Europe/Rome", "Via {name} {number}", (
        City("Rome", "Lazio", "001##", "+39312345####"), City("Milan", "Lombardia", "201##", "+39322345####"),
        City("Turin", "Piemonte", "101##", "+39332345####"), City("Bologna", "Emilia-Romagna", "401##", "+39342345####"),
    )),
    Country("NL", 4, "nl", "nl-NL", "Europe/Amsterdam", "{name}straat {number}", (
        City("Amsterdam", "Noord-Holland", "10## AB", "+316123456##"), City("Utrecht", "Utrecht", "35## CD", "+316223456##"),
        City("Rotterdam", "Zuid-Holland", "30## EF", "+316323456##"),
    )),
    Country("US", 14, "us", "en-US", "America/New_York", "{number} {name} Avenue", (
        City("New York", "NY", "100##", "+121255501##"), City("Boston", "MA", "021##", "+161755501##"),
        City("Washington", "DC", "200##", "+120255501##"), City("Chicago", "IL", "606##", "+131255501##"),
        City("Austin", "TX", "787##", "+151255501##"), City("San Francisco", "CA", "941##", "+141555501##"),
    )),
    Country("CA", 2, "en", "en-CA", "America/Toronto", "{number} {name} Street", (
        City("Toronto", "ON", "M5H #N#", "+141655501##"), City("Vancouver", "BC", "V6B #A#", "+160455501##"),
    )),
    Country("BR", 3, "br", "pt-BR", "America/Sao_Paulo", "Rua {name}, {number}", (
        City("São Paulo", "SP", "01310-###", "+551191234####"), City("Recife", "PE", "50010-###", "+558191234####"),
    )),
)  # fmt: skip

# Countries with several zones: the city decides.
CITY_ZONES = {
    "Chicago": "America/Chicago",
    "Austin": "America/Chicago",
    "San Francisco": "America/Los_Angeles",
    "Vancouver": "America/Vancouver",
    "Recife": "America/Recife",
}
