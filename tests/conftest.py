"""What all tests share."""

import os

from hypothesis import HealthCheck, settings

settings.register_profile("bpstep", deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
settings.register_profile(
    "explore", deadline=None, max_examples=1000, suppress_health_check=list(HealthCheck)
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "bpstep"))
