/** The rail: channels, who one is, and light or dark. */

import { at, el, icon } from "./dom.js";
import { WORDS } from "./words.js";

const THEMES = ["system", "light", "dark"];
const ICONS = { system: "half", light: "sun", dark: "moon" };

export class Rail {
  /** `enter()` is called when the person or the channel is another. */
  constructor({ people, channels }, enter) {
    this.people = people;
    this.all = channels;
    this.person = people.find((one) => one.id === sessionStorage.getItem("person")) ?? people[0];
    this.channel = this.named(location.hash) ?? channels[0];
    this.news = new Set();
    this.enter = enter;
    at("person").append(
      ...people.map((one) =>
        el(
          "option",
          { value: one.id, selected: one.id === this.person.id },
          one.admin ? `${one.name} (admin)` : one.name,
        ),
      ),
    );
    at("person").addEventListener("change", () => this.become(at("person").value));
    addEventListener("hashchange", () => this.go(this.named(location.hash)));
    at("theme").addEventListener("click", () => this.nextTheme());
    this.theme();
    this.draw();
  }

  /** The channels of the person one is: some are for administrators. */
  get channels() {
    return this.all.filter((one) => this.person.admin || !one.admin);
  }

  named(hash) {
    return this.channels.find((one) => `#${one.id}` === hash);
  }

  become(id) {
    this.person = this.people.find((one) => one.id === id);
    sessionStorage.setItem("person", id);
    if (!this.channels.includes(this.channel)) [this.channel] = this.channels;
    this.draw();
    this.enter();
  }

  go(channel) {
    if (!channel || channel === this.channel) return;
    this.channel = channel;
    this.draw();
    this.enter();
  }

  /** Something was said in another channel. */
  unread(channel) {
    this.news.add(channel);
    this.draw();
  }

  draw() {
    const { id, topic } = this.channel;
    this.news.delete(id);
    history.replaceState(null, "", `#${id}`);
    document.title = `#${id} · klingbot`;
    at("channel-name").textContent = `# ${id}`;
    at("channel-topic").textContent = topic;
    at("channels").replaceChildren(
      ...this.channels.map((one) => {
        const news = this.news.has(one.id);
        const props = {
          class: news ? "channel unread" : "channel",
          href: `#${one.id}`,
          title: one.topic,
          "data-channel": one.id,
          "data-test": "channel",
        };
        return el(
          "a",
          { ...props, "aria-current": one.id === id && "page" },
          el("span", { class: "sign", "aria-hidden": "true" }, "#"),
          one.id,
          news && el("span", { class: "unseen" }, " (new)"),
        );
      }),
    );
  }

  theme() {
    const name = document.documentElement.dataset.theme ?? "system";
    at("theme").replaceChildren(icon(ICONS[name]));
    at("theme").setAttribute("aria-label", WORDS.theme(WORDS[name]));
    at("theme").title = WORDS.theme(WORDS[name]);
    return name;
  }

  nextTheme() {
    const next = THEMES[(THEMES.indexOf(this.theme()) + 1) % THEMES.length];
    if (next === "system") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = next;
    localStorage.setItem("theme", next);
    this.theme();
  }
}
