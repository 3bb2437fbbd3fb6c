/** Two videos side by side, played as one. */

import { rowsOf } from "./cards.js";
import { at, button, el, icon } from "./dom.js";
import { filmOf } from "./film.js";
import { gist } from "./messages.js";
import { WORDS } from "./words.js";

const APART = 0.12; // seconds that two videos may drift before the second is put right

export class Compare {
  /** `find(id)` is a message; `changed()` is called when the choice is another. */
  constructor({ find, changed, announce }) {
    this.find = find;
    this.changed = changed;
    this.announce = announce;
    this.picked = [];
    this.dialog = at("compare");
    this.dialog.addEventListener("close", () => {
      this.films?.forEach((film) => film.pause());
      this.dialog.replaceChildren();
      this.picked = [];
      this.mark();
    });
  }

  /** Pick a video, or let it go; the second one opens them. */
  pick(id) {
    this.picked = this.picked.includes(id)
      ? this.picked.filter((other) => other !== id)
      : [...this.picked, id].slice(-2);
    this.mark();
    if (this.picked.length === 2) this.open();
    else if (this.picked.length === 1) this.announce(WORDS.compareOther);
  }

  clear() {
    this.picked = [];
  }

  mark() {
    document
      .querySelectorAll("#messages [data-compare]")
      .forEach((one) => one.setAttribute("aria-pressed", String(this.picked.includes(one.dataset.compare))));
    this.changed();
  }

  open() {
    const sides = this.picked.map((id) => this.side(this.find(id)));
    this.films = sides.map((side) => side.querySelector("video"));
    const close = button(
      { class: "round", "aria-label": WORDS.close, on: { click: () => this.dialog.close() } },
      icon("close"),
    );
    const pair = el("div", { class: "pair" }, sides);
    this.dialog.replaceChildren(
      el("header", {}, el("h2", { id: "compare-title" }, WORDS.compare), close),
      pair,
      this.controls(pair),
    );
    this.dialog.showModal();
    this.dialog.querySelector(".play-both").focus();
  }

  side(message) {
    const film = filmOf(message);
    const video = el("video", {
      src: film.url,
      poster: film.poster,
      loop: true,
      playsinline: true,
      preload: "auto",
      "aria-label": film.alt || film.name,
    });
    video.muted = true;
    return el(
      "figure",
      { "data-test": "compared" },
      el("div", { class: "stage" }, video),
      el("figcaption", {}, el("h3", { dir: "auto" }, gist(message)), message.card && rowsOf(message.card)),
    );
  }

  controls(pair) {
    const [lead, follow] = this.films;
    const play = button(
      { class: "button primary play-both", "data-test": "play-both" },
      icon("play"),
      el("span", {}, WORDS.playBoth),
    );
    const seek = el("input", {
      type: "range",
      min: 0,
      max: 1000,
      value: 0,
      "aria-label": WORDS.position,
      "data-test": "seek",
    });
    const swap = button(
      { class: "button", on: { click: () => pair.append(pair.firstElementChild) } },
      icon("swap"),
      el("span", {}, WORDS.swap),
    );
    const show = () => {
      play.replaceChildren(
        icon(lead.paused ? "play" : "pause"),
        el("span", {}, lead.paused ? WORDS.playBoth : WORDS.pause),
      );
    };
    play.addEventListener("click", () => {
      if (!lead.paused) return this.films.forEach((film) => film.pause());
      follow.currentTime = lead.currentTime;
      return this.films.forEach((film) => film.play().catch(() => {}));
    });
    lead.addEventListener("play", show);
    lead.addEventListener("pause", show);
    lead.addEventListener("timeupdate", () => {
      if (Math.abs(follow.currentTime - lead.currentTime) > APART && follow.duration > lead.currentTime)
        follow.currentTime = lead.currentTime;
      if (document.activeElement !== seek || !lead.paused)
        seek.value = String(Math.round((lead.currentTime / (lead.duration || 1)) * 1000));
    });
    seek.addEventListener("input", () => {
      for (const film of this.films) if (film.duration) film.currentTime = (Number(seek.value) / 1000) * lead.duration;
    });
    return el("div", { class: "controls" }, play, seek, swap);
  }
}
