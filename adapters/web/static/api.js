/** The page's only way to the server. */

const TRIES = 3;
const LONGEST_WAIT = 15000;

/** The server's no: a code of a few letters, and facts. */
export class Problem extends Error {
  constructor(code, facts = {}) {
    super(code);
    this.code = code;
    this.facts = facts;
  }
}

/** A key for one send. The same send, repeated after the network dropped, has the same key and happens once. */
export function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function answer(response) {
  const body = await response.json().catch(() => ({}));
  if (response.ok) return body;
  if (body.error === "login" || body.error === "closed") location.reload();
  throw new Problem(body.error || "internal", body);
}

async function post(path, makeBody, { headers = {}, signal, tries = TRIES } = {}) {
  for (let tried = 1; ; tried += 1) {
    try {
      return await answer(await fetch(path, { method: "POST", body: makeBody(), headers, signal }));
    } catch (error) {
      if (error instanceof Problem || signal?.aborted) throw error;
      if (tried === tries) throw new Problem("offline");
      await new Promise((done) => setTimeout(done, 700 * tried));
    }
  }
}

function postJson(path, form, options) {
  return post(path, () => JSON.stringify(form), { headers: { "Content-Type": "application/json" }, ...options });
}

/** Read something: `hello`, `history`, `glance`, `complete`, `switches`. */
export async function read(what, params = {}) {
  try {
    return await answer(await fetch(`/web/${what}?${new URLSearchParams(params)}`));
  } catch (error) {
    throw error instanceof Problem ? error : new Problem("offline");
  }
}

/** Say something, with pictures. Answers with the messages it made and a form to open, if there is one. */
export function sendAsk(form, files) {
  return post("/web/ask", () => {
    const body = new FormData();
    body.append("form", JSON.stringify(form));
    for (const file of files) body.append("file", file, file.name);
    return body;
  });
}

/** Press a button. Answers with the messages it made or changed, a form to open, or a card. */
export const sendPress = (form) => postJson("/web/press", form);

/** Ask something beside the chat. Answers with a card or a form. */
export const askAside = (form) => postJson("/web/aside", form);

/** What the unsent would come to. A newer look cuts an older one short. */
export const sendPreview = (form, signal) => postJson("/web/preview", form, { signal, tries: 1 });

/** Switch a fault of the sandbox. */
export const sendSwitch = (form) => postJson("/web/switches", form, { tries: 1 });

/** Keep listening to what happens, through every break. `onOpen` runs at each start: read the history then. */
export function listen(person, { onOpen, onEvent, onLost }) {
  let socket = null;
  let closed = false;
  let failures = 0;
  let timer = 0;
  const open = () => {
    clearTimeout(timer);
    const scheme = location.protocol === "https:" ? "wss:" : "ws:";
    socket = new WebSocket(`${scheme}//${location.host}/web/socket?${new URLSearchParams({ person })}`);
    socket.onopen = () => {
      onOpen(failures > 0);
      failures = 0;
    };
    socket.onmessage = (message) => onEvent(JSON.parse(message.data));
    socket.onclose = () => {
      if (closed) return;
      failures += 1;
      onLost(failures);
      const wait = Math.min(LONGEST_WAIT, 250 * 2 ** failures);
      timer = setTimeout(open, wait * (0.75 + Math.random() / 2));
    };
  };
  const atOnce = () => !closed && socket.readyState === WebSocket.CLOSED && open();
  addEventListener("online", atOnce);
  open();
  return () => {
    closed = true;
    clearTimeout(timer);
    removeEventListener("online", atOnce);
    socket.close();
  };
}
