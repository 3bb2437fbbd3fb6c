/** What can be set beside the words: the commonest in view, the others in a form. All of it comes from the commands. */

import { openForm } from "./dialogs.js";
import { at, button, el, icon } from "./dom.js";
import { WORDS } from "./words.js";

const IN_VIEW = 3;
const FEW = 4;
const YES = "true";

/** The command that makes a video of words: the first with words to fill in. */
function making(commands) {
  return commands.find((one) => one.fields.some((field) => field.long)) ?? { fields: [] };
}

/** What pictures can be for, in any command. */
export function rolesOf(commands) {
  const fields = commands.flatMap((one) => one.fields).filter((field) => field.kind === "picture");
  return [
    ...new Map(
      fields.map((field) => [field.name, { value: field.name, label: field.label, most: field.most }]),
    ).values(),
  ];
}

export class Settings {
  constructor({ commands, person, changed }) {
    const fields = making(commands).fields.filter((field) => !field.long && field.kind !== "picture");
    const short = (field) =>
      (field.kind === "choice" && !field.open_choices && field.choices.length <= FEW) || field.kind === "switch";
    this.shown = fields.filter(short).slice(0, IN_VIEW);
    this.others = fields.filter((field) => !this.shown.includes(field));
    this.person = person;
    this.changed = changed;
    this.values = {};
    this.draw();
  }

  /** What was chosen: nothing of what was left as it is. */
  get choices() {
    return { ...this.values };
  }

  set(name, value) {
    if (value === "") delete this.values[name];
    else this.values[name] = value;
    this.draw();
    this.changed();
  }

  reset(values = {}) {
    this.values = values;
    this.draw();
    this.changed();
  }

  draw() {
    const focused = document.activeElement?.dataset.setting;
    const more = this.others.filter((field) => field.name in this.values).length;
    const pills = this.shown.map((field) => (field.kind === "switch" ? this.toggle(field) : this.select(field)));
    const open = button(
      {
        class: more ? "pill on" : "pill",
        "aria-label": WORDS.more,
        title: WORDS.more,
        "data-setting": "more",
        "data-test": "more",
        on: { click: () => this.open() },
      },
      icon("sliders"),
      more > 0 && el("span", {}, more),
    );
    at("settings").replaceChildren(...pills, ...(this.others.length > 0 ? [open] : []));
    if (focused) at("settings").querySelector(`[data-setting="${focused}"]`)?.focus();
  }

  select(field) {
    const value = this.values[field.name] ?? "";
    const options = field.choices.map((one) =>
      el("option", { value: one.value, selected: one.value === value }, one.label),
    );
    const props = { "aria-label": field.label, title: field.help, "data-setting": field.name, "data-test": "setting" };
    const change = (event) => this.set(field.name, event.target.value);
    const select = el(
      "select",
      { ...props, on: { change } },
      el("option", { value: "", selected: value === "" }, field.label),
      options,
    );
    return el("span", { class: value ? "pill on" : "pill" }, select);
  }

  toggle(field) {
    const on = this.values[field.name] === YES;
    const props = {
      type: "button",
      class: on ? "pill on" : "pill",
      "aria-pressed": String(on),
      title: field.help,
      "data-setting": field.name,
      "data-test": "setting",
    };
    return el("button", { ...props, on: { click: () => this.set(field.name, on ? "" : YES) } }, field.label);
  }

  open() {
    const fields = this.others.map((field) => ({
      ...field,
      value: this.values[field.name] ?? field.value,
      required: false,
    }));
    openForm(
      { title: WORDS.moreTitle, fields, submit: WORDS.save },
      {
        person: this.person(),
        reset: () => this.reset(),
        send: async ({ values }) => {
          this.others.forEach((field) => delete this.values[field.name]);
          for (const [name, value] of Object.entries(values))
            if (value !== "" && value !== "false") this.values[name] = value;
          setTimeout(() => this.reset(this.values)); // drawn once the form is closed and the focus is back
        },
      },
    );
  }
}
