// Hearing a call again: each phrase by itself, or the whole call with its keys in place.
"use strict";
document.documentElement.classList.add("plays");

let current = null;  // what is being played, and where
const pause = (seconds) => new Promise((done) => setTimeout(done, 1000 * seconds));

function mark(node, on) {
  node.classList.toggle("is-now", on);
  if (on) node.scrollIntoView({ block: "nearest" });
}

// Resolves when the clip has ended, was stopped, or cannot be played: one lost clip must not hold up the rest.
function sound(phrase) {
  const audio = phrase.querySelector("audio");
  if (!audio) return pause(0.8);
  mark(phrase, true);
  return new Promise((done) => {
    const finish = () => { mark(phrase, false); done(); };
    for (const name of ["ended", "error", "pause"]) audio.addEventListener(name, finish, { once: true });
    audio.currentTime = 0;
    audio.play().catch(finish);
  });
}

function stop() {
  if (!current) return;
  current.stopped = true;
  for (const audio of current.call.querySelectorAll("audio")) audio.pause();
  finish(current);
}

function finish(playing) {
  playing.region?.removeAttribute("data-live-hold");
  playing.button?.querySelector("span")?.replaceChildren(playing.label);
  if (current === playing) current = null;
}

// `data-live-hold` keeps the region from being swapped in the silence between two clips.
function begin(call, button) {
  stop();
  const region = call.closest("[data-live]");
  const label = button?.querySelector("span")?.textContent;
  current = { call, button, region, label, stopped: false };
  region?.setAttribute("data-live-hold", "");
  return current;
}

async function playCall(call, button) {
  const playing = begin(call, button);
  button.querySelector("span").textContent = button.dataset.stop;
  for (const step of call.querySelectorAll(".phrase, [data-key]")) {
    if (playing.stopped) return;
    if (step.matches("[data-key]")) { mark(step, true); await pause(0.9); mark(step, false); } else await sound(step);
  }
  finish(playing);
}

async function playPhrase(phrase) {
  const playing = begin(phrase.closest("[data-call]"), null);
  await sound(phrase);
  if (!playing.stopped) finish(playing);
}

function enhance(root) {
  for (const text of root.querySelectorAll(".phrase-text")) {
    if (!text.parentElement.querySelector("audio")) continue;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "phrase-play";
    button.append(...text.childNodes);
    text.replaceWith(button);
  }
}

document.addEventListener("click", (event) => {
  const whole = event.target.closest("[data-play-call]");
  if (whole) {
    if (current?.button === whole) stop(); else playCall(whole.closest("[data-call]"), whole);
    return;
  }
  const phrase = event.target.closest(".phrase-play")?.closest(".phrase");
  if (phrase) playPhrase(phrase);
});
document.addEventListener("live:swapped", (event) => enhance(event.target));
enhance(document);
