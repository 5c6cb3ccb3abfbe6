"""What is shipped: the image's recipe, the locks, and a wheel that starts where nothing else of the checkout is."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import sysconfig
import tomllib
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LOCKS = ("requirements.lock", "requirements-dev.lock")
DATA = "gateway/_data"


def dockerfile() -> list[list[str]]:
    """The Dockerfile's instructions, continued lines joined, each split into words."""
    text = re.sub(r"\\\n", " ", (ROOT / "Dockerfile").read_text())
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return [shlex.split(line.replace("[", " ").replace("]", " ").replace(",", " ")) for line in lines]


def copied() -> list[str]:
    """What the Dockerfile copies out of the checkout."""
    copies = [words[1:-1] for words in dockerfile() if words[0] == "COPY" and not words[1].startswith("--from")]
    return [path for paths in copies for path in paths]


def lock(name: str) -> dict[str, str]:
    """Requirement (with its marker) -> everything said of it, of a lock file."""
    text = re.sub(r"^\s*#.*\n", "", (ROOT / name).read_text(), flags=re.MULTILINE)
    entries = [re.sub(r"\\\n", " ", entry) for entry in re.split(r"\n(?=\S)", text) if entry.strip()]
    return {entry.split(" --hash")[0].strip(): entry for entry in entries}


def pinned(name: str) -> set[str]:
    return {requirement.split(";")[0].strip() for requirement in lock(name)}


def test_everything_the_image_copies_is_there() -> None:
    assert [path for path in copied() if not (ROOT / path).exists()] == []


def test_everything_the_image_copies_is_let_through_to_the_builder() -> None:
    let_through = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    assert set(copied()) <= let_through


def test_the_image_does_not_run_as_root_and_says_how_it_is() -> None:
    instructions = dockerfile()
    users = [words[1] for words in instructions if words[0] == "USER"]
    assert users[-1:] == ["tamnat"]
    assert any(words[0] == "HEALTHCHECK" and "healthz" in " ".join(words) for words in instructions)


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_pins_every_requirement_with_hashes(name: str) -> None:
    entries = lock(name)
    assert len(entries) > 20
    assert [requirement for requirement, entry in entries.items() if "--hash=sha256:" not in entry] == []
    assert [requirement for requirement in entries if not re.match(r"[\w.\-\[\]]+==\S+", requirement)] == []


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_bears_no_address(name: str) -> None:
    text = (ROOT / name).read_text()
    assert re.findall(r"https?://|--(?:extra-)?index-url|--find-links|--trusted-host", re.sub(r"^#.*", "", text)) == []


def test_the_runtime_lock_is_part_of_the_developers() -> None:
    assert pinned("requirements.lock") < pinned("requirements-dev.lock")


def test_ci_runs_make_test_and_nothing_else() -> None:
    script = ROOT / ".ci" / "run"
    lines = [line for line in script.read_text().splitlines() if line and not line.startswith("#")]
    assert lines == ["set -euo pipefail", 'cd "$(dirname "$0")/.."', "make test"]
    assert os.access(script, os.X_OK)


def test_make_help_names_the_targets_others_depend_on() -> None:
    shown = subprocess.run(["make", "help"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    assert {"run", "test", "setup", "check"} <= set(re.findall(r"make (\w+)", shown))


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built by the pinned builder without a network."""
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (built,) = folder.glob("tamnat-*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of commands of a new environment that has the wheel, and the dependencies of this one."""
    home = tmp_path_factory.mktemp("clean")
    venv.create(home, with_pip=False)
    packages = sysconfig.get_path("purelib", "venv", {"base": str(home), "platbase": str(home)})
    # --target would leave out the `gateway` command; this pip, told of the other interpreter, installs all of it.
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--python", str(home / "bin" / "python")]
    subprocess.run([*pip, "install", "--quiet", "--no-deps", "--no-index", str(wheel)], check=True)
    # As a plain path, not by `site`: the editable install of this checkout must not be found through it.
    (Path(packages) / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return home / "bin"


def test_the_wheel_carries_texts_prompts_sample_and_licence(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    for folder in ("templates", "voice_prompts"):
        shipped = {f"{DATA}/{path.relative_to(ROOT)}" for path in (ROOT / folder).rglob("*") if path.is_file()}
        assert shipped
        assert shipped <= set(names)
    assert any(name.endswith("licenses/LICENSE") for name in names)
    assert {"gateway/care/regimens.toml", "gateway/roster/columns.toml", "gateway/sandbox/habits.toml"} <= set(names)


def run(command: list[str], home: Path) -> subprocess.CompletedProcess[str]:
    """Run a command of the clean environment, in a folder with nothing in it."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("GATEWAY_", "PYTHON"))}
    return subprocess.run(command, cwd=home, env=clean, capture_output=True, text=True, check=False)


def test_the_wheel_is_found_in_the_clean_environment_and_not_the_checkout(installed: Path, tmp_path: Path) -> None:
    found = run([str(installed / "python"), "-c", "import gateway; print(gateway.__file__)"], tmp_path)
    assert found.stdout.startswith(str(installed.parent))


def test_the_installed_command_starts(installed: Path, tmp_path: Path) -> None:
    started = run([str(installed / "gateway"), "--help"], tmp_path)
    assert started.returncode == 0, started.stderr
    assert {"run", "tick", "roster"} <= set(re.findall(r"\w+", started.stdout))


def test_the_installed_command_checks_the_messages_it_carries(installed: Path, tmp_path: Path) -> None:
    checked = run([str(installed / "gateway"), "messages", "check"], tmp_path)
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_the_image_starts_a_command_that_exists(installed: Path, tmp_path: Path) -> None:
    """`docker run` gives CMD to ENTRYPOINT: its options must be options of that command."""
    words = {words[0]: words[1:] for words in dockerfile()}
    assert words["ENTRYPOINT"] == ["gateway"]
    command, *options = words["CMD"]
    shown = run([str(installed / "gateway"), command, "--help"], tmp_path).stdout
    assert {option for option in options if option.startswith("--")} <= set(re.findall(r"--\w+", shown))


def test_every_dependency_has_its_reason_written_down() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    named = project["project"]["dependencies"] + project["dependency-groups"]["dev"]
    decision = (ROOT / "docs" / "adr" / "0002-dependencies.md").read_text()
    reasons = set(re.findall(r"^\| ([\w-]+)(?: \([^)]*\))? \|", decision, flags=re.MULTILINE)) - {"package"}
    assert reasons == {re.split(r"[\[<>=!~;]", requirement)[0].strip() for requirement in named}
