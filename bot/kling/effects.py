"""Names of Kling's ready-made effects, in one spelling. A provider that spells one differently says so itself."""

from typing import Annotated

from pydantic import AfterValidator

SCENES: frozenset[str] = frozenset(
    """
    3d_cartoon_1_pro 3d_cartoon_2 a_list_look american_comics angel_wing anime_figure balloon_parade baseball
    birthday_star black_wings bloombloom boss_coming bouncy_dance bouquet_drop box_of_joy boyfriend
    brown_bear_hug building_collapse building_sweater bullet_time bullet_time_360 bullet_time_lite
    c4d_cartoon_pro car_explosion celebration cheers_2026 christmas_photo_shoot construction_worker
    coronation_of_frost countdown_teleport cozy_toon_wrap cry_cry crystal_horse cute_ghost_transform
    cute_pumpkin_transform daoma_dance dark_wing day_to_night demon_transform disappear dishwasher dizzydizzy
    dollar_rain dollar_rain_pro double_gun drunk_dance drunk_dance_pet dumpling_making_pet eagle_snatch emoji
    expansion expression_challenge fairy_wing feed_mooncake felt_felt fight fight_pro firework firework_2026
    first_toast_of_the_year fish_making_pet fly_fly flyer fortune_god_transform fuzzyfuzzy gallery_ring
    ghost_step_dance girlfriend glamour_photo_shoot golden_horse_fortune golden_wing great_success
    guardian_spirit guess_what gun_shot halloween_escape happy_birthday heart_gesture heart_gesture_1
    heart_gesture_dance heart_gesture_pro horse_year_firework hug hug_from_past hug_pro hula inner_voice
    instant_christmas instant_film instant_kid iron_warrior japanese_anime_1 jazz_jazz jelly_jiggle jelly_press
    jelly_slice jelly_squish jesus_hug jumpdrop jumping_ginger_joy kiss kiss_pro knock_knock_halloween
    lantern_glow lateral_shift_transition let's_ride lie_flat lightning_power lion_dance lion_dance_pet
    long_hair lucky_horse_year lucky_money_come lucky_red_packet luminous_elf magic_broom magic_cloak
    magic_fireball magic_match_tree marry_me martial_arts media_interview memory_alive motorcycle_dance
    mummy_transform muscle_pet mushroom my_santa_pic mythic_style new_year_feast new_year_greeting nezha
    office_escape_plow ornament_crash overdrive particle_santa_surround pet_bee pet_bee_pro pet_chef
    pet_chinese_opera pet_dance pet_delivery pet_lion pet_lion_pro pet_moto_rider pet_red_packet pet_vlogger
    pet_warrior pet_wizard phantom_jewel piggy_morph pink_pink_wings pixelpixel plushcut polar_bear_hug poping
    prosperity pucker_up pumpkin_head_transform pure_white_wings rampage_ape red_packet_box ring_in_new
    rocketrocket running running_man santa_express santa_gift santa_gifts santa_hug santa_random_surprise
    scarlet_and_snow shark_alert siblings skateskate ski_ski smoke_smoke smooth_sailing_dance snatched
    snowboarding snowglobe spark_in_the_snow splashsplash squeeze_scream squish steampunk steampunk_christmas
    subject_3_dance surfsurf surprise_bouquet swing_swing swish_swish throne_of_king thumbs_up thumbs_up_pro
    tiger_hug tiger_hug_pro trampoline trampoline_night vampire_transform venomous_spider watermelon_bomb
    wig_out witch_transform woodland_elf wool_curly yearbook zombie_transform zoom_out
    """.split()
)
"""Every effect that at least one provider lists for Kling 1.6 (November 2026)."""

PEOPLE: dict[str, int] = dict.fromkeys(
    ("hug", "kiss", "heart_gesture", "fight", "cheers_2026", "kiss_pro", "fight_pro", "hug_pro", "heart_gesture_pro"), 2
)
"""Scenes for two people, which take two pictures, left and right; every other scene takes one."""

DURATION_FIXED_5: frozenset[str] = frozenset(("cheers_2026", "kiss_pro", "fight_pro", "hug_pro", "heart_gesture_pro"))
"""Scenes that Kling makes in 5 seconds only."""


def _known(scene: str) -> str:
    if scene not in SCENES:
        raise ValueError("no such effect")
    return scene


Scene = Annotated[str, AfterValidator(_known)]
"""The canonical name of an effect."""
