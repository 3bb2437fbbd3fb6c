/** What stands at the side: a channel's takes, or an administrator's desk. On a small screen it covers the chat. */

import { at } from "./dom.js";

const WIDE = matchMedia("(min-width: 1180px)");

export class Side {
  /** `parts` by name: `{title, open()}`. */
  constructor(parts) {
    this.parts = parts;
    this.name = null;
    this.opener = null;
    for (const name of Object.keys(parts)) {
      at(`open-${name}`).addEventListener("click", () => (this.name === name ? this.close() : this.open(name, true)));
    }
    at("side-close").addEventListener("click", () => this.close());
    at("side").addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      event.preventDefault();
      this.close();
    });
    WIDE.addEventListener("change", () => this.cover());
  }

  /** Show a part; `byHand` moves the focus into it where it covers the rest. */
  open(name, byHand = false) {
    this.name = name;
    this.opener = at(`open-${name}`);
    at("side").hidden = false;
    at("side-title").textContent = this.parts[name].title;
    for (const other of Object.keys(this.parts)) {
      at(other).hidden = other !== name;
      at(`open-${other}`).setAttribute("aria-expanded", String(other === name));
    }
    this.cover();
    this.parts[name].open();
    if (byHand) at("side").focus({ preventScroll: true });
    sessionStorage.setItem("side", name);
  }

  close() {
    if (!this.name) return;
    at(`open-${this.name}`).setAttribute("aria-expanded", "false");
    at("side").hidden = true;
    this.name = null;
    this.cover();
    sessionStorage.setItem("side", "");
    this.opener?.focus();
  }

  /** What is covered can't be reached either. */
  cover() {
    const covers = this.name !== null && !WIDE.matches;
    document.body.classList.toggle("covered", covers);
    at("main").inert = covers;
    document.querySelector(".rail").inert = covers;
  }

  /** As it was left; where there is room, with the takes in view. */
  begin() {
    const left = sessionStorage.getItem("side");
    if (WIDE.matches && left !== "") this.open(left in this.parts && !at(`open-${left}`).hidden ? left : "takes");
  }
}
