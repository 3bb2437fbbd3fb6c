/** Videos, pictures and other files under a message. */

import { el, size } from "./dom.js";

function download(file) {
  const text = `Download · ${size(file.size)}`;
  return el("a", { class: "download small", href: file.url, download: file.name, "data-test": "download" }, text);
}

function video(file) {
  const props = { src: file.url, poster: file.poster, controls: true, loop: true, playsinline: true };
  return el("video", { ...props, preload: "metadata", "aria-label": file.alt || file.name, title: file.alt, "data-test": "video" });
}

function shown(file) {
  if (file.mime === "video/mp4") return video(file);
  if (file.mime === "image/jpeg" || file.mime === "image/png") {
    return el("img", { class: "picture", src: file.url, alt: file.alt, loading: "lazy" });
  }
  return el("p", {}, file.name);
}

/** A file that its provider flagged stays covered until somebody wants to see it. */
function covered(file) {
  const cover = el("button", { type: "button", class: "cover", "data-test": "cover" }, "Flagged by the provider · Show");
  cover.addEventListener("click", () => cover.replaceWith(shown(file)));
  return cover;
}

/** Draw a file with its download. A video that can't be played any more says so. */
export function drawFile(file) {
  const missing = el("p", { class: "missing small", hidden: true }, "This file can’t be shown. It may not be kept any more.");
  const figure = el("figure", { class: "file" }, file.flagged ? covered(file) : shown(file), missing, download(file));
  figure.addEventListener("error", () => (missing.hidden = false), { capture: true });
  return figure;
}
