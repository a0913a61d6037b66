"""What a visitor can send: pictures, and in which index they are to be searched for."""

from flask_wtf import FlaskForm
from flask_wtf.file import MultipleFileField
from wtforms import Field, StringField, ValidationError

from app.search.uploads import MOST_PICTURES
from app.words import _


class UploadForm(FlaskForm):  # type: ignore[misc]
    """The form that sends pictures, or the address of one."""

    most = MOST_PICTURES

    image = MultipleFileField("Your picture")
    address = StringField("Its address")
    index = StringField("Search in")

    def validate_image(self, field: Field) -> None:
        """Refuse a form with neither a picture nor an address."""
        if not field.data and not self.address.data:
            raise ValidationError(_("Choose a picture first."))
