#!/usr/bin/env python3
"""Writes src/rates/names/currencies.tsv: ISO 4217's active currencies, with their names from Unicode CLDR.

    npm install --prefix target/currencies cldr-core@48.2.0 cldr-numbers-full@48.2.0
    python3 -m venv target/currencies/venv
    target/currencies/venv/bin/pip install iso4217==1.16.20260101 pycountry==26.2.16
    target/currencies/venv/bin/python tools/currencies/generate.py target/currencies/node_modules \\
        > src/rates/names/currencies.tsv

It stops where the two ISO lists disagree on a code or a number, and where CLDR's number formats are no longer those
that src/rates/names/numbers.rs has.
"""

import json
import re
import sys
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from xml.etree import ElementTree

LANGS = ["en", "ru", "kk", "ky", "tg", "uz", "uz-Cyrl", "tk"]
# Decimal mark, minus sign, percent pattern.
FORMATS = {lang: (",", "-", "#,##0%") for lang in LANGS} | {
    "en": (".", "-", "#,##0%"),
    "ru": (",", "-", "#,##0\u00a0%"),
    "tk": (",", "-", "#,##0\u00a0%"),
}
# Names of our own: what a ticker in this language shows, and CLDR lacks.
OWN = {
    "uz-Cyrl": {
        "KGS": "Қирғизистон соми",
        "KZT": "Қозоғистон тенгеси",
        "TJS": "Тожикистон сомониси",
        "TMT": "Туркманистон манати",
    }
}
HEAD = """\
# Active currencies of ISO 4217. Written by tools/currencies/generate.py; mend that and not this.
#
# Codes, numbers, minor units: ISO 4217 list one, published {published}, in the Python package iso4217 {iso4217} (public
# domain), codes and numbers compared with pycountry {pycountry}. No minor units: ISO says "N.A.".
# Names: Unicode CLDR, npm package cldr-numbers-full {cldr}, (c) Unicode, Inc., under the Unicode License v3: see
# LICENSE-UNICODE. No name: CLDR has none in that language. English names that CLDR lacks ({lacking}) are ISO's; of
# uz-Cyrl, those of {own} are our own.
#
# {columns}"""


def read(path):
    return json.loads(Path(path).read_text(encoding="utf-8"))


def iso_list():
    """The day of publication, and number, minor units and name of each code."""
    root = ElementTree.fromstring(files("iso4217").joinpath("table.xml").read_bytes())
    found = {}
    for entry in root.iter("CcyNtry"):
        code, number, units, name = (entry.findtext(tag) for tag in ("Ccy", "CcyNbr", "CcyMnrUnts", "CcyNm"))
        if code:
            found[code] = (number, "" if units == "N.A." else units, name.strip())
    second = read(files("pycountry").joinpath("databases/iso4217.json"))["4217"]
    if {code: row[0] for code, row in found.items()} != {row["alpha_3"]: row["numeric"] for row in second}:
        sys.exit("the two ISO lists disagree")
    return root.get("Pblshd"), found


def cldr_names(packages, lang):
    """The names in a language, those that it inherits included; the root has none, only codes."""
    supplemental = read(packages / "cldr-core/supplemental/parentLocales.json")["supplemental"]
    parents = supplemental["parentLocales"]["parentLocale"]
    names = {}
    while lang not in ("", "und"):
        numbers = read(packages / f"cldr-numbers-full/main/{lang}/currencies.json")["main"][lang]["numbers"]
        own = {code: currency.get("displayName", code) for code, currency in numbers["currencies"].items()}
        names = {code: name for code, name in own.items() if name != code} | names
        lang = parents.get(lang, lang.rpartition("-")[0])
    return names


def check_formats(packages, lang):
    """Stops where CLDR's number formats are not `FORMATS`."""
    numbers = read(packages / f"cldr-numbers-full/main/{lang}/numbers.json")["main"][lang]["numbers"]
    symbols = numbers["symbols-numberSystem-latn"]
    found = (symbols["decimal"], symbols["minusSign"], numbers["percentFormats-numberSystem-latn"]["standard"])
    if numbers["defaultNumberingSystem"] != "latn" or found != FORMATS[lang]:
        sys.exit(f"CLDR's number formats of {lang} are now {found}")


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    packages = Path(sys.argv[1])
    published, currencies = iso_list()
    names = {lang: OWN.get(lang, {}) | cldr_names(packages, lang) for lang in LANGS}
    for lang in LANGS:
        check_formats(packages, lang)
    lacking = [code for code in sorted(currencies) if code not in names["en"]]
    print(HEAD.format(
        published=published,
        iso4217=version("iso4217"),
        pycountry=version("pycountry"),
        cldr=read(packages / "cldr-numbers-full/package.json")["version"],
        own=", ".join(sorted(OWN["uz-Cyrl"])),
        lacking=", ".join(lacking) or "none",
        columns="\t".join(["code", "number", "minor units", *LANGS]),
    ))
    for code, (number, units, name) in sorted(currencies.items()):
        named = {"en": name} | {lang: known[code] for lang, known in names.items() if code in known}
        row = [code, number, units, *(named.get(lang, "") for lang in LANGS)]
        if not re.fullmatch(r"[A-Z]{3}\t\d{3}\t\d?(\t[^\t\n]*){8}", "\t".join(row)):
            sys.exit(f"{code} has no place in the table: {row}")
        print("\t".join(row))


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8")
    main()
