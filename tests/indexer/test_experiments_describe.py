"""Pictures are encoded for comparisons as a build encodes them."""

import numpy as np

from indexer.experiments.comparing.describe import encode_files
from models.encoder import keras_encoder
from models.images import decode


def test_pictures_are_encoded_in_the_order_of_the_files(gallery, spec):
    encoder = keras_encoder(spec)
    files = sorted(gallery.glob("*/*.png")) * 2
    found = encode_files(files, encoder)
    assert found.dtype == np.float32
    for at in (0, 20, 47):
        expected = encoder.encode(decode(files[at], encoder.size)[None])[0]
        np.testing.assert_allclose(found[at], expected, rtol=1e-4, atol=1e-5)
    assert encode_files([], encoder).shape == (0, encoder.dim)
