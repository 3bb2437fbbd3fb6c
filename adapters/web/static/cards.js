/** A card, drawn. Its buttons carry what they do; the list of messages and the desk listen for them. */

import { button, copy, el, flagged, icon } from "./dom.js";
import { WORDS } from "./words.js";

const TONES = { plain: "info", working: null, good: "check", warning: "alert", bad: "close" };
const MOST_FACTS = 4;
const LONGEST_FACT = 34;

/** The mark of a card's tone: a ring that turns while something is being worked on. */
function mark(tone) {
  return el(
    "span",
    { class: "mark", "aria-hidden": "true" },
    TONES[tone] ? icon(TONES[tone]) : el("span", { class: "ring" }),
  );
}

function command(text) {
  const copying = button({ class: "quiet", "data-copy": text, "data-test": "copy" }, WORDS.copy);
  return el("div", { class: "command" }, el("code", { dir: "auto" }, flagged(text)), copying);
}

function progress(card) {
  if (card.progress === null && card.tone !== "working") return null;
  const value = card.progress === null ? null : Math.min(1, Math.max(0, card.progress));
  const bar = el("progress", { max: 1, value, "aria-label": WORDS.progress });
  return el(
    "div",
    { class: "progress" },
    bar,
    el("span", { class: "percent" }, value === null ? "" : `${Math.round(value * 100)} %`),
  );
}

function buttons(card) {
  if (card.buttons.length === 0 && card.tone !== "working") return null;
  const made = card.buttons.map((one) =>
    button({ class: `button ${one.style}`, "data-action": one.action, "data-test": "button" }, one.label),
  );
  return el("div", { class: "buttons" }, made);
}

/** The rows of a card: a few short facts side by side, anything else as a list. */
export function rowsOf(card) {
  if (card.rows.length === 0) return null;
  const short = card.rows.length <= MOST_FACTS && card.rows.slice(1).every((row) => row.value.length <= LONGEST_FACT);
  const pairs = card.rows.map((row) =>
    el("div", { "data-key": row.name }, el("dt", { dir: "auto" }, row.name), el("dd", { dir: "auto" }, row.value)),
  );
  return el("dl", { class: short ? "rows facts" : "rows list" }, pairs);
}

/** The pictures of a request with what each is for. */
function pictures(card) {
  if (card.pictures.length === 0) return null;
  const made = card.pictures.map((one, index) => {
    const image = one.url && el("img", { src: one.url, alt: "", width: 96, height: 54, loading: "lazy" });
    return el("figure", { "data-key": index }, image, el("figcaption", {}, one.label));
  });
  return el("div", { class: "roles" }, made);
}

/** Where the video is going to appear; it comes up like a print in its bath. */
export function frame(source, done) {
  const stage = el("div", { class: done === null ? "frame waiting" : "frame", "aria-hidden": "true" });
  if (source) stage.append(el("img", { src: source, alt: "" }));
  stage.append(el("span", { class: "shimmer" }));
  stage.style.setProperty("--done", done ?? 0);
  return stage;
}

/** Draw a card. `before` goes to its top. */
export function drawCard(card, before = null) {
  const tone = card.tone in TONES ? card.tone : "plain";
  return el(
    "div",
    { class: `card ${tone}`, "data-test": "card", "data-tone": tone },
    before,
    card.title && el("div", { class: "title" }, mark(tone), el("h4", { dir: "auto" }, card.title)),
    card.text && el("p", { class: "text", dir: "auto" }, flagged(card.text)),
    card.picture && el("img", { class: "picture", src: card.picture, alt: card.alt, loading: "lazy" }),
    pictures(card),
    progress(card),
    rowsOf(card),
    card.command && command(card.command),
    buttons(card),
    card.footer && el("p", { class: "footer small", dir: "auto" }, card.footer),
    el("p", { class: "problem", role: "alert", hidden: true }),
  );
}

/** A card of something that is over and done with: one line, and all of it when opened. */
export function drawFolded(card) {
  const inside = drawCard(card);
  inside.querySelector(":scope > .title")?.remove();
  const summary = el("summary", {}, mark(card.tone), el("span", { class: "folded-title", dir: "auto" }, card.title));
  return el("details", { class: `folded ${card.tone}` }, summary, inside);
}

/** Copy the command beside a button. */
export async function copyFrom(copying) {
  await copy(copying.dataset.copy, copying.previousElementSibling);
  copying.textContent = WORDS.copied;
  setTimeout(() => (copying.textContent = WORDS.copy), 1500);
}
