"""Plain types that the core and every chat platform share: who, where, what was said, what is shown."""

from bot.messaging.cards import Button, Card, Row, Tone
from bot.messaging.inbound import Actor, Ask, Attachment, Place, Press, Reply
from bot.messaging.outbound import ActorFacts, MessageRef, Messenger, OutFile, PlaceFacts
from bot.messaging.protocols import Memory, Routes, Verbs

__all__ = [
    "Actor", "ActorFacts", "Ask", "Attachment", "Button", "Card", "Memory", "MessageRef", "Messenger", "OutFile",
    "Place", "PlaceFacts", "Press", "Reply", "Routes", "Row", "Tone", "Verbs",
]  # fmt: skip
