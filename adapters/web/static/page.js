/** The page: puts its parts together. Who and where are kept by the tab, so that two tabs can be two people. */

import { listen, newKey, read, sendPress } from "./api.js";
import { Compare } from "./compare.js";
import { Composer } from "./composer.js";
import { Credits } from "./credits.js";
import { Desk } from "./desk.js";
import { agreed, openForm } from "./dialogs.js";
import { at, button, el, flagged, tell } from "./dom.js";
import { gist, Messages } from "./messages.js";
import { Rail } from "./rail.js";
import { Rove } from "./rove.js";
import { Scroll } from "./scroll.js";
import { Side } from "./side.js";
import { Takes } from "./takes.js";
import { EXAMPLES, WORDS, wordsFor } from "./words.js";

const A_DAY_OR_SO = 20 * 60 * 60 * 1000;

const opened = Date.now();
const hello = await greet();
const rail = new Rail(hello, enter);
let earlier = null;
let reading = false;
let stopListening = () => {};

const where = () => ({ person: rail.person.id, channel: rail.channel.id });
const person = () => rail.person;
const announce = (text) => (at("announce").textContent = text);
const messages = new Messages({ press, reply, compare: (id) => compare.pick(id) });
const scroll = new Scroll({ earlier: readEarlier });
const credits = new Credits({ person: () => rail.person.id, busy: () => messages.busy });
const composer = new Composer({
  limits: hello.limits,
  commands: hello.commands,
  person,
  where,
  sent: answered,
  announce,
});
const compare = new Compare({ find: (id) => messages.known.get(id), changed: () => takes.draw(), announce });
const takes = new Takes({
  films: () => messages.films,
  show: goTo,
  compare: (id) => compare.pick(id),
  picked: () => compare.picked,
});
const desk = new Desk({ where, commands: hello.commands, switches: hello.switches });
const side = new Side({
  takes: { title: WORDS.takes, open: () => takes.draw() },
  desk: { title: WORDS.desk, open: () => desk.open() },
});
new Rove(at("log"), { reply, leave: () => at("text").focus() });

/** The first words with the server, as soon as it is there. */
async function greet() {
  for (;;) {
    try {
      return await read("hello");
    } catch {
      tell(at("offline"), WORDS.reconnecting);
      await new Promise((done) => setTimeout(done, 2000));
    }
  }
}

/** Take in one message; `mine` where it answers something done in this tab. */
function take(message, mine = false) {
  if (message.channel !== rail.channel.id) return;
  if (message.nonce) composer.clear(message.nonce);
  const node = messages.take(message);
  at("empty").hidden = !messages.empty;
  credits.soon();
  takes.draw();
  if (node) scroll.arrived(node, mine || message.from.id === rail.person.id);
}

/** What came of a send or a press. */
function answered(answer, replyTo = null) {
  answer.messages.forEach((one) => take(one, true));
  if (answer.form) fill(answer.form, replyTo);
}

/** Open a form of the house; sent, it is an ask or, where it has an action, a press. */
function fill(form, replyTo) {
  const send = async (filled) => {
    if (!form.action) await composer.sendForm({ verb: form.verb, about: form.about, replyTo }, filled);
    else
      answered(
        await sendPress({ key: newKey(), ...where(), message: replyTo, action: form.action, choices: filled.values }),
        replyTo,
      );
  };
  openForm(form, { person: rail.person.id, send });
}

async function press(id, action) {
  const card = at(`m-${id}`).querySelector(".card");
  const button = messages.known.get(id)?.card.buttons.find((one) => one.action === action);
  if (!button || card.ariaBusy === "true" || !(await agreed(button))) return;
  card.ariaBusy = "true";
  tell(card.querySelector(":scope > .problem"), "");
  try {
    answered(await sendPress({ key: newKey(), ...where(), message: id, action }), id);
  } catch (error) {
    tell(card.querySelector(":scope > .problem"), wordsFor(error));
  }
  card.ariaBusy = "false";
}

function reply(id) {
  const message = messages.known.get(id);
  composer.answer({ id, name: message.from.name, gist: gist(message) });
}

/** Bring a message into view and to the keyboard. */
function goTo(id) {
  if (document.body.classList.contains("covered")) side.close();
  const node = at(`m-${id}`);
  node.scrollIntoView({ block: "center" });
  node.focus({ preventScroll: true });
}

/** Read the channel's messages: the newest, or those before the ones shown. */
async function readHistory(before) {
  const asked = where();
  const shown = new Set(messages.known.keys());
  const page = await read("history", before ? { ...asked, before } : asked);
  if (asked.person !== rail.person.id || asked.channel !== rail.channel.id) return;
  if (!before) forget(shown, page);
  messages.takeAll(page.messages);
  if (before || earlier === null || !connects(shown, page)) earlier = page.earlier;
  at("earlier").hidden = !earlier;
  at("waiting").hidden = true;
  at("empty").hidden = !messages.empty;
  credits.soon();
  takes.draw();
}

async function readEarlier() {
  if (!earlier || reading) return;
  reading = true;
  await scroll.keeping(() => readHistory(earlier)).catch(() => {});
  reading = false;
}

/** What was shown and is not in the newest history any more was taken away while nobody listened. */
function forget(shown, page) {
  const there = new Set(page.messages.map((message) => message.id));
  shown.forEach((id) => !there.has(id) && id >= (page.earlier ?? "") && messages.remove(id));
}

/** Whether the newest history reaches back to what was shown. */
function connects(shown, page) {
  return !page.earlier || [...shown].some((id) => id >= page.earlier);
}

function onEvent({ type, message }) {
  if (!["post", "edit", "delete"].includes(type)) return;
  if (type === "delete") {
    messages.remove(message.id);
    takes.draw();
    return;
  }
  const before = messages.known.get(message.id);
  take(message);
  if (message.channel !== rail.channel.id) {
    if (type === "post") rail.unread(message.channel);
  } else if (message.from.id !== rail.person.id && (!before || before.card?.title !== message.card?.title)) {
    announce(`${message.from.name}: ${gist(message)}`); // progress of the same kind is not worth a word
  }
}

/** Begin anew for a person or a channel. */
function enter() {
  messages.clear();
  compare.clear();
  takes.draw();
  composer.enter();
  scroll.toEnd();
  earlier = null;
  at("waiting").hidden = false;
  at("empty").hidden = true;
  at("open-desk").hidden = !rail.person.admin;
  if (side.name === "desk") rail.person.admin ? desk.open() : side.close();
  stopListening();
  stopListening = listen(rail.person.id, {
    onOpen: (again) => {
      tell(at("offline"), "");
      if (again) announce(WORDS.back);
      readHistory().catch(() => {});
    },
    onEvent,
    onLost: (failures) => tell(at("offline"), failures < 2 ? "" : WORDS.reconnecting),
  });
}

at("earlier").addEventListener("click", readEarlier);
at("skip").addEventListener("click", (event) => {
  event.preventDefault();
  at("text").focus();
});
at("examples").append(
  ...EXAMPLES.map(({ text, title, about }) =>
    button(
      { class: "example", "data-test": "example", on: { click: () => composer.suggest(text) } },
      el("b", {}, title),
      el("span", { class: "small" }, about),
      el("code", {}, flagged(text)),
    ),
  ),
);
document.addEventListener("visibilitychange", () => {
  const old = Date.now() - opened > A_DAY_OR_SO; // links to files are good for a day
  if (!document.hidden && old && !at("text").value) location.reload();
});

enter();
side.begin();
if (matchMedia("(pointer: fine)").matches) at("text").focus();
