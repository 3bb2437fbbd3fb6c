/** The commands, offered as soon as a message begins with a slash: what other chats show for theirs. */

import { at, el } from "./dom.js";
import { WORDS } from "./words.js";

/** Every command with its sub-words, as one list. */
export function flat(commands) {
  return commands.flatMap((one) => [
    one,
    ...one.words.map((word) => ({ ...word, name: `${one.name} ${word.name}`, admin: one.admin || word.admin })),
  ]);
}

export class Menu {
  /** `choose(command)` is called for the one taken; `allowed(command)` says whether it is this person's. */
  constructor({ commands, allowed, choose, announce }) {
    this.commands = flat(commands);
    this.allowed = allowed;
    this.choose = choose;
    this.announce = announce;
    this.text = at("text");
    this.node = at("menu");
    this.active = 0;
    this.node.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      const index = [...this.node.children].indexOf(event.target.closest("[role=option]"));
      if (index >= 0) this.take(index);
    });
  }

  get open() {
    return !this.node.hidden;
  }

  /** Follow what stands in the message box. */
  follow() {
    const typed = /^\/([a-z ]*)$/i.exec(this.text.value)?.[1].toLowerCase();
    const found =
      typed === undefined ? [] : this.commands.filter((one) => this.allowed(one) && one.name.startsWith(typed));
    if (found.length !== this.found?.length && found.length > 0) this.announce(WORDS.commands(found.length));
    this.found = found;
    this.active = 0;
    this.draw();
  }

  /** Whether a text begins with a slash and a command's name. */
  named(text) {
    const [first] = text.toLowerCase().split(/\s/, 1);
    return first.startsWith("/") && this.commands.some((one) => `/${one.name}` === first);
  }

  close() {
    this.found = [];
    this.draw();
  }

  /** Whether the menu took the key. */
  key(event) {
    if (!this.open) return false;
    const steps = { ArrowDown: 1, ArrowUp: -1 };
    if (event.key in steps) {
      this.active = (this.active + steps[event.key] + this.found.length) % this.found.length;
      this.draw();
    } else if (event.key === "Enter" || event.key === "Tab") this.take(this.active);
    else if (event.key === "Escape") this.close();
    else return false;
    event.preventDefault();
    return true;
  }

  take(index) {
    const command = this.found[index];
    this.close();
    this.choose(command);
  }

  draw() {
    this.node.hidden = this.found.length === 0;
    this.node.replaceChildren(
      ...this.found.map((one, index) =>
        el(
          "div",
          {
            role: "option",
            id: `menu-${index}`,
            class: "option",
            "aria-selected": String(index === this.active),
            "data-test": "option",
          },
          el("b", {}, one.name),
          el("span", { class: "small" }, one.help),
        ),
      ),
    );
    if (this.found.length > 0) this.text.setAttribute("aria-activedescendant", `menu-${this.active}`);
    else this.text.removeAttribute("aria-activedescendant");
    this.node.children[this.active]?.scrollIntoView({ block: "nearest" });
  }
}
