"""What a request is, in a headline, in a few facts, and for those who can't see the video."""

from bot.commands.wording.figures import count, shorten
from bot.kling.images import SHORT_SIDE
from bot.kling.requests import Effect, Elements, Extend, ImageToVideo, Request

HEADLINE = 100
ALT = 500


def headline(request: Request, most: int = HEADLINE) -> str:
    """The prompt, shortened; what it is instead where there is none."""
    if isinstance(request, Effect):
        return f"The effect {request.scene}"
    if request.prompt:
        return shorten(request.prompt, most)
    return "A longer video" if isinstance(request, Extend) else "A picture in motion"


def facts(request: Request) -> str:
    """`10 s, 9:16, pro (1080p), from 1 picture`."""
    words = [] if isinstance(request, Extend) else [f"{request.duration} s"]
    if isinstance(request, ImageToVideo) and request.aspect_ratio is None:
        words.append("shape of the picture")
    elif not isinstance(request, Effect | Extend):
        words.append(str(request.aspect_ratio))
    words.append(f"{request.tier} ({SHORT_SIDE[request.tier]}p)")
    if number := len(request.pictures):
        words.append(f"from {count(number, 'picture')}")
    return ", ".join(words)


def alt(request: Request) -> str:
    """What the video shows, as far as words tell."""
    if isinstance(request, Effect):
        return f"Video: the effect {request.scene} on {count(len(request.people), 'picture')}"
    if isinstance(request, Elements):
        return shorten(f"Video from {count(len(request.references), 'picture')}: {request.prompt}", ALT)
    start = "Video from a picture" if isinstance(request, ImageToVideo) else "Video"
    return shorten(f"{start}: {request.prompt}" if request.prompt else start, ALT)
