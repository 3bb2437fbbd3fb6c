import re
from pathlib import Path

import pytest

import adapters.web
from tests.support.page import page

FOLDER = Path(adapters.web.__file__).parent / "static"
SCRIPTS = sorted(FOLDER.glob("*.js"))
PAGES = sorted(FOLDER.glob("*.html"))
ALL = [*SCRIPTS, *PAGES, *sorted(FOLDER.glob("*.css"))]

MARKUP = re.compile(
    r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|createContextualFragment|DOMParser|srcdoc"
    r"|\beval\b|new Function"
)
INLINE = re.compile(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=|javascript:", re.IGNORECASE)


def test_the_parts_are_there() -> None:
    assert {path.name for path in PAGES} == {"index.html", "login.html", "closed.html"}
    assert len(SCRIPTS) > 5


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_no_script_makes_markup_of_text(path: Path) -> None:
    assert MARKUP.findall(path.read_text()) == []


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_no_page_holds_script_or_style(path: Path) -> None:
    assert INLINE.findall(path.read_text()) == []


@pytest.mark.parametrize("path", ALL, ids=lambda path: path.name)
def test_nothing_comes_from_elsewhere(path: Path) -> None:
    assert re.findall(r"https?://[^\s\"')]+|url\(|@import", path.read_text()) == []


@pytest.mark.parametrize("path", ALL, ids=lambda path: path.name)
def test_no_part_is_longer_than_a_reader_can_hold(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= 300


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_what_a_script_takes_from_another_is_there(path: Path) -> None:
    for names, source in re.findall(r'import \{ ([^}]+) \} from "\./([\w.]+)"', path.read_text()):
        exported = re.findall(r"export (?:async )?(?:function|class|const) (\w+)", (FOLDER / source).read_text())
        assert set(names.split(", ")) <= set(exported)


def test_every_element_a_script_asks_for_is_on_the_page() -> None:
    ids = set(re.findall(r'\bid="([\w-]+)"', (FOLDER / "index.html").read_text()))
    asked = {
        name for path in SCRIPTS for name in re.findall(r'(?:\bat|getElementById)\("([\w-]+)"\)', path.read_text())
    }
    assert asked
    assert asked <= ids


def test_every_control_of_the_page_has_a_name() -> None:
    text = (FOLDER / "index.html").read_text()
    for control in re.findall(r"<(?:textarea|input)\b[^>]*>", text, re.DOTALL):
        assert "aria-label=" in control
    for button, inside in re.findall(r"(<button\b[^>]*>)(.*?)</button>", text, re.DOTALL):
        assert "aria-label=" in button or 'id="confirm-yes"' in button or re.sub(r"<.*?>", "", inside).strip()


async def test_pages_keep_to_themselves() -> None:
    async with page() as house, house.browser.client.get("/") as answer:
        policy = dict(part.strip().split(" ", 1) for part in answer.headers["Content-Security-Policy"].split(";"))
        assert policy["default-src"] == "'none'"
        assert policy["script-src"] == "'self'"
        assert policy["style-src"] == "'self'"
        assert policy["frame-ancestors"] == "'none'"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "same-origin"


@pytest.mark.parametrize(
    ("name", "mime"), [("page.js", "text/javascript"), ("base.css", "text/css"), ("icon.svg", "image/svg+xml")]
)
async def test_parts_are_served_as_what_they_are_and_again_only_when_changed(name: str, mime: str) -> None:
    async with page() as house:
        client = house.browser.client
        async with client.get(f"/web/static/{name}") as answer:
            assert (answer.status, answer.content_type) == (200, mime)
            assert await answer.read() == (FOLDER / name).read_bytes()
            etag = answer.headers["ETag"]
        async with client.get(f"/web/static/{name}", headers={"If-None-Match": etag}) as again:
            assert (again.status, await again.read()) == (304, b"")


@pytest.mark.parametrize("name", ["index.html", "nothing.js", "..%2fguard.py", "%2e%2e%2fguard.py", ""])
async def test_nothing_else_is_served(name: str) -> None:
    async with page() as house, house.browser.client.get(f"/web/static/{name}") as answer:
        assert answer.status == 404
