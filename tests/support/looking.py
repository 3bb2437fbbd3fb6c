"""What a browser computes of a page: contrast, names in the accessibility tree, shifts, frame times."""

from dataclasses import dataclass

from playwright.sync_api import Page

CONTRAST = """() => {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 1;
  const context = canvas.getContext("2d", { willReadFrequently: true });
  const rgba = (colour) => {
    context.clearRect(0, 0, 1, 1);
    context.fillStyle = colour;
    context.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = context.getImageData(0, 0, 1, 1).data;
    return [r, g, b, a / 255];
  };
  const over = (top, under) => top.slice(0, 3).map((part, index) => part * top[3] + under[index] * (1 - top[3]));
  const light = (colour) => {
    const straight = (part) => (part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
    const [r, g, b] = colour.map((part) => straight(part / 255));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ratio = (one, other) => {
    const [high, low] = [light(one), light(other)].sort((a, b) => b - a);
    return (high + 0.05) / (low + 0.05);
  };
  const ground = (node) => {
    const layers = [];
    for (let at = node; at; at = at.parentElement) {
      const colour = rgba(getComputedStyle(at).backgroundColor);
      if (colour[3] > 0) layers.push(colour);
      if (colour[3] === 1) break;
    }
    return layers.reverse().reduce((under, layer) => over(layer, under), [255, 255, 255]);
  };
  const asked = { opacityProperty: true, visibilityProperty: true, contentVisibilityAuto: true };
  const shown = (node) => node.checkVisibility(asked);
  const dialog = [...document.querySelectorAll("dialog[open]")].at(-1);
  const found = [];
  const look = (node, colour, text) => {
    let alpha = 1;
    for (let at = node; at; at = at.parentElement) alpha *= Number(getComputedStyle(at).opacity);
    if (alpha === 0) return;
    const under = ground(node);
    const ink = rgba(colour);
    ink[3] *= alpha;
    const seen = Math.round(ratio(over(ink, under), under) * 100) / 100;
    found.push({ text: text.trim().slice(0, 40), ratio: seen, where: node.className });
  };
  const walker = document.createTreeWalker(dialog ?? document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const { parentElement: node, data } = walker.currentNode;
    const unseen = "[hidden], [inert], script, noscript, datalist, option, .unseen, .skip, :disabled";
    if (!data.trim() || node.closest(unseen) || !shown(node) || node.getClientRects().length === 0) continue;
    look(node, getComputedStyle(node).color, data);
  }
  for (const node of (dialog ?? document).querySelectorAll("select, input, textarea")) {
    if (!shown(node)) continue;
    if (node.matches("select")) look(node, getComputedStyle(node).color, node.value || node.getAttribute("aria-label"));
    else if (node.placeholder) look(node, getComputedStyle(node, "::placeholder").color, node.placeholder);
    else if (node.value && node.type !== "radio") look(node, getComputedStyle(node).color, node.value);
  }
  return found;
}"""

SHIFTS = """() => {
  window.shifts = [];
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      const moved = entry.sources.map(({ node }) => node?.className ?? node?.parentElement?.className);
      window.shifts.push({ value: entry.value, at: entry.startTime, moved });
    }
  }).observe({ type: "layout-shift", buffered: false });
}"""

FRAMES = """([scroll, ms]) => new Promise((done) => {
  const log = document.getElementById("log");
  const times = [];
  const began = performance.now();
  let last = began;
  const far = log.scrollHeight - log.clientHeight;
  const step = (now) => {
    times.push(now - last);
    last = now;
    const part = Math.min(1, (now - began) / ms);
    if (scroll) log.scrollTop = far * (1 - Math.abs(1 - 2 * part));
    if (part < 1) requestAnimationFrame(step);
    else done(times.slice(2));
  };
  requestAnimationFrame(step);
})"""

CONTROLS = frozenset((
    "button", "link", "textbox", "searchbox", "combobox", "listbox", "option", "checkbox", "switch", "radio",
    "radiogroup", "slider", "spinbutton", "progressbar", "progress", "menuitem", "dialog", "navigation", "log", "main",
    "complementary", "img", "image", "Video",
))  # fmt: skip
"""Roles that say nothing without a name. `main` may stand alone."""


@dataclass(frozen=True)
class Frames:
    """Milliseconds between two frames: the middle one and the longest but for one in twenty."""

    median: float
    slow: float


def faint(page: Page) -> list[dict[str, object]]:
    """Every visible text whose contrast with what is behind it is less than WCAG's 4.5 to 1."""
    found: list[dict[str, object]] = page.evaluate(CONTRAST)
    assert len(found) > 5, "nothing was looked at"
    return [one for one in found if float(str(one["ratio"])) < 4.5]


def nameless(page: Page) -> list[str]:
    """Controls and landmarks that the accessibility tree holds without a name."""
    nodes = page.context.new_cdp_session(page).send("Accessibility.getFullAXTree")["nodes"]
    controls = [node for node in nodes if not node["ignored"] and node["role"]["value"] in CONTROLS - {"main"}]
    assert len(controls) > 10, "nothing was looked at"
    return [node["role"]["value"] for node in controls if not node.get("name", {}).get("value", "").strip()]


def frames(page: Page, *, scroll: bool, ms: int = 2_500) -> Frames:
    """Frame times while the log is scrolled from its end to its beginning and back, or while nothing happens."""
    times = sorted(page.evaluate(FRAMES, [scroll, ms]))
    return Frames(median=times[len(times) // 2], slow=times[int(len(times) * 0.95)])
