"""Everything that Likeness refuses, as a small tree of errors that people can act on."""


class LikenessError(Exception):
    """Base of all errors that are explained to people; the message names cause and cure."""


class ImageError(LikenessError):
    """A picture that cannot be used."""


class EmptyImage(ImageError):
    """A picture without a single byte."""


class UnsupportedImage(ImageError):
    """A file whose format is not on the list of formats that are opened."""


class DamagedImage(ImageError):
    """A picture of a known format whose content cannot be read to its end."""


class ImageTooLarge(ImageError):
    """A picture over the limit of bytes, of pixels or of the length of a side."""


class OutOfMemory(ImageError):
    """A picture that needs more memory than there is at the moment; later it may be used."""


class BadCrop(ImageError):
    """A box that lies outside of its picture, or holds no pixel of it."""


class NoFace(ImageError):
    """A picture in which no face is found, where faces are compared."""


class NetworkError(LikenessError):
    """A network that cannot be built as asked."""


class UnknownNetwork(NetworkError):
    """A network, layer or pooling that is not in the table."""


class WeightsMissing(NetworkError):
    """A weight file that is absent or cannot be downloaded."""


class WeightsMismatch(NetworkError):
    """A weight file that is damaged, or does not fit the network."""


class PrecisionFailed(NetworkError):
    """A network that cannot be had in the precision asked for."""


class DetectorMissing(NetworkError):
    """The library that finds faces is absent, or of a version that does not find them."""


class EncoderDamaged(LikenessError):
    """An exported encoder that is incomplete or does not match its fingerprint."""


class EncoderFailed(LikenessError):
    """An encoder whose engine failed for one request: out of memory, or without its GPU."""


class FeatureNotFinite(EncoderFailed):
    """An encoder whose engine works, but gives no finite feature for one request."""


class NoExplanation(LikenessError):
    """A likeness that cannot be shared out among the places of a picture."""


class EncoderBusy(LikenessError):
    """More pictures wait for the encoder than the queue holds."""


class TrainingRefused(LikenessError):
    """A training that cannot be begun, or gone on with, as asked."""
