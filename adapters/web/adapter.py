"""The chat page as a whole: its routes on the house's server, each behind the guard."""

from collections.abc import Awaitable, Callable

from aiohttp import hdrs, web

from adapters.web import inbound
from adapters.web.desk import Desk
from adapters.web.forms import Refused
from adapters.web.guard import COOKIE, COOKIE_SECONDS, Guard
from adapters.web.outbound import WebMessenger
from adapters.web.pictures import Files
from adapters.web.routes import Chat
from adapters.web.settings import WebSettings
from adapters.web.static import Static
from bot.messaging import Routes, Switches, Verbs

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class WebPage:
    """The local chat page. Adds its routes when made, before the server starts; `stop` before the server stops."""

    def __init__(
        self,
        settings: WebSettings,
        routes: Routes,
        verbs: Verbs,
        messenger: WebMessenger,
        files: Files,
        now: Callable[[], int],
        switches: Switches | None = None,
    ) -> None:
        self._guard = Guard(settings.token.get_secret_value(), routes.local, now)
        self._static = Static()
        self._hub = messenger.hub
        self.chat = chat = Chat(verbs, messenger.board, messenger.hub, files)
        desk = Desk(chat, verbs, messenger.board, switches)
        routes.add("GET", "/", self._index)
        routes.add("GET", "/web/static/{name}", self._static.serve)
        routes.add("POST", "/web/login", _answering(self._login))
        reads = {"hello": desk.hello, "glance": desk.glance, "complete": desk.complete, "history": chat.history,
                 "switches": desk.switches}  # fmt: skip
        deeds = {"ask": chat.ask, "press": chat.press, "preview": desk.preview, "aside": desk.aside,
                 "switches": desk.switch}  # fmt: skip
        for name, handler in reads.items():
            routes.add("GET", f"/web/{name}", self._guarded(handler))
        for name, handler in deeds.items():
            routes.add("POST", f"/web/{name}", self._guarded(handler, own_page=True))
        routes.add("GET", "/web/socket", self._guarded(chat.socket, own_page=True))

    async def stop(self) -> None:
        """Say goodbye to open pages; they come back by themselves."""
        await self._hub.stop()

    def _guarded(self, handler: Handler, *, own_page: bool = False) -> Handler:
        async def guarded(request: web.Request) -> web.StreamResponse:
            self._let_in(request, own_page)
            return await handler(request)

        return _answering(guarded)

    def _let_in(self, request: web.Request, own_page: bool) -> None:
        if not self._guard.lets_in(request):
            raise Refused("login", 401) if self._guard.asks_for_token else Refused("closed", 403)
        if own_page and not self._guard.same_origin(request):
            raise Refused("origin", 403)

    async def _index(self, request: web.Request) -> web.Response:
        if self._guard.lets_in(request):
            return self._static.page(request, "index.html")
        if self._guard.asks_for_token:
            return self._static.page(request, "login.html", status=401)
        return self._static.page(request, "closed.html", status=403)

    async def _login(self, request: web.Request) -> web.Response:
        """A form with the token: the right one sets a cookie, a wrong one asks again."""
        if not self._guard.same_origin(request):
            raise Refused("origin", 403)
        session = self._guard.session(inbound.read_token(await inbound.read_body(request)))
        response = web.Response(status=303, headers={hdrs.LOCATION: "/" if session else "/#wrong"})
        if session:
            secure = request.secure or request.headers.get("X-Forwarded-Proto") == "https"
            response.set_cookie(
                COOKIE, session, max_age=COOKIE_SECONDS, httponly=True, samesite="Strict", secure=secure, path="/"
            )
        return response


def _answering(handler: Handler) -> Handler:
    """The handler, with an answer for what it refuses."""

    async def answering(request: web.Request) -> web.StreamResponse:
        try:
            return await handler(request)
        except Refused as refused:
            return web.json_response({"error": refused.code, **refused.facts}, status=refused.status)

    return answering
