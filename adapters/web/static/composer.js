/** Where one writes: words, pictures, settings, and which message it answers. */

import { newKey, Problem, sendAsk } from "./api.js";
import { openForm } from "./dialogs.js";
import { at, tell } from "./dom.js";
import { Menu } from "./menu.js";
import { Preview } from "./preview.js";
import { rolesOf, Settings } from "./settings.js";
import { picturesOf, thumbnail } from "./thumbs.js";
import { Tray } from "./tray.js";
import { WORDS, wordsFor } from "./words.js";

const TALLEST = 220;

export class Composer {
  /** `where()` says who is speaking and in which channel; `sent(answer)` gets what a send made. */
  constructor({ limits, commands, person, where, sent, announce }) {
    this.limits = limits;
    this.where = where;
    this.person = person;
    this.sent = sent;
    this.replyTo = null;
    this.pending = null; // {same, key}: what was tried last
    this.sending = null; // the key of what is under way
    this.text = at("text");
    this.text.maxLength = limits.text;
    this.text.placeholder = WORDS.placeholder;
    this.preview = new Preview(() => this.draft());
    const changed = () => this.changed();
    const fail = (problem) => tell(at("problem"), problem ? wordsFor(problem) : "");
    this.settings = new Settings({ commands, person: () => person().id, changed });
    this.tray = new Tray({ limits, roles: rolesOf(commands), changed, fail });
    const allowed = (command) => person().admin || !command.admin;
    this.menu = new Menu({ commands, allowed, choose: (command) => this.choose(command), announce });
    this.listen();
  }

  listen() {
    at("composer").addEventListener("submit", (event) => {
      event.preventDefault();
      this.send();
    });
    this.text.addEventListener("input", () => {
      this.menu.follow();
      this.changed();
    });
    this.text.addEventListener("keydown", (event) => {
      if (this.menu.key(event)) return;
      if (event.key === "Escape") this.answer(null);
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      this.send();
    });
    this.text.addEventListener("blur", () => this.menu.close());
    this.text.addEventListener("paste", (event) => {
      const pictures = picturesOf(event.clipboardData);
      if (pictures.length > 0) event.preventDefault();
      this.tray.add(pictures);
    });
    at("replying-stop").addEventListener("click", () => this.answer(null));
  }

  /** What stands here now, as it would be sent; null where that is nothing, or no more than the start of a command. */
  draft() {
    const text = this.text.value.trim();
    if ((!text && this.tray.pictures.length === 0) || text.startsWith("/")) return null;
    return this.said(text);
  }

  said(typed) {
    const text = this.menu.named(typed) ? typed.slice(1) : typed; // other chats need the slash, the bot doesn't
    const roles = this.tray.pictures.map((picture) => picture.role);
    return { ...this.where(), text, choices: this.settings.choices, reply_to: this.replyTo, roles };
  }

  changed() {
    this.grow();
    this.keep();
    this.preview.soon();
  }

  /** What is not sent stays with its channel, also through a reload. */
  keep() {
    sessionStorage.setItem(this.drawer(), this.text.value);
  }

  drawer() {
    const { person, channel } = this.where();
    return `draft ${person} ${channel}`;
  }

  /** Another person or channel: what was being written there is here again. */
  enter() {
    this.text.value = sessionStorage.getItem(this.drawer()) ?? "";
    this.tray.clear();
    this.answer(null);
  }

  /** Answer a message, `{id, name, gist}`, or none. */
  answer(message) {
    this.replyTo = message?.id ?? null;
    at("replying").hidden = !message;
    at("replying-to").textContent = message ? WORDS.replying(message.name, message.gist) : "";
    if (message) this.text.focus();
    this.preview.soon();
  }

  /** Write something for the person to change and send. */
  suggest(text) {
    this.text.value = text;
    this.changed();
    this.text.focus();
  }

  /** A command out of the menu: its form where there is something to fill in, else its name. */
  choose(command) {
    this.suggest("");
    if (command.fields.length === 0) {
      this.suggest(command.name);
      return;
    }
    const form = { title: command.name, fields: command.fields, submit: WORDS.send };
    openForm(form, { person: this.person().id, send: (filled) => this.sendForm({ verb: command.name }, filled) });
  }

  /** Send a filled form as an ask. Throws a Problem. */
  async sendForm({ verb, about = null, replyTo = null }, { values, pictures }) {
    const thumbs = (await Promise.all(pictures.map(({ file }) => thumbnail(file, this.limits.thumb)))).filter(Boolean);
    const roles = pictures.map(({ role }) => role);
    const form = {
      key: newKey(),
      ...this.where(),
      text: "",
      verb,
      choices: values,
      about,
      reply_to: replyTo,
      roles,
      thumbs,
    };
    this.sent(
      await sendAsk(
        form,
        pictures.map(({ file }) => file),
      ),
    );
  }

  /** Send what is there. The same words sent again after a failure are the same send: it happens once. */
  async send() {
    const text = this.text.value.trim();
    const { pictures } = this.tray;
    if (this.sending || (!text && pictures.length === 0)) return;
    const said = this.said(text);
    const same = JSON.stringify([said, pictures.map((picture) => picture.address)]);
    if (this.pending?.same !== same) this.pending = { same, key: newKey() };
    const { key } = this.pending;
    this.busy(key);
    try {
      const thumbs = (await Promise.all(pictures.map((picture) => picture.thumb))).filter(Boolean);
      const answer = await sendAsk(
        { key, ...said, thumbs },
        pictures.map((picture) => picture.file),
      );
      this.clear(key);
      this.sent(answer);
    } catch (error) {
      if (this.sending !== key) return; // it has arrived, only the answer was lost
      tell(at("problem"), wordsFor(error));
      this.busy(null);
    }
  }

  /** What was sent under this key has arrived: make room for the next. */
  clear(key) {
    if (this.sending !== key) return;
    this.busy(null);
    this.text.value = "";
    tell(at("problem"), "");
    this.tray.clear();
    this.settings.reset();
    this.answer(null);
  }

  busy(key) {
    this.sending = key;
    this.tray.locked = key !== null;
    this.text.readOnly = key !== null;
    at("composer").setAttribute("aria-busy", String(key !== null));
    at("send").disabled = key !== null;
  }

  grow() {
    this.text.style.height = "auto";
    this.text.style.height = `${Math.min(this.text.scrollHeight, TALLEST)}px`;
  }
}
