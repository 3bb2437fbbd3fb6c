"""`klingbot demo`: a video from one line, without an account; and everything that can be wrong with that line."""

import json
import socket
import tempfile
from pathlib import Path

import pytest

from tests.support.front import photo
from tests.support.media import file_of, noise
from tests.support.terminal import Run
from tests.support.unprivileged import give, klingbot


def once(run: Run, out: Path, *words: str) -> tuple[int, str, str]:
    said = run("demo", "--once", "--out", str(out), "--speed", "1000", *words)
    return said.code, said.out, said.err


def sold(out: Path) -> list[object]:
    return [json.loads(line) for line in (out / "sandbox-sold.jsonl").read_text().splitlines()]


def test_one_video_from_one_line(run: Run, tmp_path: Path) -> None:
    code, out, _ = once(run, tmp_path / "out", "--prompt", "a paper boat", "--via", "wavespeed")
    assert code == 0
    lines = out.splitlines()
    assert lines[0] == "you: /kling a paper boat --via wavespeed --yes"
    assert lines[1] == "Getting ready"
    (video,) = (tmp_path / "out").glob("kling-*.mp4")
    assert lines[-2:] == [f"video: {video}", f"what the sandbox sold: {tmp_path / 'out' / 'sandbox-sold.jsonl'}"]
    assert video.read_bytes()[4:8] == b"ftyp"
    assert sold(tmp_path / "out")


def test_all_of_several_videos_are_waited_for(run: Run, tmp_path: Path) -> None:
    code, out, _ = once(run, tmp_path / "out", "--prompt", "a paper boat", "--n", "2")
    videos = {f"video: {video}" for video in (tmp_path / "out").glob("kling-*.mp4")}
    assert (code, len(videos)) == (0, 2)
    assert videos <= set(out.splitlines())


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--prompt", "a fox", "--d", "7"), "Kling 1.6 makes 5 or 10 seconds; you asked for 7. Try --d 5 or --d 10."),
        (("--prompt", "a fox", "--durration", "10"), "Did you mean --duration?"),
        (("--prompt", "a fox", "--max", "5"), "your --max allows 5 credits"),
        (("--prompt", "a fox", "--via", "veo"), "There is no provider “veo” here."),
        (("--prompt", "animate she waves"), "Attach the picture to animate"),
    ],
)
def test_a_refusal_is_told_and_ends_with_exit_code_1(
    run: Run, tmp_path: Path, words: tuple[str, ...], said: str
) -> None:
    code, out, _ = once(run, tmp_path, *words)
    assert code == 1
    assert said in out
    assert "Nothing was spent." in out
    assert sold(tmp_path) == []


def test_a_picture_that_cannot_be_used_is_told(run: Run, tmp_path: Path) -> None:
    (tmp_path / "small.jpg").write_bytes(file_of(noise(200, 200)))
    code, out, _ = once(run, tmp_path, "--image", str(tmp_path / "small.jpg"))
    assert code == 1
    assert "Picture 1 can't be used" in out


@pytest.mark.parametrize(
    "words",
    [("--prompt", "a fox", "--pro", "--dry"), ("--prompt", "a fox --pro --dry"), ("--prompt", "a fox --dry", "--pro")],
)
def test_flags_of_the_chat_go_anywhere_and_a_price_is_no_failure(
    run: Run, tmp_path: Path, words: tuple[str, ...]
) -> None:
    code, out, _ = once(run, tmp_path, *words)
    assert code == 0
    assert "It would cost 75 credits" in out
    assert "pro (1080p)" in out
    assert sold(tmp_path) == []


def test_words_after_a_flag_stay_together(run: Run, tmp_path: Path) -> None:
    code, out, _ = once(run, tmp_path, "--prompt", "a fox", "--no", "blur, text", "--dry")
    assert code == 0
    assert "  > video a fox --no blur, text" in out


def test_what_follows_a_lone_dash_pair_is_prompt_text_and_nothing_is_added_to_it(run: Run, tmp_path: Path) -> None:
    _, out, _ = once(run, tmp_path, "--prompt", "a fox", "--max", "5", "--", "--dry")
    assert out.startswith("you: /kling a fox --max 5 --yes -- --dry\n")


def test_better_words_are_proposed_although_nobody_is_asked_before_spending(run: Run, tmp_path: Path) -> None:
    code, out, _ = once(run, tmp_path, "--prompt", "a fox", "--enhance")
    assert code == 0
    assert "Which words?" in out
    assert "  Yours: a fox" in out


def test_pictures_and_their_prices(run: Run, tmp_path: Path) -> None:
    (tmp_path / "fox.jpg").write_bytes(photo())
    code, out, _ = once(run, tmp_path, "--image", str(tmp_path / "fox.jpg"), "--dry")
    assert code == 0
    assert "It would cost 45 credits" in out
    assert "from 1 picture" in out


def test_a_picture_that_is_not_there(run: Run, tmp_path: Path) -> None:
    code, out, err = once(run, tmp_path / "out", "--image", "nosuch.jpg")
    assert (code, out, err) == (1, "", "nosuch.jpg: No such file or directory\n")
    assert not (tmp_path / "out").exists()


def test_a_folder_that_is_a_file(run: Run, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("")
    code, out, err = once(run, tmp_path / "out")
    assert (code, out) == (1, "")
    assert f"The folder {tmp_path / 'out'} can't be written: File exists." in err


def test_a_folder_that_may_not_be_written() -> None:
    with tempfile.TemporaryDirectory() as folder:  # pytest's own folders are closed to others
        give(Path(folder))
        Path(folder).chmod(0o500)
        done = klingbot("demo", "--once", "--out", folder)
    assert (done.returncode, done.stdout) == (1, "")
    assert f"To mend it: chmod -R u+rwX {folder}" in done.stderr


def test_a_port_that_is_taken(run: Run, tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        said = run("demo", "--out", str(tmp_path / "out"), "--port", str(port))
    assert (said.code, said.out) == (1, "")
    assert f"Nothing can listen at 127.0.0.1, port {port}: address already in use." in said.err
    assert "--port" in said.err


def test_no_key_of_this_machine_is_used(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAL_BASE_URL", "https://queue.fal.run")
    monkeypatch.setenv("FAL_KEY", "not-even-a-key")
    monkeypatch.setenv("KLINGBOT_DATA", "/nowhere/at/all")
    (tmp_path / ".env").write_text("KLINGBOT_MONTHLY_USD=-1\n")
    code, _, _ = once(run, tmp_path / "out", "--prompt", "a fox --dry")
    assert code == 0
