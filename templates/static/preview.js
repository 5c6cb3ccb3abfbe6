// Playing a turn of a call: its clips one after another, the present phrase marked; and each phrase by itself.
"use strict";
document.documentElement.classList.add("previews");
let playing = null;

function mark(phrase, on) {
  phrase.classList.toggle("is-now", on);
  if (on) phrase.setAttribute("aria-current", "true"); else phrase.removeAttribute("aria-current");
  if (on) phrase.scrollIntoView({ block: "nearest" });
}

// Resolves when the clip has ended, was stopped, or cannot be played: one lost clip must not hold up the rest.
function sound(phrase) {
  const audio = phrase.querySelector("audio");
  mark(phrase, true);
  return new Promise((done) => {
    const finish = () => { mark(phrase, false); done(); };
    if (!audio) { setTimeout(finish, 800); return; }
    for (const name of ["ended", "error", "pause"]) audio.addEventListener(name, finish, { once: true });
    audio.currentTime = 0;
    audio.play().catch(finish);
  });
}

function show(button, on) {
  if (!button) return;
  button.setAttribute("aria-pressed", String(on));
  button.querySelector("span").textContent = on ? button.dataset.stopWord : button.dataset.playWord;
}

function stop() {
  if (!playing) return;
  const ended = playing;
  playing = null;
  for (const phrase of ended.phrases) phrase.querySelector("audio")?.pause();
  show(ended.button, false);
}

async function play(phrases, button) {
  stop();
  const mine = { phrases: [...phrases], button };
  playing = mine;
  show(button, true);
  for (const phrase of mine.phrases) {
    if (playing !== mine) return;
    await sound(phrase);
  }
  if (playing === mine) stop();
}

for (const button of document.querySelectorAll("[data-play]")) {
  button.hidden = false;
  button.addEventListener("click", () => {
    if (playing?.button === button) stop(); else play(button.closest("[data-turn]").querySelectorAll("[data-phrase]"), button);
  });
}
// A phrase by itself: its words are what one presses.
for (const phrase of document.querySelectorAll("[data-phrase]")) {
  const words = phrase.querySelector("[data-words]");
  if (!phrase.querySelector("audio")) continue;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "said-play";
  button.append(...words.childNodes);
  words.append(button);
  button.addEventListener("click", () => {
    const again = playing?.phrases.length === 1 && playing.phrases[0] === phrase;
    if (again) stop(); else play([phrase], null);
  });
}
