"""Plain types that the core and every chat platform share: who, where, what was said, what is shown."""

from bot.messaging.cards import Button, Card, CardPicture, Row, Tone
from bot.messaging.forms import Choice, Command, FieldKind, Form, FormField
from bot.messaging.inbound import Actor, Ask, Attachment, Place, Press, Reply
from bot.messaging.outbound import ActorFacts, MessageRef, Messenger, OutFile, PlaceFacts
from bot.messaging.protocols import Memory, Routes, Verbs
from bot.messaging.switches import Switch, Switches, SwitchMode

__all__ = [
    "Actor", "ActorFacts", "Ask", "Attachment", "Button", "Card", "CardPicture", "Choice", "Command", "FieldKind",
    "Form", "FormField", "Memory", "MessageRef", "Messenger", "OutFile", "Place", "PlaceFacts", "Press", "Reply",
    "Routes", "Row", "Switch", "SwitchMode", "Switches", "Tone", "Verbs",
]  # fmt: skip
