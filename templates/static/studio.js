// The recording studio: record a phrase, listen, keep it. The page itself works without; the state is the server's.
// Pages are swapped rather than loaded, or a telephone would ask for the microphone again at every phrase.
"use strict";

const KINDS = ["audio/webm;codecs=opus", "audio/mp4", "audio/ogg;codecs=opus", "audio/webm"];
const LET_GO_AFTER = 120_000; // milliseconds without recording after which the microphone is given back
const PATIENCE = 90_000; // milliseconds for one recording to arrive
const QUIET = 0.02, LOUD = 0.97, SOON = 1500; // parts of full scale; milliseconds before anybody is told to speak up

let studio = null; // the card, or null where nothing is to be read
let stream = null, sound = null, meter = null; // the microphone, and what measures it
let recorder = null, take = null, preview = "", step = "idle", letGo = 0;

const part = (name) => studio.querySelector(`[data-${name}]`);

function show(next, trouble = "") {
  step = next;
  studio.dataset.step = next;
  for (const one of studio.querySelectorAll("[data-when]")) one.hidden = one.dataset.when !== next;
  for (const one of studio.querySelectorAll("[data-trouble]")) one.hidden = one.dataset.trouble !== trouble;
  part("said").textContent = part("said").dataset[next] ?? "";
  const isAgain = ["lost", "signed_out", "refused"].includes(trouble);
  part("first").hidden = isAgain;
  part("then").hidden = !isAgain;
}

// On a telephone what is pressed lies over the page's foot: the phrase is led out from under it, to the top of the
// screen while it is read and heard, else no further than it must.
function uncover(isToTop) {
  if (!studio || getComputedStyle(part("recorder")).position !== "sticky") return;
  const words = part("words").getBoundingClientRect(), panel = part("recorder").getBoundingClientRect();
  const hidden = words.bottom - panel.top + 8;
  const way = isToTop ? words.top - 8 : Math.min(hidden, words.top - 8);
  if (isToTop || hidden > 0) scrollBy({ top: way, behavior: "instant" });
}

function focusOn(deed) {
  studio.querySelector(`[data-do="${deed}"]`)?.focus({ preventScroll: true });
}

// Taking sound in

async function openMicrophone() {
  if (stream?.getAudioTracks().some((track) => track.readyState === "live")) return;
  // Echo cancellation makes a telephone sound like a call; nothing is played while somebody speaks.
  const wanted = { channelCount: 1, echoCancellation: false, noiseSuppression: true, autoGainControl: true };
  stream = await navigator.mediaDevices.getUserMedia({ audio: wanted });
  sound ??= new AudioContext();
  await sound.resume();
  meter = sound.createAnalyser();
  meter.fftSize = 2048;
  sound.createMediaStreamSource(stream).connect(meter);
}

function closeMicrophone() {
  clearTimeout(letGo);
  for (const track of stream?.getTracks() ?? []) track.stop();
  stream = null;
}

function whyNot(error) {
  if (["NotAllowedError", "SecurityError"].includes(error.name)) return "denied";
  return ["NotFoundError", "OverconstrainedError"].includes(error.name) ? "no_microphone" : "busy";
}

async function record() {
  if (!["idle", "review"].includes(step)) return;
  forget();
  show("asking");
  try {
    await openMicrophone();
  } catch (error) {
    show("idle", whyNot(error));
    return;
  }
  clearTimeout(letGo);
  const kind = KINDS.find((one) => MediaRecorder.isTypeSupported(one));
  const pieces = [];
  const mine = new MediaRecorder(stream, kind ? { mimeType: kind } : {});
  mine.ondataavailable = (event) => pieces.push(event.data);
  mine.onerror = () => mine === recorder && brokenOff();
  mine.onstop = () => mine === recorder && review(new Blob(pieces, { type: mine.mimeType }));
  mine.onstart = listen;
  stream.getAudioTracks()[0].onended = () => mine === recorder && step === "recording" && brokenOff();
  recorder = mine;
  mine.start();
  // A microphone that is muted may send nothing at all, and the beginning is never told.
  setTimeout(() => mine === recorder && mine.state === "recording" && step === "asking" && listen(), 1000);
}

function brokenOff() {
  abandon();
  show("idle", "broken_off");
}

// What is being recorded is for nobody any more.
function abandon() {
  const mine = recorder;
  recorder = null;
  if (mine?.state === "recording") mine.stop();
}

