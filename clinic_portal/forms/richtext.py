"""stub"""


def clean(html: str) -> str:
    """f"""
    return html


def text_of(html: str) -> str:
    """f"""
    import re

    return re.sub("<[^>]+>", "", html)
