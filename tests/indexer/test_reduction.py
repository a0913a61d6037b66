"""Shorter features: principal directions, kept with the generation and used by every query."""

from dataclasses import replace

import numpy as np
import pytest

from indexer.arrays import write_array
from indexer.build import build_index
from indexer.errors import BadParameter, DamagedIndex
from indexer.features.reduction import (
    DIRECTIONS,
    MEAN,
    REDUCTION_FILES,
    SAMPLE_ROWS,
    Reduction,
    learn,
    require_dim,
    sampled,
)
from indexer.opening import REDUCTION, open_current
from models.types import Fingerprint


@pytest.fixture(scope="module")
def features():
    """Return 300 features of 40 values that vary ever less from the first to the last."""
    random = np.random.default_rng(0)
    spread = random.normal(size=(300, 40)) * 0.9 ** np.arange(40)
    return (spread @ random.normal(size=(40, 40)) + 3).astype(np.float32)


def unit(features):
    rows = features.astype(np.float64)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def test_it_projects_on_the_principal_components_of_unit_features(features):
    reduced = learn(features, 8).apply(features)
    centred = unit(features) - unit(features).mean(axis=0)
    left, sizes, _ = np.linalg.svd(centred, full_matrices=False)
    expected = left[:, :8] * sizes[:8]
    signs = np.sign((reduced * expected).sum(axis=0))
    assert reduced.dtype == np.float32
    assert np.allclose(reduced, expected * signs, atol=1e-6)


def test_all_directions_but_one_keep_every_distance(features):
    flat = np.hstack([features, np.zeros((300, 1), np.float32)])
    reduced = learn(flat, 40).apply(flat)
    for one, other in ((0, 1), (5, 200), (299, 3)):
        before = np.linalg.norm(unit(flat)[one] - unit(flat)[other])
        assert np.linalg.norm(reduced[one] - reduced[other]) == pytest.approx(before, rel=1e-5)


def test_whitened_features_vary_alike_in_all_directions(features):
    reduced = learn(features, 8, whiten=True).apply(features).astype(np.float64)
    assert np.allclose(np.cov(reduced.T), np.eye(8), atol=1e-5)
    plain = np.cov(learn(features, 8).apply(features).astype(np.float64).T)
    assert np.allclose(plain, np.diag(np.diag(plain)), atol=1e-9)
    assert (np.diff(np.diag(plain)) < 0).all()


@pytest.mark.parametrize("whiten", [False, True])
def test_codes_are_turned_so_that_signs_lie_nearer_and_distances_stay(features, whiten):
    plain, turned = (learn(features, 16, whiten=whiten, codes=codes) for codes in (False, True))
    before, after = (each.apply(features).astype(np.float64) for each in (plain, turned))
    assert np.allclose(before @ before.T, after @ after.T, atol=1e-4)
    assert np.abs(after).sum() > 1.02 * np.abs(before).sum()
    bits, flat = after > 0, before > 0
    near = np.argsort(np.linalg.norm(before[:, None] - before, axis=2), axis=1)[:, 1:11]
    assert recall(bits, near) > recall(flat, near)


def recall(bits, near):
    """Return the part of the ten nearest that are among the ten that differ in the fewest bits."""
    found = np.argsort((bits[:, None] != bits).sum(axis=2), axis=1, kind="stable")[:, 1:11]
    return np.mean([len({*a} & {*b}) / 10 for a, b in zip(found, near, strict=True)])


def test_the_length_of_a_feature_changes_nothing(features):
    reduction = learn(features, 8)
    assert np.allclose(reduction.apply(1000 * features[:5]), reduction.apply(features[:5]))
    assert np.isfinite(reduction.apply(np.zeros((1, 40), np.float32))).all()


def test_a_feature_alone_is_reduced_like_one_among_others(features):
    many = np.tile(features, (8, 1))
    for reduction in (learn(features, 8), learn(features, 8, whiten=True)):
        together = reduction.apply(many)
        assert np.array_equal(together[:300], together[-300:])
        assert np.array_equal(reduction.apply(many[1500:1501])[0], together[1500])


def test_it_is_the_same_each_time(features, tmp_path):
    for name in ("one", "other"):
        learn(features.copy(), 8, whiten=True, seed=3).save(tmp_path / name)
    for file in REDUCTION_FILES:
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "other" / file).read_bytes()


