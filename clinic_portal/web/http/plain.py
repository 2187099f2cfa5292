"""Small pages that an endpoint answers with itself, in the looks of the rest: nothing of them is kept anywhere."""

from __future__ import annotations

from collections.abc import Sequence

from jinja2 import Environment
from starlette.responses import HTMLResponse, Response

_PAGE = Environment(autoescape=True).from_string("""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>{{ title }}</title>
<link rel="icon" href="/favicon.svg">
<link rel="stylesheet" href="/portal.css">
</head>
<body>
<main class="plain">
<h1>{{ title }}</h1>
{% for sentence in sentences %}<p>{{ sentence }}</p>
{% endfor %}
{% if listed %}<ol id="listed">
{% for one in listed %}<li><code>{{ one }}</code></li>
{% endfor %}</ol>{% endif %}
{% if press %}<form method="post" action="{{ press[1] }}"><button class="btn" type="submit">{{ press[0] }}</button></form>{% endif %}
{% if onward %}<p><a class="btn{% if press %} ghost{% endif %}" href="{{ onward[1] }}">{{ onward[0] }}</a></p>{% endif %}
</main>
</body>
</html>
""")


def page(
    title: str,
    *sentences: str,
    listed: Sequence[str] = (),
    press: tuple[str, str] | None = None,
    onward: tuple[str, str] | None = None,
    status: int = 200,
) -> Response:
    """A page of a few sentences, perhaps a list, a button that posts (its words, its address), and a way on."""
    told = _PAGE.render(title=title, sentences=sentences, listed=listed, press=press, onward=onward)
    return HTMLResponse(told, status, {"cache-control": "no-store"})
