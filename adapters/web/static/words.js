/** What the page itself says when the server's no is about the page: everything else is said by the bot's own cards. */

const WORDS = {
  closed: "This page is open to the computer it runs on only.",
  empty: "Write something, or attach a picture.",
  file_too_large: (facts) => `One of the pictures is too big: ${Math.round(facts.limit / 1048576)} MB is the most.`,
  gone: "That message is not there any more.",
  offline: "No connection. Nothing was sent twice: send it again when you are back.",
  origin: "The address of this page is not the one the server knows. Behind a proxy, pass on the Host header.",
  text_too_long: (facts) => `That is too long: ${facts.limit} characters are the most.`,
  too_large: "That is too much at once.",
  too_many_files: (facts) => `That is too many: ${facts.limit} pictures are the most.`,
  too_slow: "That took too long to arrive. Send it again.",
};

/** A sentence for a problem. */
export function wordsFor(problem) {
  const words = WORDS[problem.code] || "That did not work. Send it again in a moment.";
  return typeof words === "function" ? words(problem.facts) : words;
}
