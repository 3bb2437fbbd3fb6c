/** Make an element. Children that are text stay text: nothing that anybody said is ever read as markup. */
export function el(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (name === "on") Object.entries(value).forEach(([event, handler]) => node.addEventListener(event, handler));
    else if (name === "data") Object.assign(node.dataset, value);
    else node.setAttribute(name, value === true ? "" : String(value));
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return node;
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
  const midnight = (when) => new Date(when.getFullYear(), when.getMonth(), when.getDate()).getTime();
  const ago = Math.round((midnight(new Date()) - midnight(date)) / 86400000);
  if (ago === 0) return "Today";
  if (ago === 1) return "Yesterday";
  return date.toLocaleDateString([], { weekday: "long", day: "numeric", month: "long", year: "numeric" });
}

/** Bytes for people. */
export function size(bytes) {
  if (bytes < 1000) return `${bytes} B`;
  if (bytes < 1e6) return `${Math.round(bytes / 1e3)} kB`;
  return `${(bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0)} MB`;
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
