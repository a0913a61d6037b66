"""What an index is found to hold, and whether that is what a build of its folders makes."""

from indexer.build import build_index
from indexer.opening import check_index, open_current


def contents(instance):
    """Return an index as it is found: path -> label, content and feature; and reasons."""
    generation = open_current(instance, "shapes")
    images = generation.catalog.all_images()
    features = generation.store.features
    reasons = {item.path: item.reason for item in generation.catalog.rejections()}
    found = {
        image.path: (image.label, image.sha256, image.mtime_ns, features[n].tobytes())
        for n, image in enumerate(images)
    }
    return found, reasons


def require_same_as_a_build(plan, instance):
    """Assert that an index is what a build of its folders makes, and whole."""
    check_index(instance, "shapes")
    found = contents(instance)
    build_index(plan, instance)
    assert found == contents(instance)
