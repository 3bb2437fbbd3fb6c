"""Hypothesis profiles by KLINGBOT_TEST_PROFILE: `test` repeats itself exactly, `verify` searches longer and anew."""

import os

from hypothesis import HealthCheck, settings

# A busy machine is no failure, so nothing here is timed.
settings.register_profile("test", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
settings.register_profile("verify", settings.get_profile("test"), derandomize=False, max_examples=300, print_blob=True)
settings.load_profile(os.environ.get("KLINGBOT_TEST_PROFILE", "test"))
