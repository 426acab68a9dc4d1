"""Long texts cut to what a person or a page can take."""


def ends_of(text: str, limit: int) -> str:
    """Return *text*, or its beginning and its end where it is longer than *limit* characters."""
    if len(text) <= limit:
        return text
    half = limit // 2
    left_out = len(text) - 2 * half
    return f"{text[:half]}\n... {left_out} characters left out ...\n{text[-half:]}"


def one_line(text: str, limit: int = 200) -> str:
    """Return *text* on one line of at most *limit* characters."""
    line = " ".join(text.split())
    return line if len(line) <= limit else line[: limit - 1] + "…"
