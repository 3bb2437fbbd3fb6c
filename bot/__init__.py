"""klingbot: the map of the house.

    kling       what Kling 1.6 can do: request types, defaults, effect names, image rules
    messaging   plain types: Actor, Place, Ask, Card, Reply, MessageRef, and the Messenger protocol; beside them what
                platforms share: an inbox that outlives crashes, tokens sealed and renewed, references to people
    net         the single door to outgoing HTTP: time-outs, address rules, size limits, redaction
    store       runs transaction scripts; migrations; blobs
    media       pictures in (probe, refuse, fit) and videos out (probe, shrink, poster)
    providers   one file per provider behind one small base class; offers; router
    credits     ledger, limits, reports
    jobs        a job's states, its steps, its schedule, its deliveries
    commands    grammar (text to request and back), the verbs, and all wording
    server      incoming HTTP: health, metrics, signed file links; adapters add their routes here
    sandbox     the providers' HTTP APIs on loopback, rendering real MP4s, with faults on demand
    cli         the command line
    app         the composition root; parts: what it puts together; platforms: which chats are on; settings: environment
                and .env; logs: log lines
    errors      the tree of errors; clock: time and chance

Imports run one way:

    adapters → commands → jobs → providers | credits | media → net | store → messaging | kling → errors, clock

`server` imports `jobs`; `sandbox` imports `kling` and `media` only, so that a mistake in `providers` can't hide in it;
`app` alone wires. The contracts in `pyproject.toml` hold all of this.
"""

__version__ = "0.1.0"
