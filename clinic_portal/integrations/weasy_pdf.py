"""PDFs by WeasyPrint: tagged for screen readers (PDF/UA-1), every script the system's fonts hold, no look outside."""

from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from clinic_portal.forms.ports import Sheet

_PAGES = Environment(
    autoescape=True,
    loader=PackageLoader("clinic_portal.integrations", "sheets"),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


class WeasyPrinter:
    """Prints sheets. WeasyPrint is loaded with the first one: it takes a second and some 40 MB."""

    def pdf(self, sheet: Sheet) -> bytes:
        """The file's bytes; its title names the clinic and a number, not what was treated."""
        from weasyprint import HTML
        from weasyprint.urls import URLFetcher, URLFetchingError

        class Nothing(URLFetcher):  # type: ignore[misc]
            """A document is whole: neither the network nor a file is looked at for it."""

            def fetch(self, url: str, headers: Any = None) -> Any:
                raise URLFetchingError(f"not fetched: {url[:20]}")

        blocks = [(type(one).__name__, one) for one in sheet.blocks]
        html = _PAGES.get_template("document.html.jinja").render(sheet=sheet, blocks=blocks)
        made = HTML(string=html, url_fetcher=Nothing()).write_pdf(pdf_variant="pdf/ua-1")
        return bytes(made)
