"""Options that name several systems: each belongs to the network before it, in their order."""

import click
from click.testing import CliRunner

from app.cli.evaluating.systems import SystemsCommand
from indexer.evaluation.systems.base import SystemSpec
from models.types import EncoderSpec


@click.command(cls=SystemsCommand)
@click.argument("folder")
@click.option("--seed", default=0)
def command(folder, seed, systems):
    """Show what was understood."""
    click.get_current_context().obj.append((folder, seed, systems))


def understood(*args):
    """Return what the command is given, or fail with what it printed."""
    given = []
    result = CliRunner().invoke(command, args, obj=given)
    assert result.exit_code == 0, result.output
    ((folder, seed, systems),) = given
    assert (folder, seed) == ("photos", 7)
    return systems


def refused(*args):
    result = CliRunner().invoke(command, ["photos", *args], obj=[])
    assert result.exit_code == 2
    return " ".join(result.output.split())


def test_systems_come_in_the_order_of_the_command_line():
    found = understood(
        *("--network", "resnet50", "--weights", "a.h5", "--layer", "conv4_block6_out"),
        *("photos", "--index", "mine", "--seed", "7"),
        *("--network=resnet50v2", "--size", "448", "--pooling", "gem", "--label", "large"),
        *("--network", "pocket", "--network", "pocket", "--weights=runs/b.npz"),
        *("--index", "other"),
    )
    assert found == (
        SystemSpec(encoder=EncoderSpec("resnet50", "a.h5", "conv4_block6_out")),
        SystemSpec(index="mine"),
        SystemSpec(encoder=EncoderSpec("resnet50v2", "imagenet", None, "gem", 448), label="large"),
        SystemSpec(encoder=EncoderSpec("pocket", "bundled")),
        SystemSpec(encoder=EncoderSpec("pocket", "runs/b.npz")),
        SystemSpec(index="other"),
    )


def test_the_same_value_of_two_networks_stays_with_its_own():
    found = understood(
        *("photos", "--seed=7", "--network", "pocket", "--network", "pocket", "--size", "96"),
        *("--network", "pocket", "--pooling", "max", "--size", "64"),
    )
    assert [each.encoder.size for each in found] == [224, 96, 64]
    assert [each.encoder.pooling for each in found] == ["avg", "avg", "max"]


def test_a_network_may_see_faces():
    found = understood(
        *("photos", "--seed", "7", "--network", "pocket", "--crop", "faces", "--network", "pocket")
    )
    assert [each.encoder.crop for each in found] == ["faces", ""]
    assert "'hands' is not 'faces'" in refused("--network", "pocket", "--crop", "hands")


def test_pocket_is_evaluated_where_nothing_is_named():
    assert understood("photos", "--seed", "7") == (SystemSpec(encoder=EncoderSpec()),)


def test_an_option_before_any_network_is_refused():
    output = refused("--layer", "top", "--network", "pocket")
    assert "--layer top belongs to the --network before it, and none comes before it." in output
    assert "Write --network NETWORK --layer top." in output


def test_an_option_after_an_index_is_refused():
    output = refused("--network", "pocket", "--index", "mine", "--size", "96")
    assert "--size 96 belongs to the --network before it" in output
    assert "it comes after --index mine." in output


def test_an_option_given_twice_for_a_network_is_refused():
    output = refused("--network", "pocket", "--layer", "a", "--size", "96", "--layer", "b")
    assert "--layer is given twice for --network pocket: a and b." in output


def test_an_unknown_network_and_wrong_values_are_refused():
    assert "There is no network 'pokcet'" in refused("--network", "pokcet")
    assert "'sum' is not one of" in refused("--network", "pocket", "--pooling", "sum")
    assert "--network" in refused("--network")


def test_the_help_explains_every_option():
    result = CliRunner().invoke(command, ["--help"])
    assert result.exit_code == 0
    shown = " ".join(result.output.split())
    for option in ("--index NAME", "--network NETWORK", "--weights WEIGHTS", "--label TEXT"):
        assert option in shown
    assert "[default: pocket, where no index is named]" in shown
