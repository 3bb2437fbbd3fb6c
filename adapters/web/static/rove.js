/** The keyboard in the list of messages: one stop for Tab, arrows from message to message, Tab inside the one. */

const INSIDE = "button, a[href], video, summary, select, input";
const STEPS = { ArrowUp: -1, ArrowDown: 1 };

export class Rove {
  /** `reply(id)` and `leave()` are called for the keys R and Escape. */
  constructor(log, { reply, leave }) {
    this.log = log;
    this.active = null;
    this.actions = { reply, leave };
    log.addEventListener("keydown", (event) => this.key(event));
    log.addEventListener("focusin", (event) => this.activate(event.target.closest(".message")));
    new MutationObserver((changes) => this.changed(changes)).observe(log, { childList: true, subtree: true });
  }

  get messages() {
    return [...this.log.querySelectorAll(".message:not([hidden])")];
  }

  /** What is drawn anew can be reached from its own message only; while nobody is in the list, the last is active. */
  changed(changes) {
    for (const { addedNodes } of changes) {
      for (const node of addedNodes) if (node.nodeType === Node.ELEMENT_NODE) this.close(node);
    }
    if (!this.active?.isConnected || !this.log.contains(document.activeElement))
      this.activate(this.messages.at(-1) ?? null);
  }

  close(node) {
    const inside = [...node.querySelectorAll(INSIDE), ...(node.matches(INSIDE) ? [node] : [])];
    for (const one of inside) {
      const message = one.closest(".message");
      if (message) one.tabIndex = message === this.active ? 0 : -1;
    }
  }

  activate(message) {
    if (!message && this.active?.isConnected) return;
    const old = this.active;
    if (old === message) return;
    this.active = message;
    if (old) {
      old.tabIndex = -1;
      this.close(old);
    }
    if (message) {
      message.tabIndex = 0;
      this.close(message);
    }
  }

  key(event) {
    if (event.key === "Escape") {
      event.preventDefault();
      if (event.target === this.active) this.actions.leave();
      else this.active?.focus();
      return;
    }
    if (event.target !== this.active || event.ctrlKey || event.metaKey || event.altKey) return;
    const all = this.messages;
    const ends = { Home: all[0], End: all.at(-1) };
    const next = ends[event.key] ?? (event.key in STEPS ? all[all.indexOf(this.active) + STEPS[event.key]] : null);
    if (next) {
      event.preventDefault();
      next.focus({ preventScroll: true });
      next.scrollIntoView({ block: "nearest" });
    } else if (event.key.toLowerCase() === "r") {
      event.preventDefault();
      this.actions.reply(this.active.id.slice(2));
    }
  }
}
