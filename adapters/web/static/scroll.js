/** Keeps the eye where it is: at the end while one is at the end, on what one did oneself, and still otherwise. */

import { at } from "./dom.js";

const NEAR = 90;

export class Scroll {
  /** `earlier()` is called when one comes near the beginning. */
  constructor({ earlier }) {
    this.log = at("log");
    this.earlier = earlier;
    this.atEnd = true;
    this.top = 0;
    this.news = null;
    this.log.addEventListener("scroll", () => this.moved(), { passive: true });
    new ResizeObserver(() => this.atEnd && this.toEnd()).observe(at("messages"));
    new ResizeObserver(() => this.atEnd && this.toEnd()).observe(this.log);
    at("jump").addEventListener("click", () => {
      this.news?.scrollIntoView({ block: "center" });
      this.news?.focus({ preventScroll: true });
    });
  }

  toEnd() {
    this.atEnd = true;
    this.log.scrollTop = this.log.scrollHeight;
  }

  /** A new message: follow it where it is one's own doing, else say that it is there. */
  arrived(node, mine) {
    if (this.sees(node)) return;
    if (mine) node.scrollIntoView({ block: "nearest" });
    else if (!this.atEnd || !this.isLast(node)) this.point(node);
  }

  /** Let something grow above without moving what is seen. */
  async keeping(grow) {
    const below = this.log.scrollHeight - this.log.scrollTop;
    this.atEnd = false;
    await grow();
    this.log.scrollTop = this.log.scrollHeight - below;
  }

  /** Only going up leaves the end: what grows below doesn't. */
  moved() {
    const { scrollTop, scrollHeight, clientHeight } = this.log;
    const near = scrollHeight - scrollTop - clientHeight < NEAR;
    this.atEnd = near || (this.atEnd && scrollTop >= this.top);
    if (scrollTop < this.top && scrollTop < NEAR) this.earlier();
    this.top = scrollTop;
    if (this.news && (this.sees(this.news) || !this.news.isConnected)) this.point(null);
  }

  point(node) {
    this.news = node;
    at("jump").hidden = !node;
  }

  isLast(node) {
    return node.closest(".thread") === at("messages").lastElementChild;
  }

  sees(node) {
    const box = node.getBoundingClientRect();
    const view = this.log.getBoundingClientRect();
    return box.top < view.bottom - 40 && box.bottom > view.top + 40;
  }
}
