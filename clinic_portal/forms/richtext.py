"""stub"""


def clean(html: str) -> str:
    """f"""
    return html
