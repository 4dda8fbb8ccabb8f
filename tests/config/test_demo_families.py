"""The demo's people are made up, from first names that the shared list (khedmat/config/demo/data) really has."""

import json

from khedmat.config.demo.families import MEN, NAMES_FILE, WOMEN


def test_first_names_stand_in_the_shared_list() -> None:
    listed = {entry["name"] for entry in json.loads(NAMES_FILE.read_text(encoding="utf-8"))}
    assert not {*WOMEN, *MEN} - listed
