"""Hypothesis profiles by KLINGBOT_TEST_PROFILE: `test` repeats itself exactly, `verify` does and searches longer.

`explore` searches anew each time, and longest: for campaigns by hand, whose finds become examples.
"""

import os

from hypothesis import HealthCheck, settings

# A busy machine is no failure, so nothing here is timed.
settings.register_profile("test", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
settings.register_profile("verify", settings.get_profile("test"), max_examples=300, print_blob=True)
settings.register_profile("explore", settings.get_profile("verify"), derandomize=False, max_examples=2_000)
settings.load_profile(os.environ.get("KLINGBOT_TEST_PROFILE", "test"))
