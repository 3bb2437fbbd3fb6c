/** The messages of one channel: each drawn once, and again only where it changed. */

import { copyFrom, drawCard, drawFolded, frame } from "./cards.js";
import { at, button, clock, el, icon, morph } from "./dom.js";
import { drawFile, filmOf } from "./film.js";
import { Threads } from "./threads.js";
import { WORDS } from "./words.js";

function avatar(from) {
  if (from.bot) return el("img", { class: "avatar", src: "/web/static/icon.svg", alt: "", width: 32, height: 32 });
  return el(
    "span",
    { class: "avatar", "aria-hidden": "true", "data-person": from.id },
    Array.from(from.name)[0] || "?",
  );
}

/** One line that tells what a message is. */
export function gist(message) {
  const words = message.card ? message.card.title || message.card.text : message.text;
  return words.replace(/\s+/g, " ").slice(0, 80) || WORDS.withPicture;
}

/** What a screen reader says of a message before it is read. */
function label(message) {
  return `${message.from.name}, ${clock(message.at).textContent}: ${gist(message)}`;
}

/** Holds what is known of one channel and keeps the page in step with it. */
export class Messages {
  /** `press(id, action)` and `reply(id)` are called for what is clicked, `compare(id)` for a video to compare. */
  constructor({ press, reply, compare }) {
    this.list = at("messages");
    this.threads = new Threads(this.list);
    this.clear();
    this.list.addEventListener("error", (event) => event.target.matches(".roles img") && event.target.remove(), true);
    this.list.addEventListener("click", (event) => {
      const pressed = event.target.closest("button");
      const id = pressed?.closest(".message")?.id.slice(2);
      if (!id) return;
      if (pressed.dataset.action) press(id, pressed.dataset.action);
      else if (pressed.dataset.copy !== undefined) copyFrom(pressed);
      else if (pressed.dataset.compare) compare(pressed.dataset.compare);
      else if (pressed.matches(".reply")) reply(id);
    });
  }

  /** Forget everything: another channel, another person. */
  clear() {
    this.known = new Map();
    this.gone = new Set();
    this.threads.clear();
  }

  /** Whether anything is being worked on. */
  get busy() {
    return [...this.known.values()].some((message) => message.card?.tone === "working");
  }

  /** Whether there is nothing to see. */
  get empty() {
    return this.known.size === 0;
  }

  /** The messages with a finished video, oldest first. */
  get films() {
    return [...this.known.values()].filter(filmOf).sort((one, other) => (one.id < other.id ? -1 : 1));
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
    if (filmOf(message)) this.foldStatus(message);
    const drawn = this.draw(message);
    this.threads.put(message, drawn);
    return drawn;
  }

  /** Take many in at once. */
  takeAll(messages) {
    this.threads.together(() => messages.forEach((message) => this.take(message)));
  }

  /** Take a message away. */
  remove(id) {
    this.gone.add(id);
    this.known.delete(id);
    this.threads.remove(id);
  }

  draw(message) {
    const time = clock(message.at);
    const { from } = message;
    const head = el(
      "header",
      {},
      el("b", {}, from.name),
      from.bot && el("span", { class: "tag" }, WORDS.bot),
      time,
      message.private && el("span", { class: "private" }, WORDS.private),
    );
    const reply = button(
      { class: "quiet reply", "aria-label": WORDS.replyTo(from.name), title: WORDS.reply, "data-test": "reply" },
      icon("reply"),
    );
    const takes = message.files.map((file, index) => drawFile(file, message.id, index === 0 && reply));
    const props = {
      class: takes.length > 0 ? "message take" : "message",
      id: `m-${message.id}`,
      "data-from": from.id || "bot",
    };
    return el(
      "article",
      {
        ...props,
        "aria-label": label(message),
        tabindex: -1,
        "data-test": "message",
      },
      avatar(from),
      el("div", { class: "body" }, head, this.said(message), takes, this.card(message)),
      takes.length === 0 && reply,
    );
  }

  said(message) {
    const thumbs = message.thumbs.map((src, index) => {
      const image = el("img", { class: "thumb", src, alt: WORDS.picture(index + 1) });
      const link = message.pictures[index];
      if (!link) return image;
      return el(
        "a",
        { href: link, target: "_blank", rel: "noopener", "aria-label": WORDS.pictureOf(index + 1, message.from.name) },
        image,
      );
    });
    return [
      message.text && el("p", { class: "text", dir: "auto" }, message.text),
      thumbs.length > 0 && el("div", { class: "thumbs" }, thumbs),
    ];
  }

  card(message, waiting = false) {
    const { card } = message;
    if (!card) return null;
    const running = card.tone === "working" && card.job;
    if (!running && !waiting) return this.filmFor(message) ? drawFolded(card) : drawCard(card);
    return drawCard(card, frame(card.pictures[0]?.url ?? this.pictureOf(message), running ? card.progress : 1));
  }

  /** The video that came of a status card, if it is there. */
  filmFor(message) {
    const ended = message.card.job && message.card.tone === "good" && message.files.length === 0 && !message.private;
    return (
      ended &&
      [...this.known.values()].find(
        (one) => one.thread === message.thread && one.card?.job === message.card.job && filmOf(one),
      )
    );
  }

  /** A video is there: what told how it was getting on folds to a line. */
  foldStatus(film) {
    for (const message of this.known.values()) {
      if (message === film || message.card?.job !== film.card?.job || message.thread !== film.thread) continue;
      const old = this.cardNode(message.id);
      if (old && !old.matches("details") && this.filmFor(message)) old.replaceWith(drawFolded(message.card));
    }
  }

  /** The first picture of what began a thread. */
  pictureOf(message) {
    return this.known.get(message.thread)?.thumbs[0] ?? null;
  }

  cardNode(id) {
    return at(`m-${id}`)?.querySelector(":scope > .body > .card, :scope > .body > details.folded") ?? null;
  }

  /** Change the card where it stands: files stay, so that a video plays on, and so do focus and motion. */
  redraw(message) {
    const old = this.cardNode(message.id);
    if (!old || !message.card) return;
    at(`m-${message.id}`).setAttribute("aria-label", label(message));
    const framed = old.querySelector(":scope > .frame") !== null;
    const fresh = this.card(message, framed && message.card.tone === "good");
    if (framed) old.style.minHeight = `${old.offsetHeight}px`; // what is below stays where it is
    if (fresh.nodeName !== old.nodeName) old.replaceWith(fresh);
    else {
      const done = fresh.querySelector(":scope > .frame")?.style.getPropertyValue("--done");
      const focused = old.contains(document.activeElement);
      morph(old, fresh);
      if (done) old.querySelector(":scope > .frame").style.setProperty("--done", done);
      if (framed && !done) old.style.minHeight = "";
      if (focused && !old.contains(document.activeElement)) at(`m-${message.id}`).focus({ preventScroll: true });
    }
  }
}
