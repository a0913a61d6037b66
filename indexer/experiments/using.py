"""How to use what a run has left."""

HASH = "hash"


def index_command(method: str, name: str) -> str:
    """Return the command that builds an index of a run.

    Args:
        method: how its network learnt.
        name: of the run.
    """
    kind = " --kind hamming" if method == HASH else ""
    return f"flask index build FOLDER --name NAME --network run:{name}{kind}"
