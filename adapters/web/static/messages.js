/** The list of messages: threads under what began them, newest below, each message drawn again only where it changed. */

import { drawCard } from "./cards.js";
import { at, clock, day, el } from "./dom.js";
import { drawFile } from "./files.js";

const SHOWN_REPLIES = 6;

function avatar(from) {
  if (from.bot) return el("img", { class: "avatar", src: "/web/static/icon.svg", alt: "", width: 32, height: 32 });
  return el("span", { class: "avatar", "aria-hidden": "true", "data-person": from.id }, Array.from(from.name)[0] || "?");
}

/** One line that tells what a message is. */
export function gist(message) {
  const words = message.card ? message.card.title || message.card.text : message.text;
  return words.replace(/\s+/g, " ").slice(0, 80) || "a picture";
}

/** Holds what is known of one channel and keeps the page in step with it. */
export class Messages {
  constructor({ press, reply }) {
    this.press = press;
    this.reply = reply;
    this.list = at("messages");
    this.clear();
  }

  /** Forget everything: another channel, another person. */
  clear() {
    this.known = new Map();
    this.gone = new Set();
    this.list.replaceChildren();
  }

  /** Whether anything is being worked on. */
  get busy() {
    return [...this.known.values()].some((message) => message.card?.tone === "working");
  }

  /** Whether there is nothing to see. */
  get empty() {
    return this.known.size === 0;
  }

  /** Take a message in; older news than what is shown are ignored. Answers with its element where it is new here. */
  take(message) {
    const old = this.known.get(message.id);
    if (this.gone.has(message.id) || (old && old.version >= message.version)) return null;
    this.known.set(message.id, message);
    if (old) {
      this.redraw(message);
      return null;
    }
    const drawn = this.draw(message);
    const thread = this.threadOf(message);
    if (message.id === thread.dataset.root) thread.prepend(drawn);
    else this.insert(thread.querySelector(".replies"), drawn);
    this.fold(thread);
    return drawn;
  }

  /** Take a message away. */
  remove(id) {
    this.gone.add(id);
    this.known.delete(id);
    const node = at(`m-${id}`);
    const thread = node?.closest(".thread");
    node?.remove();
    if (thread && !thread.querySelector(".message")) thread.remove();
    this.days();
  }

  /** The thread an element belongs to, made where it is new. */
  threadOf(message) {
    const root = message.thread || message.id;
    const found = at(`t-${root}`);
    if (found) return found;
    const unfold = el("button", { type: "button", class: "quiet unfold", hidden: true });
    const thread = el(
      "section",
      { class: "thread", id: `t-${root}`, "data-root": root, "data-at": Number(root.slice(0, 13)), "data-test": "thread" },
      el("div", { class: "replies" }, unfold),
    );
    unfold.addEventListener("click", () => {
      thread.dataset.open = "yes";
      this.fold(thread);
    });
    this.insert(this.list, thread);
    this.days();
    return thread;
  }

  /** Put an element where its id belongs; ids sort by time. */
  insert(parent, node) {
    const later = [...parent.children].reverse().find((other) => other.id && other.id < node.id);
    if (later) later.after(node);
    else if (parent === this.list) parent.prepend(node);
    else parent.append(node);
  }

  /** Fold a long thread to its last few replies. */
  fold(thread) {
    const replies = [...thread.querySelectorAll(".replies > .message")];
    const folded = replies.length > SHOWN_REPLIES && !thread.dataset.open ? replies.length - SHOWN_REPLIES + 2 : 0;
    replies.forEach((reply, index) => (reply.hidden = index < folded));
    const unfold = thread.querySelector(".unfold");
    unfold.hidden = folded === 0;
    unfold.textContent = `Show ${folded} earlier replies`;
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

  draw(message) {
    const time = clock(message.at);
    const { from } = message;
    const head = el(
      "header",
      {},
      el("b", {}, from.name),
      from.bot && el("span", { class: "tag" }, "bot"),
      time,
      message.private && el("span", { class: "private" }, "Only you see this"),
      el("button", { type: "button", class: "quiet reply", "data-test": "reply", on: { click: () => this.reply(message.id) } }, "Reply"),
    );
    return el(
      "article",
      { class: "message", id: `m-${message.id}`, "aria-label": `${from.name}, ${time.textContent}`, "data-test": "message" },
      avatar(from),
      el("div", { class: "body" }, head, this.said(message), message.files.map(drawFile), this.card(message)),
    );
  }

  said(message) {
    const thumbs = message.thumbs.map((src, index) => el("img", { class: "thumb", src, alt: `Picture ${index + 1}` }));
    return [
      message.text && el("p", { class: "text", dir: "auto" }, message.text),
      thumbs.length > 0 && el("div", { class: "thumbs" }, thumbs),
    ];
  }

  card(message) {
    return message.card && drawCard(message.card, (action) => this.press(message.id, action));
  }

  /** Draw the card again; files stay, so that a video plays on, and so does the focus on a button. */
  redraw(message) {
    const old = at(`m-${message.id}`)?.querySelector(".card");
    if (!old || !message.card) return;
    const focused = old.contains(document.activeElement) ? document.activeElement.dataset.action : undefined;
    const drawn = this.card(message);
    old.replaceWith(drawn);
    const again = [...drawn.querySelectorAll("[data-action]")].find((button) => button.dataset.action === focused);
    if (focused !== undefined) (again || at("log")).focus({ preventScroll: true });
  }
}
