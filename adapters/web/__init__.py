"""The local chat page: a small chat platform of its own, served by the house."""

from adapters.web.adapter import WebPage
from adapters.web.outbound import WebMessenger
from adapters.web.people import PLATFORM, WORKSPACE
from adapters.web.settings import WebSettings

__all__ = ["PLATFORM", "WORKSPACE", "WebMessenger", "WebPage", "WebSettings"]
