/** The page's only way to the server. */

const TRIES = 3;

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

async function post(path, makeBody, headers = {}) {
  for (let tried = 1; ; tried += 1) {
    try {
      return await answer(await fetch(path, { method: "POST", body: makeBody(), headers }));
    } catch (error) {
      if (error instanceof Problem) throw error;
      if (tried === TRIES) throw new Problem("offline");
      await new Promise((done) => setTimeout(done, 700 * tried));
    }
  }
}

/** Read something: `hello`, `history`, `glance`. */
export async function read(what, params = {}) {
  try {
    return await answer(await fetch(`/web/${what}?${new URLSearchParams(params)}`));
  } catch (error) {
    throw error instanceof Problem ? error : new Problem("offline");
  }
}

/** Say something, with pictures. Answers with the messages it made. */
export function sendAsk(form, files) {
  return post("/web/ask", () => {
    const body = new FormData();
    body.append("form", JSON.stringify(form));
    for (const file of files) body.append("file", file, file.name);
    return body;
  });
}

/** Press a button. Answers with the messages it made or changed. */
export function sendPress(form) {
  return post("/web/press", () => JSON.stringify(form), { "Content-Type": "application/json" });
}

/** Keep listening to what happens, through every break. `onOpen` runs at each start: read the history then. */
export function listen(person, { onOpen, onEvent, onLost }) {
  let socket = null;
  let closed = false;
  let failures = 0;
  const open = () => {
    const scheme = location.protocol === "https:" ? "wss:" : "ws:";
    socket = new WebSocket(`${scheme}//${location.host}/web/socket?${new URLSearchParams({ person })}`);
    socket.onopen = () => {
      failures = 0;
      onOpen();
    };
    socket.onmessage = (message) => onEvent(JSON.parse(message.data));
    socket.onclose = () => {
      if (closed) return;
      failures += 1;
      onLost(failures);
      setTimeout(() => closed || open(), Math.min(8000, 300 * 2 ** failures));
    };
  };
  open();
  return () => {
    closed = true;
    socket.close();
  };
}
