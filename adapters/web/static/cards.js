/** A card, drawn. */

import { copy, el } from "./dom.js";

const TONES = ["plain", "working", "good", "warning", "bad"];

/** Ask before a press that spends something. Answers whether to go on. */
function agreed(button) {
  if (!button.confirm) return Promise.resolve(true);
  const dialog = document.getElementById("confirm");
  document.getElementById("confirm-question").textContent = button.confirm;
  document.getElementById("confirm-yes").textContent = button.label;
  document.getElementById("confirm-yes").className = `button ${button.style === "danger" ? "danger" : "primary"}`;
  dialog.returnValue = "no";
  dialog.showModal();
  return new Promise((answer) => {
    dialog.addEventListener("close", () => answer(dialog.returnValue === "yes"), { once: true });
  });
}

/** A command to copy. Browsers like to break lines after a hyphen: its flags stay whole. */
function command(text) {
  const pieces = text.split(/(?<=\s)(--[a-z-]{1,20})(?=\s|$)/);
  const code = el("code", { dir: "auto" }, pieces.map((piece, index) => (index % 2 ? el("span", { class: "flag" }, piece) : piece)));
  const button = el("button", { type: "button", class: "quiet", "data-test": "copy" }, "Copy");
  button.addEventListener("click", async () => {
    await copy(text, code);
    button.textContent = "Copied";
    setTimeout(() => (button.textContent = "Copy"), 1500);
  });
  return el("div", { class: "command" }, code, button);
}

function progress(card) {
  if (card.progress === null && card.tone !== "working") return null;
  const value = card.progress === null ? null : Math.min(1, Math.max(0, card.progress));
  const bar = el("progress", { max: 1, value, "aria-label": "Progress" });
  const percent = value === null ? null : el("span", { class: "percent" }, `${Math.round(value * 100)} %`);
  return el("div", { class: "progress" }, bar, percent);
}

function buttons(card, press) {
  const made = card.buttons.map((button) => {
    const props = { type: "button", class: `button ${button.style}`, "data-action": button.action, "data-test": "button" };
    const pressed = async () => (await agreed(button)) && press(button.action);
    return el("button", { ...props, on: { click: pressed } }, button.label);
  });
  return made.length > 0 && el("div", { class: "buttons" }, made);
}

/** The rows of a card, as names and values. */
export function rows(card) {
  if (card.rows.length === 0) return null;
  const pairs = card.rows.map((row) => el("div", {}, el("dt", {}, row.name), el("dd", { dir: "auto" }, row.value)));
  return el("dl", { class: "rows" }, pairs);
}

/** Draw a card. `press(action)` is called for its buttons. */
export function drawCard(card, press) {
  const tone = TONES.includes(card.tone) ? card.tone : "plain";
  return el(
    "div",
    { class: `card ${tone}`, "data-test": "card", "data-tone": tone },
    card.title && el("h4", { dir: "auto" }, card.title),
    card.text && el("p", { class: "text", dir: "auto" }, card.text),
    card.picture && el("img", { class: "picture", src: card.picture, alt: card.alt, loading: "lazy" }),
    progress(card),
    rows(card),
    card.command && command(card.command),
    buttons(card, press),
    card.footer && el("p", { class: "footer small", dir: "auto" }, card.footer),
    el("p", { class: "problem", role: "alert", hidden: true }),
  );
}
