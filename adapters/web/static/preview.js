/** What the unsent would come to, while it is being written: a line above the buttons. */

import { sendPreview } from "./api.js";
import { at, el, later } from "./dom.js";
import { WORDS } from "./words.js";

const PAUSE = 280;

export class Preview {
  /** `draft()` is what stands in the composer, null where that is nothing. */
  constructor(draft) {
    this.draft = draft;
    this.node = at("preview");
    this.under = null;
    this.look = later(PAUSE, () => this.ask());
  }

  /** Something changed: look soon. What is shown fades, because it may not be true any more. */
  soon() {
    this.under?.abort();
    if (this.draft() === null) this.show(null);
    else {
      this.node.dataset.stale = "yes";
      this.look();
    }
  }

  async ask() {
    const draft = this.draft();
    if (draft === null) return;
    this.under?.abort();
    this.under = new AbortController();
    const { signal } = this.under;
    try {
      const { card } = await sendPreview(draft, signal);
      if (!signal.aborted && this.draft() !== null) this.show(card);
    } catch {
      if (!signal.aborted) this.show(null);
    }
  }

  /** The facts of the card in a row; its words only where something is wrong: one sees what one has written. */
  show(card) {
    delete this.node.dataset.stale;
    this.node.dataset.tone = card?.tone ?? "";
    const title = card?.title && el("b", { dir: "auto" }, card.title);
    const rows = (card?.rows ?? []).map((row) => el("span", { dir: "auto" }, el("i", {}, row.name), " ", row.value));
    const pictures = (card?.pictures ?? []).map((one, index) =>
      el("span", {}, el("i", {}, WORDS.picture(index + 1)), " ", one.label),
    );
    const text = card?.tone !== "plain" && card?.text && el("span", { dir: "auto" }, card.text);
    this.node.replaceChildren(...[title, ...rows, ...pictures, text].filter(Boolean));
    this.node.classList.toggle("open", this.node.childElementCount > 0);
  }
}
