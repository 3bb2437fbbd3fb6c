"""Every error the house raises on purpose, as a tree.

An error carries facts, never prose: `commands.wording` makes sentences.

KlingbotError
├── Refusal                 a person's ask can't go ahead; nothing was spent
│   ├── UnknownWord, BadValue, Missing, Conflict        what was typed
│   ├── PictureRefused                                  what was attached
│   ├── NoOffer, NoEnhancer, OverBudget                 what is on sale
│   ├── OverLimit, OverCap, NeedsApproval, PoolEmpty, CeilingReached, Paused     what may be spent
│   ├── AgainstRules, LinkRefused                       what a team allows, who may be joined
│   └── NotAllowed, NotMember, NotFound, TooLate, CannotPost        who, what, when, where
├── NetError                one outgoing request
│   └── NeverSent, AnswerLost, AddressRefused, AnswerTooLarge, BadStatus
├── ProviderError           one call at a provider
│   └── SubmitRefused, SubmitUncertain, CheckFailed
├── MediaError              VideoBroken, VideoTooLarge
├── StoreError
│   └── StoreUnavailable, SchemaTooNew, FolderNotWritable, BackupFailed, BlobMissing,
│                            BlobTooLarge, ScriptRunaway, LedgerBroken
└── SettingsInvalid, CannotListen, RunnerStopped           what keeps a process from serving
"""

from bot.errors.base import (
    Credits,
    KlingbotError,
)
from bot.errors.house import (
    BackupFailed,
    BlobMissing,
    BlobTooLarge,
    CannotListen,
    FolderNotWritable,
    LedgerBroken,
    PlatformRefused,
    RunnerStopped,
    SchemaTooNew,
    ScriptRunaway,
    SettingsInvalid,
    StoreError,
    StoreUnavailable,
)
from bot.errors.outside import (
    AddressRefused,
    AnswerLost,
    AnswerTooLarge,
    BadStatus,
    CheckFailed,
    MediaError,
    NetError,
    NeverSent,
    ProviderError,
    ProviderReason,
    SubmitRefused,
    SubmitUncertain,
    VideoBroken,
    VideoTooLarge,
)
from bot.errors.refusals import (
    AgainstRules,
    BadValue,
    CannotPost,
    CeilingReached,
    Conflict,
    LinkRefused,
    Missing,
    NeedsApproval,
    NoEnhancer,
    NoOffer,
    NotAllowed,
    NotFound,
    NotMember,
    OverBudget,
    OverCap,
    OverLimit,
    Paused,
    PictureHidden,
    PictureReason,
    PictureRefused,
    PoolEmpty,
    Refusal,
    Taker,
    TooLate,
    UnknownWord,
    WhichWorkspace,
)

__all__ = [
    "AddressRefused",
    "AgainstRules",
    "AnswerLost",
    "AnswerTooLarge",
    "BackupFailed",
    "BadStatus",
    "BadValue",
    "BlobMissing",
    "BlobTooLarge",
    "CannotListen",
    "CannotPost",
    "CeilingReached",
    "CheckFailed",
    "Conflict",
    "Credits",
    "FolderNotWritable",
    "KlingbotError",
    "LedgerBroken",
    "LinkRefused",
    "MediaError",
    "Missing",
    "NeedsApproval",
    "NetError",
    "NeverSent",
    "NoEnhancer",
    "NoOffer",
    "NotAllowed",
    "NotFound",
    "NotMember",
    "OverBudget",
    "OverCap",
    "OverLimit",
    "Paused",
    "PictureHidden",
    "PictureReason",
    "PictureRefused",
    "PlatformRefused",
    "PoolEmpty",
    "ProviderError",
    "ProviderReason",
    "Refusal",
    "RunnerStopped",
    "SchemaTooNew",
    "ScriptRunaway",
    "SettingsInvalid",
    "StoreError",
    "StoreUnavailable",
    "SubmitRefused",
    "SubmitUncertain",
    "Taker",
    "TooLate",
    "UnknownWord",
    "VideoBroken",
    "VideoTooLarge",
    "WhichWorkspace",
]
