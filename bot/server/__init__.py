"""Incoming HTTP: health, metrics, signed file links; adapters add their routes here."""

from bot.server.files import Blobs
from bot.server.health import Health, HealthReport, Part
from bot.server.metrics import Figures
from bot.server.server import Server

__all__ = ["Blobs", "Figures", "Health", "HealthReport", "Part", "Server"]
