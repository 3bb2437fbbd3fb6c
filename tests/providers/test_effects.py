"""The effects on sale, compared with the lists of the providers' documentation, typed out here."""

from bot.kling.effects import SCENES
from bot.providers import wavespeed
from bot.providers.registry import OFFERS


def test_the_scenes_are_those_of_the_documentation() -> None:
    assert set(OFFERS["fal/effect/standard"].scenes) == set(FAL_SCENES.split())
    assert set(OFFERS["fal/effect/pro"].scenes) == set(FAL_SCENES.split())
    assert all(ours == theirs for ours, theirs in OFFERS["fal/effect/pro"].scenes.items())
    assert set(wavespeed.SCENES.values()) == set(WAVESPEED_SCENES.split())
    assert len(FAL_SCENES.split()) == 197
    assert len(WAVESPEED_SCENES.split()) == len(wavespeed.SCENES) == 77
    for tier in ("standard", "pro"):
        scenes = OFFERS[f"aimlapi/effect/{tier}"].scenes
        assert set(scenes) == set(scenes.values()) == set(AIMLAPI_SCENES.split())
    assert len(AIMLAPI_SCENES.split()) == len(set(AIMLAPI_SCENES.split())) == 80
    assert set(OFFERS["kling/effect/standard"].scenes) == set(KLING_SCENES.split()) | OF_TWO_WITH_A_MODE
    assert set(OFFERS["kling/effect/pro"].scenes) == OF_TWO_WITH_A_MODE
    assert len(KLING_SCENES.split()) == len(set(KLING_SCENES.split())) == 198


def test_every_known_scene_is_on_sale_somewhere_or_known_from_elsewhere() -> None:
    sold = {scene for offer in OFFERS.values() for scene in offer.scenes}
    assert SCENES - sold == set()


FAL_SCENES = """
    hug kiss heart_gesture squish expansion fuzzyfuzzy bloombloom dizzydizzy jelly_press jelly_slice jelly_squish
    jelly_jiggle pixelpixel yearbook instant_film anime_figure rocketrocket fly_fly disappear lightning_power
    bullet_time bullet_time_360 media_interview day_to_night let's_ride jumpdrop swish_swish running_man jazz_jazz
    swing_swing skateskate building_sweater pure_white_wings black_wings golden_wing pink_pink_wings rampage_ape
    a_list_look countdown_teleport firework_2026 instant_christmas birthday_star firework celebration tiger_hug_pro
    pet_lion_pro guardian_spirit squeeze_scream inner_voice memory_alive guess_what eagle_snatch hug_from_past
    instant_kid dollar_rain cry_cry building_collapse mushroom jesus_hug shark_alert lie_flat polar_bear_hug
    brown_bear_hug office_escape_plow watermelon_bomb boss_coming wig_out car_explosion tiger_hug siblings
    construction_worker snatched felt_felt plushcut drunk_dance drunk_dance_pet daoma_dance bouncy_dance
    smooth_sailing_dance new_year_greeting lion_dance prosperity great_success golden_horse_fortune red_packet_box
    lucky_horse_year lucky_red_packet lucky_money_come lion_dance_pet dumpling_making_pet fish_making_pet
    pet_red_packet lantern_glow expression_challenge overdrive heart_gesture_dance poping martial_arts running nezha
    motorcycle_dance subject_3_dance ghost_step_dance phantom_jewel zoom_out cheers_2026 kiss_pro fight_pro hug_pro
    heart_gesture_pro dollar_rain_pro pet_bee_pro santa_random_surprise magic_match_tree happy_birthday
    thumbs_up_pro surprise_bouquet bouquet_drop 3d_cartoon_1_pro glamour_photo_shoot box_of_joy
    first_toast_of_the_year my_santa_pic santa_gift steampunk_christmas snowglobe christmas_photo_shoot
    ornament_crash santa_express particle_santa_surround coronation_of_frost spark_in_the_snow scarlet_and_snow
    cozy_toon_wrap bullet_time_lite magic_cloak balloon_parade jumping_ginger_joy c4d_cartoon_pro venomous_spider
    throne_of_king luminous_elf woodland_elf japanese_anime_1 american_comics snowboarding witch_transform
    vampire_transform pumpkin_head_transform demon_transform mummy_transform zombie_transform cute_pumpkin_transform
    cute_ghost_transform knock_knock_halloween halloween_escape baseball trampoline trampoline_night pucker_up
    feed_mooncake flyer dishwasher pet_chinese_opera magic_fireball gallery_ring pet_moto_rider muscle_pet
    pet_delivery mythic_style steampunk 3d_cartoon_2 pet_chef santa_gifts santa_hug girlfriend boyfriend
    heart_gesture_1 pet_wizard smoke_smoke gun_shot double_gun pet_warrior long_hair pet_dance wool_curly pet_bee
    marry_me piggy_morph ski_ski magic_broom splashsplash surfsurf fairy_wing angel_wing dark_wing emoji
"""

