/** Fields of a form, drawn: each knows its node and reads its own value as text. */

import { read } from "./api.js";
import { el, later } from "./dom.js";
import { WORDS } from "./words.js";

const FEW = 4;
const YES = "true";
const NO = "false";
let drawn = 0;

function choices(field, id) {
  const options = field.choices.map((one) =>
    el("option", { value: one.value, selected: one.value === field.value }, one.label),
  );
  const none =
    !field.required &&
    !field.choices.some((one) => one.value === "") &&
    el("option", { value: "", selected: !field.value }, "—");
  return el("select", { id, required: field.required }, none, options);
}

/** A few choices lie open; none of them is chosen where nothing is. */
function few(field, id) {
  const options =
    field.required || field.choices.some((one) => one.value === "")
      ? field.choices
      : [{ value: "", label: WORDS.automatic }, ...field.choices];
  const radios = options.map((one) => {
    const input = el("input", {
      type: "radio",
      name: id,
      value: one.value,
      required: field.required,
      checked: one.value === field.value,
    });
    return el("label", { class: "pick" }, input, el("span", {}, one.label));
  });
  return el("div", { class: "picks", role: "radiogroup", "aria-labelledby": `${id}-label` }, radios);
}

/** A list of suggestions that follows what is typed. */
function suggestions(field, id, person) {
  const list = el("datalist", { id: `${id}-list` });
  const show = (found) =>
    list.replaceChildren(...found.map((one) => el("option", { value: one.value, label: one.label })));
  show(field.choices);
  const look = later(150, async (typed) => {
    const { choices: found } = await read("complete", { person, field: field.name, typed }).catch(() => ({
      choices: [],
    }));
    if (found.length > 0) show(found);
  });
  return { list, look };
}

function line(field, id, person) {
  const open = field.open_choices || ["job", "person"].includes(field.kind);
  const props = { id, required: field.required, maxlength: field.longest, autocomplete: "off", dir: "auto" };
  if (field.kind === "number") {
    const bounds = {
      type: "number",
      min: field.minimum,
      max: field.maximum,
      step: field.step ?? "any",
      inputmode: "decimal",
    };
    return el("input", { ...props, ...bounds, value: field.value });
  }
  if (!open) return el("input", { ...props, type: "text", value: field.value });
  const { list, look } = suggestions(field, id, person);
  const hint = field.choices
    .slice(0, 3)
    .map((one) => one.label)
    .join(", ");
  const input = el("input", {
    ...props,
    type: "text",
    value: field.value,
    list: list.id,
    placeholder: hint && `${hint}…`,
    on: { input: () => look(input.value), focus: () => look(input.value) },
  });
  return el("span", { class: "with-list" }, input, list);
}

function control(field, id, person) {
  if (field.kind === "switch")
    return el("input", { id, type: "checkbox", role: "switch", class: "switch", checked: field.value === YES });
  if (field.kind === "picture")
    return el("input", { id, type: "file", accept: "image/*", multiple: field.most > 1, required: field.required });
  if (field.kind === "choice" && field.choices.length > 0 && !field.open_choices)
    return field.choices.length <= FEW ? few(field, id) : choices(field, id);
  if (field.long) {
    const area = el("textarea", { id, rows: 3, required: field.required, maxlength: field.longest, dir: "auto" });
    area.value = field.value;
    return area;
  }
  return line(field, id, person);
}

function valueOf(node) {
  if (node.matches(".picks")) return node.querySelector("input:checked")?.value ?? "";
  if (node.type === "checkbox") return node.checked ? YES : NO;
  return (node.matches(".with-list") ? node.querySelector("input") : node).value.trim();
}

/** Draw a field for a person. `value` is empty where nothing was filled in; `files` are those of a picture field. */
export function drawField(field, person) {
  drawn += 1;
  const id = `field-${drawn}`;
  const node = control(field, id, person);
  const tells = field.help.toLowerCase() !== field.label.toLowerCase();
  const help = field.help && tells && el("span", { class: "help", id: `${id}-help` }, field.help);
  const target = node.matches(".with-list") ? node.querySelector("input") : node;
  if (help) target.setAttribute("aria-describedby", help.id);
  const group = node.matches(".picks");
  const name = el(group ? "span" : "label", { class: "name", id: `${id}-label`, for: group ? null : id }, field.label);
  const began = field.kind === "switch" && !field.value ? NO : field.value;
  return {
    field,
    node: el("div", { class: `field kind-${field.kind}`, "data-field": field.name }, name, node, help),
    get changed() {
      return field.kind !== "picture" && valueOf(node) !== began;
    },
    get value() {
      return field.kind === "picture" ? "" : valueOf(node);
    },
    get files() {
      return field.kind === "picture" ? [...node.files].slice(0, field.most) : [];
    },
    get filled() {
      return (
        field.kind !== "picture" && (field.value !== "" || this.changed) && (valueOf(node) !== NO || field.value !== "")
      );
    },
  };
}
