"""The image's recipe, read as text: CI has no Docker, and runs the same script by .ci/rehearse-image."""

import os
import re
import tomllib

from tests.support.tree import ROOT

DOCKERFILE = (ROOT / "Dockerfile").read_text()
SECRET = re.compile(r"KEY|TOKEN|SECRET|PASSWORD", re.IGNORECASE)


def steps() -> list[tuple[str, str]]:
    """Each instruction with its words, continued lines joined, comments left out."""
    joined = re.sub(r"\\\n\s*", " ", re.sub(r"^#.*\n", "", DOCKERFILE, flags=re.MULTILINE))
    return [(words[0], words[2]) for line in joined.splitlines() if (words := line.partition(" "))[0]]


def stages() -> list[list[tuple[str, str]]]:
    found: list[list[tuple[str, str]]] = []
    for step in steps():
        if step[0] == "FROM":
            found.append([])
        if found:
            found[-1].append(step)
    return found


def test_two_stages_stand_on_the_same_small_python() -> None:
    assert [stage[0][1] for stage in stages()] == ["python:${PYTHON}-slim AS builder", "python:${PYTHON}-slim"]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert ("ARG", f"PYTHON={project['requires-python'].removeprefix('>=')}") in steps()


def test_the_builder_does_nothing_but_call_the_script_that_ci_calls() -> None:
    assert [words for step, words in stages()[0] if step == "RUN"] == [".ci/install-image /opt/klingbot"]
    assert os.access(ROOT / ".ci/install-image", os.X_OK)
    assert "source/.ci/install-image" in (ROOT / ".ci/rehearse-image").read_text()
    assert ".ci/rehearse-image" in (ROOT / ".ci/run").read_text()


def test_everything_that_is_copied_is_there_and_let_through() -> None:
    copied = [source for step, words in stages()[0] if step == "COPY" for source in words.split()[:-1]]
    let_through = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    assert set(copied) == let_through
    assert [source for source in copied if not (ROOT / source).exists()] == []
    assert "*" in (ROOT / ".dockerignore").read_text().splitlines()


def test_the_final_stage_takes_only_the_installed_prefix() -> None:
    copies = [words for step, words in stages()[1] if step in ("COPY", "ADD")]
    assert copies == ["--from=builder /opt/klingbot /opt/klingbot"]


def test_the_bot_runs_without_root_and_owns_its_data() -> None:
    final = stages()[1]
    assert ("USER", "10001:10001") in final
    assert ("VOLUME", "/data") in final
    users = next(words for step, words in final if step == "RUN")
    assert "useradd --uid 10001 --gid 10001" in users
    assert "install --directory --owner klingbot --group klingbot --mode 0700 /data" in users
    names = [step for step, _ in final]
    assert names.index("RUN") < names.index("USER") < names.index("VOLUME")


def test_the_container_is_healthy_when_klingbot_says_so() -> None:
    health = next(words for step, words in stages()[1] if step == "HEALTHCHECK")
    assert health.endswith('CMD ["klingbot", "health"]')
    assert stages()[1][-2:] == [("ENTRYPOINT", '["klingbot"]'), ("CMD", '["run"]')]


def test_the_data_folder_and_the_listening_address_fit_the_container() -> None:
    settings = next(words for step, words in stages()[1] if step == "ENV").split()
    assert {"KLINGBOT_DATA=/data", "KLINGBOT_HOST=0.0.0.0"} <= set(settings)
    compose = (ROOT / "compose.yaml").read_text()
    assert "KLINGBOT_DATA: /data\n" in compose
    assert "KLINGBOT_HOST: 0.0.0.0\n" in compose


def test_nothing_is_fetched_by_address_and_no_secret_is_baked_in() -> None:
    assert "ADD" not in [step for step, _ in steps()]
    assert "://" not in DOCKERFILE
    assert [words for step, words in steps() if step in ("ARG", "ENV") and SECRET.search(words)] == []


def test_compose_keeps_the_data_in_a_named_volume_and_listens_on_this_machine_only() -> None:
    compose = (ROOT / "compose.yaml").read_text()
    assert re.search(r"^      - data:/data\b", compose, re.MULTILINE)
    assert re.search(r"^volumes:\n  data:$", compose, re.MULTILINE)
    ports = re.findall(r'^      - "(.*:\d+:\d+)"', compose, re.MULTILINE)
    assert ports
    assert all(port.startswith("127.0.0.1:") for port in ports)
    assert "env_file: .env" in compose
    assert SECRET.search(compose) is None