WAVESPEED_SCENES = """
    emoji let's_ride snatched magic_broom felt_felt jumpdrop celebration splashsplash hula surfsurf fairy_wing
    angel_wing dark_wing skateskate plushcut jelly_press jelly_slice jelly_squish jelly_jiggle pixelpixel yearbook
    instant_film anime_figure rocketrocket bloombloom dizzydizzy fuzzyfuzzy squish expansion santa_gifts santa_hug
    girlfriend boylfriend heart_gesture_1 pet_wizard pet_lion smoke_smoke thumbs_up pet_chef pet_delivery
    instant_kid dollar_rain cry_cry building_collapse gun_shot mushroom double_gun pet_warrior lightning_power
    jesus_hug magic_fireball shark_alert long_hair lie_flat polar_bear_hug brown_bear_hug jazz_jazz
    offic_escape_plow fly_fly watermelon_bomb pet_dance boss_coming wool_curly iron_warrior pet_moto_rider pet_bee
    marry_me swing_swing day_to_night piggy_morph wig_out car_explosion ski_ski tiger_hug siblings
    construction_worker media_interview
"""

AIMLAPI_SCENES = """
    magic_fireball pet_moto_rider media_interview pet_lion pet_delivery pet_chef santa_gifts santa_hug girlfriend
    boyfriend heart_gesture_1 pet_wizard smoke_smoke thumbs_up instant_kid dollar_rain cry_cry building_collapse
    gun_shot mushroom double_gun pet_warrior lightning_power jesus_hug shark_alert long_hair lie_flat polar_bear_hug
    brown_bear_hug jazz_jazz office_escape_plow fly_fly watermelon_bomb pet_dance boss_coming wool_curly iron_warrior
    pet_bee marry_me swing_swing day_to_night piggy_morph wig_out car_explosion ski_ski tiger_hug siblings
    construction_worker let's_ride snatched magic_broom felt_felt jumpdrop celebration splashsplash hula surfsurf
    fairy_wing angel_wing dark_wing skateskate plushcut jelly_press jelly_slice jelly_squish jelly_jiggle pixelpixel
    yearbook instant_film anime_figure rocketrocket bloombloom dizzydizzy fuzzyfuzzy squish expansion hug kiss
    heart_gesture fight
"""

# 193 for one picture and 5 for two, in the order of Kling's own page.
KLING_SCENES = """
    fortune_god_transform new_year_feast ring_in_new horse_year_firework pet_vlogger crystal_horse
    lateral_shift_transition drunk_dance drunk_dance_pet daoma_dance bouncy_dance smooth_sailing_dance
    new_year_greeting lion_dance prosperity great_success golden_horse_fortune red_packet_box lucky_horse_year
    lucky_red_packet lucky_money_come lion_dance_pet dumpling_making_pet fish_making_pet pet_red_packet
    lantern_glow expression_challenge overdrive heart_gesture_dance poping martial_arts running nezha
    motorcycle_dance subject_3_dance ghost_step_dance phantom_jewel zoom_out dollar_rain_pro pet_bee_pro
    countdown_teleport santa_random_surprise magic_match_tree bullet_time_360 happy_birthday birthday_star
    thumbs_up_pro tiger_hug_pro pet_lion_pro surprise_bouquet bouquet_drop 3d_cartoon_1_pro firework_2026
    glamour_photo_shoot box_of_joy first_toast_of_the_year my_santa_pic santa_gift steampunk_christmas
    snowglobe christmas_photo_shoot ornament_crash santa_express instant_christmas particle_santa_surround
    coronation_of_frost building_sweater spark_in_the_snow scarlet_and_snow cozy_toon_wrap bullet_time_lite
    magic_cloak balloon_parade jumping_ginger_joy bullet_time c4d_cartoon_pro pure_white_wings black_wings
    golden_wing pink_pink_wings venomous_spider throne_of_king luminous_elf woodland_elf japanese_anime_1
    american_comics guardian_spirit swish_swish snowboarding witch_transform vampire_transform
    pumpkin_head_transform demon_transform mummy_transform zombie_transform cute_pumpkin_transform
    cute_ghost_transform knock_knock_halloween halloween_escape baseball inner_voice a_list_look memory_alive
    trampoline trampoline_night pucker_up guess_what feed_mooncake rampage_ape flyer dishwasher
    pet_chinese_opera magic_fireball gallery_ring pet_moto_rider muscle_pet squeeze_scream pet_delivery
    running_man disappear mythic_style steampunk 3d_cartoon_2 eagle_snatch hug_from_past firework
    media_interview pet_chef santa_gifts santa_hug girlfriend boyfriend heart_gesture_1 pet_wizard smoke_smoke
    instant_kid dollar_rain cry_cry building_collapse gun_shot mushroom double_gun pet_warrior lightning_power
    jesus_hug shark_alert long_hair lie_flat polar_bear_hug brown_bear_hug jazz_jazz office_escape_plow
    fly_fly watermelon_bomb pet_dance boss_coming wool_curly pet_bee marry_me swing_swing day_to_night
    piggy_morph wig_out car_explosion ski_ski siblings construction_worker let's_ride snatched magic_broom
    felt_felt jumpdrop splashsplash surfsurf fairy_wing angel_wing dark_wing skateskate plushcut jelly_press
    jelly_slice jelly_squish jelly_jiggle pixelpixel yearbook instant_film anime_figure rocketrocket
    bloombloom dizzydizzy fuzzyfuzzy squish expansion
    cheers_2026 kiss_pro fight_pro hug_pro heart_gesture_pro
"""

OF_TWO_WITH_A_MODE = {"hug", "kiss", "heart_gesture", "fight"}
