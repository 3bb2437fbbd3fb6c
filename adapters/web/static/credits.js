/** The person's credits, always in view: asked for after everything that happens, and often while something runs. */

import { read } from "./api.js";
import { at, el } from "./dom.js";

const SOON = 250;
const WHILE_RUNNING = 4000;
const OTHERWISE = 60000;

export class Credits {
  /** `person()` is whose; `busy()` whether something runs. */
  constructor({ person, busy }) {
    this.person = person;
    this.busy = busy;
    this.timer = 0;
  }

  /** Something happened: look soon, once. */
  soon() {
    this.wait(SOON);
  }

  wait(ms) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.look(), ms);
  }

  async look() {
    const person = this.person();
    try {
      const { card } = await read("glance", { person });
      if (person === this.person()) this.draw(card);
    } catch {
      at("credits").dataset.stale = "yes";
    }
    this.wait(this.busy() ? WHILE_RUNNING : OTHERWISE);
  }

  /** The first row is the one that matters most, so it is the biggest. */
  draw(card) {
    const pairs = card.rows.map((row, index) =>
      el("div", { class: index === 0 ? "first" : "" }, el("dt", {}, row.name), el("dd", {}, row.value)),
    );
    const title = card.title && el("h3", {}, card.title);
    const text = card.text && el("p", { class: "small" }, card.text);
    at("credits").replaceChildren(...[title, el("dl", {}, pairs), text].filter(Boolean));
    delete at("credits").dataset.stale;
  }
}
