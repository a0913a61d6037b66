"""What a visitor can send: pictures, and in which index they are to be searched for."""

from flask_wtf import FlaskForm
from flask_wtf.file import FileRequired, MultipleFileField
from wtforms import StringField

from app.search.uploads import MOST_PICTURES


class UploadForm(FlaskForm):  # type: ignore[misc]
    """The form that sends pictures."""

    most = MOST_PICTURES

    image = MultipleFileField("Your picture", validators=[FileRequired("Choose a picture first.")])
    index = StringField("Search in")
