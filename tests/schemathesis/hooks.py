"""What OpenAPI can't say of the parameters, for valid ("positive") cases only; invalid ones are sent as generated.

- A cursor is sealed by the server. A generated one is replaced by a cursor that the server gave for the same path, with
  the query it belongs to, or else by `*`, which starts a walk.
- `cursor` and `page` exclude each other.
- `sort=relevance` and `highlight=true` need `q`.
- A day is one of the calendar, `as_of` is not in the future, and the range of a history goes forward by at most 3,660 days.
- `base` names each currency once.
- A token of the change log is sealed by the server too: `since` becomes the last one that it gave, or else `now`. `fields`, `body`
  and `excerpt_words` need `mode=full` there. No case waits for more than a second.

And one thing that Schemathesis does to any path: it takes percent signs in a value for escapes, so that the valid text
`%04` would be sent as the control character, which is not what was generated. Each is escaped before.
"""

from datetime import datetime, timezone
from urllib.parse import parse_qsl, urlsplit

import schemathesis
from schemathesis import GenerationMode

# The path of a list -> the query of the page after the last one seen.
next_pages: dict[str, dict[str, str]] = {}
# The last token of the change log.
tokens: list[str] = ["now"]


@schemathesis.hook
def map_path_parameters(context, path_parameters):
    escaped = {name: value.replace("%", "%25") for name, value in (path_parameters or {}).items() if type(value) is str}
    return path_parameters and path_parameters | escaped


@schemathesis.hook
def before_call(context, case, kwargs):
    if case.path in ("/v1/manage/keys/{id}/revoke", "/v1/manage/keys/{id}/rotate"):
        # Not the key of the run itself, which is the first one.
        case.path_parameters = {"id": 2}
    if case.meta is None or case.meta.generation.mode != GenerationMode.POSITIVE:
        return
    query = dict(case.query or {})
    if "cursor" in query:
        # Each page is followed once, so that walks start anew with other filters.
        following = next_pages.pop(case.formatted_path, None) if query["cursor"] != "*" else None
        query = following or query | {"cursor": "*"}
        query.pop("page", None)
    if "q" not in query:
        query.pop("highlight", None)
        if query.get("sort") == "relevance":
            del query["sort"]
    if case.path == "/v1/changes":
        possible_changes(query)
    if case.path.startswith("/v1/rates"):
        possible_rates(case.path, query)
    if query != (case.query or {}):
        case.query = query


def possible_changes(query):
    if "since" in query:
        query["since"] = tokens[-1]
    if query.get("mode") != "full":
        for name in ("fields", "body", "excerpt_words"):
            query.pop(name, None)
    if "wait" in query:
        query["wait"] = min(query["wait"], 1) if isinstance(query["wait"], int) else "1"


def possible_rates(path, query):
    if path == "/v1/rates" and "base" in query:
        query["base"] = ",".join(dict.fromkeys(query["base"].split(",")))
    now = datetime.now(timezone.utc)
    known = instant(query["as_of"]) if "as_of" in query else now
    if known > now:
        known = now
        query["as_of"] = now.isoformat().replace("+00:00", "Z")
    history = path.endswith("/history")
    for name in {"date"} | ({"from", "to"} if history else set()):
        if name in query:
            query[name] = calendar_day(query[name])
    if history and "from" in query:
        last = query.get("to", known.date().isoformat())
        # Nine years and what is left of the last one are fewer days than 3,660.
        if not int(last[:4]) - 9 <= int(query["from"][:4]) or query["from"] > last:
            query["from"] = f"{last[:4]}-01-01"


def instant(text):
    """An instant in UTC; those that Python can't tell are taken for long past."""
    try:
        return datetime.fromisoformat(text).astimezone(timezone.utc)
    except (ValueError, OverflowError):
        return datetime.min.replace(tzinfo=timezone.utc)


def calendar_day(text):
    """The day itself, or one that there is when there is no 31 February and no month 0."""
    year, month, day = text.split("-")
    try:
        # Leap years repeat after 400 years, and Python knows no year 0.
        datetime(int(year) % 400 + 400, int(month), int(day))
        return text
    except ValueError:
        return f"{year}-{(int(month) - 1) % 12 + 1:02}-{(int(day) - 1) % 28 + 1:02}"


@schemathesis.hook
def after_call(context, case, response):
    form = response.headers.get("content-type", [""])[0]
    if response.status_code != 200 or "json" not in form or "ndjson" in form:
        return
    body = response.json()
    if case.path == "/v1/changes":
        tokens[:] = [body["token"]]
    links = body.get("links") if isinstance(body, dict) else None
    following = links.get("next") if isinstance(links, dict) else None
    query = dict(parse_qsl(urlsplit(following).query)) if isinstance(following, str) else {}
    if "cursor" in query:
        next_pages[case.formatted_path] = query
