/** Where one writes: text, pictures (picked, dropped, pasted), and which message it answers. */

import { newKey, Problem, sendAsk } from "./api.js";
import { at, el, tell } from "./dom.js";
import { picturesOf, thumbnail } from "./pictures.js";
import { wordsFor } from "./words.js";

export class Composer {
  /** `where()` says who is speaking and in which channel; `sent(messages)` gets what a send made. */
  constructor({ limits, where, sent }) {
    this.limits = limits;
    this.where = where;
    this.sent = sent;
    this.pictures = [];
    this.replyTo = null;
    this.pending = null; // {same, key}: what was tried last
    this.sending = null; // the key of what is under way
    this.text = at("text");
    this.text.maxLength = limits.text;
    this.listen();
  }

  listen() {
    at("composer").addEventListener("submit", (event) => {
      event.preventDefault();
      this.send();
    });
    this.text.addEventListener("input", () => this.grow());
    this.text.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.answer(null);
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      this.send();
    });
    this.text.addEventListener("paste", (event) => {
      const pictures = picturesOf(event.clipboardData);
      if (pictures.length > 0) event.preventDefault();
      this.attach(pictures);
    });
    at("attach").addEventListener("click", () => at("file").click());
    at("file").addEventListener("change", () => {
      this.attach([...at("file").files]);
      at("file").value = "";
    });
    at("replying-stop").addEventListener("click", () => this.answer(null));
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
      event.preventDefault();
      this.attach(picturesOf(event.dataTransfer));
    });
  }

  /** Answer a message, `{id, name, gist}`, or none. */
  answer(message) {
    this.replyTo = message?.id ?? null;
    at("replying").hidden = !message;
    at("replying-to").textContent = message ? `Replying to ${message.name}: ${message.gist}` : "";
    if (message) this.text.focus();
  }

  /** Write something for the person to change and send. */
  suggest(text) {
    this.text.value = text;
    this.grow();
    this.text.focus();
  }

  attach(files) {
    if (this.sending) return undefined;
    tell(at("problem"), "");
    for (const file of files) {
      if (this.pictures.length >= this.limits.files) return this.fail("too_many_files", this.limits.files);
      if (file.size > this.limits.file_bytes) return this.fail("file_too_large", this.limits.file_bytes);
      const picture = { file, thumb: thumbnail(file, this.limits.thumb), address: URL.createObjectURL(file) };
      this.pictures.push(picture);
      this.drawPictures();
    }
    return this.text.focus();
  }

  detach(picture) {
    if (this.sending) return;
    this.pictures = this.pictures.filter((other) => other !== picture);
    URL.revokeObjectURL(picture.address);
    this.drawPictures();
    this.text.focus();
  }

  drawPictures() {
    this.pending = null;
    at("picked").hidden = this.pictures.length === 0;
    at("picked").replaceChildren(
      ...this.pictures.map((picture) => {
        const { name } = picture.file;
        const props = { type: "button", "aria-label": `Remove ${name}`, title: "Remove", "data-test": "detach" };
        const remove = el("button", { ...props, on: { click: () => this.detach(picture) } }, "✕");
        return el("li", {}, el("img", { src: picture.address, alt: name, title: name }), remove);
      }),
    );
  }

  /** Send what is there. The same words sent again after a failure are the same send: it happens once. */
  async send() {
    const text = this.text.value.trim();
    if (this.sending || (!text && this.pictures.length === 0)) return;
    const said = { ...this.where(), text, reply_to: this.replyTo };
    const same = JSON.stringify(said);
    if (this.pending?.same !== same) this.pending = { same, key: newKey() };
    const { key } = this.pending;
    this.busy(key);
    try {
      const thumbs = (await Promise.all(this.pictures.map((picture) => picture.thumb))).filter(Boolean);
      const files = this.pictures.map((picture) => picture.file);
      const { messages } = await sendAsk({ key, ...said, thumbs }, files);
      this.clear(key);
      this.sent(messages);
    } catch (error) {
      if (this.sending !== key) return; // it has arrived, only the answer was lost
      tell(at("problem"), wordsFor(error instanceof Problem ? error : new Problem("internal")));
      this.busy(null);
    }
  }

  /** What was sent under this key has arrived: make room for the next. */
  clear(key) {
    if (this.sending !== key) return;
    this.busy(null);
    this.pictures.forEach((picture) => URL.revokeObjectURL(picture.address));
    this.pictures = [];
    this.text.value = "";
    tell(at("problem"), "");
    this.drawPictures();
    this.answer(null);
    this.grow();
  }

  busy(key) {
    this.sending = key;
    this.text.readOnly = key !== null;
    at("composer").setAttribute("aria-busy", String(key !== null));
    at("send").disabled = key !== null;
  }

  fail(code, limit) {
    tell(at("problem"), wordsFor(new Problem(code, { limit })));
  }

  grow() {
    this.text.style.height = "auto";
    this.text.style.height = `${Math.min(this.text.scrollHeight, 220)}px`;
  }
}
