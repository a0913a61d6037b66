"""The screens that pages are looked at on, of which one phone is in the dark."""

import pytest

PHONE = {"viewport": {"width": 390, "height": 844}, "color_scheme": "dark"}
SCREEN = {"viewport": {"width": 1440, "height": 900}, "color_scheme": "light"}
SMALLEST = {"viewport": {"width": 320, "height": 568}, "java_script_enabled": False}
TOUCH = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
EVERYWHERE = pytest.mark.parametrize(
    "context", [PHONE, SCREEN, SMALLEST], indirect=True, ids=["phone", "screen", "smallest"]
)
ON_TOUCH = pytest.mark.parametrize("context", [TOUCH], indirect=True, ids=["touch"])
WITHOUT_SCRIPTS = pytest.mark.parametrize(
    "context", [{"java_script_enabled": False}], indirect=True, ids=["no scripts"]
)
