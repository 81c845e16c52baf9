"""What OpenAPI can't say of the parameters, for valid ("positive") cases only; invalid ones are sent as generated.

- A cursor is sealed by the server. A generated one is replaced by a cursor that the server gave for the same path, with
  the query it belongs to, or else by `*`, which starts a walk.
- `cursor` and `page` exclude each other.
- `sort=relevance` and `highlight=true` need `q`.

And one thing that Schemathesis does to any path: it takes percent signs in a value for escapes, so that the valid text
`%04` would be sent as the control character, which is not what was generated. Each is escaped before.
"""

from urllib.parse import parse_qsl, urlsplit

import schemathesis
from schemathesis import GenerationMode

# The path of a list -> the query of the page after the last one seen.
next_pages: dict[str, dict[str, str]] = {}


@schemathesis.hook
def map_path_parameters(context, path_parameters):
    escaped = {name: value.replace("%", "%25") for name, value in (path_parameters or {}).items() if type(value) is str}
    return path_parameters and path_parameters | escaped


@schemathesis.hook
def before_call(context, case, kwargs):
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
    if query != (case.query or {}):
        case.query = query


@schemathesis.hook
def after_call(context, case, response):
    if response.status_code != 200 or "json" not in response.headers.get("content-type", [""])[0]:
        return
    body = response.json()
    links = body.get("links") if isinstance(body, dict) else None
    following = links.get("next") if isinstance(links, dict) else None
    query = dict(parse_qsl(urlsplit(following).query)) if isinstance(following, str) else {}
    if "cursor" in query:
        next_pages[case.formatted_path] = query
