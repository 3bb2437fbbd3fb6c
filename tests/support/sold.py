"""What the providers' own books must say of each offer: typed by hand from their documentation, never computed."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Sold:
    """One sale: what is typed in chat (tier and provider are added), how many pictures go with it, and the wire.

    In `fields` the pictures are `picture 1`, `picture 2` and so on, our own id is `attempt`, and the id of the video
    that an extension goes on from is `video`.
    """

    typed: str
    path: str
    model: str
    fields: Mapping[str, Any]
    pictures: int = 0


FOX = "a red fox --no rain --cfg 0.7"
WAVE = "she waves --no rain --cfg 0.7"
MEET = "they meet --no rain --ar 1:1"
_FAL = "/fal-ai/kling-video/v1.6"
_WAVESPEED = "/api/v3/kwaivgi"
_GMI = "/api/v1/ie/requestqueue/apikey/requests"
_AIMLAPI = "/v2/video/generations"
_VIDGO = "/api/generate/submit"

FAL: Mapping[str, Sold] = {
    "fal/text/standard": Sold(
        FOX, f"{_FAL}/standard/text-to-video", "fal-ai/kling-video/v1.6/standard/text-to-video",
        {"prompt": "a red fox", "negative_prompt": "rain", "duration": "5", "aspect_ratio": "16:9", "cfg_scale": 0.7},
    ),
    "fal/text/pro": Sold(
        FOX, f"{_FAL}/pro/text-to-video", "fal-ai/kling-video/v1.6/pro/text-to-video",
        {"prompt": "a red fox", "negative_prompt": "rain", "duration": "5", "aspect_ratio": "16:9", "cfg_scale": 0.7},
    ),
    "fal/image/standard": Sold(
        WAVE, f"{_FAL}/standard/image-to-video", "fal-ai/kling-video/v1.6/standard/image-to-video",
        {"prompt": "she waves", "image_url": "picture 1", "negative_prompt": "rain", "duration": "5", "cfg_scale": 0.7},
        pictures=1,
    ),
    "fal/image/pro": Sold(
        WAVE, f"{_FAL}/pro/image-to-video", "fal-ai/kling-video/v1.6/pro/image-to-video",
        {
            "prompt": "she waves", "image_url": "picture 1", "tail_image_url": "picture 2", "negative_prompt": "rain",
            "duration": "5", "aspect_ratio": "16:9", "cfg_scale": 0.7,
        },
        pictures=2,
    ),
    "fal/elements/standard": Sold(
        MEET, f"{_FAL}/standard/elements", "fal-ai/kling-video/v1.6/standard/elements",
        {
            "prompt": "they meet", "input_image_urls": ["picture 1", "picture 2", "picture 3"],
            "negative_prompt": "rain", "duration": "5", "aspect_ratio": "1:1",
        },
        pictures=3,
    ),
    "fal/elements/pro": Sold(
        MEET, f"{_FAL}/pro/elements", "fal-ai/kling-video/v1.6/pro/elements",
        {
            "prompt": "they meet", "input_image_urls": ["picture 1", "picture 2", "picture 3"],
            "negative_prompt": "rain", "duration": "5", "aspect_ratio": "1:1",
        },
        pictures=3,
    ),
    "fal/effect/standard": Sold(
        "--fx squish", f"{_FAL}/standard/effects", "fal-ai/kling-video/v1.6/standard/effects",
        {"effect_scene": "squish", "input_image_urls": ["picture 1"], "duration": "5"}, pictures=1,
    ),
    "fal/effect/pro": Sold(
        "--fx hug", f"{_FAL}/pro/effects", "fal-ai/kling-video/v1.6/pro/effects",
        {"effect_scene": "hug", "input_image_urls": ["picture 1", "picture 2"], "duration": "5"}, pictures=2,
    ),
}  # fmt: skip

WAVESPEED: Mapping[str, Sold] = {
    "wavespeed/text/standard": Sold(
        FOX, f"{_WAVESPEED}/kling-v1.6-t2v-standard", "kwaivgi/kling-v1.6-t2v-standard",
        {"prompt": "a red fox", "negative_prompt": "rain", "duration": 5, "guidance_scale": 0.7},
    ),
    "wavespeed/image/standard": Sold(
        WAVE, f"{_WAVESPEED}/kling-v1.6-i2v-standard", "kwaivgi/kling-v1.6-i2v-standard",
        {"prompt": "she waves", "image": "picture 1", "negative_prompt": "rain", "duration": 5, "guidance_scale": 0.7},
        pictures=1,
    ),
    "wavespeed/image/pro": Sold(
        WAVE, f"{_WAVESPEED}/kling-v1.6-i2v-pro", "kwaivgi/kling-v1.6-i2v-pro",
        {
            "prompt": "she waves", "image": "picture 1", "end_image": "picture 2", "negative_prompt": "rain",
            "duration": 5, "guidance_scale": 0.7,
        },
        pictures=2,
    ),
    "wavespeed/elements/standard": Sold(
        MEET, f"{_WAVESPEED}/kling-v1.6-multi-i2v-standard", "kwaivgi/kling-v1.6-multi-i2v-standard",
        {
            "prompt": "they meet", "images": ["picture 1", "picture 2", "picture 3"], "negative_prompt": "rain",
            "duration": 5, "aspect_ratio": "1:1",
        },
        pictures=3,
    ),
    "wavespeed/elements/pro": Sold(
        MEET, f"{_WAVESPEED}/kling-v1.6-multi-i2v-pro", "kwaivgi/kling-v1.6-multi-i2v-pro",
        {
            "prompt": "they meet", "images": ["picture 1", "picture 2", "picture 3"], "negative_prompt": "rain",
            "duration": 5, "aspect_ratio": "1:1",
        },
        pictures=3,
    ),
    "wavespeed/effect/standard": Sold(
        "--fx boyfriend", f"{_WAVESPEED}/kling-effects", "kwaivgi/kling-effects",
        {"effect_scene": "boylfriend", "image": "picture 1"}, pictures=1,
    ),
}  # fmt: skip

GMI: Mapping[str, Sold] = {
    "gmi/text/standard": Sold(
        FOX, _GMI, "Kling-Text2Video-V1.6-Standard",
        {
            "model": "Kling-Text2Video-V1.6-Standard",
            "payload": {
                "prompt": "a red fox", "negative_prompt": "rain", "duration": "5", "aspect_ratio": "16:9",
                "cfg_scale": 0.7,
            },
        },
    ),
    "gmi/text/pro": Sold(
        FOX, _GMI, "Kling-Text2Video-V1.6-Pro",
        {
            "model": "Kling-Text2Video-V1.6-Pro",
            "payload": {
                "prompt": "a red fox", "negative_prompt": "rain", "duration": "5", "aspect_ratio": "16:9",
                "cfg_scale": 0.7,
            },
        },
    ),
    "gmi/image/standard": Sold(
        WAVE, _GMI, "Kling-Image2Video-V1.6-Standard",
        {
            "model": "Kling-Image2Video-V1.6-Standard",
            "payload": {
                "prompt": "she waves", "image": "picture 1", "negative_prompt": "rain", "duration": "5",
                "cfg_scale": 0.7,
            },
        },
        pictures=1,
    ),
    "gmi/image/pro": Sold(
        WAVE, _GMI, "Kling-Image2Video-V1.6-Pro",
        {
            "model": "Kling-Image2Video-V1.6-Pro",
            "payload": {
                "prompt": "she waves", "image": "picture 1", "negative_prompt": "rain", "duration": "5",
                "cfg_scale": 0.7,
            },
        },
        pictures=1,
    ),
}  # fmt: skip

AIMLAPI: Mapping[str, Sold] = {
    "aimlapi/text/standard": Sold(
        FOX, _AIMLAPI, "kling-video/v1.6/standard/text-to-video",
        {
            "model": "kling-video/v1.6/standard/text-to-video", "prompt": "a red fox", "negative_prompt": "rain",
            "duration": 5, "aspect_ratio": "16:9", "cfg_scale": 0.7,
        },
    ),
    "aimlapi/text/pro": Sold(
        FOX, _AIMLAPI, "kling-video/v1.6/pro/text-to-video",
        {
            "model": "kling-video/v1.6/pro/text-to-video", "prompt": "a red fox", "negative_prompt": "rain",
            "duration": 5, "aspect_ratio": "16:9", "cfg_scale": 0.7,
        },
    ),
    "aimlapi/text/pro/motion": Sold(
        f"{FOX} --camera zoom:5", _AIMLAPI, "kling-video/v1.6/pro/text-to-video",
        {
            "model": "kling-video/v1.6/pro/text-to-video", "prompt": "a red fox", "negative_prompt": "rain",
            "duration": 5, "aspect_ratio": "16:9", "cfg_scale": 0.7,
            "advanced_camera_control": {"movement_type": "zoom", "movement_value": 5},
        },
    ),
    "aimlapi/image/standard": Sold(
        WAVE, _AIMLAPI, "kling-video/v1.6/standard/image-to-video",
        {
            "model": "kling-video/v1.6/standard/image-to-video", "prompt": "she waves", "image_url": "picture 1",
            "negative_prompt": "rain", "duration": 5, "cfg_scale": 0.7,
        },
        pictures=1,
    ),
    "aimlapi/image/pro": Sold(
        WAVE, _AIMLAPI, "kling-video/v1.6/pro/image-to-video",
        {
            "model": "kling-video/v1.6/pro/image-to-video", "prompt": "she waves", "image_url": "picture 1",
            "tail_image_url": "picture 2", "negative_prompt": "rain", "duration": 5, "cfg_scale": 0.7,
        },
        pictures=2,
    ),
    "aimlapi/image/pro/motion": Sold(
        f"{WAVE} --still 2 --brush 3:10,20>30,40", _AIMLAPI, "kling-video/v1.6/pro/image-to-video",
        {
            "model": "kling-video/v1.6/pro/image-to-video", "prompt": "she waves", "image_url": "picture 1",
            "negative_prompt": "rain", "duration": 5, "cfg_scale": 0.7, "static_mask": "picture 2",
            "dynamic_masks": [{"mask": "picture 3", "trajectories": [{"x": 10, "y": 20}, {"x": 30, "y": 40}]}],
        },
        pictures=3,
    ),
    "aimlapi/elements/standard": Sold(
        MEET, _AIMLAPI, "kling-video/v1.6/standard/multi-image-to-video",
        {
            "model": "kling-video/v1.6/standard/multi-image-to-video", "prompt": "they meet",
            "image_list": ["picture 1", "picture 2", "picture 3"], "negative_prompt": "rain", "duration": 5,
            "aspect_ratio": "1:1",
        },
        pictures=3,
    ),
    "aimlapi/effect/standard": Sold(
        "--fx squish", _AIMLAPI, "klingai/kling-video-v1.6-standard-effects",
        {
            "model": "klingai/kling-video-v1.6-standard-effects", "effect_scene": "squish", "image_url": "picture 1",
            "duration": 5,
        },
        pictures=1,
    ),
    "aimlapi/effect/pro": Sold(
        "--fx hug", _AIMLAPI, "klingai/kling-video-v1.6-pro-effects",
        {
            "model": "klingai/kling-video-v1.6-pro-effects", "effect_scene": "hug",
            "image_url": ["picture 1", "picture 2"], "duration": 5,
        },
        pictures=2,
    ),
}  # fmt: skip

VIDGO: Mapping[str, Sold] = {
    "vidgo/text/standard": Sold(
        FOX, _VIDGO, "kling-1.6/standard",
        {
            "model": "kling-1.6/standard",
            "input": {
                "prompt": "a red fox", "negative_prompt": "rain", "duration": 5, "aspect_ratio": "16:9",
                "cfg_scale": 0.7,
            },
        },
    ),
    "vidgo/text/pro": Sold(
        FOX, _VIDGO, "kling-1.6/pro",
        {
            "model": "kling-1.6/pro",
            "input": {
                "prompt": "a red fox", "negative_prompt": "rain", "duration": 5, "aspect_ratio": "16:9",
                "cfg_scale": 0.7,
            },
        },
    ),
    "vidgo/image/standard": Sold(
        WAVE, _VIDGO, "kling-1.6/standard",
        {
            "model": "kling-1.6/standard",
            "input": {
                "prompt": "she waves", "start_image_url": "picture 1", "negative_prompt": "rain", "duration": 5,
                "cfg_scale": 0.7,
            },
        },
        pictures=1,
    ),
    "vidgo/image/pro": Sold(
        WAVE, _VIDGO, "kling-1.6/pro",
        {
            "model": "kling-1.6/pro",
            "input": {
                "prompt": "she waves", "start_image_url": "picture 1", "end_image_url": "picture 2",
                "negative_prompt": "rain", "duration": 5, "aspect_ratio": "16:9", "cfg_scale": 0.7,
            },
        },
        pictures=2,
    ),
    "vidgo/elements/standard": Sold(
        MEET, _VIDGO, "kling-1.6/standard",
        {
            "model": "kling-1.6/standard",
            "input": {
                "prompt": "they meet", "image_urls": ["picture 1", "picture 2", "picture 3"],
                "negative_prompt": "rain", "duration": 5, "aspect_ratio": "1:1",
            },
        },
        pictures=3,
    ),
    "vidgo/elements/pro": Sold(
        MEET, _VIDGO, "kling-1.6/pro",
        {
            "model": "kling-1.6/pro",
            "input": {
                "prompt": "they meet", "image_urls": ["picture 1", "picture 2", "picture 3"],
                "negative_prompt": "rain", "duration": 5, "aspect_ratio": "1:1",
            },
        },
        pictures=3,
    ),
}  # fmt: skip

KLING: Mapping[str, Sold] = {
    "kling/text/standard": Sold(
        FOX, "/v1/videos/text2video", "text2video",
        {
            "model_name": "kling-v1-6", "mode": "std", "prompt": "a red fox", "negative_prompt": "rain",
            "duration": "5", "aspect_ratio": "16:9", "cfg_scale": 0.7, "external_task_id": "attempt",
        },
    ),
    "kling/text/pro": Sold(
        FOX, "/v1/videos/text2video", "text2video",
        {
            "model_name": "kling-v1-6", "mode": "pro", "prompt": "a red fox", "negative_prompt": "rain",
            "duration": "5", "aspect_ratio": "16:9", "cfg_scale": 0.7, "external_task_id": "attempt",
        },
    ),
    "kling/image/standard": Sold(
        WAVE, "/v1/videos/image2video", "image2video",
        {
            "model_name": "kling-v1-6", "mode": "std", "prompt": "she waves", "image": "picture 1",
            "negative_prompt": "rain", "duration": "5", "cfg_scale": 0.7, "external_task_id": "attempt",
        },
        pictures=1,
    ),
    "kling/image/pro": Sold(
        WAVE, "/v1/videos/image2video", "image2video",
        {
            "model_name": "kling-v1-6", "mode": "pro", "prompt": "she waves", "image": "picture 1",
            "image_tail": "picture 2", "negative_prompt": "rain", "duration": "5", "cfg_scale": 0.7,
            "external_task_id": "attempt",
        },
        pictures=2,
    ),
    "kling/elements/standard": Sold(
        MEET, "/v1/videos/multi-image2video", "multi-image2video",
        {
            "model_name": "kling-v1-6", "mode": "std", "prompt": "they meet",
            "image_list": [{"image": "picture 1"}, {"image": "picture 2"}, {"image": "picture 3"}],
            "negative_prompt": "rain", "duration": "5", "aspect_ratio": "1:1", "external_task_id": "attempt",
        },
        pictures=3,
    ),
    "kling/elements/pro": Sold(
        MEET, "/v1/videos/multi-image2video", "multi-image2video",
        {
            "model_name": "kling-v1-6", "mode": "pro", "prompt": "they meet",
            "image_list": [{"image": "picture 1"}, {"image": "picture 2"}, {"image": "picture 3"}],
            "negative_prompt": "rain", "duration": "5", "aspect_ratio": "1:1", "external_task_id": "attempt",
        },
        pictures=3,
    ),
    "kling/effect/standard": Sold(
        "--fx squish", "/v1/videos/effects", "effects",
        {
            "effect_scene": "squish", "input": {"image": "picture 1", "duration": "5"}, "external_task_id": "attempt",
        },
        pictures=1,
    ),
    "kling/effect/pro": Sold(
        "--fx hug", "/v1/videos/effects", "effects",
        {
            "effect_scene": "hug",
            "input": {
                "model_name": "kling-v1-6", "mode": "pro", "images": ["picture 1", "picture 2"], "duration": "5",
            },
            "external_task_id": "attempt",
        },
        pictures=2,
    ),
    "kling/extend/standard": Sold(
        "extend it runs on --no rain --cfg 0.7", "/v1/videos/video-extend", "video-extend",
        {
            "video_id": "video", "prompt": "it runs on", "negative_prompt": "rain", "cfg_scale": 0.7,
            "external_task_id": "attempt",
        },
    ),
    "kling/extend/pro": Sold(
        "extend it runs on --no rain --cfg 0.7", "/v1/videos/video-extend", "video-extend",
        {
            "video_id": "video", "prompt": "it runs on", "negative_prompt": "rain", "cfg_scale": 0.7,
            "external_task_id": "attempt",
        },
    ),
}  # fmt: skip

SOLD: Mapping[str, Sold] = {**FAL, **WAVESPEED, **GMI, **AIMLAPI, **VIDGO, **KLING}
"""Every offer by its id."""