// While somebody speaks: how long, how loud; after a minute it stops by itself.
function listen() {
  show("recording");
  focusOn("stop");
  uncover(true);
  const began = performance.now(), samples = new Float32Array(meter.fftSize), mine = recorder;
  const [clock, level, hearing] = [part("clock"), studio.querySelector(".level"), part("hearing")];
  const longest = 1000 * Number(part("recorder").dataset.longest);
  let loudest = 0;
  const look = () => {
    if (mine !== recorder || mine.state !== "recording") return;
    const time = performance.now() - began;
    meter.getFloatTimeDomainData(samples);
    const peak = samples.reduce((most, one) => Math.max(most, Math.abs(one)), 0);
    loudest = Math.max(loudest, peak);
    level.style.setProperty("--level", `${Math.min(100, Math.round(130 * Math.sqrt(peak)))}%`);
    level.classList.toggle("loud", peak > LOUD);
    const words = loudest > LOUD ? "loud" : loudest > QUIET ? "good" : time > SOON ? "quiet" : "";
    if (hearing.dataset.now !== words) {
      hearing.dataset.now = words;
      hearing.textContent = hearing.dataset[words] ?? "";
    }
    clock.textContent = part("recorder").dataset.time.replace("{n}", String(Math.floor(time / 1000)));
    if (time > longest) stop();
    else requestAnimationFrame(look);
  };
  look();
}

function stop() {
  if (recorder?.state === "recording") recorder.stop();
}

function review(blob) {
  letGo = setTimeout(closeMicrophone, LET_GO_AFTER);
  if (!blob.size) {
    show("idle", "empty");
    return;
  }
  take = blob;
  preview = URL.createObjectURL(blob);
  part("preview").src = preview;
  show("review");
  focusOn("keep");
  uncover(true);
}

function forget() {
  if (preview) URL.revokeObjectURL(preview);
  take = null;
  preview = "";
}

// Sending it, and going on

const isGone = () => take !== null && !confirm(part("recorder").dataset.sure);

async function keep() {
  if (step !== "review" || !take) return;
  const isAgain = part("first").hidden;
  part("preview").pause();
  show("sending");
  try {
    if (isAgain) await renew();
    await answered(await post());
  } catch {
    show("review", "lost");
  }
}

function post() {
  const form = studio.querySelector("form[data-take]");
  const body = new FormData(form);
  body.set("by", "browser");
  body.set("sound", take, "take");
  return fetch(form.action, { method: "POST", body, signal: AbortSignal.timeout(PATIENCE) });
}

// Whoever signed in again has a new mark; the form's own word stays, so that what did arrive is not kept twice.
async function renew() {
  const page = await read(await fetch(location.href, { signal: AbortSignal.timeout(PATIENCE) }));
  const fresh = page.querySelector("form[data-take] [name=csrf]");
  if (fresh) studio.querySelector("form[data-take] [name=csrf]").value = fresh.value;
}

async function answered(response) {
  const page = await read(response);
  if (page.querySelector("[data-of-studio]")) {
    if (response.ok) history.pushState(null, "", response.url);
    turnTo(page);
    if (studio) focusOn("record");
    if (studio && response.ok) part("said").textContent = part("said").dataset.saved;
  } else if (response.status === 401 || response.url.includes("/sign-in")) {
    show("review", "signed_out");
  } else {
    part("sentence").textContent = page.querySelector("main .notice p, main p")?.textContent ?? "";
    show("review", "refused");
  }
}

async function read(response) {
  return new DOMParser().parseFromString(await response.text(), "text/html");
}

function turnTo(page) {
  forget();
  document.querySelector("main").replaceWith(document.adoptNode(page.querySelector("main")));
  document.title = page.title;
  scrollTo(0, 0);
  begin();
  uncover(false);
}

async function visit(address) {
  const response = await fetch(address).catch(() => null);
  const page = response?.ok ? await read(response) : null;
  if (page?.querySelector("[data-of-studio]")) turnTo(page);
  else location.assign(address);
}

// What is pressed

const DEEDS = { record, stop, keep, again: record };

document.addEventListener("click", (event) => {
  const deed = event.target.closest("[data-do]")?.dataset.do;
  if (deed) DEEDS[deed]();
  const link = event.target.closest("a[data-here]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  event.preventDefault();
  if (isGone()) return;
  abandon();
  history.pushState(null, "", link.href);
  visit(link.href);
});

// Space and Enter do the next thing wherever no button or field has them.
document.addEventListener("keydown", (event) => {
  const next = { idle: "record", recording: "stop", review: "keep" }[step];
  const isFree = !event.target.closest("a, button, input, select, textarea, summary, audio, dialog");
  if (!studio || part("recorder").hidden || !isFree || !next || event.repeat) return;
  if (event.key !== " " && event.key !== "Enter") return;
  event.preventDefault();
  DEEDS[next]();
});

addEventListener("popstate", () => visit(location.href));
addEventListener("pagehide", closeMicrophone);
addEventListener("beforeunload", (event) => {
  if (take && step !== "sending") event.preventDefault();
});

function begin() {
  studio = document.querySelector("[data-studio]");
  if (!studio) return;
  const able = window.isSecureContext && navigator.mediaDevices && window.MediaRecorder;
  part("recorder").hidden = !able;
  show("idle", able ? "" : window.isSecureContext ? "no_recorder" : "insecure");
  studio.querySelector("details.file").open = !able;
}

begin();
