/** Questions and forms over the page. The browser keeps the focus in them, Escape closes them, and it goes back. */

import { Problem } from "./api.js";
import { at, button, el, tell } from "./dom.js";
import { drawField } from "./fields.js";
import { WORDS, wordsFor } from "./words.js";

/** Ask before a press that spends something. Answers whether to go on. */
export function agreed(button) {
  if (!button.confirm) return Promise.resolve(true);
  const dialog = at("confirm");
  at("confirm-question").textContent = button.confirm;
  at("confirm-yes").textContent = button.label;
  at("confirm-yes").className = `button ${button.style === "danger" ? "danger" : "primary"}`;
  dialog.returnValue = "no";
  dialog.showModal();
  return new Promise((answer) => {
    dialog.addEventListener("close", () => answer(dialog.returnValue === "yes"), { once: true });
  });
}

/** What was filled in: texts by name, and pictures with the field they were put into. */
function filledIn(fields) {
  const values = Object.fromEntries(fields.filter((one) => one.filled).map((one) => [one.field.name, one.value]));
  const pictures = fields.flatMap((one) => one.files.map((file) => ({ file, role: one.field.name })));
  return { values, pictures };
}

/** The inside of a form: its fields and buttons. `send({values, pictures})` may throw a Problem, which is shown. */
export function drawForm(form, { person, send, extra = null }) {
  const fields = form.fields.map((field) => drawField(field, person));
  const problem = el("p", { class: "problem", role: "alert", hidden: true });
  const submit = el("button", { type: "submit", class: "button primary", "data-test": "form-submit" }, form.submit);
  const node = el(
    "form",
    { class: "fields" },
    fields.map((one) => one.node),
    problem,
    el("div", { class: "buttons" }, extra, submit),
  );
  node.addEventListener("submit", async (event) => {
    event.preventDefault();
    submit.disabled = true;
    tell(problem, "");
    try {
      await send(filledIn(fields));
    } catch (error) {
      tell(problem, wordsFor(error));
    }
    submit.disabled = false;
  });
  return node;
}

/** Open a form over the page; it closes when it was sent. */
export function openForm(form, { person, send, reset = null }) {
  const dialog = at("form");
  const stop = () => dialog.close();
  const close = button({ class: "button", on: { click: stop } }, WORDS.cancel);
  const clear = reset && button({ class: "quiet reset", on: { click: () => (stop(), reset()) } }, WORDS.reset);
  const sent = async (filled) => {
    await send(filled);
    stop();
  };
  const inside = drawForm(form, { person, send: sent, extra: [clear, close].filter(Boolean) });
  dialog.replaceChildren(el("h2", { id: "form-title", dir: "auto" }, form.title), inside);
  dialog.showModal();
}
