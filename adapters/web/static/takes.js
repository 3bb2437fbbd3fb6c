/** The contact sheet: every finished video of the channel in small, to find one again and to compare two. */

import { at, button, el, icon } from "./dom.js";
import { filmOf } from "./film.js";
import { gist } from "./messages.js";
import { WORDS } from "./words.js";

const FRAMES = 6;

export class Takes {
  /** `films()` are the messages with a video; `show(id)` goes to one, `compare(id)` picks one, `picked()` are those. */
  constructor({ films, show, compare, picked }) {
    this.films = films;
    this.picked = picked;
    this.drawn = "";
    at("takes").addEventListener("click", (event) => {
      const pressed = event.target.closest("button");
      if (pressed?.dataset.compare) compare(pressed.dataset.compare);
      else if (pressed?.dataset.take) show(pressed.dataset.take);
    });
  }

  /** Draw it again where something changed. */
  draw() {
    const films = this.films();
    at("takes-count").textContent = films.length;
    at("takes-count").hidden = films.length === 0;
    const now = JSON.stringify([films.map((one) => [one.id, one.version]), this.picked()]);
    if (now === this.drawn) return;
    this.drawn = now;
    const focused = document.activeElement?.closest("#takes button");
    const blanks = Array.from({ length: Math.max(0, FRAMES - films.length) }, () =>
      el("li", { class: "blank", "aria-hidden": "true" }),
    );
    const sheet = el("ol", { class: "sheet" }, films.map((one, index) => this.frame(one, index + 1)).reverse(), blanks);
    const hint =
      films.length === 0 ? WORDS.takesNone : this.picked().length === 1 ? WORDS.compareOther : WORDS.takesHint;
    at("takes").replaceChildren(el("p", { class: "small" }, hint), sheet);
    if (focused)
      at("takes")
        .querySelector(`[data-compare="${focused.dataset.compare}"], [data-take="${focused.dataset.take}"]`)
        ?.focus();
  }

  frame(message, number) {
    const film = filmOf(message);
    const title = gist(message);
    const on = this.picked().includes(message.id);
    const poster =
      film.flagged || !film.poster
        ? el("span", { class: "no-poster" }, icon("film"))
        : el("img", { src: film.poster, alt: "", loading: "lazy" });
    return el(
      "li",
      { class: on ? "picked-take" : "", "data-test": "take" },
      button({ class: "still", "data-take": message.id, "aria-label": WORDS.take(number, title), title }, poster),
      el(
        "div",
        { class: "edge" },
        el("span", { class: "frame-number", "aria-hidden": "true" }, `▸ ${number}`),
        el("span", { class: "edge-title", dir: "auto" }, title),
      ),
      button(
        {
          class: "choose",
          "data-compare": message.id,
          "aria-pressed": String(on),
          "aria-label": `${on ? WORDS.compareLess : WORDS.compareMore}: ${title}`,
          title: on ? WORDS.compareLess : WORDS.compareMore,
        },
        icon(on ? "check" : "compare"),
      ),
    );
  }
}
