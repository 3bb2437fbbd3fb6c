/** Videos, pictures and other files of a message: the thing it is all about, so they come first and large. */

import { button, el, icon, size } from "./dom.js";
import { WORDS } from "./words.js";

/** Whether a message shows a finished video. */
export function filmOf(message) {
  return message.files.find((file) => file.mime === "video/mp4") ?? null;
}

/** A stage keeps its place while the poster loads, then takes the poster's shape. */
function shaped(stage, poster) {
  if (!poster) return;
  const picture = new Image();
  picture.addEventListener(
    "load",
    () => (stage.style.aspectRatio = `${picture.naturalWidth} / ${picture.naturalHeight}`),
  );
  picture.src = poster;
}

function video(file) {
  const name = file.alt || file.name;
  const film = el("video", {
    src: file.url,
    poster: file.poster,
    loop: true,
    playsinline: true,
    preload: file.poster ? "none" : "metadata",
    "aria-label": name,
    "data-test": "video",
  });
  const play = button({ class: "play", "aria-label": WORDS.play(name), "data-test": "play" }, icon("play"));
  const stage = el("div", { class: "stage" }, film, play);
  const begun = () => {
    film.controls = true;
    play.remove();
  };
  play.addEventListener("click", () => {
    film.play().catch(() => {});
    film.focus({ preventScroll: true });
  });
  film.addEventListener("play", begun, { once: true });
  film.addEventListener("click", () => play.isConnected && film.play().catch(() => {}));
  shaped(stage, file.poster);
  return stage;
}

function shown(file) {
  if (file.mime === "video/mp4") return video(file);
  if (file.mime === "image/jpeg" || file.mime === "image/png")
    return el("img", { class: "picture", src: file.url, alt: file.alt, loading: "lazy" });
  return el("p", { class: "file-name" }, file.name);
}

/** A file that its provider flagged stays covered until somebody wants to see it. */
function covered(file) {
  const cover = button({ class: "cover", "data-test": "cover" }, WORDS.flagged);
  cover.addEventListener("click", () => cover.replaceWith(shown(file)));
  return cover;
}

/** What can be done with a file, beside playing it. */
function deeds(file, id, reply) {
  const save = el(
    "a",
    { class: "quiet download", href: file.url, download: file.name, "data-test": "download" },
    icon("down"),
    el("span", {}, WORDS.download(size(file.size))),
  );
  if (file.mime !== "video/mp4") return el("figcaption", {}, reply, save);
  const props = {
    type: "button",
    class: "quiet",
    "data-compare": id,
    "aria-pressed": "false",
    "data-test": "compare-pick",
  };
  return el("figcaption", {}, reply, save, el("button", props, icon("compare"), el("span", {}, WORDS.compare)));
}

/** Draw a file of the message with that id, with a button to answer it. A video that is gone says so. */
export function drawFile(file, id, reply) {
  const missing = el("p", { class: "missing small", hidden: true }, WORDS.missing);
  const figure = el(
    "figure",
    { class: "file" },
    file.flagged ? covered(file) : shown(file),
    missing,
    deeds(file, id, reply),
  );
  figure.addEventListener("error", () => (missing.hidden = false), { capture: true });
  return figure;
}
