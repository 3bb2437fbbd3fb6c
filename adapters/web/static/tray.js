/** The pictures that go with the next message: in their order, each with what it is for. */

import { Problem } from "./api.js";
import { at, button, el, icon } from "./dom.js";
import { picturesOf, thumbnail } from "./thumbs.js";
import { WORDS } from "./words.js";

const CARRIED = "application/x-klingbot-picture";

export class Tray {
  /** `roles` are what a picture can be for, `{value, label}`; `changed()` is called after every change. */
  constructor({ limits, roles, changed, fail }) {
    this.limits = limits;
    this.roles = [{ value: "", label: WORDS.automatic }, ...roles];
    this.changed = changed;
    this.fail = fail;
    this.pictures = [];
    this.locked = false;
    this.list = at("picked");
    at("attach").addEventListener("click", () => at("file").click());
    at("file").addEventListener("change", () => {
      this.add([...at("file").files]);
      at("file").value = "";
    });
    at("swap").addEventListener("click", () => this.swap());
    this.listenToDrops();
  }

  listenToDrops() {
    let inside = 0;
    const over = (change) => (event) => {
      if (![...(event.dataTransfer?.types ?? [])].includes("Files")) return;
      event.preventDefault();
      inside = Math.max(0, inside + change);
      at("drop").hidden = inside === 0;
    };
    addEventListener("dragenter", over(1));
    addEventListener("dragleave", over(-1));
    addEventListener("dragover", over(0));
    addEventListener("drop", (event) => {
      inside = 0;
      at("drop").hidden = true;
      if (![...(event.dataTransfer?.types ?? [])].includes("Files")) return;
      event.preventDefault();
      this.add(picturesOf(event.dataTransfer));
    });
  }

  /** Take files in, as far as they are pictures and there is room. */
  add(files, role = "") {
    if (this.locked || files.length === 0) return;
    this.fail(null);
    for (const file of files) {
      if (this.pictures.length >= this.limits.files)
        return this.fail(new Problem("too_many_files", { limit: this.limits.files }));
      if (file.size > this.limits.file_bytes)
        return this.fail(new Problem("file_too_large", { limit: this.limits.file_bytes }));
      if (file.type && !file.type.startsWith("image/")) return this.fail(new Problem("not_a_picture"));
      this.pictures.push({ file, role, thumb: thumbnail(file, this.limits.thumb), address: URL.createObjectURL(file) });
      this.draw();
    }
    at("text").focus();
  }

  remove(picture) {
    if (this.locked) return;
    this.pictures = this.pictures.filter((other) => other !== picture);
    URL.revokeObjectURL(picture.address);
    this.draw();
    at("text").focus();
  }

  clear() {
    this.pictures.forEach((picture) => URL.revokeObjectURL(picture.address));
    this.pictures = [];
    this.draw();
  }

  /** Two pictures trade places, and so what they are for. */
  swap() {
    if (this.locked || this.pictures.length !== 2) return;
    const [one, other] = this.pictures;
    [one.role, other.role] = [other.role, one.role];
    this.pictures = one.role || other.role ? this.pictures : [other, one];
    this.draw();
    at("swap").focus();
  }

  /** Put a picture somewhere else in the order. */
  move(from, to) {
    if (this.locked || to < 0 || to >= this.pictures.length || from === to) return;
    this.pictures.splice(to, 0, ...this.pictures.splice(from, 1));
    this.draw();
    this.list.children[to].querySelector("img").parentElement.focus();
  }

  draw() {
    at("tray").hidden = this.pictures.length === 0;
    at("swap").hidden = this.pictures.length !== 2;
    this.list.replaceChildren(...this.pictures.map((picture, index) => this.item(picture, index)));
    this.changed();
  }

  item(picture, index) {
    const { name } = picture.file;
    const role = el(
      "select",
      {
        "aria-label": WORDS.role(name),
        "data-test": "role",
        on: { change: (event) => this.assign(picture, event.target.value) },
      },
      this.roles.map((one) => el("option", { value: one.value, selected: one.value === picture.role }, one.label)),
    );
    const remove = button(
      {
        class: "remove",
        "aria-label": WORDS.remove(name),
        "data-test": "detach",
        on: { click: () => this.remove(picture) },
      },
      icon("close"),
    );
    const keys = (event) => {
      if (event.key === "ArrowLeft") this.move(index, index - 1);
      if (event.key === "ArrowRight") this.move(index, index + 1);
      if (event.key === "Delete" || event.key === "Backspace") this.remove(picture);
    };
    const hold = button(
      {
        class: "hold",
        "aria-label": WORDS.moveLeft(name),
        title: name,
        on: { keydown: keys, click: () => this.move(index, index - 1) },
      },
      el("img", { src: picture.address, alt: "", draggable: "false" }),
      el("span", { class: "number", "aria-hidden": "true" }, index + 1),
    );
    const item = el("li", { draggable: "true", "data-test": "picture" }, hold, remove, role);
    item.addEventListener("dragstart", (event) => event.dataTransfer.setData(CARRIED, String(index)));
    item.addEventListener("dragover", (event) => event.dataTransfer.types.includes(CARRIED) && event.preventDefault());
    item.addEventListener("drop", (event) => {
      if (!event.dataTransfer.types.includes(CARRIED)) return;
      event.preventDefault();
      this.move(Number(event.dataTransfer.getData(CARRIED)), index);
    });
    return item;
  }

  /** Say what a picture is for; a place for one picture is taken from who had it. */
  assign(picture, role) {
    const single = this.roles.find((one) => one.value === role)?.most === 1;
    if (single)
      this.pictures.filter((other) => other !== picture && other.role === role).forEach((other) => (other.role = ""));
    picture.role = role;
    const index = this.pictures.indexOf(picture);
    this.draw();
    this.list.children[index].querySelector("select").focus();
  }
}
