/** The page: puts its parts together. Who and where are kept by the tab, so that two tabs can be two people. */

import { listen, newKey, Problem, read, sendPress } from "./api.js";
import { Composer } from "./composer.js";
import { Credits } from "./credits.js";
import { at, el, tell } from "./dom.js";
import { gist, Messages } from "./messages.js";
import { Scroll } from "./scroll.js";
import { wordsFor } from "./words.js";

const EXAMPLES = ["a red fox runs through fresh snow --ar 16:9", "a paper boat on a rainy street --d 10", "help"];

const A_DAY_OR_SO = 20 * 60 * 60 * 1000;

const opened = Date.now();
const hello = await greet();
let person = hello.people.find((one) => one.id === sessionStorage.getItem("person")) ?? hello.people[0];
let channel = channelAt(location.hash) ?? hello.channels[0];
let earlier = null;
let stopListening = () => {};

const scroll = new Scroll();
const messages = new Messages({ press, reply });
const credits = new Credits({ person: () => person.id, busy: () => messages.busy });
const where = () => ({ person: person.id, channel: channel.id });
const composer = new Composer({ limits: hello.limits, where, sent: (made) => made.forEach((one) => take(one, true)) });

/** The first words with the server, as soon as it is there. */
async function greet() {
  for (;;) {
    try {
      return await read("hello");
    } catch {
      at("offline").hidden = false;
      await new Promise((done) => setTimeout(done, 2000));
    }
  }
}

/** The channels of the person one is: some are for administrators. */
function channels() {
  return hello.channels.filter((one) => person.admin || !one.admin);
}

function channelAt(hash) {
  return channels().find((one) => `#${one.id}` === hash);
}

/** Take in one message; `mine` where it answers something done in this tab. */
function take(message, mine = false) {
  if (message.channel !== channel.id) return;
  if (message.nonce) composer.clear(message.nonce);
  const node = messages.take(message);
  at("empty").hidden = !messages.empty;
  credits.soon();
  if (!node) return;
  scroll.arrived(node, mine || message.from.id === person.id);
}

async function press(id, action) {
  const card = at(`m-${id}`).querySelector(".card");
  if (card.ariaBusy === "true") return;
  card.ariaBusy = "true";
  try {
    const made = await sendPress({ key: newKey(), ...where(), message: id, action });
    made.messages.forEach((one) => take(one, true));
  } catch (error) {
    tell(card.querySelector(".problem"), wordsFor(error instanceof Problem ? error : new Problem("internal")));
  }
  card.ariaBusy = "false";
}

function reply(id) {
  const message = messages.known.get(id);
  composer.answer({ id, name: message.from.name, gist: gist(message) });
}

/** Read the channel's messages: the newest, or those before the ones shown. */
async function readHistory(before) {
  const asked = where();
  const shown = new Set(messages.known.keys());
  const page = await read("history", before ? { ...asked, before } : asked);
  if (asked.person !== person.id || asked.channel !== channel.id) return;
  if (!before) forget(shown, page);
  page.messages.forEach((message) => messages.take(message));
  if (before || earlier === null || !connects(shown, page)) earlier = page.earlier;
  at("earlier").hidden = !earlier;
  at("empty").hidden = !messages.empty;
  credits.soon();
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
    return;
  }
  take(message);
  if (type !== "post") return;
  if (message.channel !== channel.id) document.querySelector(`[data-channel="${message.channel}"]`)?.classList.add("unread");
  else if (message.from.id !== person.id) at("announce").textContent = `${message.from.name}: ${gist(message)}`;
}

/** Begin anew for a person or a channel. */
function enter() {
  messages.clear();
  composer.answer(null);
  scroll.toEnd();
  earlier = null;
  history.replaceState(null, "", `#${channel.id}`);
  at("channel-name").textContent = `# ${channel.id}`;
  at("channel-topic").textContent = channel.topic;
  document.title = `#${channel.id} · klingbot`;
  drawChannels();
  stopListening();
  stopListening = listen(person.id, {
    onOpen: () => {
      at("offline").hidden = true;
      readHistory().catch(() => {});
    },
    onEvent,
    onLost: (failures) => (at("offline").hidden = failures < 2),
  });
}

function drawChannels() {
  const unread = new Set([...document.querySelectorAll(".channel.unread")].map((node) => node.dataset.channel));
  at("channels").replaceChildren(
    ...channels().map((one) => {
      const here = one.id === channel.id;
      const mark = !here && unread.has(one.id) ? "channel unread" : "channel";
      const props = { class: mark, href: `#${one.id}`, title: one.topic, "data-channel": one.id, "data-test": "channel" };
      return el("a", { ...props, "aria-current": here && "page" }, `# ${one.id}`);
    }),
  );
}

function drawPeople() {
  const options = hello.people.map((one) => {
    const name = one.admin ? `${one.name} (administrator)` : one.name;
    return el("option", { value: one.id, selected: one.id === person.id }, name);
  });
  at("person").replaceChildren(...options);
}

at("person").addEventListener("change", () => {
  person = hello.people.find((one) => one.id === at("person").value);
  sessionStorage.setItem("person", person.id);
  if (!channels().includes(channel)) [channel] = channels();
  enter();
});
addEventListener("hashchange", () => {
  const next = channelAt(location.hash);
  if (!next || next === channel) return;
  channel = next;
  enter();
});
at("earlier").addEventListener("click", () => scroll.keeping(() => readHistory(earlier)));
at("examples").append(
  ...EXAMPLES.map((text) => el("button", { type: "button", class: "button", on: { click: () => composer.suggest(text) } }, text)),
);

document.addEventListener("visibilitychange", () => {
  const old = Date.now() - opened > A_DAY_OR_SO; // links to files are good for a day
  if (!document.hidden && old && !at("text").value) location.reload();
});

drawPeople();
enter();
if (matchMedia("(pointer: fine)").matches) at("text").focus();
