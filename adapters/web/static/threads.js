/** Threads under what began them, in the order of time, with the days between them. */

import { button, day, el } from "./dom.js";
import { WORDS } from "./words.js";

const SHOWN_REPLIES = 6;
const CLOSE = 5 * 60 * 1000;

export class Threads {
  constructor(list) {
    this.list = list;
    this.waiting = null; // threads to be put in order when many messages came at once
    this.clear();
  }

  clear() {
    this.byRoot = new Map();
    this.list.replaceChildren();
  }

  /** Put a drawn message into its thread. */
  put(message, drawn) {
    const thread = this.threadOf(message);
    if (message.id === thread.dataset.root) thread.prepend(drawn);
    else this.insert(thread.lastElementChild, drawn);
    if (this.waiting) this.waiting.add(thread);
    else this.fold(thread);
  }

  /** Do something that puts many messages, and order them once. */
  together(work) {
    this.waiting = new Set();
    work();
    const touched = this.waiting;
    this.waiting = null;
    touched.forEach((thread) => this.fold(thread));
    this.days();
  }

  remove(id) {
    const node = document.getElementById(`m-${id}`);
    const thread = node?.closest(".thread");
    node?.remove();
    if (!thread) return;
    if (thread.querySelector(".message")) this.fold(thread);
    else {
      this.byRoot.delete(thread.dataset.root);
      thread.remove();
      this.days();
    }
  }

  threadOf(message) {
    const root = message.thread || message.id;
    const found = this.byRoot.get(root);
    if (found) return found;
    const unfold = button({ class: "quiet unfold", hidden: true });
    const props = {
      class: "thread",
      id: `t-${root}`,
      "data-root": root,
      "data-at": Number(root.slice(0, 13)),
      "data-test": "thread",
    };
    const thread = el("section", props, el("div", { class: "replies" }, unfold));
    unfold.addEventListener("click", () => {
      thread.dataset.open = "yes";
      this.fold(thread);
      thread.querySelector(".replies > .message").focus({ preventScroll: true });
    });
    this.byRoot.set(root, thread);
    this.insert(this.list, thread);
    if (!this.waiting) this.days();
    return thread;
  }

  /** Put an element where its id belongs; ids sort by time. */
  insert(parent, node) {
    let before = parent.lastElementChild;
    while (before && !(before.id && before.id < node.id)) before = before.previousElementSibling;
    if (before) before.after(node);
    else if (parent === this.list) parent.prepend(node);
    else parent.firstElementChild.after(node);
  }

  /** Fold a long thread to its last few replies; what one says in a row has one head. */
  fold(thread) {
    const replies = [...thread.querySelectorAll(".replies > .message")];
    const folded = replies.length > SHOWN_REPLIES && !thread.dataset.open ? replies.length - SHOWN_REPLIES + 2 : 0;
    replies.forEach((reply, index) => {
      reply.hidden = index < folded;
      const before = index > folded ? replies[index - 1] : null;
      reply.classList.toggle("goes-on", before !== null && sameSpeaker(before, reply));
    });
    const unfold = thread.querySelector(".unfold");
    unfold.hidden = folded === 0;
    unfold.textContent = WORDS.earlier(folded);
  }

  /** Name each day above its first thread. */
  days() {
    this.list.querySelectorAll(".day").forEach((node) => node.remove());
    let before = "";
    for (const thread of [...this.list.children]) {
      const name = day(Number(thread.dataset.at));
      if (name !== before) thread.before(el("h3", { class: "day" }, el("span", {}, name)));
      before = name;
    }
  }
}

function sameSpeaker(one, other) {
  const secret = (node) => node.querySelector(":scope > .body > header > .private") !== null;
  const near = Number(other.id.slice(2, 15)) - Number(one.id.slice(2, 15)) < CLOSE;
  return near && one.dataset.from === other.dataset.from && secret(one) === secret(other);
}