def test_it_is_learnt_on_a_sample_of_the_seed(features):
    rows = sampled(SAMPLE_ROWS + 5000, 7)
    assert len(rows) == len(set(rows.tolist())) == SAMPLE_ROWS
    assert (np.diff(rows) > 0).all()
    assert not np.array_equal(rows, sampled(SAMPLE_ROWS + 5000, 8))
    many = np.random.default_rng(1).normal(size=(SAMPLE_ROWS + 5000, 6)).astype(np.float32)
    assert learn(many, 3, seed=7).name == learn(many[rows], 3).name
    assert learn(many, 3, seed=7).name != learn(many, 3, seed=8).name


@pytest.mark.parametrize("dim", [0, -1, 40, 41, 2048])
def test_more_directions_than_values_are_refused(features, dim):
    with pytest.raises(BadParameter, match=rf"between 1 and 39.*Received: {dim}"):
        learn(features, dim)
    with pytest.raises(BadParameter, match="between 1 and 39"):
        require_dim(dim, 40)


def test_more_directions_than_images_are_refused(features):
    assert learn(features[:9], 8).dim == 8
    with pytest.raises(BadParameter, match=r"9 images vary in 8 directions at most.*Received: 9"):
        learn(features[:9], 9)
    with pytest.raises(BadParameter, match="directions at most"):
        require_dim(1, 40, images=1)


@pytest.mark.parametrize("whiten", [False, True])
def test_more_directions_than_the_images_vary_in_are_refused(features, whiten):
    copies = np.tile(features[:6], (10, 1))
    assert learn(copies, 5, whiten=whiten).dim == 5
    with pytest.raises(BadParameter, match=r"vary in 5 directions only.*Received: 6"):
        learn(copies, 6, whiten=whiten)
    with pytest.raises(BadParameter, match="vary in 0 directions"):
        learn(copies[[0] * 20], 1, whiten=whiten)


@pytest.mark.parametrize("whiten", [False, True])
def test_what_is_saved_is_opened_again(features, tmp_path, whiten):
    reduction = learn(features, 8, whiten=whiten)
    reduction.save(tmp_path / "reduction")
    opened = Reduction.load(tmp_path / "reduction", reduction.name, 40)
    assert opened.name == reduction.name
    assert reduction.name.startswith("pca8w-" if whiten else "pca8-")
    assert np.array_equal(opened.apply(features), reduction.apply(features))
    assert (opened.dim, opened.width, opened.whitened) == (8, 40, whiten)


def test_the_fingerprint_tells_of_it(features):
    encoder = Fingerprint("pocket", "0" * 64, "post_relu", "tf", "avg", 224, 40)
    plain, white = learn(features, 8), learn(features, 8, whiten=True)
    assert plain.of(encoder) == replace(encoder, dim=8, reduction=plain.name)
    digests = {encoder.digest, plain.of(encoder).digest, white.of(encoder).digest}
    assert len(digests) == 3


@pytest.mark.parametrize("file", REDUCTION_FILES)
def test_a_damaged_file_is_named(features, tmp_path, file):
    reduction = learn(features, 8)
    reduction.save(tmp_path)
    content = (tmp_path / file).read_bytes()
    for damaged in (content[:-1], content + b"0", b"", b"\x93NUMPY\x02\x00"):
        (tmp_path / file).write_bytes(damaged)
        with pytest.raises(DamagedIndex, match=file):
            Reduction.load(tmp_path, reduction.name, 40)
    (tmp_path / file).unlink()
    with pytest.raises(DamagedIndex, match=f"{file} cannot be read"):
        Reduction.load(tmp_path, reduction.name, 40)


def test_another_reduction_is_refused(features, tmp_path):
    reduction, white = learn(features, 8), learn(features, 8, whiten=True)
    reduction.save(tmp_path)
    for name in (white.name, f"{reduction.name[:-1]}!", "none", "pca9" + reduction.name[4:]):
        with pytest.raises(DamagedIndex):
            Reduction.load(tmp_path, name, 40)
    with pytest.raises(DamagedIndex, match=r"\(41,\)"):
        Reduction.load(tmp_path, reduction.name, 41)
    write_array(tmp_path / MEAN, reduction.mean + 1)
    with pytest.raises(DamagedIndex, match=f"instead of {reduction.name}"):
        Reduction.load(tmp_path, reduction.name, 40)


@pytest.mark.parametrize("whiten", [False, True])
def test_a_generation_opens_with_its_reduction_and_without_it_does_not(plan, instance, whiten):
    build_index(replace(plan, reduce=6, whiten=whiten), instance)
    generation = open_current(instance, "shapes")
    assert generation.reduction is not None
    assert generation.reduction.whitened == whiten
    assert generation.store.dim == generation.manifest.fingerprint.dim == 6
    generation.catalog.close()
    (generation.path / REDUCTION / DIRECTIONS).unlink()
    with pytest.raises(DamagedIndex, match=DIRECTIONS):
        open_current(instance, "shapes")
