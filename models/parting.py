"""Says whether a feature is a sum of what each place of its picture tells, and what else it is.

An average over the places is such a sum, and whatever is linear after it, a layer of a head or a
reduction, can be done to each place before: its bias is shared out evenly.
"""

from models.errors import NoExplanation
from models.heads import parse
from models.types import Fingerprint

LINEAR = "linear"
AVERAGE = "avg"


def require_parts(fingerprint: Fingerprint) -> None:
    """Refuse encoders whose features are no sum over the places of the map.

    Raises:
        NoExplanation: naming the pooling or the layer of the head that is in the way.
    """
    if fingerprint.pooling != AVERAGE:
        raise NoExplanation(
            f"Which places make two pictures alike can be told where the map is averaged. This "
            f"encoder pools by '{fingerprint.pooling}', of which no place has a share. Build an "
            "index with --pooling avg for that."
        )
    for number, layer in enumerate(parse(fingerprint.head), start=1):
        if layer.activation != LINEAR:
            raise NoExplanation(
                "Which places make two pictures alike can be told where all that follows the "
                f"average is linear. Layer {number} of this encoder's head is "
                f"'{layer.width} {layer.activation}'. Build an index of the network without its "
                "head for that."
            )
