/** An administrator's desk: what the team's commands answer, their forms, and in the demo what may go wrong. */

import { askAside, newKey, read, sendPress, sendSwitch } from "./api.js";
import { copyFrom, drawCard } from "./cards.js";
import { agreed, drawForm, openForm } from "./dialogs.js";
import { at, button, el, icon, tell } from "./dom.js";
import { WORDS, wordsFor } from "./words.js";

const MODES = ["off", "once", "on"];
const APPROVALS = "approvals"; // everybody's command, but what waits is decided here

export class Desk {
  /** `where()` says who and where; `commands` are all of them; `switches` whether this is a demo with faults. */
  constructor({ where, commands, switches }) {
    this.where = where;
    this.commands = commands.filter((one) => one.admin || one.name === APPROVALS);
    this.switches = switches;
    this.place = "";
    this.cards = new WeakMap(); // what each answer shows
    at("desk").addEventListener("click", (event) => {
      const pressed = event.target.closest("button");
      if (pressed?.dataset.copy !== undefined) copyFrom(pressed);
      else if (pressed?.dataset.action) this.press(pressed.dataset.action, pressed.closest(".answer"));
    });
  }

  open() {
    const parts = this.commands.map((command) => this.part(command));
    this.faults = this.switches
      ? el("section", { class: "faults", "aria-label": "Faults", "data-test": "faults" })
      : null;
    at("desk").replaceChildren(...parts, ...(this.faults ? [this.faults] : []));
    if (this.faults) this.readFaults();
  }

  /** A command with its answer, where it needs nothing to be filled in, and the forms of it. */
  part(command) {
    const answer = el("div", { class: "answer", "aria-live": "polite" });
    const asks = !command.fields.some((field) => field.required);
    const refresh =
      asks && button({ class: "quiet", on: { click: () => this.ask(command.name, {}, answer) } }, WORDS.refresh);
    const forms = [
      ...(asks ? [] : [command]),
      ...command.words.map((word) => ({ ...word, name: `${command.name} ${word.name}` })),
    ];
    const folds = forms.map((one) => this.fold(one, answer));
    if (asks) this.ask(command.name, {}, answer);
    const head = el(
      "div",
      { class: "part-head" },
      el("h3", {}, command.name),
      el("span", { class: "small" }, command.help),
      refresh,
    );
    return el(
      "section",
      { class: "part", "data-test": "desk-part", "data-command": command.name },
      head,
      answer,
      folds,
    );
  }

  fold(command, answer) {
    const send = async ({ values }) => {
      const done = await this.ask(command.name, values, answer);
      if (done) fold.open = false;
    };
    const form = { fields: command.fields, submit: WORDS.send };
    const fold = el(
      "details",
      { class: "change" },
      el("summary", {}, el("b", {}, command.name), el("span", { class: "small" }, command.help)),
      drawForm(form, { person: this.where().person, send }),
    );
    return fold;
  }

  /** Ask, and show the answer. Answers whether it was a yes; a form that is sent shows its own problems. */
  async ask(verb, choices, answer) {
    answer.setAttribute("aria-busy", "true");
    try {
      const told = await askAside({ key: newKey(), ...this.where(), verb, choices });
      this.show(told, answer);
      return !["warning", "bad"].includes(told.card?.tone);
    } catch (error) {
      if (Object.keys(choices).length > 0) throw error;
      answer.replaceChildren(el("p", { class: "problem" }, wordsFor(error)));
      return false;
    } finally {
      answer.removeAttribute("aria-busy");
    }
  }

  show({ card, form }, answer) {
    if (form) this.fill(form, answer);
    if (!card) return;
    this.cards.set(answer, card);
    answer.replaceChildren(drawCard(card));
  }

  /** A form that an answer opened. */
  fill(form, answer) {
    const press = { ...this.where(), action: form.action };
    const send = async ({ values }) => {
      if (!form.action) await this.ask(form.verb, values, answer);
      else this.show(await sendPress({ key: newKey(), ...press, choices: values }), answer);
    };
    openForm(form, { person: this.where().person, send });
  }

  async press(action, answer) {
    const pressed = this.cards.get(answer)?.buttons.find((one) => one.action === action);
    if (!pressed || !(await agreed(pressed))) return;
    try {
      this.show(await sendPress({ key: newKey(), ...this.where(), action }), answer);
    } catch (error) {
      tell(answer.querySelector(".problem"), wordsFor(error));
    }
  }

  async readFaults() {
    try {
      this.drawFaults(await read("switches", { person: this.where().person, place: this.place }));
    } catch {
      this.faults.hidden = true;
    }
  }

  async turn(name, mode) {
    const found = await sendSwitch({ ...this.where(), name, mode, place: this.place }).catch(() => null);
    if (found) this.drawFaults(found);
  }

  drawFaults({ places, place, switches }) {
    const focused = document.activeElement?.closest(".faults") && document.activeElement.id;
    this.place = place;
    const options = places.map((one) => el("option", { value: one.value, selected: one.value === place }, one.label));
    const where = el(
      "select",
      { "data-test": "fault-place", on: { change: (event) => ((this.place = event.target.value), this.readFaults()) } },
      options,
    );
    const clear = button(
      { class: "quiet", "data-test": "faults-off", on: { click: () => this.turn(null, "off") } },
      WORDS.everything,
    );
    this.faults.replaceChildren(
      el("div", { class: "part-head" }, el("h3", {}, "faults"), el("span", { class: "small" }, WORDS.faults), clear),
      el("label", { class: "fault-place" }, el("span", { class: "small" }, WORDS.where), where),
      el(
        "ul",
        { class: "switches" },
        switches.map((one) => this.fault(one)),
      ),
    );
    if (focused) at(focused)?.focus();
  }

  fault(one) {
    const radios = MODES.map((mode) => {
      const id = `fault-${one.name}-${mode}`;
      const input = el("input", {
        type: "radio",
        id,
        name: `fault-${one.name}`,
        value: mode,
        checked: one.mode === mode,
        on: { change: () => this.turn(one.name, mode) },
      });
      return el("label", { class: "pick" }, input, el("span", {}, WORDS.mode[mode]));
    });
    const hits = one.hits > 0 && el("span", { class: "hits" }, icon("alert"), WORDS.hits(one.hits));
    const name = el("code", { id: `fault-${one.name}` }, one.name);
    return el(
      "li",
      { class: one.mode === "off" ? "" : "armed", "data-test": "fault", "data-fault": one.name },
      el("div", { class: "fault-name" }, name, hits),
      el("p", { class: "small" }, one.help),
      el("div", { class: "picks", role: "radiogroup", "aria-labelledby": `fault-${one.name}` }, radios),
    );
  }
}
