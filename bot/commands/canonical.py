"""A request as the one line that makes it again, to be copied into any chat or the command line."""

from collections.abc import Callable

from bot.commands.build import PictureSlot, build
from bot.commands.grammar import parse
from bot.commands.spelling import quoted
from bot.commands.words import INPUT_MAX
from bot.errors import Refusal
from bot.kling.requests import Effect, Elements, Extend, ImageToVideo, Request, TextToVideo

Write = Callable[[str], str]


def command(request: Request, *, provider: str | None = None, count: int = 1, tag: str = "") -> str:
    """The canonical line: `video a red fox --ar 9:16 --d 10`. Pictures are numbers, in the order of `request.pictures`.

    Only what differs from the defaults is written; `count` are made of it, booked under `tag`. Text that would read as
    flags, or has several lines, is quoted.
    Empty where no line can say it: texts that are longer in quotes than what is read of one message.
    """
    plain = _line(request, provider, count, tag, str)
    line = plain if _reads_back(plain, request) else _line(request, provider, count, tag, quoted)
    return line if len(line) <= INPUT_MAX else ""


def _reads_back(line: str, request: Request) -> bool:
    slots = [PictureSlot(ref) for ref in request.pictures]
    try:
        return "\n" not in line and build(parse(line), slots).request == request
    except Refusal:
        return False


def _line(request: Request, provider: str | None, count: int, tag: str, write: Write) -> str:
    words = [
        _verb(request),
        *_prompt(request, write),
        *_pictures(request),
        *_choices(request),
        *_negative(request, write),
    ]
    if request.tier == "pro":
        words.append("--pro")
    if provider:
        words.append(f"--via {provider}")
    if count > 1:
        words.append(f"--n {count}")
    if tag:
        words.append(f"--for {tag}")
    return " ".join(words)


def _verb(request: Request) -> str:
    if isinstance(request, Extend):
        return f"extend {request.job}"
    return "animate" if isinstance(request, ImageToVideo | Effect) else "video"


def _prompt(request: Request, write: Write) -> list[str]:
    prompt = "" if isinstance(request, Effect) else request.prompt
    return [write(prompt)] if prompt else []


def _pictures(request: Request) -> list[str]:
    if isinstance(request, ImageToVideo):
        frames = [name for name in ("start", "end", "still") if getattr(request, name)]
        named = [f"--{name} {number}" for number, name in enumerate(frames, start=1)]
        return [*named, *_brushes(request, first=len(frames) + 1)]
    if isinstance(request, Elements):
        return ["--ref " + ",".join(str(number + 1) for number in range(len(request.references)))]
    return [f"--fx {request.scene}"] if isinstance(request, Effect) else []


def _brushes(request: ImageToVideo, *, first: int) -> list[str]:
    paths = [">".join(f"{point.x},{point.y}" for point in brush.path) for brush in request.brushes]
    return [f"--brush {number}:{path}" for number, path in enumerate(paths, start=first)]


def _choices(request: Request) -> list[str]:
    words = []
    if isinstance(request, ImageToVideo):
        words += [f"--ar {request.aspect_ratio}"] if request.aspect_ratio else []
    elif isinstance(request, TextToVideo | Elements):
        words += [f"--ar {request.aspect_ratio}"] if request.aspect_ratio != "16:9" else []
    if not isinstance(request, Extend) and request.duration != 5:
        words.append(f"--d {request.duration}")
    if not isinstance(request, Effect | Elements) and request.cfg_scale != 0.5:
        words.append(f"--cfg {request.cfg_scale!r}")
    if isinstance(request, TextToVideo | ImageToVideo) and request.camera:
        amount = "" if request.camera.amount is None else f":{request.camera.amount}"
        words.append(f"--camera {request.camera.move}{amount}")
    return words


def _negative(request: Request, write: Write) -> list[str]:
    negative = "" if isinstance(request, Effect) else request.negative_prompt
    return [f"--no {write(negative)}"] if negative else []
