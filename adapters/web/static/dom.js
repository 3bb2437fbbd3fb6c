/** Elements, and what people read of times and sizes. */

/** Make an element. Children that are text stay text: nothing that anybody said is ever read as markup. */
export function el(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (name === "on") Object.entries(value).forEach(([event, handler]) => node.addEventListener(event, handler));
    else node.setAttribute(name, value === true ? "" : String(value));
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

/** Make a button that sends no form. */
export function button(props, ...children) {
  return el("button", { type: "button", ...props }, ...children);
}

/** A line drawing out of the page's own sprite. */
export function icon(name) {
  const svg = document.querySelector("svg.icon").cloneNode(true);
  svg.querySelector("use").setAttribute("href", `#i-${name}`);
  return svg;
}

/** Text with its flags kept whole: browsers like to break a line after a hyphen. */
export function flagged(text) {
  const pieces = text.split(/(?<=^|\s)(--[a-z-]{1,20}(?:\s[0-9:.]{1,5})?)(?=[\s,.]|$)/);
  return pieces.map((piece, index) =>
    index % 2 ? el("span", { class: "flag", "data-key": `flag ${index}` }, piece) : piece,
  );
}

/** An element of the page that is there from the start. */
export function at(id) {
  return document.getElementById(id);
}

/** Show text in an element, or hide it where there is none. */
export function tell(node, text) {
  node.textContent = text;
  node.hidden = !text;
}

/** A time of day, with the full date to hover over. */
export function clock(ms) {
  const date = new Date(ms);
  const short = date.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  const long = date.toLocaleString([], { dateStyle: "full", timeStyle: "short" });
  return el("time", { datetime: date.toISOString(), title: long }, short);
}

/** The day of a time: today, yesterday, or its date. */
export function day(ms) {
  const date = new Date(ms);
  const ago = Math.round((new Date().setHours(0, 0, 0, 0) - new Date(ms).setHours(0, 0, 0, 0)) / 86400000);
  if (ago < 2) return ago === 1 ? "Yesterday" : "Today";
  return date.toLocaleDateString([], { weekday: "long", day: "numeric", month: "long", year: "numeric" });
}

/** Bytes for people. */
export function size(bytes) {
  if (bytes < 1000) return `${bytes} B`;
  if (bytes < 1e6) return `${Math.round(bytes / 1e3)} kB`;
  return `${(bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0)} MB`;
}

/** Call a function once the calls for it have stopped for a while. */
export function later(ms, call) {
  let timer = 0;
  return (...given) => {
    clearTimeout(timer);
    timer = setTimeout(() => call(...given), ms);
  };
}

/** Put text on the clipboard; browsers offer that on secure addresses only, so there is the old way too. */
export async function copy(text, shownIn) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    getSelection().selectAllChildren(shownIn);
    document.execCommand("copy");
  }
}

/** Make one tree look like another with as few changes as possible, so that focus, motion and pictures stay. */
export function morph(old, fresh) {
  for (const { name } of [...old.attributes])
    if (!fresh.hasAttribute(name) && !KEPT.has(name)) old.removeAttribute(name);
  for (const { name, value } of fresh.attributes)
    if (old.getAttribute(name) !== value && !KEPT.has(name)) old.setAttribute(name, value);
  const there = new Map([...old.childNodes].map((node, index) => [keyOf(node, index), node]));
  let next = old.firstChild;
  [...fresh.childNodes].forEach((node, index) => {
    const same = there.get(keyOf(node, index));
    there.delete(keyOf(node, index));
    if (!same) old.insertBefore(node, next);
    else {
      if (same.nodeType === Node.TEXT_NODE) same.data !== node.data && (same.data = node.data);
      else morph(same, node);
      if (same === next) next = next.nextSibling;
      else old.insertBefore(same, next);
    }
  });
  there.forEach((node) => node.remove());
}

const KEPT = new Set(["aria-busy", "open", "style", "tabindex"]);

/** What makes a node of two drawings the same one. */
function keyOf(node, index) {
  if (node.nodeType !== Node.ELEMENT_NODE) return `#${index}`;
  const own = node.dataset.action || node.dataset.key || node.getAttribute("class") || index;
  return `${node.nodeName} ${own}`;
}
