"""What a visitor can send: pictures, and in which index they are to be searched for."""

from flask_wtf import FlaskForm
from flask_wtf.file import FileRequired, MultipleFileField
from wtforms import StringField


class UploadForm(FlaskForm):  # type: ignore[misc]
    """The form that sends pictures."""

    image = MultipleFileField("Your picture", validators=[FileRequired("Choose a picture first.")])
    index = StringField("Search in")
