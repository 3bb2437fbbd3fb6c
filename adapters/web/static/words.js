/** What the page itself says. Everything about videos, jobs and money is said by the bot's own cards. */

export const WORDS = {
  automatic: "Automatic",
  back: "You are connected again.",
  bot: "bot",
  cancel: "Not now",
  close: "Close",
  commands: (number) =>
    number === 1 ? "1 command. Enter takes it." : `${number} commands. Up and down choose, Enter takes one.`,
  compare: "Compare",
  compareLess: "Take out of the comparison",
  compareMore: "Put into the comparison",
  compareOther: "Chosen. Choose a second video to compare it with.",
  copied: "Copied",
  copy: "Copy",
  dark: "Dark",
  desk: "Desk",
  download: (size) => `Download · ${size}`,
  earlier: (number) => `Show ${number} earlier replies`,
  everything: "All off",
  flagged: "Flagged by the provider · Show",
  hits: (number) => (number === 1 ? "hit once" : `hit ${number} times`),
  light: "Light",
  missing: "This file can’t be shown. It may not be kept any more.",
  mode: { off: "Off", once: "Once", on: "Always" },
  more: "More settings",
  moreTitle: "More settings",
  moveLeft: (name) => `Move ${name} to the left`,
  pause: "Pause both",
  picture: (number) => `Picture ${number}`,
  pictureOf: (number, name) => `Picture ${number} of ${name}, open it`,
  placeholder: "Describe a video, or type /",
  play: (what) => `Play: ${what}`,
  playBoth: "Play both",
  private: "Only you see this",
  progress: "Progress",
  reconnecting: "Connection lost. Trying again…",
  refresh: "Refresh",
  remove: (name) => `Remove ${name}`,
  reply: "Reply",
  replying: (name, gist) => `Replying to ${name}: ${gist}`,
  replyTo: (name) => `Reply to ${name}`,
  reset: "Reset",
  role: (name) => `What ${name} is for`,
  save: "Use these",
  send: "Send",
  swap: "Swap the two",
  system: "System",
  takes: "Takes",
  takesHint: "Choose two to see them side by side.",
  takesNone: "Finished videos gather here, newest first.",
  faults: "what may go wrong in the sandbox, on purpose",
  position: "Position",
  take: (number, title) => `Take ${number}: ${title}`,
  theme: (name) => `Colours: ${name}`,
  where: "Happens at",
  withPicture: "a picture",
};

/** What an empty channel offers to try: words to send, and what they show. */
export const EXAMPLES = [
  {
    text: "a red fox runs through fresh snow, first light --ar 16:9",
    title: "Words become a video",
    about: "Say what happens. Flags set its shape and length.",
  },
  {
    text: "cost a paper boat on a rainy street --d 10 --pro",
    title: "Look at the price first",
    about: "Nothing is made. You see every offer and the cheapest.",
  },
  { text: "help", title: "See what else it does", about: "The same words work in Discord and Slack." },
];

const PROBLEMS = {
  busy: "Too much is arriving at once. Send it again in a moment.",
  closed: "This page is open to the computer it runs on only.",
  empty: "Write something, or attach a picture.",
  file_too_large: (facts) => `One of the pictures is too big: ${Math.round(facts.limit / 1048576)} MB is the most.`,
  gone: "That message is not there any more.",
  not_a_picture: "Only pictures can be attached.",
  offline: "No connection. Nothing was sent twice: send it again when you are back.",
  origin: "The address of this page is not the one the server knows. Behind a proxy, pass on the Host header.",
  text_too_long: (facts) => `That is too long: ${facts.limit} characters are the most.`,
  too_large: "That is too much at once.",
  too_many_files: (facts) => `That is too many: ${facts.limit} pictures are the most.`,
  too_slow: "That took too long to arrive. Send it again.",
};

/** A sentence for a problem, also for one that nobody foresaw. */
export function wordsFor(problem) {
  const words = PROBLEMS[problem.code] || "That did not work. Send it again in a moment.";
  return typeof words === "function" ? words(problem.facts) : words;
}
