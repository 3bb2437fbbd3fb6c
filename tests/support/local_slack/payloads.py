"""Slack's rules for what an app sends: lengths and counts of blocks, views and messages. A breach is an error word."""

from collections.abc import Callable, Mapping, Sequence

from tests.support.local_slack.world import Json

BLOCKS, VIEW_BLOCKS, ELEMENTS, ACTIONS, CONTEXT = 50, 100, 25, 25, 10
_IN_MODALS_ONLY = frozenset(("file_input",))


class Refused(Exception):
    """Slack's answer `ok: false`."""

    def __init__(self, error: str, **more: object) -> None:
        super().__init__(error)
        self.error = error
        self.more = more


def check_message(args: Json) -> None:
    """A message: some text or blocks, within their lengths."""
    if not args.get("text") and not args.get("blocks"):
        raise Refused("no_text")
    if len(args.get("text") or "") > 40_000:
        raise Refused("msg_too_long")
    if len(args.get("blocks") or ()) > BLOCKS:
        raise Refused("invalid_blocks", why="at most 50 blocks")
    check_blocks(args.get("blocks") or (), "message")


def check_view(view: Json) -> None:
    """A modal or App Home."""
    blocks = view.get("blocks")
    if not isinstance(blocks, list) or len(blocks) > VIEW_BLOCKS:
        raise Refused("invalid_arguments", why="view blocks")
    if len(view.get("private_metadata") or "") > 3_000 or len(view.get("callback_id") or "") > 255:
        raise Refused("invalid_arguments", why="private_metadata or callback_id")
    if view.get("type") == "modal":
        for name in ("title", "submit", "close"):
            if (text := view.get(name)) is not None and not 1 <= len(text.get("text") or "") <= 24:
                raise Refused("invalid_arguments", why=f"{name}: 1 to 24 characters")
        if "title" not in view or (any(one["type"] == "input" for one in blocks) and "submit" not in view):
            raise Refused("invalid_arguments", why="title, and submit with inputs")
    elif view.get("type") != "home":
        raise Refused("invalid_arguments", why="type")
    check_blocks(blocks, str(view["type"]))


def check_blocks(blocks: Sequence[Json], where: str) -> None:
    """Each block by its kind; action ids differ within one block, block ids within all."""
    ids = [block["block_id"] for block in blocks if block.get("block_id")]
    if len(ids) != len(set(ids)) or any(len(one) > 255 for one in ids):
        raise Refused("invalid_blocks", why="block_id")
    for block in blocks:
        kind = str(block.get("type"))
        if kind == "input":
            _input(block, where)
        elif kind in _BLOCKS:
            _BLOCKS[kind](block)
        elif kind not in ("divider", "rich_text"):
            raise Refused("invalid_blocks", why=f"unknown block {kind}")


def _header(block: Json) -> None:
    _text(block["text"], 150, plain=True)


def _context(block: Json) -> None:
    if not 1 <= len(block["elements"]) <= CONTEXT:
        raise Refused("invalid_blocks", why="context: 1 to 10")


def _image(block: Json) -> None:
    if not block.get("alt_text") or len(block["alt_text"]) > 2_000:
        raise Refused("invalid_blocks", why="image: alt_text")


def _section(block: Json) -> None:
    if not block.get("text") and not block.get("fields"):
        raise Refused("invalid_blocks", why="section: text or fields")
    if block.get("text"):
        _text(block["text"], 3_000)
    if len(block.get("fields") or ()) > 10:
        raise Refused("invalid_blocks", why="section: 10 fields")
    for one in block.get("fields") or ():
        _text(one, 2_000)
    if block.get("accessory"):
        _element(block["accessory"])


def _actions(block: Json) -> None:
    elements = block.get("elements") or ()
    if not 1 <= len(elements) <= ACTIONS:
        raise Refused("invalid_blocks", why="actions: 1 to 25")
    ids = [one.get("action_id") for one in elements]
    if len(ids) != len(set(ids)):
        raise Refused("invalid_blocks", why="actions: action_id twice")
    for one in elements:
        _element(one)


def _element(one: Json) -> None:
    if len(one.get("action_id") or "") > 255:
        raise Refused("invalid_blocks", why="action_id")
    if one.get("type") == "button":
        _text(one["text"], 75, plain=True)
        if len(one.get("value") or "") > 2_000 or one.get("style") not in (None, "primary", "danger"):
            raise Refused("invalid_blocks", why="button")
        if confirm := one.get("confirm"):
            _text(confirm["title"], 100, plain=True)
            _text(confirm["text"], 300)
            _text(confirm["confirm"], 30, plain=True)
            _text(confirm["deny"], 30, plain=True)
    options = one.get("options")
    if options is not None and not 1 <= len(options) <= (10 if one["type"] in ("radio_buttons", "checkboxes") else 100):
        raise Refused("invalid_blocks", why="options")
    for option in options or ():
        _text(option["text"], 75)
        if not 1 <= len(option.get("value") or "") <= 150:
            raise Refused("invalid_blocks", why="option: value")
    if (first := one.get("initial_option")) is not None and first not in (options or ()):
        raise Refused("invalid_blocks", why="initial_option is not among the options")


def _input(block: Json, where: str) -> None:
    _text(block["label"], 2_000, plain=True)
    if block.get("hint"):
        _text(block["hint"], 2_000, plain=True)
    element = block.get("element") or {}
    if element.get("type") in _IN_MODALS_ONLY and where != "modal":
        raise Refused("invalid_blocks", why="file_input stands in modals only")
    if element.get("type") == "file_input" and not 1 <= element.get("max_files", 10) <= 10:
        raise Refused("invalid_blocks", why="file_input: 1 to 10")
    if element.get("type") == "plain_text_input" and element.get("max_length", 3_000) > 3_000:
        raise Refused("invalid_blocks", why="plain_text_input: 3000")
    if len(element.get("initial_value") or "") > element.get("max_length", 3_000):
        raise Refused("invalid_blocks", why="initial_value is longer than max_length")
    if (placeholder := element.get("placeholder")) is not None:
        _text(placeholder, 150, plain=True)
    _element(element)


def _text(text: Json, most: int, *, plain: bool = False) -> None:
    if not 1 <= len(text.get("text") or "") <= most:
        raise Refused("invalid_blocks", why=f"text: 1 to {most} characters")
    if plain and text.get("type") != "plain_text":
        raise Refused("invalid_blocks", why="plain_text")


_BLOCKS: Mapping[str, Callable[[Json], None]] = {
    "section": _section, "header": _header, "actions": _actions, "context": _context, "image": _image,
}  # fmt: skip
